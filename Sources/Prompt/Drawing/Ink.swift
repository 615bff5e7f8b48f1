/// How a stretch of the input is written. Colour only adds: what matters without it is said in words.
package enum Ink: Sendable, Equatable {
  case plain, prompt, keyword, name, number, string, comment, command, bracket, match, suggestion, selected,
    hint

  /// The escape sequence before such text; empty for plain text, and where there are no colours.
  func code(colour: Bool) -> String {
    switch self {
    case .plain: ""
    // Faint and reversed text are no colours.
    case .suggestion, .hint: "\u{1b}[2m"
    case .match, .selected: "\u{1b}[7m"
    default: colour ? colourCode : ""
    }
  }

  private var colourCode: String {
    switch self {
    case .prompt: "\u{1b}[32m"
    case .keyword: "\u{1b}[35m"
    case .name: "\u{1b}[34m"
    case .number: "\u{1b}[36m"
    case .string: "\u{1b}[33m"
    case .comment: "\u{1b}[90m"
    case .command: "\u{1b}[1;36m"
    case .bracket: "\u{1b}[1;4m"
    default: ""
    }
  }

  static let reset = "\u{1b}[0m"
}

/// Text in one ink.
struct InkedText {
  var text: String
  var ink: Ink
  init(_ text: String, _ ink: Ink = .plain) { (self.text, self.ink) = (text, ink) }
}
