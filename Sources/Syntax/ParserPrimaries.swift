/// Operands: literals, names, brackets, records and the forms that have bodies.
extension Parser {
  /// Refuses an operand on the next line where the line before does not go on.
  mutating func requireOperand() throws(Stop) {
    guard token.startsLine, !ignoresLines, next > 0 else { return }
    let before = tokens[next - 1].kind
    if before.continuesLine || before == .leftBrace || before == .semicolon || next == statementStart {
      return
    }
    throw failLineEnd()
  }

  mutating func primary() throws(Stop) -> Expression {
    try requireOperand()
    switch kind {
    case .number: return try number()
    case .name: return try name()
    case .string, .rawString: return try plainString()
    case .stringOpen: return try interpolatedString()
    case .true: return constant(.bool(true))
    case .false: return constant(.bool(false))
    case .none: return constant(.none)
    case .leftParenthesis: return try parenthesised()
    case .leftBracket: return try bracket()
    case .leftBrace: return isRecordAhead ? try record() : try blockExpression()
    default: return try bodied()
    }
  }

  private mutating func bodied() throws(Stop) -> Expression {
    switch kind {
    case .if: return try ifExpression()
    case .for: return try forExpression()
    case .while: return try whileExpression()
    case .try: return try tryExpression()
    default: throw failOperand()
    }
  }

  private mutating func constant(_ form: Expression.Form) -> Expression {
    height += 1
    defer { advance() }
    return Expression(form, token.span)
  }

  private mutating func name() throws(Stop) -> Expression {
    if isName("use"), kind(1) == .string || kind(1) == .rawString || kind(1) == .stringOpen,
      ignoresLines || !tokens[next + 1].startsLine
    {
      return try useExpression()
    }
    let name = text(token)
    if name == "_", next > targetEnd { throw failIgnore() }
    return constant(.name(name))
  }

  private mutating func useExpression() throws(Stop) -> Expression {
    let word = token
    advance()
    guard kind != .stringOpen else { throw failUsePath() }
    let path = try stringValue()
    return Expression(.use(path), span(from: word.start))
  }

  // MARK: Brackets

  private mutating func parenthesised() throws(Stop) -> Expression {
    let start = token.start
    openBracket(.group)
    var items: [Expression] = []
    var isTuple = true
    while !isAtClosing {
      items.append(try expression())
      isTuple = take(.comma)
      if !isTuple { break }
    }
    try closeBracket()
    try grow()
    if items.count == 1, !isTuple { return Expression(.group(items[0]), span(from: start)) }
    return Expression(.tuple(items), span(from: start))
  }

  private mutating func bracket() throws(Stop) -> Expression {
    let start = token.start
    openBracket(.list)
    var items: [Expression] = []
    while !isAtClosing {
      items.append(try expression())
      if kind == .for, items.count == 1 { return try comprehension(items[0], start) }
      guard take(.comma) else { break }
    }
    try closeBracket()
    try grow()
    return Expression(.bracket(items), span(from: start))
  }

  private mutating func comprehension(_ value: Expression, _ start: Int32) throws(Stop) -> Expression {
    var clauses: [ComprehensionClause] = []
    while kind == .for || kind == .if {
      let isLoop = kind == .for
      advance()
      guard isLoop else {
        clauses.append(.when(try expression()))
        continue
      }
      let pattern = try loopPattern()
      guard take(.in) else { throw failIn(pattern) }
      clauses.append(.each(pattern, try expression()))
    }
    try closeBracket()
    try grow()
    return Expression(.comprehension(value, clauses), span(from: start))
  }

  /// A `{` that begins `{}`, `{name:`, `{"name":` or `{...` is a record.
  private var isRecordAhead: Bool {
    switch kind(1) {
    case .rightBrace, .spread: true
    case .name, .string: kind(2) == .colon
    default: kind(1).isWord && kind(2) == .colon
    }
  }

  private mutating func record() throws(Stop) -> Expression {
    let start = token.start
    openBracket(.record)
    var entries: [RecordEntry] = []
    var names: [String: Span] = [:]
    while !isAtClosing {
      let entry = try recordEntry()
      if case .field(let name, _) = entry, let first = names.updateValue(name.span, forKey: name.text) {
        throw failRepeated("the field", name, first)
      }
      entries.append(entry)
      guard take(.comma) else { break }
    }
    try closeBracket()
    try grow()
    return Expression(.record(entries), span(from: start))
  }

  private mutating func recordEntry() throws(Stop) -> RecordEntry {
    let first = token
    if take(.spread) {
      let value = try expression()
      return .spread(value, first.span.union(value.span))
    }
    let name: Name
    if kind == .string {
      name = Name(try stringValue(), first.span)
    } else if kind == .name || kind.isWord {
      name = Name(text(first), first.span)
      advance()
    } else {
      throw failRecordEntry()
    }
    guard take(.colon) else { throw failRecordColon(name) }
    return .field(name, try expression())
  }

  private mutating func blockExpression() throws(Stop) -> Expression {
    let block = try block()
    return Expression(.block(block), block.span)
  }

  // MARK: Forms with bodies

  /// Reads a chain of `if … else if …` without recursion, each link one level deeper.
  private mutating func ifExpression() throws(Stop) -> Expression {
    var links: [(start: Int32, condition: Expression, body: Block)] = []
    var last: Else?
    repeat {
      try enter()
      let start = token.start
      advance()
      let condition = try expression()
      links.append((start, condition, try block(after: "if")))
      guard kind == .else else { break }
      advance()
      if kind == .if, isOnLine { continue }
      last = .block(try block(after: "else"))
      break
    } while true
    depth -= links.count
    height += links.count
    if height > Parser.heightLimit { throw failNesting() }
    let end = previousEnd
    for link in links.dropFirst().reversed() {
      last = .chained(Expression(.if(link.condition, link.body, last), Span(Int(link.start), end)))
    }
    return Expression(.if(links[0].condition, links[0].body, last), Span(Int(links[0].start), end))
  }

  private mutating func forExpression() throws(Stop) -> Expression {
    let start = token.start
    advance()
    let pattern = try loopPattern()
    guard isOnLine, take(.in) else { throw failIn(pattern) }
    let items = try expression()
    let body = try loopBody("for")
    try grow()
    return Expression(.for(pattern, items, body), span(from: start))
  }

  private mutating func whileExpression() throws(Stop) -> Expression {
    let start = token.start
    advance()
    let condition = try expression()
    let body = try loopBody("while")
    try grow()
    return Expression(.while(condition, body), span(from: start))
  }

  private mutating func loopBody(_ word: StaticString) throws(Stop) -> Block {
    let outside = surroundings.inLoop
    surroundings.inLoop = true
    defer { surroundings.inLoop = outside }
    return try block(after: word)
  }

  private mutating func tryExpression() throws(Stop) -> Expression {
    let start = token.start
    advance()
    let attempt = kind == .leftBrace && isOnLine ? try blockExpression() : try expression()
    guard take(.catch) else { throw failCatch(start) }
    var name: Name?
    if kind == .name, isOnLine {
      name = Name(text(token), token.span)
      advance()
    }
    let rescue = try block(after: "catch")
    try grow()
    return Expression(.try(attempt, name, rescue), span(from: start))
  }
}
