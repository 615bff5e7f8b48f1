import Runtime
import Syntax

/// Something `:set` changes: one declaration a setting.
struct Setting: Sendable {
  let name: String
  /// The values to choose from, as help says them.
  let values: String
  let summary: String
  let get: @Sendable (Conversation) -> String
  /// False where the value is none.
  let set: @Sendable (Conversation, String) -> Bool

  static let all = [
    Setting(
      name: "colours", values: "on, off", summary: "colours in inputs, labels and pictures",
      get: { $0.settings.colours($0.console.outputTerminal) ? "on" : "off" },
      set: { talk, value in
        guard let flag = flag(value) else { return false }
        talk.settings.wantsColour = flag
        talk.reader?.colours = flag && talk.console.outputTerminal.isCapable
        return true
      }),
    Setting(
      name: "suggestions", values: "on, off",
      summary: "earlier inputs, dim behind the cursor; Right takes one",
      get: { $0.reader?.suggests ?? false ? "on" : "off" },
      set: { talk, value in
        guard let flag = flag(value) else { return false }
        talk.reader?.suggests = flag
        return true
      }),
    Setting(
      name: "pictures", values: PromptSettings.Pictures.allCases.map(\.rawValue).joined(separator: ", "),
      summary: "figures as text, or as pictures where the terminal has them",
      get: { $0.settings.pictures.rawValue },
      set: { talk, value in
        guard let choice = PromptSettings.Pictures(rawValue: value) else { return false }
        talk.settings.pictures = choice
        return true
      }),
    Setting(
      name: "time", values: "on, off", summary: "how long each input took, after its value",
      get: { $0.settings.showsTime ? "on" : "off" },
      set: { talk, value in
        guard let flag = flag(value) else { return false }
        talk.settings.showsTime = flag
        return true
      }),
    Setting(
      name: "outputs", values: "a size like 500MB", summary: "what _1, _2, … may hold together",
      get: { MemoryWatch.text($0.outputs.budget) },
      set: { talk, value in
        guard let bytes = ByteSize.parse(value) else { return false }
        talk.outputs.budget = bytes
        return true
      }),
  ]

  private static func flag(_ text: String) -> Bool? { ["on": true, "off": false][text] }

  /// `:set`, `:set NAME`, `:set NAME VALUE`
  static func change(_ text: String, _ talk: Conversation) throws(Diagnostic) {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "=" }).map(String.init)
    guard let name = words.first else {
      let rows = all.map { [$0.name, $0.get(talk), $0.values, $0.summary] }
      return talk.say(
        TextTable(["setting", "now", "may be", ""], rows).text(width: talk.console.outputTerminal.columns))
    }
    guard let setting = all.first(where: { $0.name == name }) else {
      let near = Spelling.nearest(name, in: all.map(\.name))
      throw Diagnostic(
        .unknownName, "there is no setting `\(name)`",
        notes: ["there are \(all.map(\.name).joined(separator: ", "))"],
        help: near.map { ["did you mean `\($0)`?"] } ?? [])
    }
    guard words.count > 1 else {
      return talk.say("\(setting.name) \(setting.get(talk))   (\(setting.values))")
    }
    guard setting.set(talk, words[1...].joined(separator: " ")) else {
      throw Diagnostic(
        .badValue, "`\(words[1])` is no value for `\(name)`", notes: ["it may be \(setting.values)"])
    }
  }
}
