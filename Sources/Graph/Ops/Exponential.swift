import Engine

extension Op {
  static let exponentials = [exp, expm1, log, log1p]

  package static let exp: Op = Op(
    "exp", "The exponential of each element.", formula: "eˣ", [.tensor("x")], .unaryKernel(.exp),
    dtypes: .floating, derivative: .each([{ try $0.g * $0.output }]), samples: .elementwise())

  package static let expm1: Op = Op(
    "expm1", "The exponential less one, exact near zero.", formula: "eˣ - 1", [.tensor("x")],
    .unaryKernel(.expm1), dtypes: .floating, derivative: .each([{ try $0.g * exp($0.x) }]),
    samples: .elementwise())

  package static let log: Op = Op(
    "log", "The natural logarithm of each element.", formula: "ln x", [.tensor("x")], .unaryKernel(.log),
    dtypes: .floating, derivative: .each([{ try $0.g / $0.x }]), samples: .elementwise(.positive))

  package static let log1p: Op = Op(
    "log1p", "The logarithm of one more than each element, exact near zero.", formula: "ln(1 + x)",
    [.tensor("x")], .unaryKernel(.log1p), dtypes: .floating,
    derivative: .each([{ try $0.g / (1 + $0.x) }]), samples: .elementwise(.positive))
}
