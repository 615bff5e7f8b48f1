import Syntax

/// Commands about the conversation itself.
extension Command {
  static let conversation = [
    Command(
      ":history", .text("WORD"), optional: true,
      does: "this session's inputs, or every one that has a word in it"
    ) {
      talk, word throws(Diagnostic) in
      guard word.isEmpty else {
        let found = (talk.reader?.remembered ?? []).filter { $0.contains(word) }.suffix(40)
        return talk.say(found.isEmpty ? "no input has `\(word)` in it" : found.joined(separator: "\n"))
      }
      guard !talk.log.isEmpty else { return talk.say("nothing was typed yet") }
      let widest = "In [\(talk.number)]: ".count
      talk.say(
        talk.log.map { input in
          let label = "In [\(input.number)]: "
          let lines = input.text.split(separator: "\n", omittingEmptySubsequences: false)
          let indent = "\n" + String(repeating: " ", count: widest)
          return String(repeating: " ", count: widest - label.count) + label + lines.joined(separator: indent)
            + (!input.hasSucceeded ? "   # failed" : input.isUndone ? "   # undone" : "")
        }.joined(separator: "\n"))
    },
    Command(
      ":set", .one(of: { Setting.all.map(\.name) }, called: "NAME VALUE"), optional: true,
      does: "a setting of the prompt; alone, all of them"
    ) { talk, text throws(Diagnostic) in try Setting.change(text, talk) },
    Command(":quit", does: "leaves, as Ctrl-D does") { talk, _ throws(Diagnostic) in talk.leave() },
    Command("|>", .text("f"), does: "pipes the last output: `|> f` is `ans |> f`") {
      talk, text throws(Diagnostic) in
      talk.evaluate(Sigil.withAnswer("|> " + text))
    },
  ]
}
