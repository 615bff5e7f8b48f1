import CZlib

/// A `.maasm` file as one zlib stream.
enum SmallFile {
  static let magic: [UInt8] = [0x89, 0x4D, 0x41, 0x41, 0x53, 0x5A, 0x0D, 0x0A]
  private static let prefix = 16
  /// A byte of a zlib stream stands for 1,032 at most.
  private static let mostOfAByte = 1_032

  /// - Parameter plain: a whole file.
  static func packed(_ plain: [UInt8]) throws -> [UInt8] {
    let rest = Array(plain.dropFirst(Maasm.magic.count))
    var size = compressBound(UInt(rest.count))
    var stream = [UInt8](repeating: 0, count: Int(size))
    guard compress2(&stream, &size, rest, UInt(rest.count), 9) == Z_OK else {
      throw EngineError.outOfMemory(bytes: rest.count)
    }
    var bytes = magic
    bytes.append(littleEndian: UInt64(rest.count), 8)
    return bytes + stream.prefix(Int(size))
  }

  static func isOne(_ file: InputFile) throws -> Bool {
    guard file.size >= prefix else { return false }
    return try file.bytes(at: 0, count: magic.count, of: "its first bytes") == magic
  }

  static func unpacked(_ file: InputFile) throws -> [UInt8] {
    let start = try file.bytes(at: 0, count: prefix, of: "its first bytes")
    let stream = try file.bytes(at: prefix, count: file.size - prefix, of: "the packed data")
    let claimed = start.littleEndian(at: magic.count, 8)
    guard claimed <= UInt64(stream.count) * UInt64(mostOfAByte) else {
      throw file.malformed(at: magic.count, "\(stream.count) bytes cannot stand for \(claimed)")
    }
    guard claimed <= UInt64(MemoryLimit.bytes) else {
      throw EngineError.outOfMemory(bytes: Int(clamping: claimed))
    }
    var rest = [UInt8](repeating: 0, count: Int(claimed))
    var (size, taken) = (UInt(claimed), UInt(stream.count))
    guard uncompress2(&rest, &size, stream, &taken) == Z_OK, size == claimed, taken == stream.count else {
      throw file.malformed(at: prefix, "the packed data is damaged")
    }
    return Maasm.magic + rest
  }
}
