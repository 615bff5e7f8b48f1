/// Recognises syntax of other languages around the token where reading stopped.
///
/// Nothing here touches a text that can be read, so a row may be as free as its words are telling.
struct ForeignSyntax {
  let source: Source
  let tokens: [Token]
  /// Where reading stopped, and where the innermost statement began.
  let stop: Int
  let start: Int
  /// The innermost open bracket.
  let bracket: Parser.Opening?

  struct Finding {
    let message: String
    let token: Int
    let help: [String]

    init(_ message: String, _ token: Int, _ help: String...) {
      (self.message, self.token, self.help) = (message, token, help)
    }
  }

  func find() -> Finding? { sign() ?? word() ?? shape() }

  func kind(_ index: Int) -> TokenKind { index >= 0 && index < tokens.count ? tokens[index].kind : .end }

  func text(_ index: Int) -> String {
    index >= 0 && index < tokens.count && tokens[index].kind != .end ? source[tokens[index].span] : ""
  }

  /// The text of tokens, as written.
  func text(_ range: Range<Int>) -> String {
    guard let first = range.first, let last = range.last, first >= 0, last < tokens.count else { return "" }
    return source[tokens[first].span.union(tokens[last].span)]
  }

  /// A single word or number that can be quoted in a help line.
  func operand(_ index: Int, or other: String) -> String {
    switch kind(index) {
    case .name, .number, .true, .false, .none: text(index)
    default: other
    }
  }

  /// Both tokens stand on one line.
  func isOnLine(_ index: Int) -> Bool { index < tokens.count && !tokens[index].startsLine }

  /// The index of the first token of the next line.
  func lineEnd(_ index: Int) -> Int {
    var end = index + 1
    while end < tokens.count, !tokens[end].startsLine, tokens[end].kind != .end { end += 1 }
    return min(end, tokens.count)
  }

  /// The first token of a kind from an index to the end of its line.
  func first(_ wanted: TokenKind, from index: Int) -> Int? {
    guard index < tokens.count else { return nil }
    return (index..<max(index, lineEnd(index))).first { tokens[$0].kind == wanted }
  }

  /// Where the value of the statement begins: after its `=`, if it has one.
  var valueStart: Int {
    let sign = (start..<max(start, stop)).first { kind($0) == .assign }
    let first = kind(start) == .return ? start + 1 : start
    return sign.map { $0 + 1 } ?? first
  }

  /// The text of the rest of the line before `index`, if short enough to quote.
  func rest(_ index: Int) -> String? {
    guard isOnLine(index) else { return nil }
    var end = index
    // A bracket that was opened before does not belong to the rest.
    while end < lineEnd(index), !kind(end).isCloser, kind(end) != .end {
      let partner = Int(tokens[end].partner)
      end = partner > end ? partner + 1 : end + 1
    }
    let text = text(index..<max(index, end))
    return !text.isEmpty && text.utf8.count < 60 ? text : nil
  }
}

extension Parser {
  /// The problem in the words of the language the text was meant in, where that is certain.
  mutating func foreignIdiom(_ problem: Diagnostic) -> Diagnostic? {
    guard kind != .failure else { return nil }
    let syntax = ForeignSyntax(
      source: source, tokens: tokens, stop: next, start: statementStart, bracket: openings.last)
    guard let finding = syntax.find() else { return nil }
    endedEarly = false
    return Diagnostic(
      .foreignIdiom, finding.message, source: source, labels: [Label(tokens[finding.token].span)],
      help: finding.help)
  }
}
