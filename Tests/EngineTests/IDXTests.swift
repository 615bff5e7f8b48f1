import CZlib
import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct IDXTests {
    static func idx(_ shape: [Int], _ bytes: [UInt8], type: UInt8 = 8) -> [UInt8] {
      [0, 0, type, UInt8(shape.count)]
        + shape.flatMap { n in (0..<4).map { UInt8(n >> (24 - 8 * $0) & 255) } } + bytes
    }

    /// Runs `body` with a file of these bytes, compressed or not.
    static func file<R>(_ bytes: [UInt8], gzip: Bool = false, _ body: (String) throws -> R) throws -> R {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("idx-\(UUID().uuidString)")
        .path
      defer { try? FileManager.default.removeItem(atPath: path) }
      if gzip {
        let handle = gzopen(path, "wb")
        #expect(gzwrite(handle, bytes, UInt32(bytes.count)) == bytes.count)
        gzclose(handle)
      } else {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
      }
      return try body(path)
    }

    static func fault(_ bytes: [UInt8], gzip: Bool = false) throws -> (byte: Int, reason: String)? {
      try file(bytes, gzip: gzip) { path in
        let error = refusal { _ = try IDX.read(path: path) }
        guard case .malformedFile(let named, let byte, let reason) = error else { return nil }
        #expect(named == path)
        return (byte, reason)
      }
    }

    @Test(arguments: [false, true]) func good(_ gzip: Bool) throws {
      let bytes = (0..<24).map { UInt8($0 * 10) }
      try Self.file(Self.idx([2, 3, 4], bytes), gzip: gzip) { path in
        let x = try IDX.read(path: path)
        #expect(try x.shape == [2, 3, 4] && x.dtype == .u8 && x.array(UInt8.self) == bytes)
      }
      try Self.file(Self.idx([0, 28], []), gzip: gzip) { (path) throws -> Void in
        #expect(try IDX.read(path: path).shape == [0, 28])
      }
      let many = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      try Self.file(Self.idx([300_000], many), gzip: gzip) { (path) throws -> Void in
        #expect(try IDX.read(path: path).array(UInt8.self) == many)
      }
    }

    @Test(arguments: [false, true]) func malformed(_ gzip: Bool) throws {
      let good = Self.idx([2, 3], [1, 2, 3, 4, 5, 6])
      for length in 0..<good.count {
        let fault = try Self.fault(Array(good.prefix(length)), gzip: gzip)
        #expect(fault?.byte == length, "cut at \(length)")
      }
      #expect(try Self.fault(good + [7], gzip: gzip)?.byte == 18)
      #expect(try Self.fault([1] + good.dropFirst(), gzip: gzip)?.byte == 0)
      #expect(
        try Self.fault(Self.idx([1], [0, 0, 0, 0], type: 0x0D), gzip: gzip)?.reason.contains("f32") == true)
      #expect(try Self.fault(Self.idx([1], [0], type: 0x07), gzip: gzip)?.byte == 2)
      #expect(try Self.fault([0, 0, 8, 0], gzip: gzip)?.byte == 3)
      // Sizes that no file holds, products that overflow.
      #expect(try Self.fault(Self.idx([60_000, 28, 28], [1, 2]), gzip: gzip) != nil)
      try Self.file(Self.idx([Int(UInt32.max), Int(UInt32.max), Int(UInt32.max)], [1]), gzip: gzip) { path in
        guard case .outOfMemory(Int.max) = refusal({ _ = try IDX.read(path: path) }) else {
          Issue.record("accepted")
          return
        }
      }
    }

    @Test func damagedCompression() throws {
      let bytes = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
      let packed: [UInt8] = try Self.file(Self.idx([50_000], bytes), gzip: true) {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0)))
      }
      #expect(try Self.fault(Array(packed.prefix(packed.count / 2)))?.reason.contains("ends early") == true)
      for cut in 8..<40 {
        #expect(try Self.fault(Array(packed.dropLast(cut))) != nil, "without the last \(cut)")
      }
      var damaged = packed
      damaged[packed.count / 2] ^= 0x55
      damaged[packed.count / 2 + 1] ^= 0x55
      #expect(try Self.fault(damaged)?.reason.contains("damaged") == true)
      var checksum = packed
      checksum[packed.count - 6] ^= 1
      #expect(try Self.fault(checksum) != nil)
    }

    @Test func unreadable() {
      for path in ["/nonexistent/file", FileManager.default.temporaryDirectory.path, "/dev/zero", ""] {
        guard case .unreadableFile(path, _) = refusal({ _ = try IDX.read(path: path) }) else {
          Issue.record("accepted \(path)")
          return
        }
      }
    }

    @Test func realDigits() throws {
      let folder = "../shared/data/mnist"
      guard FileManager.default.fileExists(atPath: folder) else {
        print("skipped: no data in \(folder)")
        return
      }
      let pictures = try IDX.read(path: folder + "/t10k-images-idx3-ubyte.gz")
      let labels = try IDX.read(path: folder + "/t10k-labels-idx1-ubyte.gz")
      #expect(pictures.shape == [10_000, 28, 28] && labels.shape == [10_000])
      #expect(try labels.array(Int.self).prefix(5) == [7, 2, 1, 0, 4])
    }
  }
}
