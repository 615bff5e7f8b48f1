import Glibc
import Runtime
import Syntax

/// The two streams of a run and the progress line between them: each waits for the other, so that nothing is
/// written into the middle of anything.
package final class Console {
  package let output: BufferedOutput
  package let outputTerminal: Terminal
  package let errorTerminal: Terminal
  private let errors: BufferedOutput
  private var progressLine: TerminalProgress?
  /// A program's output is dropped: it has been seen already.
  package var isMuted = false

  package init(output: Int32 = STDOUT_FILENO, errors: Int32 = STDERR_FILENO) {
    self.output = BufferedOutput(descriptor: output)
    self.errors = BufferedOutput(descriptor: errors)
    outputTerminal = Terminal(descriptor: output)
    errorTerminal = Terminal(descriptor: errors)
  }

  /// A program's output. At a terminal it appears at once.
  package func write(_ text: String) {
    guard !isMuted else { return }
    if outputTerminal.isTerminal { progressLine?.withdraw() }
    output.write(text)
    if outputTerminal.isTerminal { output.flush() }
  }

  /// Text for standard error, after everything written so far.
  package func writeError(_ text: String) {
    progressLine?.withdraw()
    output.flush()
    errors.write(text)
    errors.flush()
  }

  /// The next line of standard input, after everything written so far.
  package func readLine() -> String? {
    output.flush()
    return Swift.readLine()
  }

  package func report(_ diagnostic: Diagnostic) {
    let width = errorTerminal.isTerminal ? max(40, errorTerminal.columns) : 100
    // The terminal has just echoed ^C.
    let start = diagnostic.code == .interrupted && errorTerminal.isTerminal ? "\n" : ""
    writeError(start + diagnostic.rendered(colour: errorTerminal.usesColour, width: width).endingInNewline)
  }

  /// The reporter that suits standard error: one line redrawn in place at a terminal, plain lines elsewhere.
  package func makeProgressReporter() -> any ProgressReporter {
    let write = { [unowned self] (text: String) in
      output.flush()
      errors.write(text)
      errors.flush()
    }
    guard errorTerminal.isCapable else { return LineProgress(clock: monotonicSeconds, write: write) }
    let line = TerminalProgress(
      clock: monotonicSeconds, columns: { [errorTerminal] in errorTerminal.columns },
      colour: errorTerminal.usesColour, write: write)
    progressLine = line
    return line
  }
}

extension String {
  var endingInNewline: String { hasSuffix("\n") ? self : self + "\n" }
}
