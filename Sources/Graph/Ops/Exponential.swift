import Engine

extension Op {
  static let exponentials = [exp, expm1, log, log1p]

  package static let exp: Op = Op(
    "exp", "The exponential of each element.", formula: "eˣ",
    example: "> exp([0.0, 1.0])\n[1.0, 2.71828]", [.tensor("x")], .unaryKernel(.exp),
    dtypes: .floating, derivative: .each([{ try $0.g * $0.output }]), samples: .elementwise())

  package static let expm1: Op = Op(
    "expm1", "The exponential less one, exact near zero.", formula: "eˣ - 1",
    example: "> expm1(f64([1e-10]))\n[1e-10]", [.tensor("x")],
    .unaryKernel(.expm1), dtypes: .floating, derivative: .each([{ try $0.g * exp($0.x) }]),
    samples: .elementwise())

  package static let log: Op = Op(
    "log", "The natural logarithm of each element.", formula: "ln x",
    example: "> log([1.0, 10.0])\n[0.0, 2.30259]", [.tensor("x")], .unaryKernel(.log),
    dtypes: .floating, derivative: .each([{ try $0.g / $0.x }]), samples: .elementwise(.positive))

  package static let log1p: Op = Op(
    "log1p", "The logarithm of one more than each element, exact near zero.", formula: "ln(1 + x)",
    example: "> log1p(f64([1e-10]))\n[1e-10]",
    [.tensor("x")], .unaryKernel(.log1p), dtypes: .floating,
    derivative: .each([{ try $0.g / (1 + $0.x) }]), samples: .elementwise(.positive))
}
