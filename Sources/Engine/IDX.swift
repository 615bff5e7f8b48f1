import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The format of MNIST and its kin: a magic number, extents, bytes; all integers big-endian.
package enum IDX {
  /// The array in a file, u8, plain or compressed by gzip (told by content).
  /// Errors: unreadable, malformed (with the byte of the uncompressed stream), larger than the memory limit.
  package static func read(path: String) throws -> Tensor {
    var file = try IDXFile(path: path)
    defer { file.finish() }
    let magic = try file.bytes(4, of: "the magic number")
    guard magic[0] == 0, magic[1] == 0 else {
      throw file.malformed(at: 0, "it is no IDX file: the first two bytes are not 0")
    }
    guard magic[2] == 0x08 else { throw file.malformed(at: 2, elementType(magic[2])) }
    guard magic[3] > 0 else { throw file.malformed(at: 3, "it has no axes") }
    var shape: [Int] = []
    for axis in 0..<Int(magic[3]) {
      let extent = try file.bytes(4, of: "the extent of axis \(axis)")
      shape.append(extent.reduce(0) { $0 << 8 | Int($1) })
    }
    return try file.elements(shape)
  }

  private static func elementType(_ code: UInt8) -> String {
    let names: [UInt8: String] = [
      0x09: "signed bytes", 0x0B: "16-bit integers", 0x0C: "32-bit integers", 0x0D: "f32", 0x0E: "f64",
    ]
    if let name = names[code] { return "its elements are \(name), and only unsigned bytes (8) can be read" }
    return "the element type \(code) is unknown"
  }
}

/// A stream of bytes that knows its path and place.
private struct IDXFile {
  private let handle: gzFile
  private let path: String
  /// What the compressed or plain file takes on disk.
  private let size: Int
  private var place = 0

  init(path: String) throws {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw EngineError.unreadableFile(path: path, reason: Self.systemMessage(errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = close(descriptor)
      throw EngineError.unreadableFile(path: path, reason: "it is no ordinary file")
    }
    guard let handle = gzdopen(descriptor, "rb") else {
      _ = close(descriptor)
      throw EngineError.unreadableFile(path: path, reason: "there is no memory to read it")
    }
    self.handle = handle
    size = Int(status.st_size)
  }

  func finish() { gzclose_r(handle) }

  private static func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

  func malformed(at byte: Int, _ reason: String) -> EngineError {
    .malformedFile(path: path, byte: byte, reason: reason)
  }

  /// Up to `count` bytes into `to`; fewer only at the end. Errors: damaged compression.
  private mutating func fill(_ to: UnsafeMutableRawPointer, _ count: Int) throws -> Int {
    var done = 0
    while done < count {
      let step = gzread(handle, to + done, UInt32(min(count - done, 1 << 30)))
      if step > 0 { done += Int(step) }
      if step <= 0 {
        var code: Int32 = 0
        let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
        place += done
        if code == Z_BUF_ERROR { throw malformed(at: place, "the compressed data ends early") }
        if code != Z_OK && code != Z_STREAM_END {
          throw malformed(at: place, "the compressed data is damaged (\(message))")
        }
        return done
      }
    }
    place += done
    return done
  }

  mutating func bytes(_ count: Int, of what: String) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let done = try buffer.withUnsafeMutableBytes { bytes -> Int in
      guard let base = bytes.baseAddress else { return 0 }
      return try fill(base, count)
    }
    guard done == count else { throw malformed(at: place, "the file ends within \(what)") }
    return buffer
  }

  /// The elements, and nothing after them. Memory grows with what is really there.
  mutating func elements(_ shape: [Int]) throws -> Tensor {
    let count = try Shape.count(shape, .u8)
    guard count <= MemoryLimit.bytes else { throw EngineError.outOfMemory(bytes: count) }
    let header = place
    // No compression that gzip knows gives more than 1032 bytes for one.
    let (most, overflow) = size.multipliedReportingOverflow(by: 1032)
    guard overflow || count <= most else { throw missing(count, at: min(size, header)) }
    var done = 0
    let result = try Tensor(.u8, [count]) { to in
      // One byte more than there should be, into the block's slack: shows trailing bytes, and makes zlib look
      // for the compressed stream's end and checksum.
      done = try fill(to, count + 1)
      guard done >= count else { throw missing(count - done, at: header + done) }
    }
    if done > count {
      throw malformed(at: header + count, "there are bytes after the last of \(count) elements")
    }
    return try result.reshaped(shape)
  }

  private func missing(_ count: Int, at byte: Int) -> EngineError {
    malformed(at: byte, "the file ends \(count) elements early")
  }
}
