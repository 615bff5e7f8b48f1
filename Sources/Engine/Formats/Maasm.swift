/// The container of `.maasm` files: a header in JSON that says what is saved, and a safetensors body.
///
/// | bytes | hold |
/// |---|---|
/// | 8 | `89 4D 41 41 53 4D 0D 0A` |
/// | 8 | the length of the header, the least significant byte first |
/// | 32 | the SHA-256 of the header |
/// | that many | the header, JSON in UTF-8, padded with blanks so that the body begins at a multiple of 8 |
/// | the rest | the tensors, a whole safetensors file |
///
/// The header has `"version": 1`, `"body"`, the SHA-256 of the body, and `"value"`, which mentions tensors by their names
/// in the body. Every bit of the file is under one of the two digests.
///
/// A small file: `89 4D 41 41 53 5A 0D 0A`, the length in 8 bytes of what follows the first 8 bytes of the file above,
/// and that as one zlib stream to the end.
package enum Maasm {
  static let magic: [UInt8] = [0x89, 0x4D, 0x41, 0x41, 0x53, 0x4D, 0x0D, 0x0A]
  static let version = 1
  static let longestHeader = 100_000_000
  /// How deep the header's JSON may nest.
  static let depthLimit = 600
  private static let prefix = 48

  package typealias Tensors = [(name: String, tensor: Tensor)]

  /// - Parameter fields: what the header says besides the version and the body's digest.
  /// - Parameter compress: whether a small file is written.
  package static func write(
    _ fields: [JSON.Field], tensors: Tensors, compress: Bool = false, path: String
  ) throws {
    let start = try start(fields, tensors)
    try OutputFile.write(path) { file in
      if compress {
        try file.write(SmallFile.packed(start + Safetensors.bytes(tensors)))
      } else {
        try file.write(start)
        try Safetensors.write(tensors, to: file)
      }
    }
  }

  /// How many bytes a small file would take.
  package static func size(_ fields: [JSON.Field], tensors: Tensors) throws -> Int {
    try SmallFile.packed(start(fields, tensors) + Safetensors.bytes(tensors)).count
  }

  /// Everything before the tensors.
  private static func start(_ fields: [JSON.Field], _ tensors: Tensors) throws -> [UInt8] {
    let body = try Safetensors.digest(of: tensors)
    let header = JSON.object(
      [.init("version", .integer(version)), .init("body", .string(body))] + fields)
    var text = Array(header.text.utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    guard text.count <= longestHeader else {
      throw EngineError.badValue(
        "there are too many values for one file: the header would take \(text.count) bytes")
    }
    var digest = SHA256()
    digest.update(text)
    var start = magic
    start.append(littleEndian: UInt64(text.count), 8)
    return start + digest.digest + text
  }

  /// The header of a file alone.
  package static func header(path: String) throws -> JSON { try header(of: try opened(path)).header }

  /// The header and the tensors of a file, both digests compared.
  package static func read(path: String) throws -> (header: JSON, tensors: Tensors) {
    let file = try opened(path)
    let (header, start) = try header(of: file)
    guard let expected = header["body"]?.string else {
      throw file.malformed(at: prefix, "the header does not give the digest of the body")
    }
    guard try digest(of: file, from: start) == expected else {
      throw file.malformed(at: start, "the digest of the tensors does not fit: the file has been damaged")
    }
    return (header, try Safetensors.read(file, start..<file.size).tensors)
  }

  private static func opened(_ path: String) throws -> InputFile {
    let file = try InputFile(path)
    guard try SmallFile.isOne(file) else { return file }
    return InputFile(path, unpacked: try SmallFile.unpacked(file))
  }

  /// The header, and where the body begins.
  private static func header(of file: InputFile) throws -> (header: JSON, body: Int) {
    guard file.size >= prefix else {
      throw file.malformed(at: file.size, "the file ends within its first \(prefix) bytes")
    }
    let start = try file.bytes(at: 0, count: prefix, of: "its first bytes")
    guard start.starts(with: magic) else { throw file.malformed(at: 0, "it is no .maasm file") }
    let length = start.littleEndian(at: 8, 8)
    guard length <= UInt64(longestHeader) else {
      throw file.malformed(at: 8, "a header of \(length) bytes is longer than \(longestHeader)")
    }
    guard Int(length) <= file.size - prefix else {
      throw file.malformed(at: file.size, "the file ends within the header")
    }
    let text = try file.bytes(at: prefix, count: Int(length), of: "the header")
    var digest = SHA256()
    digest.update(text)
    guard digest.digest == Array(start[16..<prefix]) else {
      throw file.malformed(at: 16, "the digest of the header does not fit: the file has been damaged")
    }
    let header: JSON
    do {
      header = try JSON.read(text, depthLimit: depthLimit)
    } catch {
      throw file.malformed(at: prefix + error.byte, error.reason)
    }
    guard let version = header["version"]?.integer else {
      throw file.malformed(at: prefix, "the header does not give its version")
    }
    guard version == self.version else {
      throw file.malformed(
        at: prefix, "the version \(version) of the format is unknown: this maas reads \(self.version)")
    }
    return (header, prefix + Int(length))
  }

  private static func digest(of file: InputFile, from start: Int) throws -> String {
    var digest = SHA256()
    var place = start
    while place < file.size {
      let step = min(file.size - place, 1 << 20)
      digest.update(try file.bytes(at: place, count: step, of: "the tensors"))
      place += step
    }
    return digest.hexadecimal
  }
}
