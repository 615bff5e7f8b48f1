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
  /// Reads one input.
  func read(prompt: String, begin: String) -> Input
  /// Keeps an input for recalling it.
  func remember(_ text: String)
  /// What Tab puts into an empty line: the last input with its mistake mended.
  var mended: String? { get set }
  /// The inputs remembered, oldest first.
  var remembered: [String] { get }
  /// Whether earlier inputs are suggested while one types.
  var suggests: Bool { get set }
  /// Whether inputs are coloured.
  var colours: Bool { get set }
}
