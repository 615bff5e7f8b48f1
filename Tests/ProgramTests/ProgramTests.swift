import Checking
import Foundation
import Prompt
import Syntax
import Testing

/// The folder `Tests`.
let testsFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .standardized

/// Runs on a stack deep enough for any program.
func onLargeStack<T: Sendable>(_ body: @escaping @Sendable () -> T) -> T? {
  let box = Answer<T>()
  _ = LargeStack.run {
    box.value = body()
    return .success
  }
  return box.value
}

/// Written by one thread, read after it was joined.
private final class Answer<T>: @unchecked Sendable { var value: T? }

/// Every program in `Tests/Programs` does what the expectations in it say.
///
/// One after the other: a session's values are counted without atomics.
@Suite(.serialized) struct ProgramTests {
  static let programs = TestFiles.found(at: [testsFolder.appending(path: "Programs").path])
    .map { String($0.dropFirst(testsFolder.path.count + 1)) }

  @Test(arguments: programs)
  func program(_ path: String) throws {
    let text = try String(contentsOf: testsFolder.appending(path: path), encoding: .utf8)
    let failures = onLargeStack {
      // A machine's own memory would take long to fill.
      let outcome = ScriptTest(Source(name: path, text: text)) { $0.limit(memory: 3_000_000_000, steps: nil) }
        .run()
      return outcome.failures.map(\.text)
        + (outcome.passed + outcome.failures.count == 0 ? ["nothing is expected"] : [])
    }
    #expect(failures == [])
  }

  @Test func everyBuiltinHasAnExample() { #expect(LibraryTest.withoutExample == []) }

  @Test func libraryExamples() {
    let failures = onLargeStack { LibraryTest.run().failures.map(\.text) }
    #expect(failures == [])
  }

  /// At least three wrong programs for each code that a program can raise, 200 in all, each with its place.
  @Test func everyCodeHasWrongPrograms() throws {
    var counts: [String: Int] = [:]
    for path in ProgramTests.programs {
      let text = try String(contentsOf: testsFolder.appending(path: path), encoding: .utf8)
      for line in text.split(separator: "\n") {
        guard let start = line.range(of: "# expect error: ") else { continue }
        let words = line[start.upperBound...].split(separator: " ")
        #expect(words.count > 2 && words[1] == "at", "\(path): \(line)")
        counts[String(words[0]), default: 0] += 1
      }
    }
    // These come from outside of a program: an encoding, Ctrl-C, a limit that was set.
    let outside: [ErrorCode] = [.invalidEncoding, .interrupted, .stepLimit]
    for code in ErrorCode.allCases where !outside.contains(code) {
      #expect(counts[code.rawValue] ?? 0 >= 3, "\(code.rawValue)")
    }
    #expect(counts.values.reduce(0, +) >= 200)
  }
}
