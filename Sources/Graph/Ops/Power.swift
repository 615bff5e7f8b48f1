import Engine

extension Op {
  package static let power: Op = Op(
    "power", "Each element raised to a power; an integer raised to a negative integer is a float.",
    formula: "xʸ", [.tensor("x"), .tensor("y")],
    .binary { x, y, _ in
      if y.dtype.isInteger, !x.dtype.isFloat, try hasNegative(y) {
        let dtype = x.rank == 0 && y.rank == 0 ? DType.f64 : Graph.defaultFloat
        return try Tensor.binary(.power, x.converted(to: dtype), y.converted(to: dtype))
      }
      return try Tensor.binary(.power, x, y)
    }, dtypes: .promoted, derivative: .each([{ try inBase($0) }, { try inExponent($0) }]),
    samples: .pairs(.positive, .any) + [
      Sample(inputs: [.init([4], .any), .init([], .fixed([2]))]),
      Sample(inputs: [.init([4], .any), .init([], .fixed([3]))]),
      Sample(inputs: [.init([], .values([-1.5])), .init([], .fixed([1]))]),
      Sample(inputs: [.init([3], .any), .init([], .fixed([0]))]),
      Sample(inputs: [.init([3], .positive), .init([3], .values([0, -2, 0.5]))]),
    ], isBuiltin: false, step: { $0.binary(.power, $1.x, $1.y, $1.shape) })

  private static func hasNegative(_ exponent: Tensor) throws -> Bool {
    if exponent.isHollow { return false }
    let zero = Tensor(scalar: 0, dtype: exponent.dtype)
    let negative = try Tensor.binary(.less, exponent, zero)
    return try Tensor.reduce(.any, negative, axes: nil, keep: false).scalarDouble != 0
  }

  /// y xʸ⁻¹, which is zero where both are zero.
  private static func inBase(_ d: Derivation) throws -> Term? {
    let y = d.y
    if y.rank == 0, !y.isTraced, !y.tensor.isHollow {
      switch try y.tensor.scalarDouble {
      case 0: return nil
      case 1: return d.g
      case 2: return try 2 * d.x * d.g
      case let exponent: return try y * power(d.x, lowered(exponent, like: y)) * d.g
      }
    }
    let bothZero = try logicalAnd(equal(d.x, 0), equal(y, 0))
    return try y * power(d.x, select(bothZero, 1, y - 1)) * d.g
  }

  /// xʸ log x, which is zero where x is zero.
  private static func inExponent(_ d: Derivation) throws -> Term? {
    let isZero = try equal(d.x, 0)
    let slope = try d.output * log(select(isZero, 1, d.x))
    return try d.g * select(isZero, 0, slope)
  }

  private static func lowered(_ exponent: Double, like y: Term) -> Term {
    Term(Tensor(scalar: exponent - 1, dtype: y.dtype.isFloat ? y.dtype : .f64), weak: true)
  }
}
