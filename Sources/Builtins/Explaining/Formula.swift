import Engine
import Graph
import Runtime
import Syntax

/// A piece of maas text and how tightly it binds.
struct Formula {
  let text: String
  let precedence: Precedence
  /// Whether the text, read back, gives the value: false where a tensor is shown by its shape and norm.
  var isExact = true

  /// A name, a literal, a call: what needs no parentheses anywhere.
  init(_ text: String, _ precedence: Precedence = .postfix, isExact: Bool = true) {
    (self.text, self.precedence, self.isExact) = (text, precedence, isExact)
  }

  /// A value with all its digits, or a tensor's shape and norm.
  init(_ term: Term) {
    let value = term.constant.value
    let text: String
    if case .object(let object) = value {
      text = object.working
      isExact = (object as? TensorObject)?.isShownWhole ?? false
    } else {
      text = ValuePrinter().element(value)
    }
    self.text = text
    precedence = text.hasPrefix("-") ? .negation : .postfix
  }

  /// A constant of a formula: the 2 of `x^2`, whatever it was computed as.
  init(constant term: Term) {
    if term.isWeak, term.dtype == .f64, let number = try? term.tensor.scalarDouble,
      let whole = Int(exactly: number),
      abs(whole) < 1_000_000
    {
      self.init(String(whole), whole < 0 ? .negation : .postfix)
    } else {
      self.init(term)
    }
  }

  func operand(atLeast least: Precedence) -> String { precedence < least ? "(\(text))" : text }

  static func binary(_ op: BinaryOperator, _ left: Formula, _ right: Formula) -> Formula {
    let own = op.precedence
    let (l, r): (Precedence, Precedence) =
      switch op {
      case .power: (.postfix, .negation)
      case _ where op.isComparison: (.sum, .sum)
      default: (own, Precedence(rawValue: own.rawValue + 1) ?? .postfix)
      }
    return Formula(
      "\(left.operand(atLeast: l))\(op == .power ? "^" : " \(op.rawValue) ")\(right.operand(atLeast: r))",
      own, isExact: left.isExact && right.isExact)
  }

  static func negated(_ inner: Formula) -> Formula {
    Formula("-\(inner.operand(atLeast: .power))", .negation, isExact: inner.isExact)
  }

  static func call(_ name: String, _ arguments: [Formula], _ rest: [String] = []) -> Formula {
    let list = (arguments.map(\.text) + rest).joined(separator: ", ")
    return Formula("\(name)(\(list))", isExact: arguments.allSatisfy(\.isExact))
  }
}

/// Recorded calls as the maas text that computes the same.
enum OpText {
  private static let operators: [String: BinaryOperator] = [
    "add": .add, "subtract": .subtract, "multiply": .multiply, "divide": .divide, "power": .power,
    "floor_divide": .floorDivide, "remainder": .remainder, "less": .less, "less_or_equal": .lessOrEqual,
    "greater": .greater, "greater_or_equal": .greaterOrEqual, "equal_elements": .equal,
    "not_equal": .notEqual, "and": .and, "or": .or,
  ]

  /// Whether a call only passes its input on: it gets no line of its own.
  static func isPassing(_ call: RecordedCall, _ input: Term) -> Bool {
    guard let op = call.op else { return false }
    return op === Op.identity || (op === Op.convert && call.value.dtype == input.dtype)
  }

  static func formula(of call: RecordedCall, _ inputs: [Formula], values: [Term]) -> Formula {
    guard let op = call.op, let first = inputs.first, let value = values.first else { return Formula("?") }
    if isPassing(call, value) { return first }
    if let known = operators[op.name], inputs.count == 2 { return .binary(known, first, inputs[1]) }
    switch op.name {
    case "reshape", "broadcast":
      // Of one number only the last shape matters.
      if values.first?.tensor.count == 1, call.value.tensor.count == 1, op.name == "reshape" { return first }
    case "negate": return .negated(first)
    case "square": return .binary(.power, first, Formula("2"))
    case "convert": return .call(call.value.dtype.name, [first])
    case "row":
      return Formula(
        "\(first.operand(atLeast: .postfix))[\(number(call.attributes.first))]", isExact: first.isExact)
    case "place_row":
      // The same zeros, in words that can be typed.
      guard call.value.rank == 1 else { break }
      let (place, count) = (number(call.attributes.first), number(call.attributes.dropFirst().first))
      return .call("where", [Formula("range(0, \(count)) == \(place)"), first, Formula("0.0")])
    case "transpose" where value.rank == 2 && call.attributes.isEmpty:
      return Formula("\(first.operand(atLeast: .postfix)).T", isExact: first.isExact)
    case "matmul" where inputs.count == 2: return product(call, inputs)
    default: break
    }
    return generic(op, call, inputs)
  }

  private static func product(_ call: RecordedCall, _ inputs: [Formula]) -> Formula {
    func side(_ position: Int) -> Formula {
      guard position < call.attributes.count, case .flag(true) = call.attributes[position] else {
        return inputs[position]
      }
      return Formula("\(inputs[position].operand(atLeast: .postfix)).T", isExact: inputs[position].isExact)
    }
    return .binary(.matrixMultiply, side(0), side(1))
  }

  private static func generic(_ op: Op, _ call: RecordedCall, _ inputs: [Formula]) -> Formula {
    let settings = op.parameters.filter { !$0.isInput }
    let last = op.parameters.last?.kind
    let spreads = last == .shape || last == .integers
    var rest: [String] = []
    for (offset, pair) in zip(settings, call.attributes).enumerated() where pair.0.default != pair.1 {
      let isSpread = spreads && offset == settings.count - 1
      rest.append(isSpread ? list(pair.1) : "\(pair.0.name): \(text(pair.1))")
    }
    var formula = Formula.call(op.name, inputs, rest)
    // A step of a derivative has no name that could be typed.
    if !op.isBuiltin { formula.isExact = false }
    return formula
  }

  private static func number(_ attribute: Attribute?) -> String {
    if case .integer(let number)? = attribute { String(number) } else { "?" }
  }

  private static func list(_ attribute: Attribute) -> String {
    switch attribute {
    case .shape(let sizes), .integers(let sizes), .axes(let sizes):
      sizes.map(String.init).joined(separator: ", ")
    default: text(attribute)
    }
  }

  private static func text(_ attribute: Attribute) -> String {
    switch attribute {
    case .axes(let axes) where axes.count == 1: String(axes[0])
    case .axes(let list), .shape(let list), .integers(let list): Words.shape(list)
    default: OpBuiltins.text(attribute)
    }
  }
}
