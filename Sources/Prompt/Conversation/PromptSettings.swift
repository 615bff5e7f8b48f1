/// What `:set` changes.
struct PromptSettings {
  enum Pictures: String, CaseIterable { case auto, text, kitty, sixel }

  /// `nil` follows the terminal and `NO_COLOR`.
  var wantsColour: Bool?
  var pictures = Pictures.auto
  var showsTime = false
  /// What the terminal has answered, once it was asked.
  var graphics: TerminalGraphics.Kind??

  func colours(_ terminal: Terminal) -> Bool { terminal.isCapable && (wantsColour ?? terminal.usesColour) }
}
