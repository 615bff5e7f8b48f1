/// `model`, `optimizer` and `state`, words only where a declaration stands, and the documentation above.
extension Parser {
  /// Reads a declaration that begins with a contextual word; `nil` where the word is a plain name.
  mutating func declarationStatement() throws(Stop) -> Statement? {
    guard kind(1) == .name, !tokens[next + 1].startsLine else { return nil }
    if isName("state") { return try stateStatement() }
    guard kind(2) == .leftParenthesis else { return nil }
    if isName("model") { return try modelDeclaration() }
    if isName("optimizer") { return try optimizerDeclaration() }
    return nil
  }

  private mutating func stateStatement() throws(Stop) -> Statement {
    guard surroundings.declaration == .optimizer else {
      throw failMisplaced("`state` stands only directly in an `optimizer`")
    }
    let start = token.start
    advance()
    let name = Name(text(token), token.span)
    advance()
    guard isOnLine, take(.assign) else { throw failState(name) }
    let value = try expression()
    return Statement(.state(name, value), span(from: start))
  }

  private mutating func modelDeclaration() throws(Stop) -> Statement {
    let documentation = documentation()
    let start = token.start
    advance()
    let name = Name(text(token), token.span)
    advance()
    let parameters = try parameters()
    let body = try declarationBody(.model, "model")
    let span = span(from: start)
    let model = ModelDeclaration(
      name: name, parameters: parameters, body: body, span: span, documentation: documentation)
    return Statement(.model(model), span)
  }

  private mutating func optimizerDeclaration() throws(Stop) -> Statement {
    let documentation = documentation()
    let start = token.start
    advance()
    let name = Name(text(token), token.span)
    advance()
    let parameters = try parameters()
    let isWhole = isOnLine && isName("whole")
    if isWhole { advance() }
    let body = try declarationBody(.optimizer, "optimizer")
    let span = span(from: start)
    let optimizer = OptimizerDeclaration(
      name: name, parameters: parameters, isWhole: isWhole, body: body, span: span,
      documentation: documentation)
    return Statement(.optimizer(optimizer), span)
  }

  private mutating func declarationBody(
    _ declaration: Declaration, _ word: StaticString
  ) throws(Stop) -> Block {
    guard kind == .leftBrace, isOnLine else { throw failBody(after: "\(word)") }
    try enter()
    let start = token.start
    openBracket(.block)
    let outside = surroundings
    surroundings = Surroundings(declaration: declaration)
    let statements = try statements(atTop: false)
    surroundings = outside
    try closeBracket()
    try grow()
    depth -= 1
    return Block(statements, span(from: start))
  }

  /// A model's body holds `let`s and `fn`s only: it says what a model is, not what it does.
  mutating func requireModelStatement() throws(Stop) {
    switch kind {
    case .let, .fn: return
    case .var:
      throw failMisplaced(
        "a model binds its parts with `let`", help: ["a model is a value: it never changes"])
    default: throw failMisplaced("a model's body holds only `let` and `fn`", help: ["put steps into a `fn`"])
    }
  }

  /// The `##` lines directly above the token, without their signs; `nil` where there are none.
  func documentation() -> String? {
    guard token.startsLine || next == 0, !comments.isEmpty else { return nil }
    var lines: [Substring] = []
    var below = Int(token.start)
    var index = comments.partitioningIndex { Int($0.start) >= below }
    while index > 0 {
      let comment = comments[index - 1]
      guard isNextLine(Int(comment.end), below),
        source.bytes[Int(comment.start)...].starts(with: [0x23, 0x23])
      else { break }
      lines.append(documentationLine(comment))
      below = Int(comment.start)
      index -= 1
    }
    return lines.isEmpty ? nil : lines.reversed().joined(separator: "\n")
  }

  private func documentationLine(_ comment: Span) -> Substring {
    let text = source[Span(Int(comment.start) + 2, Int(comment.end))]
    var line = text.hasPrefix(" ") ? text.dropFirst() : Substring(text)
    while let last = line.last, last == " " || last == "\r" || last == "\t" { line.removeLast() }
    return line
  }

  /// Only blanks and one line break stand between two bytes.
  private func isNextLine(_ start: Int, _ end: Int) -> Bool {
    var breaks = 0
    for byte in source.bytes[start..<max(start, end)] {
      if byte == 0x0a { breaks += 1 } else if byte > 0x20 { return false }
    }
    return breaks == 1
  }
}

extension Array {
  /// The first index whose element satisfies a condition that all later ones satisfy too.
  func partitioningIndex(_ isInSecond: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isInSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
