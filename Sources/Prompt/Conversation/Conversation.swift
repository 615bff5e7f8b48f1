import Builtins
import Checking
import Glibc
import Runtime
import Syntax

/// The conversation at the prompt: reads an input, runs it, shows its value, and stands through every error.
package final class Conversation {
  let session: Session
  let console: Console
  /// The number of the input being asked for.
  package private(set) var number = 1
  private(set) var log: [LoggedInput] = []
  let outputs: Outputs
  let past: Past
  var settings = PromptSettings()
  private(set) var reader: (any InputReader)?
  private var isLeaving = false
  /// The text of the input that runs, as errors name it.
  private var current = ""
  /// Whether a command has written something: a blank line follows it.
  private var hasSaid = false

  /// An input, as `:history` lists and `:save` writes it.
  struct LoggedInput {
    let number: Int
    let text: String
    let hasSucceeded: Bool
    /// Where the random stream stood before it, and stands after it.
    let drawsFrom: RandomPlace
    let drawsTo: RandomPlace
    /// Whether it gave a value that `ans` was.
    var hasOutput = false
    /// Whether what it did to names was taken back.
    var isUndone = false
  }

  package init(session: Session, console: Console) {
    (self.session, self.console) = (session, console)
    outputs = Outputs(session)
    past = Past(session)
  }

  /// Talks with whoever sits at standard input.
  package func runAtTerminal() -> ExitStatus {
    let terminal = console.outputTerminal.isTerminal ? console.outputTerminal : console.errorTerminal
    guard
      let reader = LineReader(
        terminal: terminal, history: .standard(), completer: SessionCompleter(session),
        isIncomplete: Sigil.isIncomplete, isLibraryName: { [session] in session.isLibraryName($0) })
    else {
      console.writeError("error: this terminal cannot be used for the prompt\n")
      return .failure
    }
    if let remark = reader.remark { console.writeError(remark.endingInNewline) }
    Interruption.install(session.interrupt, insists: false)
    return run(reader)
  }

  /// Reads and runs inputs until the reader has no more, or `:quit`.
  package func run(_ reader: some InputReader) -> ExitStatus {
    self.reader = reader
    var begin = ""
    while console.output.failure == nil, !isLeaving {
      console.output.flush()
      switch reader.read(prompt: "In [\(number)]: ", begin: begin) {
      case .text(let text):
        begin = ""
        guard !text.allSatisfy(\.isWhitespace) else { continue }
        reader.remember(text)
        reader.mended = nil
        perform(text)
      case .interrupted: begin = ""
      case .end: return .success
      case .failed(let reason):
        console.writeError("error: the terminal cannot be read: \(reason)\n")
        return .failure
      }
    }
    return isLeaving ? .success : .failure
  }

  func leave() { isLeaving = true }

  // MARK: Inputs

  /// A command, or code.
  func perform(_ text: String) {
    guard let (command, argument) = Command.parse(text) else { return evaluate(text) }
    current = text
    hasSaid = false
    do throws(Diagnostic) {
      try command.perform(self, argument)
      if hasSaid { console.write("\n") }
    } catch {
      report(error)
    }
  }

  /// Runs code and shows its value.
  func evaluate(_ text: String) {
    current = text
    defer { hasSaid = false }
    past.keep(before: number)
    let (start, draws) = (monotonicSeconds(), randomPlace)
    do throws(Diagnostic) {
      let source = try Source.decoding(name: "In [\(number)]", bytes: Array(text.utf8))
      let value = try session.run(source, arguments: [])
      note(text, from: draws)
      if let value { show(value) }
      if settings.showsTime { say("took \(Duration.text(monotonicSeconds() - start))") }
    } catch {
      note(text, from: draws, hasSucceeded: false)
      report(error)
    }
    number += 1
  }

  /// Takes a value in as what an input has given: shown, numbered, kept as `ans`.
  func give(_ value: Value, from text: String) {
    defer { hasSaid = false }
    note(text, from: randomPlace)
    show(value)
    number += 1
  }

  /// Runs code whose names and lines errors are to speak of as `name`.
  func value(of text: String, name: String) throws(Diagnostic) -> Value? {
    try session.run(Source.decoding(name: name, bytes: Array(text.utf8)), arguments: [])
  }

  /// A file's text, run as if it had been typed.
  func load(_ source: Source) throws(Diagnostic) {
    past.keep(before: number)
    let draws = randomPlace
    _ = try session.run(source, arguments: [])
    note(source.text, from: draws)
    number += 1
  }

  private var randomPlace: RandomPlace {
    let (seed, draws) = session.randomState
    return RandomPlace(seed: seed, draws: draws)
  }

  private func note(_ text: String, from draws: RandomPlace, hasSucceeded: Bool = true) {
    log.append(
      LoggedInput(
        number: number, text: text, hasSucceeded: hasSucceeded, drawsFrom: draws, drawsTo: randomPlace))
  }

  /// What inputs from `number` on did was taken back, and so they are no part of what `:save` writes.
  func forget(from number: Int) {
    for index in log.indices where log[index].number >= number { log[index].isUndone = true }
  }

  // MARK: What is shown

  private func report(_ error: Diagnostic) {
    var error = error
    if let mended = mended(error), let last = error.help.last, last.hasPrefix("did you mean"),
      console.outputTerminal.isCapable
    {
      reader?.mended = mended
      error.help[error.help.count - 1] += " (Tab to mend)"
    }
    console.report(error)
    console.writeError("\n")
  }

  /// The input with its mistake put right, where the mistake stands in what was typed.
  private func mended(_ error: Diagnostic) -> String? {
    guard let mended = error.mended, let text = error.source?.text else { return nil }
    if current.hasPrefix("|>") { return Sigil.withoutAnswer(mended) }
    return current.hasSuffix(text) ? current.dropLast(text.count) + mended : nil
  }

  /// The value behind `Out[1]: `, further lines below its first column; then room for the next input.
  private func show(_ value: Value) {
    let label = "Out[\(number)]: "
    let terminal = console.outputTerminal
    let columns = terminal.isTerminal ? terminal.columns : 100
    let isNarrow = columns < 4 * label.count
    let text = session.display(
      value, width: max(16, columns - (isNarrow ? 2 : label.count) - 1),
      height: terminal.isTerminal ? terminal.window.rows : nil, colour: settings.colours(terminal))
    guard !text.isEmpty else { return }
    let remark = outputs.keep(value, number: number, input: current)
    if let last = log.indices.last { log[last].hasOutput = true }
    // What was computed only to be shown, and was stopped, would be shown wrong.
    if session.interrupt.isRequested {
      session.interrupt.clear()
      console.writeError("interrupted while it was being shown: the value is `ans`\n\n")
      return
    }
    let shown = settings.colours(terminal) ? "\u{1b}[31m\(label)\u{1b}[0m" : label
    if settings.graphics == nil, settings.pictures == .auto, TerminalPicture.isPossible(value) {
      settings.graphics = .some(TerminalGraphics.ask(terminal))
    }
    if let picture = TerminalPicture(of: value, at: terminal, settings) {
      console.write(shown + "\n" + picture.text + "\n\n")
    } else {
      // In a narrow window the label has a row of its own.
      let indent = String(repeating: " ", count: isNarrow ? 2 : label.count)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(
        separator: "\n" + indent)
      let breaks = isNarrow && (text.contains("\n") || DisplayWidth.of(text) + label.count >= columns)
      console.write(shown + (breaks ? "\n" + indent : "") + lines + "\n")
      if let remark { say(remark) }
      console.write("\n")
    }
  }

  /// A line that is no value.
  func say(_ text: String) {
    hasSaid = true
    console.write(text.endingInNewline)
  }
}
