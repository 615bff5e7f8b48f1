import Engine

/// A computation that was recorded once and can be run again on other numbers.
///
/// It is recorded over *hollow* variables, which have a dtype and a shape and no elements: whatever looks at a value on
/// the way, a branch, a printed line, a boolean mask, fails then, and there is no recording. What the tape holds without
/// depending on a variable is a constant of the computation.
package final class Recording {
  private enum Form {
    /// Every loop and place is looked up beforehand.
    case small(Program, areWeak: [Bool])
    /// Programs and ops one after the other.
    case plan
  }
  private let form: Form
  private let computation: Computation
  private lazy var plan = Plan(computation)
  /// Of the iterations that were asked for last.
  private var course: Iteration.Course?

  /// What a recording may keep alive: a data set of bytes whose floats a function computes anew each time stays small.
  private static let mostConstantBytes = 1 << 26

  /// - Parameters:
  ///   - tape: records `outputs` as they follow from `variables`.
  ///   - countsPlainNumbers: whether plain numbers among the variables stand for those of the language, which computes
  ///     functions such as `exp` of them by other means than the kernels.
  /// - Returns: nil where it cannot be run again.
  package init?(of outputs: [Term], from variables: [Term], on tape: Tape, countsPlainNumbers: Bool) throws {
    let computation = Computation.read(
      outputs, from: variables, on: tape, countsPlainNumbers: countsPlainNumbers)
    guard let computation, computation.constantBytes <= Recording.mostConstantBytes else { return nil }
    self.computation = computation
    form =
      if let program = try computation.smallProgram() {
        .small(program, areWeak: outputs.map(\.isWeak))
      } else {
        .plan
      }
  }

  /// The outputs for other values of the variables; nil where their dtypes or shapes are not those recorded.
  package func run(_ inputs: [Tensor]) throws -> [Term]? {
    switch form {
    case .small(let program, let areWeak):
      guard program.accepts(inputs), let outputs = try program.run(inputs) else { return nil }
      return zip(outputs, areWeak).map { Term($0, weak: $1) }
    case .plan:
      guard inputs.count == computation.inputCount else { return nil }
      for (tensor, known) in zip(inputs, computation.places) {
        guard tensor.dtype == known.dtype, tensor.shape == known.shape else { return nil }
      }
      return try plan.run(inputs)
    }
  }

  /// The recording run again and again from leaves that it gave, which it takes. A plan of it gives the bits of a small
  /// program: both run the same loops.
  /// - Parameters:
  ///   - inputs: of each leaf which variable it is.
  ///   - outputs: of each leaf which output it is.
  package func iteration(from leaves: [Term], inputs: [Int], outputs: [Int]) -> Iteration {
    let known = course.flatMap { $0.takes(inputs, outputs) ? $0 : nil }
    let course = known ?? Iteration.Course(plan, inputs: inputs, outputs: outputs)
    self.course = course
    return Iteration(course, from: leaves)
  }
}

extension Recording {
  /// What a computation comes to, op by op, with these values of the variables; nil where it cannot be run again.
  package static func account(
    of outputs: [Term], from variables: [Term], on tape: Tape, _ inputs: [Tensor], clock: () -> Double
  ) throws -> [PlannedOp]? {
    let computation = Computation.read(outputs, from: variables, on: tape, countsPlainNumbers: false)
    return try computation.map(Plan.init)?.account(inputs, clock: clock, repeats: 5)
  }
}

extension Op {
  /// What the language computes of plain numbers by the system's functions, whose last bit may be another than the
  /// kernels'.
  fileprivate static let unlikeTheLanguage: Set<UnaryKernel> = [
    .exp, .expm1, .log, .log1p, .sin, .cos, .tan, .tanh,
  ]

  var isUnlikeTheLanguage: Bool {
    if case .unaryKernel(let kernel) = evaluation { return Op.unlikeTheLanguage.contains(kernel) }
    return false
  }
}

extension Tape {
  /// A variable of which only the dtype and the shape are known, like `tensor`.
  package func hollowVariable(like tensor: Tensor, weak: Bool) throws -> Term {
    try leaf(Tensor.hollow(shape: tensor.shape, dtype: tensor.dtype), weak: weak && tensor.rank == 0)
  }
}
