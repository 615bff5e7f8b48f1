import Engine

extension Op {
  static let rounding = [floor, ceil, round, sign]

  package static let floor: Op = step(
    "floor", "The largest integer not above each element", "⌊x⌋",
    example: "> floor([1.5, -1.5])\n[1.0, -2.0]", .floor)
  package static let ceil: Op = step(
    "ceil", "The smallest integer not below each element", "⌈x⌉",
    example: "> ceil([1.5, -1.5])\n[2.0, -1.0]", .ceil)
  package static let round: Op = step(
    "round", "The nearest integer of each element, halves to the even one", "⌊x⌉",
    example: "> round([0.5, 1.5, 2.4])\n[0.0, 2.0, 2.0]", .round)
  package static let sign: Op = step(
    "sign", "-1, 0 or 1 by the sign of each element", "sgn x",
    example: "> sign([-2.0, 0.0, 3.0])\n[-1.0, 0.0, 1.0]", .sign)

  private static func step(
    _ name: String, _ documentation: String, _ formula: String, example: String, _ kernel: UnaryKernel
  ) -> Op {
    Op(
      name, documentation + "; its derivative is zero.", formula: formula, example: example, [.tensor("x")],
      .unaryKernel(kernel), dtypes: .promoted, derivative: .constant, samples: .elementwise(.apart))
  }
}
