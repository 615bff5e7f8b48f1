import CRuntime
import Syntax

#if canImport(Glibc)
  import Glibc
#endif

/// Operators on any values.
extension Machine {
  func arithmetic(_ op: BinaryOperator, _ x: Slot, _ y: Slot) throws -> Slot {
    if x.tag == Slot.Tag.float || x.tag == Slot.Tag.int, y.tag == Slot.Tag.float || y.tag == Slot.Tag.int {
      return Slot(try Machine.arithmetic(op, x, y))
    }
    let result = try binary(op, x.value, y.value)
    if let exploration { try exploration.note(self) }
    return Slot(result)
  }

  /// `lhs op rhs` for any values.
  package func binary(_ op: BinaryOperator, _ lhs: Value, _ rhs: Value) throws -> Value {
    if op.isComparison { return try comparison(op, lhs, rhs) }
    if lhs.isNumber, rhs.isNumber {
      return try Machine.arithmetic(op, Slot(lhs), Slot(rhs))
    }
    if lhs.isStructure || rhs.isStructure, op != .matrixMultiply {
      return try Structure.zip(lhs, rhs, on: self, op: op) { try self.binary(op, $0, $1) }
    }
    if case .object(let object) = lhs { return try object.binary(op, lhs, rhs, self) }
    if case .object(let object) = rhs { return try object.binary(op, lhs, rhs, self) }
    if op == .add, case .text(let a) = lhs, case .text(let b) = rhs {
      try MemoryWatch.need(a.string.utf8.count + b.string.utf8.count)
      return .string(a.string + b.string)
    }
    throw Failure.unsupportedOperands(op, lhs, rhs)
  }

  /// Arithmetic on two plain numbers.
  static func arithmetic(_ op: BinaryOperator, _ x: Slot, _ y: Slot) throws -> Value {
    if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int { return try arithmetic(op, x.int, y.int) }
    let a = x.tag == Slot.Tag.int ? Double(x.int) : x.float
    let b = y.tag == Slot.Tag.int ? Double(y.int) : y.float
    switch op {
    case .add: return .float(a + b)
    case .subtract: return .float(a - b)
    case .multiply: return .float(a * b)
    case .divide: return .float(a / b)
    case .floorDivide:
      guard b != 0 else { throw divisionByZero(op) }
      return .float(floorQuotient(a, b))
    case .remainder:
      guard b != 0 else { throw divisionByZero(op) }
      let remainder = fmod(a, b)
      return .float(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
    case .power: return .float(power(a, b))
    default: throw Failure.unsupportedOperands(op, x.value, y.value)
    }
  }

  /// `a^b`, small powers by multiplication as in the tensors' kernel, so that it has the same bits everywhere.
  static func power(_ a: Double, _ b: Double) -> Double {
    switch b {
    case 2: a * a
    case 0.5: a == -.infinity ? .infinity : (a + 0).squareRoot()
    case 1: a
    case 3: a * a * a
    case -1: 1 / a
    default: pow(a, b)
    }
  }

  /// `a // b`, of what a division without rest leaves, as in the tensors' kernel.
  private static func floorQuotient(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    var quotient = (a - rest) / b
    if rest != 0, (rest < 0) != (b < 0) { quotient -= 1 }
    guard quotient != 0 else { return Double(signOf: a / b, magnitudeOf: 0) }
    let floor = quotient.rounded(.down)
    return quotient - floor > 0.5 ? floor + 1 : floor
  }

  private static func divisionByZero(_ op: BinaryOperator) -> Failure {
    Failure(
      .divisionByZero, "`\(op.rawValue)` by zero has no value",
      help: ["`/` by zero is inf or nan; `//` and `%` need a divisor that is not 0"])
  }

  private static func arithmetic(_ op: BinaryOperator, _ a: Int, _ b: Int) throws -> Value {
    switch op {
    case .add: return .int(try checked(op, a, b, a.addingReportingOverflow(b)))
    case .subtract: return .int(try checked(op, a, b, a.subtractingReportingOverflow(b)))
    case .multiply: return .int(try checked(op, a, b, a.multipliedReportingOverflow(by: b)))
    case .divide: return .float(Double(a) / Double(b))
    case .floorDivide:
      guard b != 0 else { throw divisionByZero(op) }
      let quotient = try checked(op, a, b, a.dividedReportingOverflow(by: b))
      return .int(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient)
    case .remainder:
      guard b != 0 else { throw divisionByZero(op) }
      if b == -1 { return .int(0) }
      let remainder = a % b
      return .int(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder)
    case .power: return try power(a, b)
    default: throw Failure.unsupportedOperands(op, .int(a), .int(b))
    }
  }

  private static func power(_ base: Int, _ exponent: Int) throws -> Value {
    guard exponent >= 0 else { return .float(power(Double(base), Double(exponent))) }
    var (result, square, rest) = (1, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 {
        result = try checked(.power, base, exponent, result.multipliedReportingOverflow(by: square))
      }
      rest >>= 1
      if rest > 0 {
        square = try checked(.power, base, exponent, square.multipliedReportingOverflow(by: square))
      }
    }
    return .int(result)
  }

  private static func checked(
    _ op: BinaryOperator, _ a: Int, _ b: Int, _ result: (partialValue: Int, overflow: Bool)
  ) throws -> Int {
    guard !result.overflow else {
      throw Failure(
        .overflow, "`\(a) \(op.rawValue) \(b)` does not fit a 64-bit integer",
        help: ["write a float, \(Numbers.text(Double(a))), where rounding is fine"])
    }
    return result.partialValue
  }

  package func negated(_ value: Value) throws -> Value {
    switch value {
    case .float(let number): return .float(-number)
    case .int(let number): return try Machine.arithmetic(.subtract, 0, number)
    case .object(let object) where !(object is ModelValue): return try object.unary(.negate, self)
    default:
      guard value.isStructure else {
        throw Failure(.wrongType, "`-` does not take \(Failure.article(value.kind))")
      }
      return try Structure.map(value) { try $0.hold(self.negated($0)) }
    }
  }

  func not(_ x: Slot) throws -> Slot {
    if case .object(let object) = x.value { return Slot(try object.unary(.not, self)) }
    do { return Slot(!(try truth(x.value))) } catch var failure as Failure {
      failure.argument = 0
      throw failure
    }
  }

  // MARK: Comparison

  func comparison(_ op: BinaryOperator, _ x: Slot, _ y: Slot) throws -> Slot {
    Slot(try comparison(op, x.value, y.value))
  }

  /// Whether a condition that compares holds.
  func test(_ op: BinaryOperator, _ x: Slot, _ y: Slot) throws -> Bool {
    try truth(try comparison(op, x.value, y.value))
  }

  private func comparison(_ op: BinaryOperator, _ lhs: Value, _ rhs: Value) throws -> Value {
    if op == .contains { return .bool(try contains(rhs, lhs)) }
    if let a = Machine.double(lhs), let b = Machine.double(rhs) {
      if case .int(let a) = lhs, case .int(let b) = rhs { return .bool(Machine.ordered(op, a, b)) }
      return .bool(Machine.ordered(op, a, b))
    }
    if case .object(let object) = lhs, object.isNumeric { return try object.binary(op, lhs, rhs, self) }
    if case .object(let object) = rhs, object.isNumeric { return try object.binary(op, lhs, rhs, self) }
    switch op {
    case .equal: return .bool(try Equality.equal(lhs, rhs, self))
    case .notEqual: return .bool(!(try Equality.equal(lhs, rhs, self)))
    default: break
    }
    if case .text(let a) = lhs, case .text(let b) = rhs {
      return .bool(Machine.ordered(op, a.string, b.string))
    }
    throw Failure(
      .wrongType,
      "`\(op.rawValue)` orders numbers and strings, not \(Failure.article(lhs.kind)) and \(Failure.article(rhs.kind))",
      labelsOperands: true)
  }

  private static func ordered<T: Comparable>(_ op: BinaryOperator, _ a: T, _ b: T) -> Bool {
    switch op {
    case .equal: a == b
    case .notEqual: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    default: a >= b
    }
  }

  static func double(_ value: Value) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  private func contains(_ container: Value, _ value: Value) throws -> Bool {
    switch container {
    case .list(let list): return try list.contains { try Equality.equal($0, value, self) }
    case .tuple(let tuple): return try tuple.elements.contains { try Equality.equal($0, value, self) }
    case .record(let record):
      if case .text(let name) = value { return record.names.contains(name.string) }
      throw Failure(.wrongType, "`in` looks for a field's name, a string, in a record")
    case .text(let text):
      guard case .text(let part) = value else { break }
      return part.string.isEmpty || text.string.contains(part.string)
    case .range(let range):
      switch value {
      case .int(let number): return number >= range.lower && number < range.upper
      case .float(let number):
        return number == number.rounded() && number >= Double(range.lower) && number < Double(range.upper)
      default: return false
      }
    case .object(let object):
      if case .bool(let found) = try object.binary(.contains, value, container, self) { return found }
    default: break
    }
    throw Failure(
      .wrongType,
      "`in` cannot look into \(Failure.article(container.kind)) for \(Failure.article(value.kind))",
      labelsOperands: true)
  }

  // MARK: Conditions

  /// What a condition makes of a value: booleans only.
  package func truth(_ value: Value) throws -> Bool {
    switch value {
    case .bool(let truth): return truth
    case .object(let object):
      if let truth = object.asBool { return truth }
      if let number = object.asNumber { return try truth(number) }
      if object.isNumeric {
        throw Failure(
          .notBoolean, "a condition is one boolean, this is \(object.summary)",
          help: ["all(…), any(…) or equal(a, b) make one boolean of a tensor"], labelsOperands: false)
      }
    case .int, .float:
      throw Failure(
        .notBoolean, "a condition is true or false, this is the number \(summary(of: value))",
        help: ["write the comparison: `… != 0`"])
    default: break
    }
    throw Failure(.notBoolean, "a condition is true or false, this is \(Failure.article(value.kind))")
  }

  /// The left side of `and`/`or` that is no plain boolean: a boolean tensor goes on, anything else is refused.
  func requireBooleanOperand(_ slot: Slot, _ op: BinaryOperator) throws {
    let value = slot.value
    if case .object(let object) = value, object.isNumeric { return }
    if case .object(let object) = value, object.asBool != nil { return }
    throw Failure(
      .notBoolean, "`\(op.rawValue)` takes booleans, this is \(Failure.article(value.kind))",
      help: value.isNumber ? ["write the comparison: `… != 0`"] : [])
  }

  func combine(_ x: Slot, _ y: Slot, isAnd: Bool) throws -> Slot {
    let (lhs, rhs) = (x.value, y.value)
    if case .object(let object) = lhs { return Slot(try object.binary(isAnd ? .and : .or, lhs, rhs, self)) }
    if case .bool = lhs {
      if case .bool(let right) = rhs { return Slot(right) }
      // `true and t`: the boolean broadcasts.
      if case .object(let object) = rhs { return Slot(try object.binary(isAnd ? .and : .or, lhs, rhs, self)) }
    }
    throw Failure(
      .notBoolean, "`\(isAnd ? "and" : "or")` takes booleans, this is \(Failure.article(rhs.kind))",
      help: rhs.isNumber ? ["write the comparison: `… != 0`"] : [], argument: 1)
  }
}
