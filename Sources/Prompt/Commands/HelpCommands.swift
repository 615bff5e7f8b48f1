import Runtime
import Syntax

/// Commands that explain.
extension Command {
  static let help = [
    Command(":help", does: "this list") { talk, _ throws(Diagnostic) in
      let rows = all.map { [$0.usage, $0.summary] }
      let width = talk.console.outputTerminal.columns
      talk.say(
        TextTable(["type", "for"], rows).text(width: width) + "\n\n"
          + HelpPage.wrapped(HelpPage.keys, width - 1))
    },
    Command("??", .text("NAME"), does: "the source of a name, as it runs") { talk, name throws(Diagnostic) in
      talk.say(try HelpPage.source(of: name, talk.session))
    },
    Command(
      "?", .text("NAME, WORD or E0301"), optional: true,
      does: "help on a name, an error, or what has a word to do with"
    ) {
      talk, word throws(Diagnostic) in
      talk.say(try HelpPage.text(word, talk.session, width: talk.console.outputTerminal.columns))
    },
  ]
}
