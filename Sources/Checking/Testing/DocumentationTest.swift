import Builtins
import Runtime
import Syntax

/// The examples in documentation: `> EXPR` in `##` lines, and below it what the prompt or `print` would show.
///
/// Lines of `>` directly one after the other are one conversation. A value that begins `~1e-6:` may differ so much; one
/// that begins `error[E0301]` is the head of a diagnostic.
package struct DocumentationTest {
  private struct Example {
    let line: Int
    let code: String
    var expected: [String] = []
  }

  private let name: String
  private let blocks: [[Example]]

  /// The examples in a source's `##` lines.
  package init(_ source: Source) {
    name = source.name
    var blocks: [[Example]] = []
    var lines: [(Int, Substring)] = []
    for (index, line) in source.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let text = line.trimmed.dropping(prefix: "##") {
        lines.append((index + 1, text.hasPrefix(" ") ? text.dropFirst() : text))
      } else if !lines.isEmpty {
        blocks.append(DocumentationTest.examples(lines))
        lines = []
      }
    }
    self.blocks = (blocks + [DocumentationTest.examples(lines)]).filter { !$0.isEmpty }
  }

  /// The examples in the documentation of something that has no source, such as a builtin.
  init(name: String, documentation: String) {
    self.name = name
    let lines = documentation.split(separator: "\n", omittingEmptySubsequences: false)
    blocks = [DocumentationTest.examples(lines.map { (0, $0) })].filter { !$0.isEmpty }
  }

  var isEmpty: Bool { blocks.isEmpty }

  private static func examples(_ lines: [(Int, Substring)]) -> [Example] {
    var examples: [Example] = []
    var isOpen = false
    for (number, line) in lines {
      if let code = line.dropping(prefix: "> ") {
        examples.append(Example(line: number, code: String(code)))
        isOpen = true
      } else if line.trimmed.isEmpty {
        isOpen = false
      } else if isOpen {
        examples[examples.count - 1].expected.append(String(line))
      }
    }
    return examples
  }

  /// Runs every example, each block of documentation in a session of its own.
  package func run(prepare: (Session) -> Void = { _ in }) -> TestOutcome {
    var outcome = TestOutcome()
    for block in blocks {
      let collector = OutputCollector()
      let session = makeSession(output: { collector.text += $0 })
      prepare(session)
      for example in block { run(example, in: session, collector, &outcome) }
    }
    return outcome
  }

  /// Runs every example in a session that exists.
  func run(in session: Session, _ collector: OutputCollector) -> TestOutcome {
    var outcome = TestOutcome()
    for example in blocks.joined() { run(example, in: session, collector, &outcome) }
    return outcome
  }

  private func run(
    _ example: Example, in session: Session, _ collector: OutputCollector, _ outcome: inout TestOutcome
  ) {
    collector.text = ""
    var shown: [String] = []
    do throws(Diagnostic) {
      let value = try session.run(Source(name: name, text: example.code), arguments: [])
      let printed = collector.text
      shown = [printed + (value.map { session.display($0) } ?? "")]
      if let value { shown.append(printed + ValuePrinter().text(value)) }
    } catch {
      shown = ["error[\(error.code.rawValue)]: \(error.message)"]
    }
    shown = shown.map { String($0.trimmed) }
    let (wanted, tolerance) = DocumentationTest.stated(example.expected)
    let isRight =
      wanted.isEmpty
      ? !(shown.first ?? "").hasPrefix("error[")
      : shown.contains { NumericText.agree(wanted, $0, tolerance: tolerance) || isHead(wanted, $0) }
    if isRight {
      outcome.passed += 1
    } else {
      outcome.fail(name, example.line, expected: "\(wanted)\nfrom \(example.code)", got: shown.first ?? "")
    }
  }

  /// `error[E0301]` alone stands for any message of that code.
  private func isHead(_ wanted: String, _ got: String) -> Bool {
    wanted.hasPrefix("error[") && wanted.hasSuffix("]") && got.hasPrefix(wanted)
  }

  /// The text of an expected value, and the tolerance written before it.
  private static func stated(_ lines: [String]) -> (String, Double?) {
    let text = String(lines.joined(separator: "\n").trimmed)
    guard let rest = text.dropping(prefix: "~"), let colon = rest.firstIndex(of: ":"),
      let tolerance = Double(rest[..<colon])
    else { return (text, nil) }
    return (String(rest[rest.index(after: colon)...].trimmed), tolerance)
  }
}

/// The examples of the standard library: its sources' and its builtins'.
package enum LibraryTest {
  package static func run(prepare: (Session) -> Void = { _ in }) -> TestOutcome {
    ExampleFiles.with { folder in WorkingFolder.with(folder) { examples(prepare) } } ?? examples(prepare)
  }

  /// Builtins whose documentation shows no call with what it gives.
  package static var withoutExample: [String] {
    builtinDocumentation.filter {
      DocumentationTest(name: $0.name, documentation: $0.documentation).isEmpty
    }.map(\.name)
  }

  private static func examples(_ prepare: (Session) -> Void) -> TestOutcome {
    var outcome = TestOutcome()
    for source in librarySources { outcome.add(DocumentationTest(source).run(prepare: prepare)) }
    for (name, documentation) in builtinDocumentation {
      outcome.add(DocumentationTest(name: name, documentation: documentation).run(prepare: prepare))
    }
    return outcome
  }
}
