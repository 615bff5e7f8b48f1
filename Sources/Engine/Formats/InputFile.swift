#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An ordinary file that is read at any place. It is hostile until shown otherwise: nothing is read past its end, and
/// no buffer is larger than what the file holds.
package final class InputFile {
  package let path: String
  /// Bytes in the file when it was opened.
  package let size: Int
  private let descriptor: Int32
  /// What the file holds once it is unpacked; `nil` where it is read from disk.
  private let unpacked: [UInt8]?

  /// - Throws: `unreadableFile` for what is missing, forbidden or no ordinary file.
  package init(_ path: String) throws {
    // Without waiting, so that a pipe nobody writes to does not hang the program.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw EngineError.unreadableFile(path: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = close(descriptor)
      throw EngineError.unreadableFile(path: path, reason: "it is no ordinary file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
    unpacked = nil
  }

  /// The bytes that a packed file stands for, under its name.
  init(_ path: String, unpacked: [UInt8]) {
    (self.path, self.unpacked) = (path, unpacked)
    size = unpacked.count
    descriptor = -1
  }

  deinit { if descriptor >= 0 { _ = close(descriptor) } }

  package func malformed(at byte: Int, _ reason: String) -> EngineError {
    .malformedFile(path: path, byte: max(0, byte), reason: reason)
  }

  /// Fills memory from a place on.
  ///
  /// - Parameter what: names what is read, for the message.
  /// - Throws: `malformedFile` where the file ends before.
  package func fill(_ target: UnsafeMutableRawPointer, at place: Int, count: Int, of what: String) throws {
    try check(place, count, what)
    if let unpacked {
      unpacked.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress, count > 0 { target.copyMemory(from: base + place, byteCount: count) }
      }
      return
    }
    var done = 0
    while done < count {
      let step = pread(descriptor, target + done, min(count - done, 1 << 30), off_t(place + done))
      if step < 0, errno == EINTR { continue }
      guard step >= 0 else {
        throw EngineError.unreadableFile(path: path, reason: String(cString: strerror(errno)))
      }
      guard step > 0 else { throw malformed(at: place + done, "the file ends within \(what)") }
      done += step
    }
  }

  /// Bytes from a place on.
  package func bytes(at place: Int, count: Int, of what: String) throws -> [UInt8] {
    try check(place, count, what)
    guard count <= MemoryLimit.bytes else { throw EngineError.outOfMemory(bytes: count) }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      if let base = buffer.baseAddress { try fill(base, at: place, count: count, of: what) }
      written = count
    }
  }

  /// The whole file.
  package func contents() throws -> [UInt8] { try bytes(at: 0, count: size, of: "its contents") }

  private func check(_ place: Int, _ count: Int, _ what: String) throws {
    guard place >= 0, count >= 0, place <= size, count <= size - place else {
      throw malformed(at: min(max(0, place), size), "the file ends within \(what)")
    }
  }

  /// A tensor's elements as they lie in the file, of the byte order of this machine.
  package func tensor(_ dtype: DType, _ shape: [Int], at place: Int, of what: String) throws -> Tensor {
    let count = try Shape.count(shape, dtype)
    try check(place, count &* dtype.byteCount, what)
    return try Tensor(dtype, shape, count: count) {
      try fill($0, at: place, count: count &* dtype.byteCount, of: what)
      if dtype == .bool { Tensor.normaliseBooleans($0, count) }
    }
  }
}

extension Tensor {
  /// A boolean is the byte 0 or 1, whatever a file holds.
  static func normaliseBooleans(_ bytes: UnsafeMutableRawPointer, _ count: Int) {
    let bytes = bytes.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count where bytes[index] > 1 { bytes[index] = 1 }
  }
}

extension [UInt8] {
  /// An unsigned number of `count` bytes, the least significant first. The place must be within.
  func littleEndian(at place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(self[place + $1]) << UInt64(8 * $1) }
  }

  /// Appends a number's `count` low bytes, the least significant first.
  mutating func append(littleEndian number: UInt64, _ count: Int) {
    for index in 0..<count { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
  }
}
