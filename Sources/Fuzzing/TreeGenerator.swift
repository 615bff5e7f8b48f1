import SeededRandom
import Syntax

/// Makes random trees of every form that a text can have.
package struct TreeGenerator {
  private var numbers: SeededNumbers
  private var depth = 0

  package init(seed: UInt64) { numbers = SeededNumbers(state: seed) }

  private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &numbers) }
  private mutating func coin() -> Bool { below(2) == 0 }
  private mutating func list<T>(_ range: ClosedRange<Int>, _ make: (inout Self) -> T) -> [T] {
    (0..<Int.random(in: range, using: &numbers)).map { _ in make(&self) }
  }

  private let place = Span(0, 0)
  private static let names = [
    "a", "b", "x", "θ", "学习率", "model", "state", "use", "whole", "_1", "long_name", "e1",
  ]
  private static let texts = [
    "", "a", "x \"y\" \\ z", "line\nbreak\t", "η 🎉", "\\(a)", "\u{0}\u{7}", "# not",
  ]
  private static let floats = [0.5, 1e-7, 3.0, 1e21, 2.5e-300, 0.1]

  private mutating func name() -> Name { Name(TreeGenerator.names[below(TreeGenerator.names.count)], place) }

  /// Names that differ.
  private mutating func names(_ range: ClosedRange<Int>) -> [Name] {
    Array(TreeGenerator.names.shuffled(using: &numbers).prefix(Int.random(in: range, using: &numbers))).map {
      Name($0, place)
    }
  }

  package mutating func expression() -> Expression {
    depth += 1
    defer { depth -= 1 }
    return Expression(form(), place)
  }

  private mutating func form() -> Expression.Form {
    guard depth < 6 else { return leaf() }
    switch below(26) {
    case 0...3: return leaf()
    case 4: return .bracket(list(0...3) { $0.expression() })
    case 5:
      return .comprehension(expression(), [.each(pattern(), expression())] + list(0...2) { $0.clause() })
    case 6: return .tuple(list(0...3) { $0.expression() })
    case 7: return .record(entries())
    case 8: return .range(expression(), expression(), closed: coin())
    case 9: return .unary(coin() ? .negate : .not, expression())
    case 10...13:
      return .binary(
        BinaryOperator.allCases[below(BinaryOperator.allCases.count)], place, expression(), expression())
    case 14: return .call(expression(), arguments())
    case 15: return .index(expression(), list(1...3) { $0.axis() })
    case 16: return .field(expression(), coin() ? name() : Name("if", place))
    case 17: return .pipe(expression(), expression())
    case 18: return .lambda(Function(name: nil, parameters: parameters(), body: body(), span: place))
    case 19: return .block(block(1...3))
    case 20: return .if(expression(), block(0...2), other())
    case 21: return .for(pattern(), expression(), block(0...2))
    case 22: return .while(expression(), block(0...2))
    case 23:
      return .try(
        coin() ? Expression(.block(block(0...2)), place) : expression(), coin() ? name() : nil, block(0...2))
    case 24: return .group(expression())
    default: return string()
    }
  }

  private mutating func leaf() -> Expression.Form {
    switch below(8) {
    case 0: return .none
    case 1: return .bool(coin())
    case 2: return .integer([0, 1, 42, Int.max, Int.min][below(5)])
    case 3: return .float(TreeGenerator.floats[below(TreeGenerator.floats.count)])
    case 4: return .use("lab.maas")
    default: return .name(name().text)
    }
  }

  private mutating func string() -> Expression.Form {
    var parts: [StringPart] = []
    for index in 0..<below(4) {
      if index % 2 == 0 {
        let text = TreeGenerator.texts[1 + below(TreeGenerator.texts.count - 1)]
        parts.append(.text(text))
      } else {
        parts.append(.expression(expression()))
      }
    }
    return .string(parts)
  }

  private mutating func clause() -> ComprehensionClause {
    coin() ? .when(expression()) : .each(pattern(), expression())
  }

  private mutating func entries() -> [RecordEntry] {
    var entries: [RecordEntry] = names(0...3).map { .field($0, expression()) }
    if coin() { entries.append(.field(Name("two words\n", place), expression())) }
    if coin() { entries.insert(.spread(expression(), place), at: 0) }
    return entries
  }

  private mutating func arguments() -> [Argument] {
    list(0...2) { Argument(label: nil, value: $0.expression()) }
      + names(0...2).map { Argument(label: $0, value: expression()) }
  }

  private mutating func axis() -> Expression {
    switch below(5) {
    case 0: return Expression(.range(nil, nil, closed: false), place)
    case 1: return Expression(.range(expression(), nil, closed: false), place)
    case 2: return Expression(.range(nil, expression(), closed: coin()), place)
    default: return expression()
    }
  }

  private mutating func pattern() -> Pattern {
    switch below(4) {
    case 0: return .name(name())
    case 1: return .ignore(place)
    case 2: return .record(names(1...3), place)
    default: return .tuple(names(1...3).map { .name($0) } + [.ignore(place)], place)
    }
  }

  private mutating func parameters() -> [Parameter] {
    let names = names(0...4)
    let optional = below(3)
    return names.enumerated().map { index, name in
      if index == names.count - 1, index > 1 { return Parameter(name, isRest: true) }
      return index > optional ? Parameter(name, fallback: expression()) : Parameter(name)
    }
  }

  private mutating func body() -> Expression {
    coin() ? expression() : Expression(.block(block(1...3)), place)
  }

  private mutating func block(_ range: ClosedRange<Int>) -> Block { Block(list(range) { $0.inner() }, place) }

  private mutating func other() -> Else? {
    switch below(3) {
    case 0: return nil
    case 1: return .block(block(0...2))
    default: return .chained(Expression(.if(expression(), block(0...2), nil), place))
    }
  }

  // MARK: Statements

  private mutating func inner() -> Statement {
    depth += 1
    defer { depth -= 1 }
    switch below(6) {
    case 0: return binding()
    case 1: return assignment()
    case 2 where depth < 5: return function()
    default: return Statement(.expression(expression(), silenced: false), place)
    }
  }

  private mutating func binding() -> Statement {
    Statement(.bind(pattern(), expression(), mutable: coin(), documentation: documentation()), place)
  }

  private mutating func assignment() -> Statement {
    let isTuple = below(4) == 0
    let target: Target = isTuple ? .tuple([simpleTarget(), simpleTarget()], place) : simpleTarget()
    let signs: [BinaryOperator?] = [nil, nil, .add, .floorDivide, .power, .matrixMultiply]
    return Statement(
      .assign(target, combining: isTuple ? nil : signs[below(signs.count)], expression()), place)
  }

  private mutating func simpleTarget() -> Target {
    var target = Target.name(name())
    for _ in 0..<below(3) {
      target = coin() ? .field(target, name(), place) : .index(target, list(1...2) { $0.axis() }, place)
    }
    return target
  }

  private mutating func function() -> Statement {
    let function = Function(
      name: name(), parameters: parameters(), body: body(), span: place, documentation: documentation())
    return Statement(.function(function), place)
  }

  private mutating func documentation() -> String? {
    below(5) == 0 ? ["One line.", "Two\n  lines", "", "> f(1)\n\n2"][below(4)] : nil
  }

  package mutating func statement() -> Statement {
    depth = 0
    switch below(8) {
    case 0: return Statement(.expression(expression(), silenced: true), place)
    case 1:
      return Statement(
        .expression(
          Expression(
            .explain(expression(), [Argument(label: Name("at", place), value: expression())]), place),
          silenced: false), place)
    case 2:
      let body = Block(
        [Statement(.state(name(), expression()), place)] + list(0...2) { $0.inner() }, place)
      return Statement(
        .optimizer(
          OptimizerDeclaration(
            name: name(), parameters: parameters(), isWhole: coin(), body: body, span: place,
            documentation: documentation())), place)
    case 3:
      let body = Block(list(0...2) { $0.binding() } + list(0...2) { $0.function() }, place)
      let constants = body.statements.map { statement -> Statement in
        guard case .bind(let pattern, let value, _, let text) = statement.form else { return statement }
        return Statement(.bind(pattern, value, mutable: false, documentation: text), statement.span)
      }
      return Statement(
        .model(
          ModelDeclaration(
            name: name(), parameters: parameters(), body: Block(constants, place), span: place,
            documentation: documentation())), place)
    default: return inner()
    }
  }
}
