import CZlib
import Foundation
import Testing

@testable import Engine

/// Files for the tests of readers, made byte by byte and not by the writers under test.
enum FormatFiles {
  static func file<R>(_ bytes: [UInt8], ending: String = "bin", _ body: (String) throws -> R) throws -> R {
    let path = NSTemporaryDirectory() + "/maas-format-\(UUID().uuidString).\(ending)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try body(path)
  }

  static func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  static func npy(_ header: String, _ body: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + little(text.count, version == 1 ? 2 : 4) + text
      + body
  }

  static func npyHeader(
    _ descr: String = "'<f4'", _ shape: String = "(2,)", order: String = "False"
  ) -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  /// Two floats: 1 and 2.
  static let floats: [UInt8] = [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]
  static let goodNPY = npy(npyHeader(), floats)

  static func safetensors(_ header: String, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
    little(length ?? header.utf8.count, 8) + Array(header.utf8) + body
  }

  static let goodSafetensors = safetensors(
    #"{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"U8","shape":[1,2],"data_offsets":[8,10]}}"#,
    floats + [7, 9])

  /// An entry of an archive as the test wants it.
  struct Entry {
    var name = "x.npy"
    var content = goodNPY
    var method = 0
    var flags = 0
    var checksum: Int?
    var size: Int?
    var packedSize: Int?
    var localName: String?
    var offset: Int?
  }

  static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    compress(&packed, &size, bytes, UInt(bytes.count))
    // Without the two bytes before and the four behind that make it a zlib stream.
    return Array(packed[2..<Int(size) - 4])
  }

  static func zip(
    _ entries: [Entry], count: Int? = nil, directoryOffset: Int = 0, tail: [UInt8] = []
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let packed = entry.method == 8 ? deflated(entry.content) : entry.content
      let sum = entry.checksum ?? Int(crc32(0, entry.content, UInt32(entry.content.count)))
      let size = entry.size ?? entry.content.count
      func common(_ name: String) -> [UInt8] {
        little(20, 2) + little(entry.flags, 2) + little(entry.method, 2) + [0, 0, 0x21, 0] + little(sum, 4)
          + little(entry.packedSize ?? packed.count, 4) + little(size, 4) + little(name.utf8.count, 2) + [
            0, 0,
          ]
      }
      directory += [0x50, 0x4b, 1, 2, 20, 0] + common(entry.name) + [UInt8](repeating: 0, count: 10)
      directory += little(entry.offset ?? bytes.count, 4) + Array(entry.name.utf8)
      let local = entry.localName ?? entry.name
      bytes += [0x50, 0x4b, 3, 4] + common(local) + Array(local.utf8) + packed
    }
    let start = bytes.count + directoryOffset
    let total = count ?? entries.count
    return bytes + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + little(total, 2) + little(total, 2)
      + little(directory.count, 4) + little(start, 4) + [0, 0] + tail
  }

  static let goodZip = zip([Entry(), Entry(name: "y.npy", method: 8)])

  static func maasm(_ header: String, body: [UInt8] = goodSafetensors, digest: [UInt8]? = nil) -> [UInt8] {
    var sum = SHA256()
    sum.update(header)
    return Maasm.magic + little(header.utf8.count, 8) + (digest ?? sum.digest) + Array(header.utf8) + body
  }

  static func maasmHeader(
    _ rest: String = #""value":{"tensor":"x"}"#, body: [UInt8] = goodSafetensors
  ) -> String {
    var sum = SHA256()
    sum.update(body)
    return #"{"version":1,"body":"\#(sum.hexadecimal)",\#(rest)}"#
  }

  static let goodMaasm = maasm(maasmHeader())

  static let goodSmallMaasm: [UInt8] = {
    let rest = Array(goodMaasm.dropFirst(8))
    var size = compressBound(UInt(rest.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    compress(&packed, &size, rest, UInt(rest.count))
    return [0x89, 0x4D, 0x41, 0x41, 0x53, 0x5A, 0x0D, 0x0A] + little(rest.count, 8) + packed.prefix(Int(size))
  }()
}

/// The readers under test.
enum Reader: String, CaseIterable, Sendable {
  case npy, npz, safetensors, maasm, csv, idx

  func read(_ path: String) throws -> Int {
    switch self {
    case .npy: return try NPY.read(path: path).count
    case .npz: return try NPZ.read(path: path).count
    case .safetensors: return try Safetensors.read(path: path).tensors.count
    case .maasm: return try Maasm.read(path: path).tensors.count
    case .idx: return try IDX.read(path: path).count
    case .csv:
      var count = 0
      let csv = try CSV(path: path)
      try csv.forEachRow { _, fields in
        for field in fields { count += try csv.text(field).utf8.count }
      }
      return count
    }
  }

  var good: [[UInt8]] {
    switch self {
    case .npy:
      [
        FormatFiles.goodNPY,
        FormatFiles.npy(
          FormatFiles.npyHeader("'>i2'", "(2, 2)", order: "True"), FormatFiles.floats, version: 2),
      ]
    case .npz: [FormatFiles.goodZip]
    case .safetensors: [FormatFiles.goodSafetensors]
    case .maasm: [FormatFiles.goodMaasm, FormatFiles.goodSmallMaasm]
    case .csv: [Array("a,b,\"c \"\"d\"\"\"\n1,2.5,x\r\n-1e3,,\"y\nz\"\n".utf8)]
    case .idx: [[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]]
    }
  }
}
