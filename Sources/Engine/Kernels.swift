/// Functions of one element. The raw values are those of `maas_unary_op`.
package enum UnaryKernel: Int32, CaseIterable, Sendable {
  case negate, absolute, sign, exp, expm1, log, log1p, sqrt
  case reciprocal, square, sin, cos, tan, asin, acos, atan
  case sinh, cosh, tanh, sigmoid, relu, softplus, erf, floor
  /// `round` takes halves to the even neighbour; `not` is true for zeros.
  case ceil, round, not, isnan, isfinite
}

/// Functions of two elements; `gate` lets the second pass where the first is positive, and is zero elsewhere. The raw values
/// are those of `maas_binary_op`.
package enum BinaryKernel: Int32, CaseIterable, Sendable {
  case add, subtract, multiply, divide, power, maximum, minimum
  case floorDivide, remainder, gate, equal, notEqual, less, lessOrEqual
  case greater, greaterOrEqual, and, or

  var givesBool: Bool { rawValue >= BinaryKernel.equal.rawValue }
}

/// Folds of many elements. The raw values are those of `maas_reduce_op`.
package enum ReduceKernel: Int32, CaseIterable, Sendable {
  case sum, product, max, min, any, all
}
