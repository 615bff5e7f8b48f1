import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct SHA256Tests {
    private static func digest(_ text: String) -> String {
      var digest = SHA256()
      digest.update(text)
      return digest.hexadecimal
    }

    /// The examples of FIPS 180-4 and NIST's page of test vectors.
    @Test func knownDigests() {
      #expect(Self.digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
      #expect(Self.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect(
        Self.digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
          == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
      #expect(
        Self.digest(String(repeating: "a", count: 1_000_000))
          == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func piecesMakeTheWhole() {
      let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      var whole = SHA256()
      whole.update(bytes)
      for size in [1, 3, 55, 56, 63, 64, 65, 200] {
        var parts = SHA256()
        for start in stride(from: 0, to: bytes.count, by: size) {
          parts.update(Array(bytes[start..<min(bytes.count, start + size)]))
        }
        #expect(parts.digest == whole.digest, "pieces of \(size)")
      }
    }
  }

  @Suite struct OutputFileTests {
    private static func folder<R>(_ body: (String) throws -> R) throws -> R {
      let path = NSTemporaryDirectory() + "/maas-output-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: path) }
      return try body(path)
    }

    @Test func anErrorLeavesTheOldFile() throws {
      try Self.folder { folder in
        let path = folder + "/a.npy"
        try NPY.write(Tensor([1, 2, 3]), path: path)
        struct Interrupted: Error {}
        #expect(throws: Interrupted.self) {
          try OutputFile.write(path) { file in
            try file.write("half of it")
            throw Interrupted()
          }
        }
        #expect(try NPY.read(path: path).array(Int.self) == [1, 2, 3])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.npy"])
      }
    }

    @Test func whatAKilledWriterLeftIsWrittenOver() throws {
      try Self.folder { folder in
        let path = folder + "/a.npy"
        try Data([UInt8](repeating: 7, count: 5000)).write(to: URL(fileURLWithPath: path + ".part"))
        try NPY.write(Tensor([1, 2, 3]), path: path)
        #expect(try NPY.read(path: path).array(Int.self) == [1, 2, 3])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.npy"])
      }
    }

    @Test func twoWritersOfOneFile() throws {
      try Self.folder { folder in
        let path = folder + "/a.npy"
        try OutputFile.write(path) { file in
          try file.write("first")
          guard case .unwritableFile(_, let reason)? = refusal({ try NPY.write(Tensor([1]), path: path) })
          else {
            Issue.record("both wrote")
            return
          }
          #expect(reason.contains("another process"))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "first")
      }
    }

    @Test func linksStay() throws {
      try Self.folder { folder in
        let (path, link) = (folder + "/a.npy", folder + "/link.npy")
        try NPY.write(Tensor([1]), path: path)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try NPY.write(Tensor([2]), path: link)
        #expect(try NPY.read(path: path).array(Int.self) == [2])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
      }
    }

    @Test func refusals() throws {
      for path in ["/nonexistent/a.npy", "/dev/null", NSTemporaryDirectory()] {
        guard case .unwritableFile? = refusal({ try NPY.write(Tensor([1]), path: path) }) else {
          Issue.record("wrote \(path)")
          continue
        }
      }
    }
  }
}
