import Syntax

/// The signs an input may begin with that are not maas: `:time E`, `?name`, `??name`, `!command`.
enum Sigil {
  /// Where code begins in an input: behind a `:` command's name; `nil` where there is none in it.
  static func codeStart(_ scalars: [Unicode.Scalar]) -> Int? {
    guard let first = scalars.firstIndex(where: { $0 != " " && $0 != "\n" }) else { return 0 }
    switch scalars[first] {
    case ":": return scalars[first...].firstIndex(of: " ") ?? scalars.count
    case "?", "!": return nil
    default: return 0
    }
  }

  /// Whether Enter makes another line.
  static func isIncomplete(_ text: String) -> Bool {
    guard let (command, argument) = Command.parse(text) else {
      // Documentation waits for what it documents.
      let lastLine = text.split(separator: "\n").last ?? ""
      return lastLine.hasPrefix("##") || Parser.isIncomplete(text)
    }
    if case .expression = command.argument { return Parser.isIncomplete(argument) }
    return command.name == "|>" && Parser.isIncomplete(withAnswer(text))
  }

  /// `|> f` pipes the last output.
  static func withAnswer(_ text: String) -> String { "ans " + text }
  static func withoutAnswer(_ text: String) -> String {
    text.hasPrefix("ans ") ? String(text.dropFirst(4)) : text
  }
}
