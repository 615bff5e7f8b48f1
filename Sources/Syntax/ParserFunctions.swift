/// Functions: lambdas, `fn` declarations and their parameters.
extension Parser {
  /// `(` whose `)` is followed by `=>`.
  var isLambdaAhead: Bool {
    let closing = Int(token.partner)
    return closing >= 0 && closing + 1 < tokens.count && tokens[closing + 1].kind == .arrow
  }

  /// Reads `x => e`, `() => e`, `(x, y = 2) => e`; the body reaches as far right as it can.
  mutating func lambda(_ floor: Precedence) throws(Stop) -> Expression {
    try requireOperand()
    let start = token.start
    guard floor <= .lambda else { throw failLoose("=>") }
    var parameters: [Parameter] = []
    if kind == .name {
      parameters = [Parameter(Name(text(token), token.span))]
      advance()
    } else {
      parameters = try self.parameters()
    }
    guard isOnLine, take(.arrow) else { throw failArrow() }
    let body = try functionBody { (parser) throws(Stop) in try parser.expression() }
    let whole = span(from: start)
    try grow()
    return Expression(.lambda(Function(name: nil, parameters: parameters, body: body, span: whole)), whole)
  }

  /// Reads with `return` allowed, and nothing that belongs to the forms around.
  private mutating func functionBody(
    _ read: (inout Parser) throws(Stop) -> Expression
  ) throws(Stop) -> Expression {
    let outside = surroundings
    surroundings = Surroundings(inFunction: true)
    let body = try read(&self)
    surroundings = outside
    return body
  }

  /// Reads `fn f(x) = e` or `fn f(x) { … }`.
  mutating func functionDeclaration() throws(Stop) -> Function {
    let documentation = documentation()
    let start = token.start
    advance()
    guard kind == .name, isOnLine else { throw failFunctionName() }
    let name = Name(text(token), token.span)
    advance()
    guard kind == .leftParenthesis, isOnLine else { throw failParameterList("fn", name) }
    let parameters = try parameters()
    let body: Expression
    if isOnLine, take(.assign) {
      body = try functionBody { (parser) throws(Stop) in try parser.expression() }
    } else if kind == .leftBrace, isOnLine {
      body = try functionBody { (parser) throws(Stop) in
        let block = try parser.block()
        return Expression(.block(block), block.span)
      }
    } else {
      throw failFunctionBody(name)
    }
    return Function(
      name: name, parameters: parameters, body: body, span: span(from: start), documentation: documentation)
  }

  /// Reads `(x, y = 2, ...rest)`.
  mutating func parameters() throws(Stop) -> [Parameter] {
    openBracket(.parameters)
    var parameters: [Parameter] = []
    var names: [String: Span] = [:]
    while !isAtClosing {
      if let last = parameters.last, last.isRest { throw failAfterRest(last) }
      let parameter = try parameter()
      let name = parameter.name
      if name.text != "_", let first = names.updateValue(name.span, forKey: name.text) {
        throw failRepeated("the parameter", name, first)
      }
      if parameter.fallback == nil, !parameter.isRest, let last = parameters.last, last.fallback != nil {
        throw failRequiredAfterOptional(parameter, last)
      }
      parameters.append(parameter)
      guard take(.comma) else { break }
    }
    try closeBracket()
    return parameters
  }

  private mutating func parameter() throws(Stop) -> Parameter {
    let isRest = take(.spread)
    guard kind == .name else { throw failParameter() }
    let name = Name(text(token), token.span)
    advance()
    if isRest { return Parameter(name, isRest: true) }
    guard take(.assign) else { return Parameter(name) }
    return Parameter(name, fallback: try expression())
  }

  // MARK: Patterns

  /// Reads `a`, `_`, `(a, b)` or `{loss, model}`.
  mutating func pattern() throws(Stop) -> Pattern {
    try enter()
    defer { depth -= 1 }
    switch kind {
    case .name where isOnLine:
      let span = token.span
      let name = text(token)
      advance()
      return name == "_" ? .ignore(span) : .name(Name(name, span))
    case .leftParenthesis where isOnLine: return try tuplePattern()
    case .leftBrace where isOnLine: return try recordPattern()
    default: throw failPattern()
    }
  }

  /// Reads a pattern all of whose names differ.
  mutating func wholePattern() throws(Stop) -> Pattern {
    let pattern = try pattern()
    if case .name = pattern { return pattern }
    var seen: [String: Span] = [:]
    for name in pattern.names {
      if let first = seen.updateValue(name.span, forKey: name.text) {
        throw failRepeated("the name", name, first)
      }
    }
    return pattern
  }

  mutating func loopPattern() throws(Stop) -> Pattern { try wholePattern() }

  private mutating func tuplePattern() throws(Stop) -> Pattern {
    let start = token.start
    openBracket(.pattern)
    var parts: [Pattern] = []
    var isTuple = true
    while !isAtClosing {
      parts.append(try pattern())
      isTuple = take(.comma)
      if !isTuple { break }
    }
    try closeBracket()
    return parts.count == 1 && !isTuple ? parts[0] : .tuple(parts, span(from: start))
  }

  private mutating func recordPattern() throws(Stop) -> Pattern {
    let start = token.start
    openBracket(.pattern)
    var names: [Name] = []
    while !isAtClosing {
      guard kind == .name else { throw failPattern() }
      names.append(Name(text(token), token.span))
      advance()
      guard take(.comma) else { break }
    }
    try closeBracket()
    return .record(names, span(from: start))
  }
}
