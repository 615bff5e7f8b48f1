import Builtins
import Foundation
import Runtime
import Syntax
import Testing

/// The whole message that the example of each error code gives, as it stands in `Snapshots`.
///
/// `MAAS_UPDATE_SNAPSHOTS=1 swift test --filter SnapshotTests` writes them anew; what changed is then reviewed.
@Suite(.serialized) struct SnapshotTests {
  private static let folder = testsFolder.appending(path: "ProgramTests/Snapshots")
  private static let isUpdating = ProcessInfo.processInfo.environment["MAAS_UPDATE_SNAPSHOTS"] != nil

  @Test(arguments: ErrorCode.allCases)
  func message(_ code: ErrorCode) throws {
    let example = SnapshotTests.program(for: code)
    let diagnostic = try #require(onLargeStack { SnapshotTests.run(example, code) } ?? nil)
    #expect(diagnostic.code == code)
    let text = diagnostic.rendered() + "\n"
    let file = SnapshotTests.folder.appending(path: "\(code.rawValue).txt")
    if SnapshotTests.isUpdating { try text.write(to: file, atomically: true, encoding: .utf8) }
    #expect(text == (try? String(contentsOf: file, encoding: .utf8)))
  }

  /// No message speaks of how maas is made.
  @Test func noMessageSpeaksOfTheImplementation() throws {
    let words = [
      "Swift.", "Optional(", "nil", "register", "bytecode", "opcode", "Slot", "prototype", "TensorObject",
      "fatal",
    ]
    for code in ErrorCode.allCases where code != .foreignIdiom {
      let text =
        (try? String(
          contentsOf: SnapshotTests.folder.appending(path: "\(code.rawValue).txt"), encoding: .utf8)) ?? ""
      for word in words { #expect(!text.contains(word), "\(code.rawValue): \(word)") }
    }
  }

  private static func program(for code: ErrorCode) -> [UInt8] {
    switch code {
    case .invalidEncoding: return Array("let name = \"".utf8) + [0xe9, 0x22]
    case .malformedFile:
      return Array("let data = dataset(zeros(3, 2), zeros(4))".utf8)
    default: return Array(code.example.utf8)
    }
  }

  private static func run(_ bytes: [UInt8], _ code: ErrorCode) -> Diagnostic? {
    do throws(Diagnostic) {
      let source = try Source.decoding(name: "example.maas", bytes: bytes)
      let session = makeSession(output: { _ in })
      session.limit(memory: 3_000_000_000, steps: code == .stepLimit ? 10_000 : nil)
      if code == .interrupted {
        let interrupt = session.interrupt
        Thread.detachNewThread {
          Thread.sleep(forTimeInterval: 0.2)
          interrupt.request()
        }
      }
      _ = try session.run(source, arguments: [])
      return nil
    } catch {
      return error
    }
  }
}
