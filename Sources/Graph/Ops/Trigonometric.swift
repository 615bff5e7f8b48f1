import Engine

extension Op {
  static let trigonometry = [sin, cos, tan, asin, acos, atan]

  package static let sin: Op = Op(
    "sin", "The sine of each element, in radians.", formula: "sin x", [.tensor("x")], .unaryKernel(.sin),
    dtypes: .floating, derivative: .each([{ try $0.g * cos($0.x) }]), samples: .elementwise())

  package static let cos: Op = Op(
    "cos", "The cosine of each element, in radians.", formula: "cos x", [.tensor("x")], .unaryKernel(.cos),
    dtypes: .floating, derivative: .each([{ try -($0.g * sin($0.x)) }]), samples: .elementwise())

  package static let tan: Op = Op(
    "tan", "The tangent of each element, in radians.", formula: "tan x", [.tensor("x")], .unaryKernel(.tan),
    dtypes: .floating, derivative: .each([{ try $0.g * (1 + square($0.output)) }]),
    samples: .elementwise(.unit))

  package static let asin: Op = Op(
    "asin", "The angle whose sine each element is.", formula: "arcsin x", [.tensor("x")],
    .unaryKernel(.asin), dtypes: .floating, derivative: .each([{ try $0.g / sqrt(1 - square($0.x)) }]),
    samples: .elementwise(.unit))

  package static let acos: Op = Op(
    "acos", "The angle whose cosine each element is.", formula: "arccos x", [.tensor("x")],
    .unaryKernel(.acos), dtypes: .floating, derivative: .each([{ try -($0.g / sqrt(1 - square($0.x))) }]),
    samples: .elementwise(.unit))

  package static let atan: Op = Op(
    "atan", "The angle whose tangent each element is.", formula: "arctan x", [.tensor("x")],
    .unaryKernel(.atan), dtypes: .floating, derivative: .each([{ try $0.g / (1 + square($0.x)) }]),
    samples: .elementwise())
}
