/// Statements: bindings, assignments, jumps and expressions, in blocks and at top level.
extension Parser {
  /// Reads statements up to a `}` or the end.
  mutating func statements(atTop: Bool) throws(Stop) -> [Statement] {
    var statements: [Statement] = []
    while true {
      while take(.semicolon) {}
      if kind == .end || kind == .rightBrace { return statements }
      let outside = statementStart
      statementStart = next
      let statement = try statement()
      let ending = try endStatement()
      statements.append(atTop && ending ? statement.silenced : statement)
      statementStart = outside
    }
  }

  /// Passes over what ends a statement; true for a `;`.
  private mutating func endStatement() throws(Stop) -> Bool {
    if kind == .semicolon, !token.startsLine {
      advance()
      return true
    }
    if token.startsLine || kind == .end || kind == .rightBrace { return false }
    throw failStatementEnd()
  }

  private mutating func statement() throws(Stop) -> Statement {
    let declaration = surroundings.declaration
    if declaration == .model { try requireModelStatement() }
    switch kind {
    case .let, .var: return try binding()
    case .fn:
      let function = try functionDeclaration()
      return Statement(.function(function), function.span)
    case .return: return try returnStatement()
    case .break, .continue: return try jump()
    case .name: if let statement = try declarationStatement() { return statement }
    default: break
    }
    return try expressionStatement()
  }

  private mutating func binding() throws(Stop) -> Statement {
    let documentation = documentation()
    let first = token
    advance()
    let pattern = try wholePattern()
    guard isOnLine, take(.assign) else { throw failBinding(first, pattern) }
    let value = try expression()
    return Statement(
      .bind(pattern, value, mutable: first.kind == .var, documentation: documentation),
      span(from: first.start))
  }

  private mutating func returnStatement() throws(Stop) -> Statement {
    let first = token
    guard surroundings.inFunction else {
      throw failMisplaced("`return` stands only in a function")
    }
    advance()
    if token.startsLine || kind == .semicolon || kind == .rightBrace || kind == .end {
      return Statement(.return(nil), first.span)
    }
    return Statement(.return(try expression()), span(from: first.start))
  }

  private mutating func jump() throws(Stop) -> Statement {
    let first = token
    guard surroundings.inLoop else {
      throw failMisplaced("`\(text(first))` stands only in a `for` or `while`")
    }
    advance()
    return Statement(first.kind == .break ? .break : .continue, first.span)
  }

  private mutating func expressionStatement() throws(Stop) -> Statement {
    let start = token.start
    targetEnd = endOfTarget
    let value = try expression()
    targetEnd = -1
    let sign = token
    guard isOnLine, sign.kind == .assign || sign.kind.combining != nil else {
      return Statement(.expression(value, silenced: false), value.span)
    }
    let target = try target(value)
    if case .tuple = target, sign.kind != .assign { throw failTupleUpdate() }
    advance()
    let right = try expression()
    return Statement(.assign(target, combining: sign.kind.combining, right), span(from: start))
  }

  /// The last token of `_` or `(…)` where that begins the statement and `=` follows; -1 elsewhere.
  private var endOfTarget: Int {
    let last = kind == .leftParenthesis ? Int(token.partner) : isName("_") ? next : -1
    guard last >= 0, last + 1 < tokens.count, tokens[last + 1].kind == .assign else { return -1 }
    return last
  }

  /// What an expression left of `=` assigns to. Indices and fields may be many, so they are not recursed into.
  private mutating func target(_ value: Expression) throws(Stop) -> Target {
    var links: [Expression] = []
    var inner = value
    walk: while true {
      switch inner.form {
      case .index(let base, _), .field(let base, _):
        links.append(inner)
        inner = base
      default: break walk
      }
    }
    var target = try innerTarget(inner, isWhole: links.isEmpty)
    for link in links.reversed() {
      switch link.form {
      case .index(_, let axes): target = .index(target, axes, link.span)
      case .field(_, let name): target = .field(target, name, link.span)
      default: break
      }
    }
    return target
  }

  private mutating func innerTarget(_ value: Expression, isWhole: Bool) throws(Stop) -> Target {
    switch value.form {
    case .name("_"): return .ignore(value.span)
    case .name(let name): return .name(Name(name, value.span))
    case .group(let inside) where isWhole: return try target(inside)
    case .tuple(let items) where isWhole && !items.isEmpty:
      var targets: [Target] = []
      for item in items { targets.append(try target(item)) }
      return .tuple(targets, value.span)
    default: throw failTarget(value)
    }
  }

  // MARK: Blocks

  /// Reads the body that a form must have.
  mutating func block(after word: StaticString) throws(Stop) -> Block {
    guard kind == .leftBrace, isOnLine else { throw failBody(after: "\(word)") }
    return try block()
  }

  mutating func block() throws(Stop) -> Block {
    try enter()
    let start = token.start
    openBracket(.block)
    let outside = surroundings.declaration
    surroundings.declaration = .none
    let statements = try statements(atTop: false)
    surroundings.declaration = outside
    try closeBracket()
    try grow()
    depth -= 1
    return Block(statements, span(from: start))
  }
}

extension Statement {
  /// The same, with its display silenced if it is an expression.
  fileprivate var silenced: Statement {
    guard case .expression(let value, _) = form else { return self }
    return Statement(.expression(value, silenced: true), span)
  }
}
