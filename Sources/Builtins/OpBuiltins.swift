import Engine
import Graph
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// Every op of the table as a function of the language: its parameters say how arguments become inputs and attributes.
enum OpBuiltins {
  static var all: [Builtin] { Op.all.filter(\.isBuiltin).map(builtin) }

  /// Functions of one real number, so that a loop over scalars does not make tensors.
  private static let ofNumbers: [String: @Sendable (Double) -> Double] = [
    "exp": { Glibc.exp($0) }, "log": { Glibc.log($0) }, "log1p": { Glibc.log1p($0) },
    "expm1": { Glibc.expm1($0) }, "sqrt": { $0.squareRoot() }, "sin": { Glibc.sin($0) },
    "cos": { Glibc.cos($0) }, "tan": { Glibc.tan($0) }, "tanh": { Glibc.tanh($0) },
  ]

  /// Functions of two whole numbers, likewise.
  private static let ofWholeNumbers: [String: @Sendable (Int, Int) -> Int] = [
    "minimum": { Swift.min($0, $1) }, "maximum": { Swift.max($0, $1) },
  ]

  static func builtin(_ op: Op) -> Builtin {
    let last = op.parameters.count - 1
    // Sizes at the end may be given one by one: reshape(x, 2, -1).
    let spreads = last >= 0 && (op.parameters[last].kind == .shape || op.parameters[last].kind == .integers)
    // So may tensors after something else: einsum("ij,jk->ik", a, b).
    let gathers = last > 0 && op.parameters[last].kind == .tensors
    let list = op.parameters.enumerated().map { index, parameter in
      if spreads || gathers, index == last { return "...\(parameter.name)" }
      return parameter.default.map { "\(parameter.name) = \(text($0))" } ?? parameter.name
    }
    let mapsLeaves = isElementwise(op)
    let ofTwo = ofTwo[op.name]
    let ofWholeNumbers = ofWholeNumbers[op.name]
    return Builtin(
      "\(op.name)(\(list.joined(separator: ", ")))", "\(op.documentation) \(op.formula)\n\(op.example)",
      ofNumber: ofNumbers[op.name], onlyCalculates: true
    ) { call in
      let first = call[0]
      if let ofWholeNumbers, case .int(let a) = first, call.values.count == 2,
        case .int(let b)? = call.values[1]
      {
        return .int(ofWholeNumbers(a, b))
      }
      if mapsLeaves, first.isStructure {
        let rest = Array(call.values.dropFirst())
        return try Structure.map(first) { try $0.hold(apply(op, [$0] + rest, spreads)) }
      }
      if let other = ofTwo, first.isNumber, call.values.count > 1, call.values[1] != nil {
        throw Failure(
          .badAxis, "`\(op.name)` is the \(other.word) element of a tensor along an axis",
          help: ["\(other.name)(a, b) is the \(other.word) of two numbers"], argument: 1)
      }
      return try apply(op, call.values, spreads)
    }
  }

  /// What other languages write `max(a, b)` for.
  private static let ofTwo: [String: (name: String, word: String)] = [
    "max": ("maximum", "largest"), "min": ("minimum", "smallest"),
  ]

  /// Whether the op keeps shapes and takes one tensor: it then maps over the leaves of a structure.
  private static func isElementwise(_ op: Op) -> Bool {
    guard op.parameters.first?.kind == .tensor, op.name != "trace" else { return false }
    return op.parameters.dropFirst().allSatisfy { $0.kind == .number }
  }

  static func text(_ attribute: Attribute) -> String {
    switch attribute {
    case .none: "none"
    case .flag(let flag): flag ? "true" : "false"
    case .axis(let number), .integer(let number): String(number)
    case .number(let number): Numbers.text(number)
    case .axes(let list), .shape(let list), .integers(let list): Words.shape(list)
    case .dtype(let dtype): dtype.name
    case .text(let text): ValuePrinter.quoted(text)
    case .ranges: "…"
    }
  }

  private static func apply(_ op: Op, _ values: [Value?], _ spreads: Bool) throws -> Value {
    var inputs: [Term] = []
    var attributes: [Attribute] = []
    for (index, parameter) in op.parameters.enumerated() {
      let given = index < values.count ? values[index] : nil
      if parameter.isInput {
        if parameter.kind == .tensors {
          inputs = try tensors(index > 0 ? unwrapped(given ?? .none) : given ?? .none, parameter.name, index)
        } else {
          inputs.append(try Conversion.term(given ?? .none, "`\(parameter.name)`", argument: index))
        }
      } else if let given, !isEmptyRest(given, spreads && index == op.parameters.count - 1) {
        attributes.append(try attribute(given, parameter, index))
      } else if let fallback = parameter.default {
        attributes.append(fallback)
      } else {
        throw Failure(.missingArgument, "`\(op.name)` needs `\(parameter.name)`")
      }
    }
    return try op.apply(inputs, attributes).value
  }

  private static func isEmptyRest(_ value: Value, _ isRest: Bool) -> Bool {
    guard isRest, case .list(let list) = value else { return false }
    return list.isEmpty
  }

  /// Arguments given one by one, or as one list.
  private static func unwrapped(_ value: Value) -> Value {
    guard case .list(let list) = value, list.count == 1, case .list = list[0] else {
      return value
    }
    return list[0]
  }

  /// A list of tensors; a tensor stands for its rows.
  static func tensors(_ value: Value, _ name: String, _ index: Int) throws -> [Term] {
    let elements: [Value]
    switch value {
    case .list(let list): elements = list.elements
    case .tuple(let tuple): elements = tuple.elements
    case .object(let object as TensorObject) where object.tensor.rank > 0:
      return try (0..<(object.tensor.shape.first ?? 0)).map { try object.term.row($0) }
    default:
      throw Failure(
        .wrongType, "`\(name)` is a list of tensors, not \(Failure.article(value.kind))", argument: index)
    }
    guard !elements.isEmpty else { throw Failure(.badValue, "`\(name)` is empty", argument: index) }
    return try elements.map { try Conversion.term($0, "each of `\(name)`", argument: index) }
  }

  private static func attribute(_ value: Value, _ parameter: OpParameter, _ index: Int) throws -> Attribute {
    func wrong(_ wanted: String) -> Failure {
      Failure(
        .wrongType, "`\(parameter.name)` is \(wanted), not \(Failure.article(value.kind))", argument: index)
    }
    switch parameter.kind {
    case .flag:
      guard case .bool(let flag) = value else { throw wrong("true or false") }
      return .flag(flag)
    case .axis:
      guard let axis = Conversion.integer(value) else { throw wrong("the number of an axis") }
      return .axis(axis)
    case .axes:
      if case .none = value { return .none }
      guard let axes = try Conversion.integers(value) else { throw wrong("an axis or a list of axes") }
      return .axes(axes)
    case .text:
      guard case .text(let text) = value else { throw wrong("a string") }
      return .text(text.string)
    case .shape, .integers, .pair:
      if case .none = value { return .none }
      guard let sizes = try sizes(value) else {
        throw wrong(parameter.kind == .pair ? "a whole number, or two" : "a list of whole numbers")
      }
      return parameter.kind == .shape ? .shape(sizes) : .integers(sizes)
    case .integer:
      guard let number = Conversion.integer(value) else { throw wrong("a whole number") }
      return .integer(number)
    case .number:
      guard let number = Conversion.number(value) else { throw wrong("a number") }
      return .number(number)
    case .tensor, .tensors, .dtype, .ranges: throw wrong("something else")
    }
  }

  /// Sizes given one by one, or as one list or tuple.
  static func sizes(_ value: Value) throws -> [Int]? {
    if case .list(let list) = value, list.count == 1, let inner = list.first {
      return try Conversion.integers(inner)
    }
    return try Conversion.integers(value)
  }
}
