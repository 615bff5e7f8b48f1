/// Two operands whose shapes do not fit, and why.
package struct ShapeMismatch: Error, Sendable, Equatable {
  package let operation: String
  package let lhs: [Int]
  package let rhs: [Int]
  /// A clause about "the left" and "the right".
  package let reason: String

  package init(operation: String, lhs: [Int], rhs: [Int], reason: String) {
    self.operation = operation
    self.lhs = lhs
    self.rhs = rhs
    self.reason = reason
  }
}

/// Everything an engine call can refuse: plain facts, to which the language adds words.
package enum EngineError: Error, Sendable {
  case shapeMismatch(ShapeMismatch)
  case badAxis(axis: Int, rank: Int)
  case badShape(shape: [Int], reason: String)
  case indexOutOfRange(index: Int, count: Int, axis: Int)
  /// Bytes that were asked for, `Int.max` when their number overflows.
  case outOfMemory(bytes: Int)
  case divisionByZero
  case unsupported(operation: String, dtype: DType, reason: String)
  case badValue(String)
  /// An element was asked for of a tensor that has none: see `Rehearsal`.
  case hollow
  /// It was told to stop.
  case cancelled
  case malformedFile(path: String, byte: Int, reason: String)
  case unreadableFile(path: String, reason: String)
  case unwritableFile(path: String, reason: String)
}
