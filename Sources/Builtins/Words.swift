import Engine
import Graph
import Learning
import Runtime
import Syntax

/// The words for plain facts that the numeric tower throws.
enum Words {
  /// `[32, 784]`
  static func shape(_ shape: [Int]) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }

  static func failure(for error: any Error) -> Failure {
    switch error {
    case let failure as Failure: failure
    case let error as EngineError: failure(for: error)
    case let error as GraphError: failure(for: error)
    case let error as DataError: failure(for: error)
    default: Failure(.badValue, "this cannot be done: \(error)")
    }
  }

  static func failure(for error: EngineError) -> Failure {
    switch error {
    case .shapeMismatch(let mismatch):
      return Failure(
        .shapeMismatch, "shapes do not match: \(shape(mismatch.lhs)) and \(shape(mismatch.rhs))",
        notes: [mismatch.reason], labelsOperands: true)
    case .badAxis(let axis, let rank):
      return Failure(
        .badAxis, "there is no axis \(axis)",
        notes: [
          rank == 0
            ? "a single number has no axes" : "the axes are 0 to \(rank - 1), or -1 to \(-rank) from the end"
        ])
    case .badShape(let shape, let reason):
      return Failure(.badShape, "the shape \(Words.shape(shape)) is not possible here", notes: [reason])
    case .indexOutOfRange(let index, let count, let axis):
      var failure = Machine.outOfRange(index, count)
      if axis > 0 { failure.notes.append("on axis \(axis)") }
      return failure
    case .outOfMemory(let bytes):
      return Failure(
        .outOfMemory, "this needs \(Words.bytes(bytes)), more than there is",
        notes: ["the limit is \(Words.bytes(MemoryLimit.bytes))"])
    case .divisionByZero:
      return Failure(
        .divisionByZero, "a whole number is divided by zero",
        help: ["`/` by zero is inf or nan; `//` and `%` need a divisor that is not 0"])
    case .unsupported(let operation, let dtype, let reason):
      return Failure(.wrongType, "`\(operation)` does not take \(dtype.name)", notes: [reason])
    case .badValue(let reason): return Failure(.badValue, reason)
    case .hollow: return .unknown
    case .cancelled: return Failure(.interrupted, "interrupted")
    case .malformedFile(let path, let byte, let reason):
      return Failure(.malformedFile, "`\(path)` is damaged at byte \(byte)", notes: [reason])
    case .unreadableFile(let path, let reason):
      return Failure(.unreadableFile, "`\(path)` cannot be read", notes: [reason])
    case .unwritableFile(let path, let reason):
      return Failure(.unwritableFile, "`\(path)` cannot be written", notes: [reason])
    }
  }

  private static func failure(for error: GraphError) -> Failure {
    switch error {
    case .notScalar(let shape):
      Failure(
        .gradientOfNonScalar,
        "a gradient is taken of one number, the function gives shape \(Words.shape(shape))",
        help: ["sum(…) or mean(…) makes one number of it; jacobian is for functions of several"])
    case .noDerivative(let operation):
      Failure(
        .notDifferentiable, "`\(operation)` has no derivative",
        help: ["stop_gradient(…) around it treats its value as a constant"])
    case .onlyDiscrete(let operation):
      Failure(
        .notDifferentiable, "\(written(operation)) has no derivative",
        notes: ["the function depends on its argument only by way of it: its gradient would be 0 everywhere"],
        help: ["softmax, sigmoid and losses like cross_entropy are smooth; stop_gradient(…) makes a constant"]
      )
    case .mixedTapes:
      Failure(.notDifferentiable, "values of two unrelated gradients meet here")
    case .wrongInputCount(let operation, let expected, let given):
      Failure(
        .tooManyArguments, "`\(operation)` takes \(Machine.counted(expected, "tensor")), here are \(given)")
    }
  }

  /// An op as programs write it.
  private static func written(_ operation: String) -> String {
    let signs = [
      "equal_elements": "==", "not_equal": "!=", "less": "<", "less_or_equal": "<=", "greater": ">",
      "greater_or_equal": ">=",
    ]
    if operation == Op.convert.name { return "a conversion to integers or booleans" }
    return "`\(signs[operation] ?? operation)`"
  }

  private static func failure(for error: DataError) -> Failure {
    switch error {
    case .missing(let name, let places, let help):
      Failure(
        .missingDataset, "\(name) is not on this machine",
        notes: ["looked in \(places.joined(separator: ", "))"],
        help: [help])
    case .disagreement(let reason): Failure(.malformedFile, reason)
    case .badLabel(let label, let classes, let row, let source):
      Failure(
        .malformedFile, "the label \(label) in row \(row) of \(source) has no class",
        notes: ["there are \(classes) classes, 0 to \(classes - 1)"])
    case .badValue(let reason): Failure(.badValue, reason)
    }
  }

  /// `1.6 GB`
  static func bytes(_ count: Int) -> String {
    if count == Int.max { return "more bytes than can be counted" }
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
    var (value, unit) = (Double(count), 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(count) bytes" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
