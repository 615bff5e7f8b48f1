import Engine

extension Op {
  static let comparisons = [
    equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, logicalAnd, logicalOr, logicalNot, isnan,
    isfinite,
  ]

  package static let equal: Op = comparison("equal_elements", "Whether elements are equal.", "x = y", .equal)
  package static let notEqual: Op = comparison("not_equal", "Whether elements differ.", "x ≠ y", .notEqual)
  package static let less: Op = comparison("less", "Whether the left element is smaller.", "x < y", .less)
  package static let lessOrEqual: Op = comparison(
    "less_or_equal", "Whether the left element is not larger.", "x ≤ y", .lessOrEqual)
  package static let greater: Op = comparison(
    "greater", "Whether the left element is larger.", "x > y", .greater)
  package static let greaterOrEqual: Op = comparison(
    "greater_or_equal", "Whether the left element is not smaller.", "x ≥ y", .greaterOrEqual)

  package static let logicalAnd: Op = logical("and", "Whether both elements are true.", "x ∧ y", .and)
  package static let logicalOr: Op = logical("or", "Whether either element is true.", "x ∨ y", .or)

  package static let logicalNot: Op = Op(
    "not", "The other truth value of each element.", formula: "¬x", [.tensor("x")], .unaryKernel(.not),
    derivative: .constant, samples: .elementwise(.truth), isBuiltin: false)

  package static let isnan: Op = Op(
    "isnan", "Whether each element is not a number.", formula: "x ≠ x",
    example: "> isnan([1.0, nan])\n[false, true]", [.tensor("x")],
    .unaryKernel(.isnan), dtypes: .floating, derivative: .constant, samples: .elementwise())

  package static let isfinite: Op = Op(
    "isfinite", "Whether each element is neither infinite nor not a number.", formula: "|x| < ∞",
    example: "> isfinite([1.0, inf])\n[true, false]",
    [.tensor("x")], .unaryKernel(.isfinite), dtypes: .floating, derivative: .constant,
    samples: .elementwise())

  private static func comparison(
    _ name: String, _ documentation: String, _ formula: String, _ kernel: BinaryKernel
  ) -> Op {
    Op(
      name, documentation, formula: formula, [.tensor("x"), .tensor("y")], .binaryKernel(kernel),
      dtypes: .compared, derivative: .constant, samples: .pairs(), isBuiltin: false)
  }

  private static func logical(
    _ name: String, _ documentation: String, _ formula: String, _ kernel: BinaryKernel
  ) -> Op {
    Op(
      name, documentation, formula: formula, [.tensor("x"), .tensor("y")], .binaryKernel(kernel),
      derivative: .constant, samples: .pairs(.truth, .truth), isBuiltin: false)
  }
}
