import Builtins
import Checking
import Runtime
import Syntax

/// One program, and everything that can be done with it.
struct Trial {
  private let bytes: [UInt8]
  private let isClosed: Bool

  init(_ bytes: [UInt8], isClosed: Bool) { (self.bytes, self.isClosed) = (bytes, isClosed) }

  func run() {
    do throws(Diagnostic) {
      let source = try Source.decoding(name: "fuzz", bytes: bytes)
      _ = Parser.isIncomplete(source.text)
      let program = try Parser.parse(source)
      compareTrees(program, source)
      let problems = ScriptCheck.problems(in: source)
      for problem in problems { look(at: problem) }
      compareRuns(source, problems)
    } catch { look(at: error) }
  }

  private func compareTrees(_ program: Program, _ source: Source) {
    let printed = Printer.text(of: program)
    guard let again = try? Parser.parse(Source(name: "printed", text: printed)) else {
      fatalError("printed, it cannot be read:\n\(printed)")
    }
    if Printer.text(of: again) != printed { fatalError("printed, it is another program:\n\(printed)") }
    let text = laidOut(source)
    guard let twice = try? Formatter.format(Source(name: "again", text: text)), twice == text else {
      fatalError("laid out twice, it differs:\n\(text)")
    }
    guard let program = try? Parser.parse(Source(name: "again", text: text)),
      Printer.text(of: program) == printed
    else {
      fatalError("laid out, it is another program:\n\(text)")
    }
  }

  private func laidOut(_ source: Source) -> String {
    guard let text = try? Formatter.format(source) else { fatalError("it cannot be laid out") }
    return text
  }

  // MARK: Running

  /// What a program wrote, and the error it ended in.
  private struct Outcome: Equatable {
    var output = ""
    var code: ErrorCode?
    /// Ends that depend on more than the program's meaning.
    var isLimit: Bool {
      code.map { [.outOfMemory, .stepLimit, .callDepth, .interrupted].contains($0) } ?? false
    }
  }

  private func compareRuns(_ source: Source, _ problems: [Diagnostic]) {
    let outcome = outcome(of: source)
    if outcome.code == nil { refuseFalseAlarms(problems, source) }
    guard isClosed, !outcome.isLimit else { return }
    // At the top level names are looked up, in a function they lie in registers and cells: it must not matter.
    let inside = "let main = () => {\n\(source.text)\n}\nlet ignored = main()"
    let other = self.outcome(of: Source(name: "inside", text: inside))
    if other != outcome, !other.isLimit {
      fatalError("as a function it does something else:\n\(outcome)\n\(other)")
    }
  }

  /// A program that runs to its end has no mistake on its way. What stands in branches may not have run.
  private func refuseFalseAlarms(_ problems: [Diagnostic], _ source: Source) {
    let branches = ["if", "while", "and", "or", "try", "filter", "fn", "=>"]
    guard let problem = problems.first(where: { !$0.code.rawValue.hasPrefix("E02") }),
      !branches.contains(where: { source.text.contains($0) })
    else { return }
    fatalError("it runs, and yet a check says:\n\(problem.rendered())")
  }

  private func outcome(of source: Source) -> Outcome {
    var outcome = Outcome()
    let written = Written()
    let session = makeSession(output: { written.text += $0 })
    session.limit(memory: 3_000_000_000, steps: 30_000)
    Patience.begin(session.interrupt)
    defer { Patience.end() }
    do throws(Diagnostic) {
      if let value = try session.run(source, arguments: []) { _ = session.display(value) }
    } catch {
      look(at: error)
      outcome.code = error.code
    }
    outcome.output = written.text
    return outcome
  }

  /// What a session writes.
  private final class Written { var text = "" }

  private func look(at problem: Diagnostic) {
    let text = problem.rendered(width: 60)
    if text.isEmpty || problem.message.isEmpty { fatalError("an empty message") }
    guard let source = problem.source else { return }
    for label in problem.labels where label.span.start < 0 || Int(label.span.end) > source.bytes.count {
      fatalError("a label outside of the text:\n\(text)")
    }
  }
}
