import Compression
import Engine
import Graph
import Runtime
import Syntax

/// A tensor as the language holds it.
package final class TensorObject: Object {
  package private(set) var term: Term
  /// How the elements are bound; `nil` where each is free.
  package let form: Form?

  package init(_ term: Term, form: Form? = nil) { (self.term, self.form) = (term, form) }

  package var tensor: Tensor { term.tensor }

  public override var kind: String {
    tensor.rank > 0 ? "tensor" : tensor.dtype == .bool ? "bool" : "number"
  }
  public override var isNumeric: Bool { true }
  public override var isParameter: Bool { tensor.dtype.isFloat }
  public override var count: Int? { tensor.shape.first }

  public override var asNumber: Value? {
    guard isNumber, !tensor.isHollow else { return nil }
    return tensor.dtype.isFloat
      ? (try? tensor.scalarDouble).map { .float($0) } : (try? tensor.int(at: 0)).map { .int($0) }
  }

  public override var isNumber: Bool { tensor.rank == 0 && tensor.dtype != .bool }
  public override var isSingle: Bool { tensor.rank == 0 }
  public override var isUnknown: Bool { tensor.isHollow }

  public override var asBool: Bool? {
    guard tensor.rank == 0, tensor.dtype == .bool else { return nil }
    return (try? tensor.int(at: 0)).map { $0 != 0 }
  }

  public override var isHeld: Bool { form != nil }
  public override func hold(_ value: Value) throws -> Value { try held(value) }
  public override func clear(_ value: Value) throws -> Value { try cleared(value) }

  public override var fieldNames: [String] { ["shape", "dtype", "size", "T"] }

  public override func field(_ name: String, _ machine: Machine) throws -> Value? {
    switch name {
    case "shape": .list(List(tensor.shape.map { .int($0) }))
    case "dtype": Workspace.of(machine).dtypeFunction(tensor.dtype)
    case "size": .int(tensor.count)
    case "T": try term.transposed().value
    default: nil
    }
  }

  public override func index(_ indices: [Value], _ machine: Machine) throws -> Value {
    try TensorIndexing(term, machine).read(indices).value
  }

  public override func settingIndex(_ indices: [Value], to value: Value, _ machine: Machine) throws -> Value {
    let new = try Conversion.term(value, "the new value", argument: indices.count + 1)
    return try TensorIndexing(term, machine).setting(indices, to: new).value
  }

  public override func setIndexInPlace(_ indices: [Value], to value: Value) -> Bool {
    guard form == nil, !indices.isEmpty, indices.count == tensor.rank else { return false }
    var offset = 0
    for (index, size) in zip(indices, tensor.shape) {
      guard case .int(let position) = index, position < size, position >= -size else { return false }
      offset = offset * size + (position < 0 ? position + size : position)
    }
    switch value {
    case .int(let number): return term.write(number, at: offset)
    case .float(let number): return term.write(number, at: offset)
    default: return false
    }
  }

  public override func binary(
    _ op: BinaryOperator, _ lhs: Value, _ rhs: Value, _ machine: Machine
  ) throws
    -> Value
  {
    try TensorOperators.binary(op, lhs, rhs, machine)
  }

  public override func unary(_ op: UnaryOperator, _ machine: Machine) throws -> Value {
    switch op {
    case .negate: try (-term).value
    case .not:
      if tensor.dtype == .bool {
        try Op.logicalNot(term).value
      } else {
        throw Failure(.notBoolean, "`not` takes booleans, this is \(summary)")
      }
    }
  }

  public override func makeIterator(_ machine: Machine) throws -> ValueIterator? {
    guard tensor.rank > 0 else { return nil }
    return RowIterator(term)
  }

  public override func hasShape(of other: Object) -> Bool {
    (other as? TensorObject)?.tensor.shape == tensor.shape
  }

  public override func isEqual(_ other: Object) -> Bool {
    guard let other = other as? TensorObject, other.tensor.shape == tensor.shape else { return false }
    guard let same = try? Op.allTrue(Op.equal(term.constant, other.term.constant)) else { return false }
    return (try? same.tensor.int(at: 0)) == 1
  }

  public override func description(_ printer: ValuePrinter) -> String {
    TensorText(tensor, printer.width).text
  }
  public override func display(_ printer: ValuePrinter) -> String {
    TensorText(tensor, printer.width).display
  }

  public override var heldBytes: Int { tensor.byteCount }

  /// Whether a line of working shows all of it: numbers, short vectors, small matrices.
  public override var isShownWhole: Bool { tensor.rank <= 2 && tensor.count <= 6 && tensor.count > 0 }

  /// A small tensor with all its digits, so that a line can be read back; of a larger one its shape and norm.
  public override var working: String {
    if isShownWhole, let rows = try? (0..<tensor.count).map(digits) {
      switch tensor.rank {
      case 0: return tensor.dtype == .f32 ? "f32(\(rows[0]))" : rows[0]
      case 1: return bracketed(rows)
      default:
        let width = tensor.shape[1]
        return bracketed(
          (0..<tensor.shape[0]).map { "[\(rows[$0 * width..<($0 + 1) * width].joined(separator: ", "))]" })
      }
    }
    let norm = try? Op.norm.apply(term.constant, []).tensor.scalarDouble
    return norm.map { "\(summary) ‖\(TensorText.sixDigits($0))‖" } ?? summary
  }

  private func digits(_ index: Int) throws -> String {
    switch tensor.dtype {
    case .f32: Numbers.text(Float(try tensor.double(at: index)))
    case .f64: Numbers.text(try tensor.double(at: index))
    case .bool: try tensor.int(at: index) != 0 ? "true" : "false"
    default: String(try tensor.int(at: index))
    }
  }

  /// What reads back as a tensor of this dtype; brackets make `f32`, `i64` and booleans by themselves.
  private func bracketed(_ parts: [String]) -> String {
    let list = "[\(parts.joined(separator: ", "))]"
    switch tensor.dtype {
    case .f32 where Graph.defaultFloat == .f32, .i64, .bool: return list
    default: return "\(tensor.dtype.name)(\(list))"
    }
  }

  public override var summary: String {
    tensor.rank == 0
      ? TensorText(tensor, 80).text : "\(tensor.dtype.name)[\(TensorText.dimensions(tensor.shape))]"
  }
}

extension Term {
  /// The term as a value: plain numbers and booleans are the language's own, unless they are being traced.
  package var value: Value {
    if tensor.rank == 0, !isTraced, !isCut, let value = plainValue { return value }
    return .object(TensorObject(self))
  }

  private var plainValue: Value? {
    if tensor.dtype == .bool { return (try? tensor.int(at: 0)).map { .bool($0 != 0) } }
    guard isWeak else { return nil }
    return tensor.dtype.isFloat
      ? (try? tensor.scalarDouble).map { .float($0) } : (try? tensor.int(at: 0)).map { .int($0) }
  }
}

/// Rows of a tensor, one after the other.
private final class RowIterator: ValueIterator {
  private let term: Term
  private var position = 0
  init(_ term: Term) { self.term = term }
  override func next(_ machine: Machine) throws -> Value? {
    guard position < (term.shape.first ?? 0) else { return nil }
    defer { position += 1 }
    return try term.row(position).value
  }
}

/// From values to terms.
package enum Conversion {
  /// The term behind a value, or `nil` where the value is no number, boolean or tensor.
  static func termIfNumeric(_ value: Value) -> Term? {
    switch value {
    case .int(let number): Term(Tensor(scalar: number), weak: true)
    case .float(let number): Term(Tensor(scalar: number), weak: true)
    case .bool(let flag): Term(Tensor(scalar: flag))
    case .object(let object): (object as? TensorObject)?.term
    default: nil
    }
  }

  /// A number, a tensor, a range or a list of numbers as a term.
  /// - Parameter role: how a message names the argument; written only where there is one.
  package static func term(
    _ value: Value, _ role: @autoclosure () -> String, argument: Int? = nil
  ) throws -> Term {
    if let term = termIfNumeric(value) { return term }
    switch value {
    case .list(let list):
      if let term = try termOfNumbers(list.elements) { return term }
    case .tuple(let tuple):
      if let term = try termOfNumbers(tuple.elements) { return term }
    case .range(let range): return Term(try Tensor(Array(range.lower..<range.upper)))
    default: break
    }
    throw Failure(
      .wrongType, "\(role()) is a number or a tensor, not \(Failure.article(value.kind))", argument: argument)
  }

  /// A list of numbers and numbers of rank 0 as a vector; lists of equal tensors are stacked.
  private static func termOfNumbers(_ values: [Value]) throws -> Term? {
    if values.isEmpty { return Term(try Tensor([Double](), shape: [0])) }
    if values.allSatisfy(\.isNumber) {
      let integers = values.compactMap { if case .int(let number) = $0 { number } else { nil as Int? } }
      if integers.count == values.count { return Term(try Tensor(integers)) }
      return Term(try Tensor(values.compactMap(number)))
    }
    let terms = values.compactMap(termIfNumeric)
    guard terms.count == values.count else { return nil }
    return try Term.stacked(terms, axis: 0)
  }

  /// A plain real number.
  package static func number(_ value: Value) -> Double? {
    switch value {
    case .int(let number): return Double(number)
    case .float(let number): return number
    case .object(let object):
      switch object.asNumber {
      case .int(let number)?: return Double(number)
      case .float(let number)?: return number
      default: return nil
      }
    default: return nil
    }
  }

  /// A whole number.
  package static func integer(_ value: Value) -> Int? {
    switch value {
    case .int(let number): return number
    case .float(let number): return Int(exactly: number)
    case .object(let object): return object.asNumber.flatMap(integer)
    default: return nil
    }
  }

  /// Whole numbers from one of them, a list, a tuple, or an integer tensor.
  static func integers(_ value: Value) throws -> [Int]? {
    switch value {
    case .list(let list):
      let numbers = list.compactMap(integer)
      return numbers.count == list.count ? numbers : nil
    case .tuple(let tuple):
      let numbers = tuple.elements.compactMap(integer)
      return numbers.count == tuple.elements.count ? numbers : nil
    case .object(let object as TensorObject) where object.tensor.rank == 1 && !object.tensor.dtype.isFloat:
      return try object.tensor.array(Int.self)
    default: return integer(value).map { [$0] }
    }
  }
}
