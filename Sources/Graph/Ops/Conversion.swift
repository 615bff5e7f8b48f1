import Engine

extension Term {
  /// The same numbers in another dtype.
  package func converted(to dtype: DType, weak: Bool = false) throws -> Term {
    if self.dtype == dtype && isWeak == weak { return self }
    return try Op.convert.apply(self, [.dtype(dtype), .flag(weak)])
  }

  /// The same value as a constant.
  package func stoppingGradient() -> Term { constant }
}

extension Op {
  static let conversions = [convert, identity, stopGradient]

  /// Into a dtype without fractions the derivative is zero: such a call gives a constant.
  package static let convert: Op = Op(
    "convert", "The same numbers in another dtype.", formula: "x",
    [.tensor("x"), OpParameter(name: "dtype", kind: .dtype, default: nil), .flag("plain")],
    .unary { x, attributes in try x.converted(to: attributes.dtype(0) ?? x.dtype) },
    derivative: .each([{ $0.output.dtype.isFloat ? $0.g : nil }]),
    samples: [
      Sample([3], [.dtype(.f64), .flag(false)]), Sample([], [.dtype(.f64), .flag(true)]),
      Sample([3], [.dtype(.i64), .flag(false)]),
    ], isBuiltin: false, weakness: .stated,
    step: { $0.converted($1.x, to: $1.dtype) })

  package static let identity: Op = Op(
    "identity", "The same value; its place on the tape is its own.", formula: "x",
    example: "> identity([1, 2])\n[1, 2]", [.tensor("x")],
    .unary { x, _ in x }, derivative: .each([{ $0.g }]), samples: .elementwise(),
    step: { $1.x })

  package static let stopGradient: Op = Op(
    "stop_gradient", "The same value, which counts as a constant in derivatives.", formula: "x",
    example: "> grad(x => x * stop_gradient(x))(3.0)\n3.0",
    [.tensor("x")], .unary { x, _ in x }, derivative: .constant, samples: .elementwise())
}
