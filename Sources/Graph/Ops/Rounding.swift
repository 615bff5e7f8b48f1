import Engine

extension Op {
  static let rounding = [floor, ceil, round, sign]

  package static let floor: Op = step("floor", "The largest integer not above each element", "⌊x⌋", .floor)
  package static let ceil: Op = step("ceil", "The smallest integer not below each element", "⌈x⌉", .ceil)
  package static let round: Op = step(
    "round", "The nearest integer of each element, halves to the even one", "⌊x⌉", .round)
  package static let sign: Op = step("sign", "-1, 0 or 1 by the sign of each element", "sgn x", .sign)

  private static func step(
    _ name: String, _ documentation: String, _ formula: String, _ kernel: UnaryKernel
  ) -> Op {
    Op(
      name, documentation + "; its derivative is zero.", formula: formula, [.tensor("x")],
      .unaryKernel(kernel), dtypes: .promoted, derivative: .constant, samples: .elementwise(.apart))
  }
}
