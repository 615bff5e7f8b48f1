/// What recording and differentiation can refuse; what the kernels refuse is an `EngineError`.
package enum GraphError: Error, Sendable, Equatable {
  /// A gradient was asked of a value that is not one number.
  case notScalar(shape: [Int])
  /// The path from the variable to the value passes through an op that has no derivative.
  case noDerivative(operation: String)
  /// The value depends on the variable only by way of what this op gives: integers or booleans.
  case onlyDiscrete(operation: String)
  /// Two terms of different open tapes met in one op.
  case mixedTapes
  /// An op was called with a number of inputs that it does not have.
  case wrongInputCount(operation: String, expected: Int, given: Int)
}
