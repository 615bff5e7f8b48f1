import CZlib

/// NumPy's archive of arrays: a zip file with one `.npy` for each name.
package enum NPZ {
  /// The arrays of an archive, in its order.
  package static func read(path: String) throws -> [(name: String, tensor: Tensor)] {
    let archive = try ZipArchive(path: path)
    return try archive.entries.map { entry in
      var source = try ZipEntrySource(archive.file, entry)
      guard entry.name.hasSuffix(".npy") else {
        throw archive.file.malformed(at: entry.header, "the entry \"\(entry.name)\" is no .npy array")
      }
      return (String(entry.name.dropLast(4)), try NPY.read(&source))
    }
  }

  /// Writes arrays, stored or deflated.
  ///
  /// - Throws: `badValue` for a name twice or one that a zip file cannot hold; what writing a file throws.
  package static func write(
    _ arrays: [(name: String, tensor: Tensor)], path: String, compress: Bool = false
  ) throws {
    var names: Set<String> = []
    for (name, _) in arrays {
      guard names.insert(name).inserted else { throw EngineError.badValue("two arrays are called `\(name)`") }
      guard name.utf8.count < 60_000 else { throw EngineError.badValue("the name of an array is too long") }
    }
    try OutputFile.write(path) { file in
      var directory: [UInt8] = []
      for (name, tensor) in arrays {
        directory += try write(name + ".npy", tensor, to: file, compress: compress)
      }
      try end(directory, count: arrays.count, to: file)
    }
  }

  /// Writes one entry.
  /// - Returns: its line of the directory.
  private static func write(
    _ name: String, _ tensor: Tensor, to file: OutputFile, compress: Bool
  ) throws -> [UInt8] {
    let offset = file.count
    let header = NPY.header(of: tensor)
    var checksum = crc32(0, nil, 0)
    header.withUnsafeBufferPointer { checksum = crc32(checksum, $0.baseAddress, UInt32($0.count)) }
    try tensor.withBytes { bytes in
      var done = 0
      while done < tensor.byteCount {
        let step = min(tensor.byteCount - done, 1 << 30)
        checksum = crc32(checksum, (bytes + done).assumingMemoryBound(to: UInt8.self), UInt32(step))
        done += step
      }
    }
    let size = header.count + tensor.byteCount
    let packed = compress ? try deflated(header, tensor) : nil
    let packedSize = packed?.count ?? size
    let sum = UInt32(truncatingIfNeeded: checksum)
    try file.write(local(name, sum, size, packedSize, compress))
    if let packed {
      try file.write(packed)
    } else {
      try file.write(header)
      try file.write(tensor)
    }
    return directoryEntry(name, sum, size, packedSize, compress, offset: offset)
  }

  private static func deflated(_ header: [UInt8], _ tensor: Tensor) throws -> [UInt8] {
    // At one place in memory: zlib remembers where it is.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let code = deflateInit2_(
      stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw EngineError.outOfMemory(bytes: 1 << 18) }
    defer { deflateEnd(stream) }
    var packed: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    func feed(_ bytes: UnsafeRawBufferPointer, _ flush: Int32) {
      var rest = bytes[...]
      repeat {
        let step = rest.prefix(1 << 30)
        rest = rest.dropFirst(1 << 30)
        let from = UnsafeMutableRawPointer(mutating: UnsafeRawBufferPointer(rebasing: step).baseAddress)
        stream.pointee.next_in = from?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(step.count)
        repeat {
          let made = buffer.withUnsafeMutableBufferPointer { out -> Int in
            stream.pointee.next_out = out.baseAddress
            stream.pointee.avail_out = UInt32(out.count)
            deflate(stream, rest.isEmpty ? flush : Z_NO_FLUSH)
            return out.count - Int(stream.pointee.avail_out)
          }
          packed += buffer.prefix(made)
        } while stream.pointee.avail_out == 0
      } while !rest.isEmpty
    }
    header.withUnsafeBytes { feed($0, Z_NO_FLUSH) }
    try tensor.withBytes { feed(UnsafeRawBufferPointer(start: $0, count: tensor.byteCount), Z_FINISH) }
    return packed
  }

  // MARK: Headers

  /// Flag 11: the name is UTF-8. 1 January 1980: the same arrays give the same file.
  private static func common(
    _ sum: UInt32, _ size: Int, _ packed: Int, _ compress: Bool, _ name: String
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: 45, 2)
    bytes.append(littleEndian: name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 0x800, 2)
    bytes.append(littleEndian: compress ? 8 : 0, 2)
    bytes.append(littleEndian: 0x0021_0000, 4)
    bytes.append(littleEndian: UInt64(sum), 4)
    bytes.append(littleEndian: size > 0xffff_fffe || packed > 0xffff_fffe ? 0xffff_ffff : UInt64(packed), 4)
    bytes.append(littleEndian: size > 0xffff_fffe || packed > 0xffff_fffe ? 0xffff_ffff : UInt64(size), 4)
    bytes.append(littleEndian: UInt64(name.utf8.count), 2)
    return bytes
  }

  private static func extra(_ size: Int, _ packed: Int, offset: Int? = nil) -> [UInt8] {
    let isLarge = size > 0xffff_fffe || packed > 0xffff_fffe
    var numbers = isLarge ? [size, packed] : []
    if let offset, offset > 0xffff_fffe { numbers.append(offset) }
    if numbers.isEmpty { return [] }
    var bytes: [UInt8] = [1, 0]
    bytes.append(littleEndian: UInt64(8 * numbers.count), 2)
    for number in numbers { bytes.append(littleEndian: UInt64(number), 8) }
    return bytes
  }

  private static func local(
    _ name: String, _ sum: UInt32, _ size: Int, _ packed: Int, _ compress: Bool
  ) -> [UInt8] {
    let extra = extra(size, packed)
    var bytes: [UInt8] = [0x50, 0x4b, 3, 4] + common(sum, size, packed, compress, name)
    bytes.append(littleEndian: UInt64(extra.count), 2)
    return bytes + Array(name.utf8) + extra
  }

  private static func directoryEntry(
    _ name: String, _ sum: UInt32, _ size: Int, _ packed: Int, _ compress: Bool, offset: Int
  ) -> [UInt8] {
    let extra = extra(size, packed, offset: offset)
    var bytes: [UInt8] = [0x50, 0x4b, 1, 2, 45, 3] + common(sum, size, packed, compress, name)
    bytes.append(littleEndian: UInt64(extra.count), 2)
    // No comment, the first disk, no attributes but those of an ordinary file.
    bytes.append(littleEndian: 0, 6)
    bytes.append(littleEndian: 0o100644 << 16, 4)
    bytes.append(littleEndian: UInt64(min(offset, 0xffff_ffff)), 4)
    return bytes + Array(name.utf8) + extra
  }

  private static func end(_ directory: [UInt8], count: Int, to file: OutputFile) throws {
    let start = file.count
    try file.write(directory)
    if count > 0xfffe || start > 0xffff_fffe || directory.count > 0xffff_fffe {
      let place = file.count
      var wide: [UInt8] = [0x50, 0x4b, 6, 6]
      wide.append(littleEndian: 44, 8)
      wide.append(littleEndian: 45, 2)
      wide.append(littleEndian: 45, 2)
      wide.append(littleEndian: 0, 8)
      for number in [count, count, directory.count, start] { wide.append(littleEndian: UInt64(number), 8) }
      wide += [0x50, 0x4b, 6, 7, 0, 0, 0, 0]
      wide.append(littleEndian: UInt64(place), 8)
      wide.append(littleEndian: 1, 4)
      try file.write(wide)
    }
    var bytes: [UInt8] = [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
    for _ in 0..<2 { bytes.append(littleEndian: UInt64(min(count, 0xffff)), 2) }
    bytes.append(littleEndian: UInt64(min(directory.count, 0xffff_ffff)), 4)
    bytes.append(littleEndian: UInt64(min(start, 0xffff_ffff)), 4)
    try file.write(bytes + [0, 0])
  }
}
