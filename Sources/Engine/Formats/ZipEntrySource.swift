import CZlib

/// The unpacked bytes of an entry of an archive, as a stream. Its checksum is compared at the end.
final class ZipEntrySource: ByteSource {
  private let file: InputFile
  private let entry: ZipArchive.Entry
  private(set) var place = 0
  private var checksum: UInt = 0
  /// At one place in memory: zlib remembers where it is. Nil where the entry is stored.
  private let stream: UnsafeMutablePointer<z_stream>?
  private var packedPlace: Int
  private var input = [UInt8](repeating: 0, count: 1 << 16)
  var count: Int { entry.size }

  init(_ file: InputFile, _ entry: ZipArchive.Entry) throws {
    (self.file, self.entry) = (file, entry)
    packedPlace = entry.packed.lowerBound
    checksum = crc32(0, nil, 0)
    guard entry.isDeflated else {
      stream = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.stream = stream
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw EngineError.outOfMemory(bytes: 1 << 16)
    }
  }

  deinit {
    guard let stream else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  func malformed(at byte: Int, _ reason: String) -> EngineError {
    file.malformed(
      at: min(packedPlace, entry.packed.upperBound), "\(reason), in \"\(entry.name)\" at \(byte)")
  }

  func fill(_ target: UnsafeMutableRawPointer, _ count: Int, of what: String) throws {
    guard count <= self.count - place else { throw malformed(at: self.count, "the file ends within \(what)") }
    if entry.isDeflated {
      let done = try inflated(target, count)
      guard done == count else { throw malformed(at: place + done, "the compressed data ends early") }
    } else {
      try file.fill(target, at: packedPlace, count: count, of: what)
      packedPlace += count
    }
    var done = 0
    while done < count {
      let step = min(count - done, 1 << 30)
      checksum = crc32(checksum, (target + done).assumingMemoryBound(to: UInt8.self), UInt32(step))
      done += step
    }
    place += count
  }

  /// Unpacks up to `count` bytes; fewer only at the end of the stream.
  private func inflated(_ target: UnsafeMutableRawPointer, _ count: Int) throws -> Int {
    guard let stream else { return 0 }
    var done = 0
    while done < count {
      let step = min(count - done, 1 << 30)
      let (code, made) = try advance(stream, target + done, step)
      done += made
      if code == Z_STREAM_END { break }
      if code == Z_BUF_ERROR, made == 0, packedPlace == entry.packed.upperBound { break }
      guard code == Z_OK || code == Z_BUF_ERROR else {
        throw malformed(at: place + done, "the compressed data is damaged")
      }
    }
    return done
  }

  private func advance(
    _ stream: UnsafeMutablePointer<z_stream>, _ target: UnsafeMutableRawPointer, _ count: Int
  ) throws -> (
    Int32, Int
  ) {
    let available = min(input.count, entry.packed.upperBound - packedPlace)
    return try input.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return (Z_BUF_ERROR, 0) }
      try file.fill(base, at: packedPlace, count: available, of: "the compressed data")
      stream.pointee.next_in = base.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(available)
      stream.pointee.next_out = target.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(count)
      let code = inflate(stream, Z_NO_FLUSH)
      packedPlace += available - Int(stream.pointee.avail_in)
      return (code, count - Int(stream.pointee.avail_out))
    }
  }

  func expectEnd() throws {
    guard place == count else {
      throw malformed(at: place, "there are \(count - place) bytes after the last element")
    }
    if entry.isDeflated {
      var extra: UInt8 = 0
      guard try inflated(&extra, 1) == 0 else {
        throw malformed(at: place, "the compressed data is longer than the directory says")
      }
    }
    guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
      throw malformed(at: place, "the checksum does not fit the data")
    }
  }
}
