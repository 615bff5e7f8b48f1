/// What came from whoever sits at the prompt.
package enum Input: Equatable, Sendable {
  /// A whole input; it may hold several lines.
  case text(String)
  /// Ctrl-C: what was typed is forgotten.
  case interrupted
  /// Ctrl-D, or nothing more to come.
  case end
  /// Reading failed, in the system's words.
  case failed(String)
}

/// Where the prompt's inputs come from.
package protocol InputReader: AnyObject {
  /// Reads one input; `prompt` is shown before it, `continuation` where further lines are asked for apart.
  func read(prompt: String, continuation: String) -> Input
  /// Keeps an input for recalling it.
  func remember(_ text: String)
}
