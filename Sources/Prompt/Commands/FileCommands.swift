import Glibc
import Syntax

/// Commands about files, the editor and the shell.
extension Command {
  static let files = [
    Command(":load", .file, does: "runs a file as if it were typed: its names stay") {
      talk, path throws(Diagnostic) in
      try talk.load(try ScriptFile.read(path: unquoted(path)))
    },
    Command(
      ":save", .file,
      does: "writes the inputs that stand to a file, a cell each, to run again"
    ) {
      talk, path throws(Diagnostic) in
      let script = SessionScript(talk.log)
      try ScriptFile.write(script.text, path: unquoted(path))
      talk.say("\(script.count) input\(script.count == 1 ? " is" : "s are") in \(unquoted(path))")
    },
    Command(
      ":edit", .text("NUMBER or NAME"), optional: true,
      does: "an earlier input, or a function, in $EDITOR; then runs it"
    ) {
      talk, what throws(Diagnostic) in
      let edited = ExternalEditor.edit(try textToEdit(what, talk))
      switch edited {
      case .failed(let reason): throw Diagnostic(.badValue, reason)
      case .text(let text):
        guard !text.trimmingBlanks.isEmpty else { return }
        talk.reader?.remember(text)
        talk.say(text)
        talk.perform(text)
      }
    },
    Command("!", .text("COMMAND"), does: "runs a command of the shell") { talk, command throws(Diagnostic) in
      talk.console.output.flush()
      if command == "cd" || command.hasPrefix("cd ") { return try changeFolder(command) }
      let status = ShellCommand.run(command)
      if status != 0 { talk.say("(status \(status))") }
    },
  ]

  /// `"lab.maas"` may stand with its quotes.
  private static func unquoted(_ path: String) -> String {
    var path = path
    if path.count > 1, path.hasPrefix("\""), path.hasSuffix("\"") {
      path = String(path.dropFirst().dropLast())
    }
    guard path.hasPrefix("~/"), let home = environmentValue("HOME") else { return path }
    return home + path.dropFirst(1)
  }

  private static func textToEdit(_ what: String, _ talk: Conversation) throws(Diagnostic) -> String {
    if what.isEmpty { return talk.log.last?.text ?? "" }
    if let number = Int(what) {
      if let input = talk.log.last(where: { $0.number == number }) { return input.text }
      throw Diagnostic(.indexOutOfRange, "there is no input \(number) in this session")
    }
    return try HelpPage.source(of: what, talk.session)
  }

  /// A shell of its own would forget it.
  private static func changeFolder(_ command: String) throws(Diagnostic) {
    let path = unquoted(String(command.dropFirst(2)).trimmingBlanks)
    let place = path.isEmpty ? environmentValue("HOME") ?? "/" : path
    guard chdir(place) == 0 else {
      throw Diagnostic(
        .unreadableFile, "`\(place)` is no folder to go to: \(String(cString: strerror(errno)))")
    }
  }
}
