import Engine

extension Term {
  package static func + (x: Term, y: Term) throws -> Term { try Op.add.apply(x, y) }
  package static func - (x: Term, y: Term) throws -> Term { try Op.subtract.apply(x, y) }
  package static func * (x: Term, y: Term) throws -> Term { try Op.multiply.apply(x, y) }
  package static func / (x: Term, y: Term) throws -> Term { try Op.divide.apply(x, y) }
  package static prefix func - (x: Term) throws -> Term { try Op.negate.apply(x) }
}

extension Op {
  static let arithmetic = [
    add, subtract, multiply, divide, power, negate, abs, sqrt, square, reciprocal, floorDivide, remainder,
    maximum, minimum, clamp,
  ]

  private static let xy: [OpParameter] = [.tensor("x"), .tensor("y")]

  package static let add: Op = Op(
    "add", "The sum of two tensors, element by element.", formula: "x + y", xy, .binaryKernel(.add),
    dtypes: .promoted, derivative: .each([{ $0.g }, { $0.g }]), samples: .pairs(), isBuiltin: false)

  package static let subtract: Op = Op(
    "subtract", "The difference of two tensors, element by element.", formula: "x - y", xy,
    .binaryKernel(.subtract), dtypes: .promoted, derivative: .each([{ $0.g }, { try -$0.g }]),
    samples: .pairs(), isBuiltin: false)

  package static let multiply: Op = Op(
    "multiply", "The product of two tensors, element by element.", formula: "x y", xy,
    .binaryKernel(.multiply), dtypes: .promoted,
    derivative: .each([{ try $0.g * $0.y }, { try $0.g * $0.x }]), samples: .pairs(), isBuiltin: false)

  package static let divide: Op = Op(
    "divide", "The quotient of two tensors, element by element; always a float.", formula: "x / y", xy,
    .binaryKernel(.divide), dtypes: .promotedFloating,
    derivative: .each([{ try $0.g / $0.y }, { try -($0.g * $0.output / $0.y) }]),
    samples: .pairs(.any, .positive), isBuiltin: false)

  package static let negate: Op = Op(
    "negate", "The negative of each element.", formula: "-x", [.tensor("x")], .unaryKernel(.negate),
    dtypes: .promoted, derivative: .each([{ try -$0.g }]), samples: .elementwise(), isBuiltin: false)

  package static let abs: Op = Op(
    "abs", "The absolute value of each element; its derivative at zero counts as zero.", formula: "|x|",
    example: "> abs([-1.5, 2.0])\n[1.5, 2.0]",
    [.tensor("x")], .unaryKernel(.absolute), dtypes: .promoted,
    derivative: .each([{ try $0.g * sign($0.x) }]), samples: .elementwise(.apart))

  package static let sqrt: Op = Op(
    "sqrt", "The square root of each element.", formula: "√x",
    example: "> sqrt([4.0, 9.0])\n[2.0, 3.0]", [.tensor("x")], .unaryKernel(.sqrt),
    dtypes: .floating, derivative: .each([{ try 0.5 * $0.g / $0.output }]), samples: .elementwise(.positive))

  package static let square: Op = Op(
    "square", "The square of each element.", formula: "x²",
    example: "> square([2, -3])\n[4, 9]", [.tensor("x")], .unaryKernel(.square),
    dtypes: .promoted, derivative: .each([{ try 2 * $0.x * $0.g }]), samples: .elementwise())

  package static let reciprocal: Op = Op(
    "reciprocal", "One divided by each element.", formula: "1 / x",
    example: "> reciprocal([2.0, 4.0])\n[0.5, 0.25]", [.tensor("x")],
    .unaryKernel(.reciprocal), dtypes: .floating,
    derivative: .each([{ try -($0.g * square($0.output)) }]), samples: .elementwise(.positive))

  package static let floorDivide: Op = Op(
    "floor_divide", "The quotient rounded down; its derivative is zero.", formula: "⌊x / y⌋", xy,
    .binaryKernel(.floorDivide), dtypes: .promoted, derivative: .constant, samples: .pairs(.apart, .positive),
    isBuiltin: false)

  package static let remainder: Op = Op(
    "remainder", "What is left of a division rounded down; it has the divisor's sign.",
    formula: "x - y ⌊x / y⌋", xy, .binaryKernel(.remainder), dtypes: .promoted,
    derivative: .each([{ $0.g }, { try -($0.g * floorDivide($0.x, $0.y)) }]),
    samples: [
      Sample(inputs: [.init([3], .values([2.7, -1.2, 0.4])), .init([], .values([1.1]))]),
      Sample(inputs: [.init([], .values([2.7])), .init([], .values([-0.8]))]),
    ], isBuiltin: false)

  package static let maximum: Op = Op(
    "maximum", "The larger of two tensors, element by element; equal ones share the derivative.",
    formula: "max(x, y)",
    example: "> maximum([1, 5], [3, 2])\n[3, 5]", xy, .binaryKernel(.maximum), dtypes: .promoted,
    derivative: .each([
      { try $0.g * share($0.x, over: $0.y) }, { try $0.g * share($0.y, over: $0.x) },
    ]), samples: .pairs(.apart, .values([0.11, -0.73])))

  package static let minimum: Op = Op(
    "minimum", "The smaller of two tensors, element by element; equal ones share the derivative.",
    formula: "min(x, y)",
    example: "> minimum([1, 5], [3, 2])\n[1, 2]", xy, .binaryKernel(.minimum), dtypes: .promoted,
    derivative: .each([
      { try $0.g * share($0.y, over: $0.x) }, { try $0.g * share($0.x, over: $0.y) },
    ]), samples: .pairs(.apart, .values([0.11, -0.73])))

  package static let clamp: Op = Op(
    "clamp", "Each element, moved to the nearer bound when it lies outside; inside the derivative is one.",
    formula: "min(max(x, low), high)",
    example: "> clamp([-2.0, 0.5, 3.0], 0, 1)\n[0.0, 0.5, 1.0]",
    [.tensor("x"), .tensor("low"), .tensor("high")],
    .many { inputs, _ in
      try Tensor.binary(.minimum, Tensor.binary(.maximum, inputs[0], inputs[1]), inputs[2])
    }, dtypes: .promoted,
    derivative: .each([
      { try select(logicalAnd(greaterOrEqual($0.x, $0.y), lessOrEqual($0.x, $0.z)), $0.g, 0) },
      { try select(logicalAnd(less($0.x, $0.y), lessOrEqual($0.y, $0.z)), $0.g, 0) },
      { try select(less($0.z, maximum($0.x, $0.y)), $0.g, 0) },
    ]),
    samples: [
      Sample(inputs: [.init([6], .apart), .init([], .values([-0.5])), .init([], .values([0.6]))]),
      Sample(inputs: [.init([2, 3], .apart), .init([3], .values([-0.5])), .init([], .values([0.6]))]),
    ])

  /// One where `x` is larger, a half where both are equal, zero elsewhere.
  private static func share(_ x: Term, over y: Term) throws -> Term {
    let dtype = Promotion([x, y]).dtype
    let larger = try greater(x, y).converted(to: dtype)
    return try 0.5 * (larger + greaterOrEqual(x, y).converted(to: dtype))
  }
}
