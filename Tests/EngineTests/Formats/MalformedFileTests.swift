import Foundation
import Testing

@testable import Engine

extension EngineTests {
  /// Broken files, each with the reason it is refused for.
  @Suite struct MalformedFileTests {
    struct Broken: CustomTestStringConvertible, Sendable {
      let reader: Reader
      let reason: String
      let bytes: [UInt8]
      var testDescription: String { "\(reader.rawValue): \(reason)" }
    }

    private typealias F = FormatFiles

    private static func npy(
      _ descr: String = "'<f4'", shape: String = "(2,)", order: String = "False"
    ) -> [UInt8] {
      F.npy(F.npyHeader(descr, shape, order: order), F.floats)
    }

    private static func tensor(
      _ dtype: String = #""F32""#, _ shape: String = "[2]", _ offsets: String = "[0,8]", more: String = "",
      body: [UInt8] = F.floats
    ) -> [UInt8] {
      F.safetensors(#"{"x":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}\#(more)}"#, body)
    }

    static let arrays: [Broken] = [
      .init(reader: .npy, reason: "ends within the magic number", bytes: Array(F.goodNPY.prefix(5))),
      .init(reader: .npy, reason: "it is no .npy file", bytes: [0x92] + F.goodNPY.dropFirst()),
      .init(reader: .npy, reason: "the version 9.0", bytes: F.npy(F.npyHeader(), F.floats, version: 9)),
      .init(reader: .npy, reason: "ends within the header's length", bytes: Array(F.goodNPY.prefix(9))),
      .init(reader: .npy, reason: "ends within the header", bytes: Array(F.goodNPY.prefix(30))),
      .init(
        reader: .npy, reason: "is longer than 65536",
        bytes: Array(F.goodNPY.prefix(6)) + [2, 0, 0xff, 0xff, 0xff, 0x7f]),
      .init(reader: .npy, reason: "has no `{`", bytes: F.npy("nonsense", [])),
      .init(reader: .npy, reason: "'descr' twice", bytes: F.npy("{'descr': '<f4', 'descr': '<f4'}", [])),
      .init(reader: .npy, reason: "'shape' twice", bytes: F.npy("{'shape': (2,), 'shape': (2,)}", [])),
      .init(
        reader: .npy, reason: "does not say 'descr'",
        bytes: F.npy("{'shape': (2,), 'fortran_order': False}", [])),
      .init(
        reader: .npy, reason: "does not say 'shape'",
        bytes: F.npy("{'descr': '<f4', 'fortran_order': False}", [])),
      .init(
        reader: .npy, reason: "does not say 'fortran_order'",
        bytes: F.npy("{'descr': '<f4', 'shape': (2,)}", [])),
      .init(reader: .npy, reason: "the header's key 'evil'", bytes: F.npy("{'evil': True}", [])),
      .init(reader: .npy, reason: "more after its dictionary", bytes: F.npy(F.npyHeader() + "1", F.floats)),
      .init(reader: .npy, reason: "neither True nor False", bytes: npy(order: "1")),
      .init(reader: .npy, reason: "elements of the type '<c8'", bytes: npy("'<c8'")),
      .init(reader: .npy, reason: "elements of the type '|O'", bytes: npy("'|O'")),
      .init(reader: .npy, reason: "elements are records", bytes: npy("[('a', '<f4')]")),
      .init(reader: .npy, reason: "extent of the shape is negative", bytes: npy(shape: "(-2,)")),
      .init(reader: .npy, reason: "something that is no number", bytes: npy(shape: "(x,)")),
      .init(reader: .npy, reason: "beyond counting", bytes: npy(shape: "(99999999999999999999,)")),
      .init(reader: .npy, reason: "is no tuple", bytes: npy(shape: "(2)")),
      .init(
        reader: .npy, reason: "more than 64 axes",
        bytes: npy(shape: "(\(String(repeating: "1,", count: 65)))")),
      .init(reader: .npy, reason: "needs more bytes than the 8", bytes: npy(shape: "(3,)")),
      .init(
        reader: .npy, reason: "needs more bytes", bytes: npy(shape: "(4294967296, 4294967296, 4294967296)")),
      .init(reader: .npy, reason: "4 bytes after the last element", bytes: npy(shape: "(1,)")),
      .init(reader: .safetensors, reason: "ends within the header's length", bytes: [1, 2, 3]),
      .init(
        reader: .safetensors, reason: "is longer than 100000000", bytes: F.safetensors("{}", [], length: -1)),
      .init(
        reader: .safetensors, reason: "ends within the header", bytes: F.safetensors("{}", [], length: 3)),
      .init(reader: .safetensors, reason: "does not begin with `{`", bytes: F.safetensors(" {}", [])),
      .init(reader: .safetensors, reason: "a string has no end", bytes: F.safetensors(#"{"x"#, [])),
      .init(reader: .safetensors, reason: "\"x\" occurs twice", bytes: tensor(more: #","x":{}"#)),
      .init(
        reader: .safetensors, reason: "deeper than",
        bytes: F.safetensors("{\"x\":" + String(repeating: "[", count: 99), [])),
      .init(
        reader: .safetensors, reason: "is no UTF-8",
        bytes: F.little(6, 8) + [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7d]),
      .init(reader: .safetensors, reason: "\"x\" is no object", bytes: F.safetensors(#"{"x":1}"#, [])),
      .init(reader: .safetensors, reason: "has no dtype", bytes: tensor("3")),
      .init(reader: .safetensors, reason: "of type F8_E4M3", bytes: tensor(#""F8_E4M3""#)),
      .init(reader: .safetensors, reason: "has no shape", bytes: tensor(#""F32""#, "null")),
      .init(reader: .safetensors, reason: "no extent", bytes: tensor(#""F32""#, "[-2]")),
      .init(reader: .safetensors, reason: "no extent", bytes: tensor(#""F32""#, "[2.0]")),
      .init(
        reader: .safetensors, reason: "shape of \"x\" is beyond counting",
        bytes: tensor(#""F32""#, "[4294967296,4294967296]")),
      .init(reader: .safetensors, reason: "has no two data_offsets", bytes: tensor(#""F32""#, "[2]", "[0]")),
      .init(reader: .safetensors, reason: "ends before it begins", bytes: tensor(#""F32""#, "[2]", "[8,0]")),
      .init(reader: .safetensors, reason: "ends before it begins", bytes: tensor(#""F32""#, "[2]", "[-8,0]")),
      .init(reader: .safetensors, reason: "beyond the 8 bytes", bytes: tensor(#""F32""#, "[3]", "[0,12]")),
      .init(
        reader: .safetensors, reason: "takes 4 bytes by its shape and 8 by", bytes: tensor(#""F32""#, "[1]")),
      .init(
        reader: .safetensors, reason: "overlaps another",
        bytes: tensor(more: #","y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#)),
      .init(reader: .safetensors, reason: "belong to none", bytes: tensor(#""F32""#, "[1]", "[4,8]")),
      .init(reader: .safetensors, reason: "belong to no tensor", bytes: tensor(body: F.floats + [0])),
      .init(reader: .safetensors, reason: "unknown field \"z\"", bytes: F.safetensors(#"{"x":{"z":1}}"#, [])),
      .init(
        reader: .safetensors, reason: "which is no text",
        bytes: F.safetensors(#"{"__metadata__":{"a":1}}"#, [])),
    ]

    /// A whole entry, `y.npy`, to lie inside of another.
    private static let inner = Array(F.zip([.init(name: "y.npy")]).prefix(35 + F.goodNPY.count))
    /// An array of one element with four bytes more.
    private static let longer = npy(shape: "(1,)")

    static let containers: [Broken] = [
      .init(reader: .npz, reason: "it is no zip archive", bytes: Array(F.goodZip.dropLast(10))),
      .init(reader: .npz, reason: "it is no zip archive", bytes: []),
      .init(
        reader: .npz, reason: "an entry of the directory has a wrong signature",
        bytes: F.zip([.init()], directoryOffset: 0).replacing(0x50, 1, 2)),
      .init(reader: .npz, reason: "does not lie where", bytes: F.zip([.init()], directoryOffset: 4)),
      .init(reader: .npz, reason: "too short for 9 entries", bytes: F.zip([.init()], count: 9)),
      .init(
        reader: .npz, reason: "longer than its 1 entries",
        bytes: F.zip([.init(), .init(name: "y.npy")], count: 1)),
      .init(reader: .npz, reason: "two entries called \"x.npy\"", bytes: F.zip([.init(), .init()])),
      .init(
        reader: .npz, reason: "overlaps what comes after",
        bytes: F.zip([.init(content: inner), .init(name: "y.npy", offset: 35)])),
      .init(reader: .npz, reason: "is encrypted", bytes: F.zip([.init(flags: 1)])),
      .init(reader: .npz, reason: "the method of compression 12", bytes: F.zip([.init(method: 12)])),
      .init(reader: .npz, reason: "another name in its header", bytes: F.zip([.init(localName: "z.npy")])),
      .init(reader: .npz, reason: "lies outside of the file", bytes: F.zip([.init(offset: 1 << 20)])),
      .init(reader: .npz, reason: "no header where the directory says", bytes: F.zip([.init(offset: 4)])),
      .init(
        reader: .npz, reason: "reaches beyond the end",
        bytes: F.zip([.init(size: 1 << 20, packedSize: 1 << 20)])),
      .init(reader: .npz, reason: "cannot unpack to", bytes: F.zip([.init(method: 8, size: 1 << 30)])),
      .init(reader: .npz, reason: "cannot unpack to", bytes: F.zip([.init(size: 5)])),
      .init(reader: .npz, reason: "the checksum does not fit", bytes: F.zip([.init(checksum: 1)])),
      .init(
        reader: .npz, reason: "the compressed data is longer",
        bytes: F.zip([.init(content: longer, method: 8, size: longer.count - 4)])),
      .init(reader: .npz, reason: "is no .npy array", bytes: F.zip([.init(name: "x.txt")])),
      .init(
        reader: .npz, reason: "it is no .npy file, in \"x.npy\"",
        bytes: F.zip([.init(content: Array(repeating: 1, count: 90), method: 8)])),
      .init(reader: .maasm, reason: "ends within its first 48 bytes", bytes: Array(F.goodMaasm.prefix(20))),
      .init(reader: .maasm, reason: "it is no .maasm file", bytes: [0] + F.goodMaasm.dropFirst()),
      .init(
        reader: .maasm, reason: "is longer than 100000000",
        bytes: F.maasm("").prefix(8) + [UInt8](repeating: 0xff, count: 40)),
      .init(reader: .maasm, reason: "ends within the header", bytes: Array(F.goodMaasm.prefix(60))),
      .init(
        reader: .maasm, reason: "digest of the header",
        bytes: F.maasm(F.maasmHeader(), digest: [UInt8](repeating: 1, count: 32))),
      .init(reader: .maasm, reason: "digest of the tensors", bytes: F.goodMaasm.dropLast() + [1]),
      .init(reader: .maasm, reason: "does not give its version", bytes: F.maasm("{}")),
      .init(reader: .maasm, reason: "the version 2 of the format", bytes: F.maasm(#"{"version":2}"#)),
      .init(
        reader: .maasm, reason: "does not give the digest of the body", bytes: F.maasm(#"{"version":1}"#)),
      .init(reader: .maasm, reason: "no JSON value", bytes: F.maasm("{\"version\":one}")),
      .init(reader: .csv, reason: "has no end", bytes: Array("a,\"b\n1,2\n".utf8)),
      .init(reader: .csv, reason: "text behind a closing quote", bytes: Array("a,\"b\"c\n".utf8)),
      .init(reader: .csv, reason: "no zero bytes", bytes: [0x61, 0, 0x62]),
      .init(reader: .csv, reason: "a field is no UTF-8", bytes: [0x61, 0x2c, 0xff, 0x0a]),
    ]

    @Test(arguments: arrays + containers) func refused(_ broken: Broken) throws {
      try FormatFiles.file(broken.bytes) { path in
        let error = refusal { _ = try broken.reader.read(path) }
        guard case .malformedFile(path, let byte, let reason)? = error else {
          Issue.record("\(broken.testDescription): \(error.map { "\($0)" } ?? "accepted")")
          return
        }
        #expect(reason.contains(broken.reason), "\(reason)")
        #expect(byte >= 0 && byte <= broken.bytes.count)
      }
    }

    @Test func reasonsDiffer() {
      #expect(Set((Self.arrays + Self.containers).map { "\($0.reader) \($0.reason)" }).count >= 70)
    }

    @Test(arguments: Reader.allCases) func goodFilesAreRead(_ reader: Reader) throws {
      for bytes in reader.good {
        try FormatFiles.file(bytes) { path throws -> Void in #expect(try reader.read(path) > 0) }
      }
    }

    @Test(arguments: Reader.allCases) func noOrdinaryFile(_ reader: Reader) {
      for path in ["/nonexistent/file", NSTemporaryDirectory(), "/dev/zero", ""] {
        guard case .unreadableFile(path, _)? = refusal({ _ = try reader.read(path) }) else {
          Issue.record("accepted \(path)")
          return
        }
      }
    }
  }
}

extension [UInt8] {
  /// Spoils the last signature `50 4b a b`.
  fileprivate func replacing(_ first: UInt8, _ a: UInt8, _ b: UInt8) -> [UInt8] {
    var bytes = self
    for place in stride(from: count - 4, through: 0, by: -1)
    where bytes[place] == first && bytes[place + 2] == a && bytes[place + 3] == b {
      bytes[place + 3] = 9
      break
    }
    return bytes
  }
}
