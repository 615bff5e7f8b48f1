import Runtime
import Syntax

/// The conversation at the prompt: reads an input, runs it, shows its value, and stands through every error.
package final class ReadEvalPrintLoop {
  private let session: Session
  private let console: Console
  /// The number of the input being asked for.
  package private(set) var number = 1

  package init(session: Session, console: Console) {
    self.session = session
    self.console = console
  }

  /// Talks with whoever sits at standard input.
  package func runAtTerminal() -> ExitStatus {
    let drawsOnError = !console.outputTerminal.isTerminal
    let terminal = drawsOnError ? console.errorTerminal : console.outputTerminal
    guard
      let reader = LineReader(
        file: .standard(), colour: terminal.usesColour, drawsOnStandardError: drawsOnError)
    else {
      console.writeError("error: this terminal cannot be used for the prompt\n")
      return .failure
    }
    Interruption.install(session.interrupt, insists: false)
    return run(reader)
  }

  /// Reads and runs inputs until the reader has no more.
  package func run(_ reader: some InputReader) -> ExitStatus {
    while console.output.failure == nil {
      console.output.flush()
      let prompt = "In [\(number)]: "
      let continuation = String(repeating: " ", count: max(0, prompt.count - 5)) + "...: "
      switch reader.read(prompt: prompt, continuation: continuation) {
      case .text(let text):
        guard !text.allSatisfy(\.isWhitespace) else { continue }
        reader.remember(text)
        evaluate(text)
        number += 1
      case .interrupted: continue
      case .end:
        console.write("\n")
        return .success
      case .failed(let reason):
        console.writeError("error: the terminal cannot be read: \(reason)\n")
        return .failure
      }
    }
    return .failure
  }

  private func evaluate(_ text: String) {
    do {
      let source = try Source.decoding(name: "In [\(number)]", bytes: Array(text.utf8))
      guard let value = try session.run(source, arguments: []) else { return }
      show(session.display(value))
    } catch {
      console.report(error)
      console.writeError("\n")
    }
  }

  /// The value behind `Out[1]: `, further lines below its first column; then room for the next input.
  private func show(_ text: String) {
    guard !text.isEmpty else { return }
    let label = "Out[\(number)]: "
    let indent = "\n" + String(repeating: " ", count: label.count)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: indent)
    let colour = console.outputTerminal.usesColour
    console.write((colour ? "\u{1b}[31m\(label)\u{1b}[0m" : label) + lines + "\n\n")
  }
}
