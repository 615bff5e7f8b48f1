import Builtins
import Runtime
import Syntax

/// A script run cell by cell against the `# expect` lines in it, then the examples in its documentation.
///
/// In a script that expects anything, every printed line is expected. A cell that is expected to end in an error ends
/// there, and the next cell goes on.
package struct ScriptTest {
  private let source: Source
  private let collector: OutputCollector
  private let session: Session

  /// - Parameter prepare: sets the session's limits.
  package init(_ source: Source, prepare: (Session) -> Void = { _ in }) {
    self.source = source
    let collector = OutputCollector()
    self.collector = collector
    session = makeSession(output: { collector.text += $0 })
    prepare(session)
  }

  package func run() -> TestOutcome {
    var outcome = TestOutcome()
    let cells = Cell.cells(of: source)
    let isStrict = cells.contains { !$0.expectations.isEmpty }
    for cell in cells {
      guard run(cell, isStrict, &outcome) else { return outcome }
    }
    // A script that expects nothing has run to its end: that is something too.
    if !isStrict { outcome.passed += 1 }
    outcome.add(DocumentationTest(source).run(in: session, collector))
    return outcome
  }

  /// - Returns: whether the next cell may go on.
  private func run(_ cell: Cell, _ isStrict: Bool, _ outcome: inout TestOutcome) -> Bool {
    collector.text = ""
    var problem: Diagnostic?
    do throws(Diagnostic) { _ = try session.run(cell.source(in: source), arguments: []) } catch {
      problem = error
    }
    if isStrict { compareOutput(cell, &outcome) }
    let wanted = cell.expectedError
    switch (wanted, problem) {
    case (nil, nil): return true
    case (let wanted?, let problem?):
      if wanted.error.matches(problem) {
        outcome.passed += 1
      } else {
        outcome.fail(
          source.name, wanted.line, expected: "error \(wanted.error.text)", got: "error \(problem.brief)")
      }
      return true
    case (let wanted?, nil):
      outcome.fail(source.name, wanted.line, expected: "error \(wanted.error.text)", got: "no error")
      return true
    case (nil, let problem?):
      let place = problem.source?.name == source.name ? problem.position?.line : nil
      outcome.fail(source.name, place ?? cell.firstLine, expected: "no error", got: problem.rendered())
      return false
    }
  }

  private func compareOutput(_ cell: Cell, _ outcome: inout TestOutcome) {
    var got = collector.lines[...]
    var skips = false
    for expectation in cell.expectations {
      switch expectation.kind {
      case .error: continue
      case .anything: skips = true
      case .output(let text, let tolerance):
        if skips {
          got = got.drop { !NumericText.agree(text, $0, tolerance: tolerance) }
          skips = false
        }
        guard let line = got.popFirst() else {
          outcome.fail(source.name, expectation.line, expected: text, got: "nothing more")
          continue
        }
        if NumericText.agree(text, line, tolerance: tolerance) {
          outcome.passed += 1
        } else {
          outcome.fail(source.name, expectation.line, expected: text, got: line)
        }
      }
    }
    if let line = got.first, !skips {
      outcome.fail(source.name, cell.lastLine, expected: "nothing more", got: line)
    }
  }
}

/// Takes what a session prints.
final class OutputCollector {
  var text = ""

  var lines: [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// The lines of one cell, from its `# %%` marker on.
struct Cell {
  let firstLine: Int
  let lines: [(number: Int, text: Substring)]
  let expectations: [Expectation]

  init(_ lines: [(number: Int, text: Substring)]) {
    firstLine = lines.first?.number ?? 1
    self.lines = lines
    expectations = ExpectationReader.read(lines)
  }

  var lastLine: Int { lines.last?.number ?? firstLine }

  var expectedError: (line: Int, error: ExpectedError)? {
    for expectation in expectations {
      if case .error(let error) = expectation.kind { return (expectation.line, error) }
    }
    return nil
  }

  /// The cell where it stands in the file: empty lines before it keep the numbers of its own.
  func source(in file: Source) -> Source {
    Source(
      name: file.name,
      text: String(repeating: "\n", count: firstLine - 1) + lines.map(\.text).joined(separator: "\n"))
  }

  static func cells(of source: Source) -> [Cell] {
    var cells: [Cell] = []
    var lines: [(number: Int, text: Substring)] = []
    for (index, text) in source.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if text.hasPrefix("# %%"), !lines.isEmpty {
        cells.append(Cell(lines))
        lines = []
      }
      lines.append((index + 1, text))
    }
    return cells + [Cell(lines)]
  }
}
