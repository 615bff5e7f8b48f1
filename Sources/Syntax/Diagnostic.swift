/// What went wrong, where, why, and what to type instead: the one form of every message.
package struct Diagnostic: Error, Sendable {
  package var code: ErrorCode
  package var message: String
  /// Where it happened; `nil` only where there is no text at all (a file that cannot be opened).
  package var source: Source?
  /// The first is the primary one and gives the line and column of the head; a label's text may be empty.
  package var labels: [Label]
  /// `= …` lines.
  package var notes: [String]
  /// `= help: …` lines.
  package var help: [String]

  package init(
    _ code: ErrorCode, _ message: String, source: Source? = nil, labels: [Label] = [], notes: [String] = [],
    help: [String] = []
  ) {
    self.code = code
    self.message = message
    self.source = source
    self.labels = labels
    self.notes = notes
    self.help = help
  }
}

/// A span with a few words beside it.
package struct Label: Sendable {
  package var span: Span
  package var text: String
  package init(_ span: Span, _ text: String = "") { (self.span, self.text) = (span, text) }
}
