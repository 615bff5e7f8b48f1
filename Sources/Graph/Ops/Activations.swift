import Engine

extension Op {
  static let activations = [tanh, sigmoid, relu, gate, leakyRelu, elu, gelu, silu, softplus, erf]

  package static let tanh: Op = Op(
    "tanh", "The hyperbolic tangent of each element.", formula: "tanh x",
    example: "> tanh([0.0, 1.0])\n[0.0, 0.761594]", [.tensor("x")],
    .unaryKernel(.tanh), dtypes: .floating, derivative: .each([{ try $0.g * (1 - square($0.output)) }]),
    samples: .elementwise())

  package static let sigmoid: Op = Op(
    "sigmoid", "The logistic function of each element.", formula: "1 / (1 + e⁻ˣ)",
    example: "> sigmoid([0.0, 2.0])\n[0.5, 0.880797]", [.tensor("x")],
    .unaryKernel(.sigmoid), dtypes: .floating,
    derivative: .each([{ try $0.g * $0.output * (1 - $0.output) }]), samples: .elementwise())

  package static let relu: Op = Op(
    "relu", "Each element, or zero when it is negative; the derivative at zero is zero.",
    formula: "max(x, 0)",
    example: "> relu([-1.0, 2.0])\n[0.0, 2.0]", [.tensor("x")], .unaryKernel(.relu), dtypes: .promoted,
    derivative: .each([{ try gate($0.output, $0.g) }]), samples: .elementwise(.apart))

  package static let gate: Op = Op(
    "gate", "The elements of y where those of x are positive, zero elsewhere: how derivatives pass relu.",
    formula: "x > 0 ? y : 0", [.tensor("x"), .tensor("y")], .binaryKernel(.gate), dtypes: .promoted,
    derivative: .each([{ _ in nil }, { try gate($0.x, $0.g) }]), samples: .pairs(.apart, .apart),
    isBuiltin: false)

  package static let leakyRelu: Op = Op(
    "leaky_relu", "Each element, a negative one made smaller by a slope.", formula: "x > 0 ? x : slope x",
    example: "> leaky_relu([-1.0, 2.0])\n[-0.01, 2.0]",
    [.tensor("x"), .number("slope", 0.01)],
    .composed { inputs, attributes in
      let x = inputs[0]
      return try select(greater(x, 0), x, Term(number: attributes.number(0) ?? 0.01) * x)
    }, derivative: .ofParts, samples: .elementwise(.apart) + [Sample([4], .apart, [.number(0.3)])])

  package static let elu: Op = Op(
    "elu", "Each element, a negative one bent towards -alpha.", formula: "x > 0 ? x : alpha (eˣ - 1)",
    example: "> elu([-1.0, 2.0])\n[-0.632121, 2.0]",
    [.tensor("x"), .number("alpha", 1)],
    .composed { inputs, attributes in
      let x = inputs[0]
      let bent = try Term(number: attributes.number(0) ?? 1) * expm1(minimum(x, 0))
      return try select(greater(x, 0), x, bent)
    }, derivative: .ofParts, samples: .elementwise(.apart) + [Sample([4], .apart, [.number(0.5)])])

  package static let gelu: Op = Op(
    "gelu", "Each element times the probability that a normal number is smaller.",
    formula: "x (1 + erf(x / √2)) / 2",
    example: "> gelu([-1.0, 2.0])\n[-0.158655, 1.9545]", [.tensor("x")],
    .composed { inputs, _ in
      try 0.5 * inputs[0] * (1 + erf(inputs[0] * 0.707_106_781_186_547_6))
    }, derivative: .ofParts, samples: .elementwise())

  package static let silu: Op = Op(
    "silu", "Each element times its logistic function.", formula: "x / (1 + e⁻ˣ)",
    example: "> silu([-1.0, 2.0])\n[-0.268941, 1.76159]", [.tensor("x")],
    .composed { inputs, _ in try inputs[0] * sigmoid(inputs[0]) }, derivative: .ofParts,
    samples: .elementwise())

  package static let softplus: Op = Op(
    "softplus", "A smooth form of relu.", formula: "ln(1 + eˣ)",
    example: "> softplus([0.0, 10.0])\n[0.693147, 10.0]", [.tensor("x")], .unaryKernel(.softplus),
    dtypes: .floating, derivative: .each([{ try $0.g * sigmoid($0.x) }]), samples: .elementwise())

  package static let erf: Op = Op(
    "erf", "The error function of each element.", formula: "2/√π ∫₀ˣ e^(-t²) dt",
    example: "> erf([0.0, 1.0])\n[0.0, 0.842701]", [.tensor("x")],
    .unaryKernel(.erf), dtypes: .floating,
    derivative: .each([{ try 1.128_379_167_095_512_6 * $0.g * exp(-square($0.x)) }]),
    samples: .elementwise())
}
