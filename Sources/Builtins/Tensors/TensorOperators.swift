import Engine
import Graph
import Runtime
import Syntax

/// Operators where one side is a tensor.
enum TensorOperators {
  static func binary(
    _ op: BinaryOperator, _ lhs: Value, _ rhs: Value, _ machine: Machine
  ) throws -> Value {
    if op == .contains { return .bool(try contains(rhs, lhs)) }
    guard let a = Conversion.termIfNumeric(lhs), let b = Conversion.termIfNumeric(rhs) else {
      // A tensor is never equal to what is no number.
      if op == .equal { return .bool(false) }
      if op == .notEqual { return .bool(true) }
      throw Failure.unsupportedOperands(op, lhs, rhs)
    }
    do {
      if op == .matrixMultiply, let product = try rhs.heldProduct(a, machine) { return product.value }
      return try apply(op, a, b).value
    } catch let error as EngineError {
      throw operatorFailure(error, a, b)
    }
  }

  private static func apply(_ op: BinaryOperator, _ a: Term, _ b: Term) throws -> Term {
    switch op {
    case .add: return try a + b
    case .subtract: return try a - b
    case .multiply: return try a * b
    case .divide: return try a / b
    case .floorDivide: return try Op.floorDivide(a, b)
    case .remainder: return try Op.remainder(a, b)
    case .power: return try Op.power(a, b)
    case .matrixMultiply: return try product(a, b)
    case .equal: return try Op.equal(a, b)
    case .notEqual: return try Op.notEqual(a, b)
    case .less: return try Op.less(a, b)
    case .lessOrEqual: return try Op.lessOrEqual(a, b)
    case .greater: return try Op.greater(a, b)
    case .greaterOrEqual: return try Op.greaterOrEqual(a, b)
    case .and, .or:
      for term in [a, b] where term.dtype != .bool {
        throw Failure(
          .notBoolean, "`\(op.rawValue)` takes booleans, this is \(TensorObject(term).summary)",
          help: ["write the comparison: `… != 0`"])
      }
      return try (op == .and ? Op.logicalAnd : Op.logicalOr)(a, b)
    case .contains: return a
    }
  }

  private static func product(_ a: Term, _ b: Term) throws -> Term {
    guard a.rank > 0, b.rank > 0 else {
      throw Failure(
        .shapeMismatch, "`@` multiplies matrices and vectors, and one side is a single number",
        help: ["`*` multiplies by a number"], labelsOperands: true)
    }
    return try Term.product(a, b)
  }

  private static func contains(_ container: Value, _ value: Value) throws -> Bool {
    guard case .object(let object as TensorObject) = container, let wanted = Conversion.termIfNumeric(value)
    else {
      throw Failure(
        .wrongType,
        "`in` cannot look into \(Failure.article(container.kind)) for \(Failure.article(value.kind))",
        labelsOperands: true)
    }
    return try Op.anyTrue(Op.equal(object.term.constant, wanted.constant)).tensor.int(at: 0) != 0
  }

  private static func operatorFailure(_ error: EngineError, _ a: Term, _ b: Term) -> Failure {
    var failure = Words.failure(for: error)
    failure.labelsOperands = true
    if case .shapeMismatch = error, a.rank == 2, b.rank == 2, failure.help.isEmpty {
      if a.shape[1] == b.shape[1] {
        failure.help.append("the right one transposed, `.T`, would fit `@`")
      } else if a.shape[0] == b.shape[0] {
        failure.help.append("the left one transposed, `.T`, would fit `@`")
      }
    }
    return failure
  }
}
