/// How reading fails: what every unexpected token has in common.
extension Parser {
  /// Ends the reading with a diagnostic.
  mutating func stop(
    _ code: ErrorCode, _ message: String, _ labels: [Label], notes: [String] = [], help: [String] = []
  ) -> Stop {
    problem = Diagnostic(code, message, source: source, labels: labels, notes: notes, help: help)
    return Stop()
  }

  /// Ends the reading because the token does not belong here. What lies deeper goes first: a text that cannot be
  /// read into tokens, a bracket that is not closed, a bracket that closes nothing.
  mutating func unexpected(
    _ message: String, label: String = "", help: [String] = [], code: ErrorCode = .unexpectedText
  ) -> Stop {
    if kind == .failure, let failure {
      problem = failure
      return Stop()
    }
    if kind == .end { endedEarly = true }
    if let opening = openings.last, isUnclosed(opening) { return failUnclosed(opening) }
    if kind.isCloser, openings.isEmpty { return failStrayCloser() }
    let place = kind == .end ? Span(previousEnd, previousEnd) : token.span
    return stop(code, message, [Label(place, label)], help: help)
  }

  /// Whether the token shows that the innermost bracket was meant to end before it.
  private func isUnclosed(_ opening: Opening) -> Bool {
    if kind == .end { return true }
    if kind.isCloser { return kind != tokens[opening.token].kind.closing }
    guard opening.kind != .block, token.startsLine else { return false }
    switch kind {
    case .let, .var, .fn, .return, .break, .continue: return true
    default: return tokens[opening.token].partner < 0
    }
  }

  /// The innermost bracket is reported where it opens, with where its end was missed.
  private mutating func failUnclosed(_ opening: Opening) -> Stop {
    if kind == .end, opening.kind == .block, let culprit = misindentedBlock(after: opening.token) {
      let closer = tokens[Int(tokens[culprit].partner)].span
      return stop(
        .unclosed, "this `{` is never closed",
        [Label(tokens[culprit].span), Label(closer, "this `}` closes it, but stands further left")],
        help: ["close it with `}`"])
    }
    let bracket = tokens[opening.token]
    let closing = Parser.sign(bracket.kind.closing ?? .end)
    let place = kind == .end ? Span(previousEnd, previousEnd) : token.span
    let reason =
      kind == .end
      ? "the text ends here"
      : kind.isCloser ? "`\(closing)` was expected here" : "`\(closing)` is missing before this"
    return stop(
      .unclosed, "this `\(text(bracket))` is never closed", [Label(bracket.span), Label(place, reason)],
      help: ["close it with `\(closing)`"])
  }

  /// The block inside an unclosed one that is closed first by a `}` further left than its own line: most likely
  /// the one whose `}` is missing.
  private func misindentedBlock(after opening: Int) -> Int? {
    var found: Int?
    for index in (opening + 1)..<tokens.count where tokens[index].kind == .leftBrace {
      let closer = Int(tokens[index].partner)
      guard closer > index, tokens[closer].startsLine,
        closer < found.map({ Int(tokens[$0].partner) }) ?? .max,
        indentation(tokens[closer]) < indentation(tokens[index])
      else { continue }
      found = index
    }
    return found
  }

  /// The bytes before the first visible one on a token's line.
  private func indentation(_ token: Token) -> Int {
    let start = source.lineStarts[source.line(at: Int(token.start)) - 1]
    return source.bytes[start...].prefix { $0 == 0x20 || $0 == 0x09 }.count
  }

  mutating func failStrayCloser() -> Stop {
    if kind == .failure { return unexpected("") }
    return stop(.unexpectedText, "`\(text(token))` closes nothing", [Label(token.span)])
  }

  /// Something other than `,` or the closing bracket follows an element.
  mutating func failInBracket() -> Stop {
    guard let opening = openings.last else { return unexpected("unexpected \(found)") }
    let closing = Parser.sign(tokens[opening.token].kind.closing ?? .end)
    switch opening.kind {
    case .block: return unexpected("expected `}`, found \(found)")
    case .interpolation: return unexpected("expected `)` after the expression in this string, found \(found)")
    case _ where kind == .assign:
      return unexpected(
        "an assignment is a statement of its own, not a part of an expression",
        help: ["a block holds statements: x => { y = x; y }", "equality is `==`"])
    case .list where kind.beginsOperand && !token.startsLine:
      return unexpected("elements of a bracket stand between commas", help: ["put a comma before \(found)"])
    default: return unexpected("expected `,` or `\(closing)`, found \(found)")
    }
  }

  mutating func failNesting() -> Stop {
    let place = kind == .end ? Span(previousEnd, previousEnd) : token.span
    let chain = height > Parser.heightLimit
    let message =
      chain
      ? "an expression chains more than \(Parser.heightLimit) operations"
      : "forms are nested more than \(Parser.nestingLimit) deep"
    let help =
      chain
      ? "bind a part of it with `let`, or fold a list with `sum` or `reduce`"
      : "bind an inner part with `let`"
    return stop(.nestedTooDeeply, message, [Label(place, "here")], help: [help])
  }

  /// The token in words.
  var found: String {
    switch kind {
    case .end: "the end of the text"
    case .string, .rawString, .stringOpen, .stringText: "a string"
    default: "`\(text(token))`"
    }
  }

  /// The token before in words, for "after …".
  var before: String {
    guard next > 0 else { return "the start" }
    let token = tokens[next - 1]
    switch token.kind {
    case .string, .rawString, .stringClose: return "the string"
    default: return "`\(text(token))`"
    }
  }

  static func sign(_ kind: TokenKind) -> String {
    switch kind {
    case .rightParenthesis, .interpolationClose: ")"
    case .rightBracket: "]"
    case .rightBrace: "}"
    default: "end"
    }
  }

  /// The first error, said in the words of the language it was meant in where that is certain.
  mutating func diagnosis() -> Diagnostic {
    let fallback = Diagnostic(.unexpectedText, "this text cannot be read", source: source)
    guard let problem else { return fallback }
    switch problem.code {
    case .unexpectedText, .unclosed, .misplaced: return foreignIdiom(problem) ?? problem
    default: return problem
    }
  }
}

extension TokenKind {
  var isOpener: Bool { closing != nil }

  var isCloser: Bool {
    switch self {
    case .rightParenthesis, .rightBracket, .rightBrace, .interpolationClose: true
    default: false
    }
  }

  /// An operand may begin with this (a sign aside).
  var beginsOperand: Bool {
    switch self {
    case .number, .name, .string, .rawString, .stringOpen, .true, .false, .none, .leftParenthesis,
      .leftBracket,
      .leftBrace:
      true
    default: false
    }
  }
}
