import SeededRandom

/// Programs that mean something: names are bound before they are used, and hold what they are used as, but for a rare
/// surprise. They print what they compute, the same on every run.
///
/// Expressions are in `WrittenExpressions`.
package struct WrittenProgram {
  var numbers: SeededNumbers
  /// The names in sight, innermost last.
  var scopes: [[Variable]] = [[]]
  var loopDepth = 0
  var functionDepth = 0
  private var made = 0

  package init(seed: UInt64) { numbers = SeededNumbers(state: seed) }

  /// A whole program.
  package mutating func text() -> String {
    scopes = [[]]
    made = 0
    var lines = Kind.allCases.filter { _ in numbers.once(in: 3) }.map { declaration($0, depth: 2) }
    for _ in 0..<(3 + numbers.below(12)) { lines.append(statement(3)) }
    for variable in scopes[0] where numbers.once(in: 2) { lines.append(shown(variable)) }
    return lines.joined(separator: "\n")
  }

  private mutating func shown(_ variable: Variable) -> String {
    switch variable.kind {
    case .function: "print(\(variable.name)(3))"
    case .loss: "print(\(variable.name)(0.5))"
    case .network: "print(\(variable.name)(\(expression(.vector, 1))), \(variable.name).params)"
    default: "print(\"\(variable.name)\", \(variable.name))"
    }
  }

  mutating func fresh() -> String {
    made += 1
    return numbers.pick(["v", "w", "θ", "学", "model", "state"]) + "\(made)"
  }

  mutating func bind(_ name: String, _ kind: Kind, mutable: Bool = false) {
    scopes[scopes.count - 1].append(Variable(name: name, kind: kind, isMutable: mutable))
  }

  /// What stands inside of braces, with its own names.
  mutating func scoped<T>(_ make: (inout WrittenProgram) -> T) -> T {
    scopes.append([])
    defer { scopes.removeLast() }
    return make(&self)
  }

  func variables(_ kind: Kind, mutable: Bool = false) -> [Variable] {
    scopes.joined().filter { $0.kind == kind && ($0.isMutable || !mutable) }
  }

  mutating func block(_ depth: Int, _ more: Int = 2) -> String {
    scoped { $0.statements(depth, 1 + $0.numbers.below(more)) }
  }

  mutating func statements(_ depth: Int, _ count: Int) -> String {
    "{\n" + (0..<count).map { _ in statement(depth) }.joined(separator: "\n") + "\n}"
  }

  // MARK: Statements

  mutating func statement(_ depth: Int) -> String {
    guard depth > 0 else { return assignment(1) }
    switch numbers.below(24) {
    case 0...4: return declaration(numbers.pick(Kind.allCases), depth: depth)
    case 5...9: return assignment(depth)
    case 10: return "if \(expression(.truth, depth)) \(block(depth - 1)) else \(block(depth - 1))"
    case 11, 12: return forLoop(depth)
    case 13: return whileLoop(depth)
    case 14: return "try \(block(depth - 1)) catch e { print(e.code) }"
    case 15:
      return "try { \(declaration(.integer, depth: 1)); \(failure(depth)) } catch e { print(e.message) }"
    case 16: return destructuring(depth)
    case 17: return namedFunction(depth)
    case 18: return counter(depth)
    case 19: return training(depth)
    case 20:
      return loopDepth > 0 ? "if \(expression(.truth, 1)) { \(numbers.pick(["break", "continue"])) }" : swap()
    case 21:
      return functionDepth > 0 ? "if \(expression(.truth, 1)) { return \(expression(.integer, 1)) }" : swap()
    default:
      return "print(\(expression(numbers.pick(printable), depth)), \(expression(numbers.pick(printable), 1)))"
    }
  }

  private var printable: [Kind] {
    [.integer, .float, .truth, .text, .list, .words, .vector, .matrix, .record, .pair]
  }

  mutating func declaration(_ kind: Kind, depth: Int) -> String {
    let mutable = numbers.below(3) > 0
    switch kind {
    case .network where numbers.once(in: 2): return modelDeclaration(depth)
    case .optimizer where numbers.once(in: 2): return optimizerDeclaration(depth)
    default: break
    }
    let value = expression(kind, depth)
    let name = fresh()
    bind(name, kind, mutable: mutable)
    return "\(mutable ? "var" : "let") \(name) = \(value)"
  }

  private mutating func assignment(_ depth: Int) -> String {
    let targets = scopes.joined().filter(\.isMutable)
    guard let target = targets.randomElement(using: &numbers) else {
      return "print(\(expression(.integer, depth)))"
    }
    let name = target.name
    switch target.kind {
    case .integer where numbers.once(in: 2):
      return "\(name) \(numbers.pick(["+=", "-=", "*=", "//=", "%="])) \(expression(.integer, depth - 1))"
    case .float where numbers.once(in: 2):
      return "\(name) \(numbers.pick(["+=", "-=", "*=", "/="])) \(expression(.float, depth - 1))"
    case .list, .words:
      let element: Kind = target.kind == .list ? .integer : .text
      switch numbers.below(4) {
      case 0: return "\(name)[\(position())] = \(expression(element, depth - 1))"
      case 1: return "\(name)[0] += \(expression(element, depth - 1))"
      case 2: return "\(name) = append(\(name), \(expression(element, depth - 1)))"
      default: break
      }
    case .vector where numbers.once(in: 2):
      return numbers.pick([
        "\(name)[\(position())] = \(expression(.float, depth - 1))", "\(name)[1..] *= 2.0",
        "\(name)[\(name) > 0.5] = 0.0", "\(name) -= 0.1 * \(name)",
      ])
    case .matrix where numbers.once(in: 2):
      return numbers.pick([
        "\(name)[1, 0] = \(expression(.float, depth - 1))",
        "\(name)[.., 1] = \(expression(.vector, depth - 1))",
        "\(name)[0] += 1.0", "\(name)[1.., ..1] = 0.25",
      ])
    case .record where numbers.once(in: 2):
      return numbers.pick([
        "\(name).a += \(expression(.integer, depth - 1))",
        "\(name).c[0] = \(expression(.integer, depth - 1))",
        "\(name).c = append(\(name).c, \(expression(.integer, depth - 1)))", "\(name).b = \(name).b / 3",
      ])
    case .network where numbers.once(in: 2):
      return "\(name) = \(name) - 0.1 * grad(m => sum(m(\(expression(.vector, 1)))^2))(\(name))"
    default: break
    }
    return "\(name) = \(expression(target.kind, depth - 1))"
  }

  private mutating func swap() -> String {
    let first = scopes.joined().filter(\.isMutable).randomElement(using: &numbers)
    guard let first, let second = variables(first.kind, mutable: true).randomElement(using: &numbers) else {
      return "print(\(expression(.list, 1)))"
    }
    return "(\(first.name), \(second.name)) = (\(second.name), \(first.name))"
  }

  private mutating func destructuring(_ depth: Int) -> String {
    let sign = numbers.pick(["let", "var"])
    let (first, second) = (fresh(), fresh())
    if numbers.once(in: 2) {
      let value = expression(.pair, depth)
      bind(first, .integer, mutable: sign == "var")
      bind(second, .text, mutable: sign == "var")
      return "\(sign) (\(first), \(second)) = \(value)"
    }
    let value = expression(.record, depth)
    return "print((r => { let {a, c} = r; (a, c) })(\(value)))"
  }

  private mutating func forLoop(_ depth: Int) -> String {
    let item = fresh()
    let (items, kind): (String, Kind)
    switch numbers.below(6) {
    case 0: (items, kind) = (expression(.list, depth - 1), .integer)
    case 1: (items, kind) = (expression(.words, depth - 1), .text)
    case 2: (items, kind) = (expression(.matrix, 1), .vector)
    case 3: (items, kind) = ("\(numbers.below(3))..=\(numbers.below(6))", .integer)
    case 4: (items, kind) = ("enumerate(\(expression(.words, depth - 1)))", .pair)
    default: (items, kind) = ("0..\(expression(.integer, 0)) % 7", .integer)
    }
    loopDepth += 1
    defer { loopDepth -= 1 }
    let body = scoped { program in
      program.bind(item, kind)
      return program.statements(depth - 1, 1 + program.numbers.below(3))
    }
    return "for \(item) in \(items) \(body)"
  }

  private mutating func whileLoop(_ depth: Int) -> String {
    let turns = fresh()
    loopDepth += 1
    defer { loopDepth -= 1 }
    let body = scoped { program in
      program.bind(turns, .integer)
      return program.statements(depth - 1, 1)
    }
    // The count goes up first, so that a `continue` does not turn for ever.
    return "var \(turns) = 0\nwhile \(turns) < \(1 + numbers.below(5)) { \(turns) += 1; \(body.dropFirst())"
  }

  private mutating func namedFunction(_ depth: Int) -> String {
    let name = fresh()
    let (n, scale) = (fresh(), fresh())
    let (outerLoops, outerFunctions) = (loopDepth, functionDepth)
    (loopDepth, functionDepth) = (0, functionDepth + 1)
    let body = scoped { program in
      program.bind(n, .integer)
      program.bind(scale, .integer)
      let steps = (0..<program.numbers.below(3)).map { _ in program.statement(depth - 1) }
      let value = program.expression(.integer, depth - 1)
      return (steps + ["if \(n) > 0 { \(name)(\(n) - 1 - \(n) // 4) + \(value) } else { \(scale) }"]).joined(
        separator: "\n")
    }
    (loopDepth, functionDepth) = (outerLoops, outerFunctions)
    bind(name, .function)
    // However large the argument, the recursion is nine deep.
    let bound = "if \(n) > 9 { return \(name)(\(n) % 9) }"
    return "fn \(name)(\(n), \(scale) = \(numbers.below(9)), ...rest) {\n\(bound)\n\(body)\n}"
  }

  /// A closure that changes what it captured.
  private mutating func counter(_ depth: Int) -> String {
    let (name, held, made) = (fresh(), fresh(), fresh())
    let kind = numbers.pick([Kind.integer, .list])
    let start = expression(kind, 1)
    bind(made, .function)
    let change = kind == .integer ? "\(held) += k % 5; \(held)" : "\(held) = append(\(held), k); len(\(held))"
    return """
      fn \(name)() {
        var \(held) = \(start)
        k => { \(change) }
      }
      let \(made) = \(name)()
      print(\(made)(2), \(made)(3), \(name)()(1))
      """
  }

  private mutating func failure(_ depth: Int) -> String {
    numbers.pick([
      "error(\"\\(\(expression(.integer, 1)))\")", "assert(\(expression(.truth, 1)), \"no\")",
      "print(1 // (\(expression(.integer, 1))))", "print([1, 2][\(expression(.integer, 1))])",
      "print(\(expression(.matrix, 1)) @ \(expression(.vector, 1)))",
      "(fn_of_nothing => fn_of_nothing())(none)",
    ])
  }
}
