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

  /// The name that was meant, where another one within the primary label is all that is wrong.
  package var misspelling: Misspelling?

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

/// A name that nothing has, and the one that was probably meant.
package struct Misspelling: Sendable, Equatable {
  package let wrong: String
  package let meant: String
  package init(_ wrong: String, meant: String) { (self.wrong, self.meant) = (wrong, meant) }
}

extension Diagnostic {
  /// The whole source with the misspelt name put right; `nil` where that is not what is wrong.
  package var mended: String? {
    guard let misspelling, let source, let span = labels.first?.span else { return nil }
    let (wrong, meant) = (Array(misspelling.wrong.utf8), Array(misspelling.meant.utf8))
    var bytes = source.bytes
    let (lower, upper) = (max(0, Int(span.start)), min(Int(span.end), bytes.count))
    guard !wrong.isEmpty, upper - lower >= wrong.count else { return nil }
    // A field stands at the end of what it is a field of.
    for start in stride(from: upper - wrong.count, through: lower, by: -1)
    where bytes[start..<start + wrong.count].elementsEqual(wrong) {
      bytes.replaceSubrange(start..<start + wrong.count, with: meant)
      return String(decoding: bytes, as: UTF8.self)
    }
    return nil
  }
}

/// A span with a few words beside it.
package struct Label: Sendable {
  package var span: Span
  package var text: String
  package init(_ span: Span, _ text: String = "") { (self.span, self.text) = (span, text) }
}
