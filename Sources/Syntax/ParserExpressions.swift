/// Operators, ranges, pipes and what is attached to an operand: `f(a)`, `x[i]`, `r.a`.
extension Parser {
  /// Reads an expression whose operators bind at least as tightly as `floor`.
  mutating func expression(_ floor: Precedence = .explain) throws(Stop) -> Expression {
    try enter()
    let outside = height
    height = 0
    let first = next
    var left = try operand(floor)
    while try extend(&left, floor, first) {}
    depth -= 1
    height = max(outside, height)
    return left
  }

  /// Attaches the operator at the token and its right side; false where none belongs to this expression.
  private mutating func extend(
    _ left: inout Expression, _ floor: Precedence, _ first: Int
  ) throws(Stop) -> Bool {
    if kind == .pipe {
      guard floor <= .pipe else { return false }
      return try extendPipe(&left)
    }
    guard isOnLine else { return false }
    if kind == .dots || kind == .closedDots {
      guard floor <= .range else { return false }
      return try extendRange(&left, first)
    }
    guard let binary = kind.binary else { return false }
    guard floor <= binary.precedence else { return false }
    return try extendBinary(&left, binary)
  }

  private mutating func extendBinary(_ left: inout Expression, _ binary: BinaryOperator) throws(Stop) -> Bool
  {
    let sign = token
    if binary.isComparison, case .binary(let before, let place, let a, let b) = left.form, before.isComparison
    {
      throw failChainedComparison(a, before, place, b, binary, sign)
    }
    advance()
    let right = try expression(binary.precedence.ofRightSide(binary))
    left = Expression(.binary(binary, sign.span, left, right), left.span.union(right.span))
    try grow()
    return true
  }

  private mutating func extendPipe(_ left: inout Expression) throws(Stop) -> Bool {
    advance()
    let right = try expression(.or)
    left = Expression(.pipe(left, right), left.span.union(right.span))
    try grow()
    return true
  }

  private mutating func extendRange(_ left: inout Expression, _ first: Int) throws(Stop) -> Bool {
    if case .range = left.form { throw failChainedRange() }
    let closed = kind == .closedDots
    advance()
    if !closed, kind == .rightBracket || kind == .comma {
      guard first == axisStart, openings.last?.kind == .index else { throw failOpenRange(previousEnd - 2) }
      left = Expression(.range(left, nil, closed: false), span(from: left.span.start))
    } else {
      let right = try expression(.sum)
      left = Expression(.range(left, right, closed: closed), left.span.union(right.span))
    }
    try grow()
    return true
  }

  /// Reads an operand: a sign or word before another expression, a lambda, or a primary with what is attached.
  private mutating func operand(_ floor: Precedence) throws(Stop) -> Expression {
    switch kind {
    case .minus: return try negation()
    case .not: return try notExpression(floor)
    case .explain: return try explainExpression(floor)
    case .name where kind(1) == .arrow: return try lambda(floor)
    case .leftParenthesis where isLambdaAhead: return try lambda(floor)
    default:
      var primary = try primary()
      while try attach(&primary) {}
      return primary
    }
  }

  private mutating func negation() throws(Stop) -> Expression {
    try requireOperand()
    let sign = token
    if let smallest = smallestInteger() { return smallest }
    advance()
    let value = try expression(.negation)
    try grow()
    return Expression(.unary(.negate, value), sign.span.union(value.span))
  }

  private mutating func notExpression(_ floor: Precedence) throws(Stop) -> Expression {
    try requireOperand()
    let word = token
    guard floor <= .not else { throw failLoose("not") }
    advance()
    let value = try expression(.not)
    try grow()
    return Expression(.unary(.not, value), word.span.union(value.span))
  }

  private mutating func explainExpression(_ floor: Precedence) throws(Stop) -> Expression {
    try requireOperand()
    let word = token
    guard floor <= .explain else { throw failLoose("explain") }
    advance()
    let value = try expression(.lambda)
    var arguments: [Argument] = []
    while kind == .comma, takesExplainArgument, kind(1) == .name && kind(2) == .colon || kind(1) == .end {
      advance()
      arguments.append(try argument())
    }
    try grow()
    return Expression(.explain(value, arguments), span(from: word.start))
  }

  /// Inside brackets a comma belongs to the bracket, except before `at:`.
  private var takesExplainArgument: Bool {
    guard let bracket = openings.last?.kind, bracket != .block else { return true }
    return bracket != .record && isName("at", ahead: 1)
  }

  // MARK: Attached to an operand

  /// Attaches a call's arguments, an index or a field; false where none follows.
  private mutating func attach(_ value: inout Expression) throws(Stop) -> Bool {
    switch kind {
    case .leftParenthesis where isOnLine: try attachCall(&value)
    case .leftBracket where isOnLine: try attachIndex(&value)
    case .dot: try attachField(&value)
    default: return false
    }
    try grow()
    return true
  }

  private mutating func attachCall(_ callee: inout Expression) throws(Stop) {
    let arguments = try arguments()
    callee = Expression(.call(callee, arguments), span(from: callee.span.start))
  }

  private mutating func attachIndex(_ value: inout Expression) throws(Stop) {
    openBracket(.index)
    var axes: [Expression] = []
    while !isAtClosing {
      axes.append(try axis())
      guard take(.comma) else { break }
    }
    if axes.isEmpty, isAtClosing { throw failEmptyIndex() }
    try closeBracket()
    value = Expression(.index(value, axes), span(from: value.span.start))
  }

  private mutating func attachField(_ value: inout Expression) throws(Stop) {
    advance()
    guard kind == .name || kind.isWord, isOnLine else { throw failField() }
    let name = Name(text(token), token.span)
    advance()
    value = Expression(.field(value, name), value.span.union(name.span))
  }

  /// Reads one axis of an index; only here may a range be open.
  private mutating func axis() throws(Stop) -> Expression {
    let outside = axisStart
    axisStart = next
    defer { axisStart = outside }
    guard kind == .dots || kind == .closedDots else { return try expression() }
    let sign = token
    advance()
    if sign.kind == .dots, kind == .comma || kind == .rightBracket {
      return Expression(.range(nil, nil, closed: false), sign.span)
    }
    let end = try expression(.sum)
    try grow()
    return Expression(.range(nil, end, closed: sign.kind == .closedDots), sign.span.union(end.span))
  }

  /// Reads `(a, k: 1, b)`.
  mutating func arguments() throws(Stop) -> [Argument] {
    openBracket(.call)
    var arguments: [Argument] = []
    while !isAtClosing {
      arguments.append(try argument())
      guard take(.comma) else { break }
    }
    try closeBracket()
    return arguments
  }

  private var isLabelAhead: Bool { (kind == .name || kind.isWord) && kind(1) == .colon }

  private mutating func argument() throws(Stop) -> Argument {
    if kind == .spread { throw failSpread() }
    guard isLabelAhead else { return Argument(label: nil, value: try expression()) }
    let label = Name(text(token), token.span)
    advance()
    advance()
    return Argument(label: label, value: try expression())
  }
}

extension Precedence {
  /// The next tighter level.
  var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .postfix }

  /// The loosest a right side may be: an operator that groups to the right takes its own kind there.
  func ofRightSide(_ binary: BinaryOperator) -> Precedence { binary == .power ? self : tighter }
}
