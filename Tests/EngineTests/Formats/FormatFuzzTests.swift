import Foundation
import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Damaged files of every format: each is read or refused, nothing traps, and no refusal has taken memory that the
  /// file did not earn. The seed is fixed; `MAAS_FUZZ` multiplies the number of files.
  @Suite struct FormatFuzzTests {
    private static let rounds =
      300 * max(1, Int(ProcessInfo.processInfo.environment["MAAS_FUZZ"] ?? "") ?? 1)
    private static let strange: [UInt8] = [
      0, 1, 0x7f, 0x80, 0xff, 0x22, 0x27, 0x2c, 0x5b, 0x7b, 0x7d, 0x28, 0x2d, 0x39,
    ]

    private static func damaged(_ good: [UInt8], _ random: inout SeededNumbers) -> [UInt8] {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard !bytes.isEmpty else { break }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = strange[Int.random(in: 0..<strange.count, using: &random)]
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
        case 3: bytes.insert(strange[Int.random(in: 0..<strange.count, using: &random)], at: place)
        case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 12)], at: place)
        case 5: bytes.removeSubrange(place...)
        default:
          let number =
            UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
          for index in 0..<8 where place + index < bytes.count {
            bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
          }
        }
      }
      return bytes
    }

    /// The digest of the header is made right again, so that what lies behind it is tried too.
    private static func resealed(_ bytes: [UInt8]) -> [UInt8] {
      guard bytes.count > 48 else { return bytes }
      let length = Int(truncatingIfNeeded: bytes.littleEndian(at: 8, 8))
      guard length >= 0, length <= bytes.count - 48 else { return bytes }
      var digest = SHA256()
      digest.update(Array(bytes[48..<48 + length]))
      return Array(bytes[..<16]) + digest.digest + bytes[48...]
    }

    @Test(arguments: Reader.allCases) func nothingTraps(_ reader: Reader) throws {
      var random = SeededNumbers(state: 2026)
      var (read, refused) = (0, 0)
      let path = NSTemporaryDirectory() + "/maas-fuzz-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: path) }
      // A reader that believed a length would run into this.
      try MemoryLimit.withRoom(for: 1 << 20) {
        for round in 0..<Self.rounds {
          let good = reader.good[round % reader.good.count]
          var bytes = Self.damaged(good, &random)
          if reader == .maasm, round % 3 != 0 { bytes = Self.resealed(bytes) }
          try Data(bytes).write(to: URL(fileURLWithPath: path))
          do {
            _ = try reader.read(path)
            read += 1
          } catch EngineError.malformedFile(path, let byte, let reason) {
            refused += 1
            #expect(byte >= 0 && !reason.isEmpty)
          } catch EngineError.outOfMemory where reader == .idx {
            // Extents whose product cannot be counted.
            refused += 1
          } catch {
            Issue.record("\(error) for \(bytes)")
          }
        }
      }
      #expect(read + refused == Self.rounds)
      #expect(refused > Self.rounds / 10)
    }

    /// Every prefix of a good file is refused, but for a table, which may end after any field.
    @Test(arguments: Reader.allCases.filter { $0 != .csv }) func cutFilesAreRefused(_ reader: Reader) throws {
      for good in reader.good {
        for length in 0..<good.count {
          try FormatFiles.file(Array(good.prefix(length))) { path throws -> Void in
            #expect(refusal { _ = try reader.read(path) } != nil, "cut at \(length)")
          }
        }
      }
    }

    /// A few kilobytes that would unpack to gigabytes.
    @Test func bombs() throws {
      let header = FormatFiles.npyHeader("'|u1'", "(100000000,)")
      let bomb = FormatFiles.zip([
        .init(
          content: FormatFiles.npy(header, [UInt8](repeating: 0, count: 1 << 22)), method: 8,
          size: 1 << 32 - 2)
      ])
      try FormatFiles.file(bomb) { path in
        let before = MemoryLimit.liveBytesOfThread
        #expect(refusal { _ = try NPZ.read(path: path) } != nil)
        #expect(MemoryLimit.liveBytesOfThread - before < 1 << 23)
      }
    }
  }
}
