/// Expressions of a kind.
extension WrittenProgram {
  mutating func expression(_ kind: Kind, _ depth: Int) -> String {
    // A surprise: something of another kind.
    if numbers.once(in: 150) { return plain(numbers.pick(Kind.allCases), depth) }
    return plain(kind, depth)
  }

  private mutating func plain(_ kind: Kind, _ depth: Int) -> String {
    let known = variables(kind)
    if !known.isEmpty, numbers.below(depth > 0 ? 4 : 2) == 0 { return numbers.pick(known).name }
    if depth > 0, numbers.once(in: 12) { return anyForm(kind, depth - 1) }
    switch kind {
    case .integer: return integer(depth)
    case .float: return float(depth)
    case .truth: return truth(depth)
    case .text: return text(depth)
    case .list: return list(depth)
    case .words: return words(depth)
    case .vector: return vector(depth)
    case .matrix: return matrix(depth)
    case .record: return record(depth)
    case .pair: return "(\(expression(.integer, depth - 1)), \(expression(.text, depth - 1)))"
    case .function: return function(depth)
    case .loss: return loss(depth)
    case .network:
      return numbers.pick(["Dense(3, 2)", "Dense(3, 2, tanh)", "Sequential(Dense(3, 4, relu), Dense(4, 2))"])
    case .optimizer:
      return numbers.pick(["SGD(lr: 0.1)", "Momentum(lr: 0.1)", "Adam(lr: cosine(0.1, steps: 9))"])
    }
  }

  /// Forms that give whatever their parts give.
  private mutating func anyForm(_ kind: Kind, _ depth: Int) -> String {
    switch numbers.below(6) {
    case 0:
      return
        "if \(expression(.truth, depth)) { \(expression(kind, depth)) } else { \(expression(kind, depth)) }"
        .grouped
    case 1: return "(try \(expression(kind, depth)) catch e { \(expression(kind, 0)) })"
    case 2:
      return "{ \(scoped { "\($0.declaration(.integer, depth: depth)); \($0.expression(kind, depth))" }) }"
        .grouped
    case 3: return "(x => \(expression(kind, depth)))(\(expression(.integer, 0)))"
    case 4: return "(\(expression(kind, depth)) |> (x => x))"
    default: return "[\(expression(kind, depth)), \"other\"][\(numbers.pick(["0", "-2"]))]"
    }
  }

  mutating func position() -> String {
    numbers.pick(["0", "-1", "1", "2", "\(expression(.integer, 0)) % 2"])
  }

  // MARK: Numbers

  private mutating func integer(_ depth: Int) -> String {
    guard depth > 0 else {
      return numbers.once(in: 30)
        ? numbers.pick(["9223372036854775807", "-9223372036854775808", "40_000", "0xff"])
        : "\(numbers.below(12))"
    }
    let d = depth - 1
    switch numbers.below(14) {
    case 0...4:
      return
        "(\(expression(.integer, d)) \(numbers.pick(["+", "-", "*", "+", "-"])) \(expression(.integer, d)))"
    case 5: return "(\(expression(.integer, d)) \(numbers.pick(["//", "%"])) \(1 + numbers.below(6)))"
    case 6: return "(\(expression(.integer, d)) \(numbers.pick(["//", "%"])) \(expression(.integer, d)))"
    case 7: return "(\(expression(.integer, 0)) % 5) ^ \(numbers.below(4))".grouped
    case 8: return "len(\(expression(numbers.pick([.list, .words, .text]), d)))"
    case 9: return "\(expression(.list, d))[\(position())]"
    case 10: return "reduce(\(expression(.list, d)), (a, b) => a + b % 7, \(expression(.integer, 0)))"
    case 11: return "-\(expression(.integer, d))".grouped
    case 12: return "\(expression(.record, d)).a"
    default: return call(d)
    }
  }

  private mutating func call(_ depth: Int) -> String {
    guard let function = variables(.function).randomElement(using: &numbers) else {
      return "\(expression(.pair, depth))[0]"
    }
    let argument = expression(.integer, depth)
    return numbers.pick([
      "\(function.name)(\(argument))", "(\(argument) |> \(function.name))",
      "map([\(argument)], \(function.name))[0]",
      "map([\"\"], _ => \(function.name)(\(argument)))[0]",
    ])
  }

  private mutating func float(_ depth: Int) -> String {
    guard depth > 0 else { return numbers.pick(["0.5", "1.25", "-2.0", "1e-3", "3.0", "0.1", "inf"]) }
    let d = depth - 1
    switch numbers.below(13) {
    // Operations on large tensors wait for one another.
    case 12: return "((ones(5000) * \(expression(.float, d)) + 0.5) * 2)[\(position())]"
    case 0...3:
      return "(\(expression(.float, d)) \(numbers.pick(["+", "-", "*", "/"])) \(expression(.float, d)))"
    case 4:
      return "(\(expression(.float, d)) \(numbers.pick(["+", "-", "*", "/"])) \(expression(.integer, d)))"
    case 5: return "(\(expression(.integer, d)) / \(expression(.integer, d)))"
    case 6: return "\(expression(.float, d))^2".grouped
    case 7: return "\(numbers.pick(["sqrt", "tanh", "exp", "abs", "sin", "relu"]))(\(expression(.float, d)))"
    case 8: return "number(\(numbers.pick(["sum", "mean", "max", "norm"]))(\(expression(.vector, d))))"
    case 9: return "grad(\(expression(.loss, d)))(\(expression(.float, d)))"
    case 10: return "\(expression(.vector, d))[\(position())]"
    default: return "\(expression(.loss, d))(\(expression(.float, d)))"
    }
  }

  private mutating func truth(_ depth: Int) -> String {
    guard depth > 0 else { return numbers.pick(["true", "false"]) }
    let d = depth - 1
    let sign = numbers.pick(["==", "!=", "<", "<=", ">", ">="])
    switch numbers.below(8) {
    case 0, 1: return "(\(expression(.integer, d)) \(sign) \(expression(.integer, d)))"
    case 2: return "(\(expression(.float, d)) \(sign) \(expression(numbers.pick([.integer, .float]), d)))"
    case 3: return "(\(expression(.truth, d)) \(numbers.pick(["and", "or"])) \(expression(.truth, d)))"
    case 4: return "not \(expression(.truth, d))".grouped
    case 5: return "(\(expression(.integer, d)) in \(expression(.list, d)))"
    case 6:
      let kind = numbers.pick([Kind.text, .list, .words, .record, .pair])
      return "(\(expression(kind, d)) \(numbers.pick(["==", "!="])) \(expression(kind, d)))"
    default: return "equal(\(expression(.vector, d)), \(expression(.vector, d)))"
    }
  }

  // MARK: Texts and collections

  private mutating func text(_ depth: Int) -> String {
    guard depth > 0 else {
      return numbers.pick(["\"\"", "\"a\"", "\"é\\n\"", "\"👩‍👩‍👧 x\"", "\"\"\"\nraw \\n\"\"\""])
    }
    let d = depth - 1
    switch numbers.below(8) {
    case 0: return "(\(expression(.text, d)) + \(expression(.text, d)))"
    case 1, 2:
      let kind = numbers.pick(Kind.allCases.filter { $0 != .function && $0 != .loss })
      return "\"<\\(\(expression(kind, d)))>\""
    case 3: return "\(numbers.pick(["upper", "lower", "trim", "reverse", "string"]))(\(expression(.text, d)))"
    case 4: return "join(\(expression(.words, d)), \"-\")"
    case 5: return "replace(\(expression(.text, d)), \"a\", \(expression(.text, 0)))"
    case 6: return "format(\(expression(.float, d)), digits: \(numbers.below(5)), width: \(numbers.below(9)))"
    default: return "type(\(expression(numbers.pick(Kind.allCases), d)))"
    }
  }

  private mutating func list(_ depth: Int) -> String {
    guard depth > 0 else { return "append([], \(numbers.below(9)))" }
    let d = depth - 1
    switch numbers.below(9) {
    case 0: return "append(\(expression(.list, d)), \(expression(.integer, d)))"
    case 1: return "map(\(expression(.list, d)), k => k + \(expression(.integer, d)))"
    case 2: return "list([\(numbers.below(9)), \(expression(.integer, d)) % 99, 2])"
    case 3: return "append(filter(\(expression(.list, d)), k => k % 2 == 0), \(numbers.below(5)))"
    case 4: return "list([k * k for k in 0..\(1 + numbers.below(5)) if k != 3])"
    case 5: return "list(0..=\(numbers.below(5)))"
    case 6: return "\(expression(.record, d)).c"
    case 7: return "\(numbers.pick(["sort", "reverse"]))(\(expression(.list, d)))"
    default: return "\(expression(.list, d))[\(numbers.pick(["0..1", "..", "..=0", "-1.."]))]"
    }
  }

  private mutating func words(_ depth: Int) -> String {
    guard depth > 0 else { return "[\"p\", \"q\"]" }
    let d = depth - 1
    switch numbers.below(5) {
    case 0: return "append(\(expression(.words, d)), \(expression(.text, d)))"
    case 1: return "[\"\\(k)\" for k in \(expression(.list, d))]"
    case 2: return "[\(expression(.text, d)), \(expression(.text, d))]"
    case 3: return "map(\(expression(.words, d)), upper)"
    default: return "split(\"a b c\", \" \")"
    }
  }

  private mutating func record(_ depth: Int) -> String {
    let d = max(0, depth - 1)
    if depth > 0, numbers.once(in: 3) {
      return
        "{...\(expression(.record, d)), \(numbers.pick(["a: \(expression(.integer, d))", "b: 0.5", "more: none"]))}"
    }
    return "{a: \(expression(.integer, d)), b: \(expression(.float, d)), c: \(expression(.list, d))}"
  }

  // MARK: Tensors and functions

  private mutating func vector(_ depth: Int) -> String {
    guard depth > 0 else { return numbers.pick(["[1.0, 2.0, 3.0]", "ones(3)", "[0.5, -1, 2]", "zeros(3)"]) }
    let d = depth - 1
    switch numbers.below(9) {
    case 0, 1:
      return "(\(expression(.vector, d)) \(numbers.pick(["+", "-", "*", "/"])) \(expression(.vector, d)))"
    case 2: return "(\(expression(.float, d)) * \(expression(.vector, d)))"
    case 3:
      return
        "\(numbers.pick(["tanh", "relu", "softmax", "sort", "cumsum", "abs"]))(\(expression(.vector, d)))"
    case 4: return "[\(expression(.float, d)), \(expression(.integer, d)), 0.5]"
    case 5: return "grad(\(expression(.loss, d)))(\(expression(.vector, d)))"
    case 6: return "sum(\(expression(.matrix, d)), axis: 1)"
    case 7: return "randn(3, seed: \(numbers.below(9)))"
    default: return "where(\(expression(.vector, d)) > 0.0, \(expression(.vector, d)), 1.0)"
    }
  }

  private mutating func matrix(_ depth: Int) -> String {
    guard depth > 0 else {
      return numbers.pick(["ones(3, 2)", "[[1, 2.5], [3, 4], [5, 6]]", "reshape(range(0, 6), 3, 2)"])
    }
    let d = depth - 1
    switch numbers.below(5) {
    case 0: return "(\(expression(.matrix, d)) \(numbers.pick(["+", "-", "*"])) \(expression(.matrix, d)))"
    case 1: return "(\(expression(.matrix, d)) @ [[0.5, 1.0], [1.0, 0.0]])"
    case 2: return "(\(expression(.matrix, d)).T).T"
    case 3: return "stack([\(expression(.vector, d)), \(expression(.vector, d))], axis: 1)"
    default: return "(\(expression(.float, d)) * \(expression(.matrix, d)))"
    }
  }

  private mutating func function(_ depth: Int) -> String {
    let k = fresh()
    return scoped { program in
      program.bind(k, .integer)
      let body = program.expression(.integer, max(0, depth - 1))
      return program.numbers.once(in: 2)
        ? "(\(k) => \(body))" : "((\(k), more = \(k)) => { let z = more; z + \(body) })"
    }
  }

  private mutating func loss(_ depth: Int) -> String {
    guard depth > 0 else { return numbers.pick(["(x => sum(x^2))", "(x => sum(sin(x) * x))"]) }
    let d = depth - 1
    return numbers.pick([
      "(x => sum(\(expression(.float, d)) * x + x^2))", "(x => sum(tanh(x) * \(expression(.vector, d))))",
      "(x => { var s = 0.0; for i in 0..3 { s = s + sum(x) * i }; s })",
      "(x => if sum(x) > 1.0 { sum(exp(-x)) } else { sum(x * x * x) })", "(x => sum(grad(y => sum(y^3))(x)))",
    ])
  }
}

extension String {
  fileprivate var grouped: String { "(\(self))" }
}
