import Engine

extension Op {
  static let trigonometry = [sin, cos, tan, asin, acos, atan]

  package static let sin: Op = Op(
    "sin", "The sine of each element, in radians.", formula: "sin x",
    example: "> sin([0.0, 1.0])\n[0.0, 0.841471]", [.tensor("x")], .unaryKernel(.sin),
    dtypes: .floating, derivative: .each([{ try $0.g * cos($0.x) }]), samples: .elementwise())

  package static let cos: Op = Op(
    "cos", "The cosine of each element, in radians.", formula: "cos x",
    example: "> cos([0.0, 1.0])\n[1.0, 0.540302]", [.tensor("x")], .unaryKernel(.cos),
    dtypes: .floating, derivative: .each([{ try -($0.g * sin($0.x)) }]), samples: .elementwise())

  package static let tan: Op = Op(
    "tan", "The tangent of each element, in radians.", formula: "tan x",
    example: "> tan([0.0, 1.0])\n[0.0, 1.55741]", [.tensor("x")], .unaryKernel(.tan),
    dtypes: .floating, derivative: .each([{ try $0.g * (1 + square($0.output)) }]),
    samples: .elementwise(.unit))

  package static let asin: Op = Op(
    "asin", "The angle whose sine each element is.", formula: "arcsin x",
    example: "> asin([0.0, 1.0])\n[0.0, 1.5708]", [.tensor("x")],
    .unaryKernel(.asin), dtypes: .floating, derivative: .each([{ try $0.g / sqrt(1 - square($0.x)) }]),
    samples: .elementwise(.unit))

  package static let acos: Op = Op(
    "acos", "The angle whose cosine each element is.", formula: "arccos x",
    example: "> acos([0.0, 1.0])\n[1.5708, 0.0]", [.tensor("x")],
    .unaryKernel(.acos), dtypes: .floating, derivative: .each([{ try -($0.g / sqrt(1 - square($0.x))) }]),
    samples: .elementwise(.unit))

  package static let atan: Op = Op(
    "atan", "The angle whose tangent each element is.", formula: "arctan x",
    example: "> atan([0.0, 1.0])\n[0.0, 0.785398]", [.tensor("x")],
    .unaryKernel(.atan), dtypes: .floating, derivative: .each([{ try $0.g / (1 + square($0.x)) }]),
    samples: .elementwise())
}
