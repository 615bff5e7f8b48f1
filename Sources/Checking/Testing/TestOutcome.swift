import Syntax

/// What came of running expectations and examples.
package struct TestOutcome {
  package struct Failure {
    package let file: String
    package let line: Int
    package let expected: String
    package let got: String

    /// `lab.maas:12: expected …`, and what came instead below.
    package var text: String {
      let place = line > 0 ? "\(file):\(line): " : "\(file): "
      let margin = "\n" + String(repeating: " ", count: 10)
      func block(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: margin)
      }
      return "\(place)\n expected \(block(expected))\n      got \(block(got))"
    }
  }

  package var passed = 0
  package var failures: [Failure] = []

  package init() {}

  /// A file that could not be read as a script, where that was not expected.
  package init(unreadable path: String, _ diagnostic: Diagnostic) {
    fail(path, 0, expected: "a script", got: diagnostic.brief)
  }

  package mutating func add(_ other: TestOutcome) {
    passed += other.passed
    failures += other.failures
  }

  mutating func fail(_ file: String, _ line: Int, expected: String, got: String) {
    failures.append(Failure(file: file, line: line, expected: expected, got: got))
  }

  /// `12 passed, 0 failed`
  package var summary: String { "\(passed) passed, \(failures.count) failed" }
}
