import Engine

/// A computation that was recorded once and can be run again on other numbers.
///
/// It is recorded over *hollow* variables, which have a dtype and a shape and no elements: whatever looks at a value on
/// the way, a branch, a printed line, a boolean mask, fails then, and there is no recording. What the tape holds without
/// depending on a variable is a constant of the computation.
package final class Recording {
  private enum Form {
    /// Every loop and place is looked up beforehand.
    case small(SmallProgram, outputs: [(place: SmallProgram.Place, isWeak: Bool)])
    /// The ops one after the other.
    case plan(Plan, inputs: [(dtype: DType, shape: [Int])])
  }
  private let form: Form

  /// - Parameters:
  ///   - tape: records `outputs` as they follow from `variables`.
  ///   - countsPlainNumbers: whether plain numbers among the variables stand for those of the language, which computes
  ///     functions such as `exp` of them by other means than the kernels.
  /// - Returns: nil where it cannot be run again.
  package init?(of outputs: [Term], from variables: [Term], on tape: Tape, countsPlainNumbers: Bool) throws {
    if let small = try Recording.small(outputs, variables, tape, countsPlainNumbers) {
      form = small
      return
    }
    let plan = Plan.read(outputs, from: variables, on: tape, countsPlainNumbers: countsPlainNumbers)
    guard let plan else { return nil }
    form = .plan(plan, inputs: variables.map { ($0.dtype, $0.shape) })
  }

  private static func small(
    _ outputs: [Term], _ variables: [Term], _ tape: Tape, _ countsPlainNumbers: Bool
  ) throws -> Form? {
    var reader = TapeReader(tape: tape, countsPlainNumbers: countsPlainNumbers)
    guard reader.read(variables), reader.read(everythingBehind: outputs) else { return nil }
    var places: [(place: SmallProgram.Place, isWeak: Bool)] = []
    for output in outputs {
      guard let place = reader.place(of: output) else { return nil }
      places.append((place, output.isWeak))
    }
    return .small(try reader.program.program(), outputs: places)
  }

  /// The outputs for other values of the variables; nil where their dtypes or shapes are not those recorded.
  package func run(_ inputs: [Tensor]) throws -> [Term]? {
    switch form {
    case .small(let program, let outputs):
      guard try program.run(inputs) else { return nil }
      return try outputs.map { Term(try program.value(of: $0.place), weak: $0.isWeak) }
    case .plan(let plan, let expected):
      guard inputs.count == expected.count else { return nil }
      for (tensor, known) in zip(inputs, expected) {
        guard tensor.dtype == known.dtype, tensor.shape == known.shape else { return nil }
      }
      return try plan.run(inputs)
    }
  }
}

extension Recording {
  /// What a computation comes to, op by op, with these values of the variables; nil where it cannot be run again.
  package static func account(
    of outputs: [Term], from variables: [Term], on tape: Tape, _ inputs: [Tensor], clock: () -> Double
  ) throws -> [PlannedOp]? {
    let plan = Plan.read(outputs, from: variables, on: tape, countsPlainNumbers: false)
    return try plan?.account(inputs, clock: clock, repeats: 5)
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

/// Writes what a tape holds down as a program.
private struct TapeReader {
  let tape: Tape
  let countsPlainNumbers: Bool
  var program = SmallProgramWriter()
  private var places: [Int32: SmallProgram.Place] = [:]
  private var constants: [Int32: SmallProgram.Place] = [:]

  init(tape: Tape, countsPlainNumbers: Bool) {
    self.tape = tape
    self.countsPlainNumbers = countsPlainNumbers
  }

  /// The variables become the program's inputs.
  mutating func read(_ variables: [Term]) -> Bool {
    for variable in variables {
      guard variable.tape === tape, let place = program.input(variable.dtype, variable.shape) else {
        return false
      }
      places[variable.index] = place
    }
    return true
  }

  /// The nodes that the outputs need become steps, in the order in which they were recorded.
  mutating func read(everythingBehind outputs: [Term]) -> Bool {
    let isNeeded = tape.needed(for: outputs) { places[$0] != nil }
    for place in 0..<tape.count where isNeeded[place] && places[Int32(place)] == nil {
      guard let written = write(tape.nodes[place]) else { return false }
      places[Int32(place)] = written
    }
    return true
  }

  mutating func place(of output: Term) -> SmallProgram.Place? {
    isOnTape(output) ? places[output.index] : program.constant(output.tensor)
  }

  private func isOnTape(_ term: Term) -> Bool { term.tape === tape }

  private mutating func write(_ node: Tape.Node) -> SmallProgram.Place? {
    guard let op = node.op, node.inputCount <= 2, let x = place(of: tape.input(0, of: node)) else {
      return nil
    }
    let (dtype, shape) = (node.value.dtype, node.value.shape)
    switch op.evaluation {
    case .unaryKernel(let kernel):
      if countsPlainNumbers, node.isWeak, op.isUnlikeTheLanguage { return nil }
      guard let converted = program.converted(x, to: dtype) else { return nil }
      return program.unary(kernel, converted)
    case .binaryKernel(let kernel): return binary(kernel, node, x)
    default: break
    }
    if op === Op.power { return binary(.power, node, x) }
    return op.small.flatMap { $0(&program, x, node.attributes, dtype, shape) }
  }

  private mutating func binary(
    _ kernel: BinaryKernel, _ node: Tape.Node, _ x: SmallProgram.Place
  ) -> SmallProgram.Place? {
    guard node.inputCount == 2, let y = place(of: tape.input(1, of: node)) else { return nil }
    switch kernel {
    case .add, .subtract, .multiply, .divide, .power, .maximum, .minimum: break
    default: return nil
    }
    guard let a = program.converted(x, to: node.value.dtype),
      let b = program.converted(y, to: node.value.dtype)
    else { return nil }
    return program.binary(kernel, a, b, node.value.shape)
  }

  private mutating func place(of reference: Int32) -> SmallProgram.Place? {
    if reference >= 0 { return places[reference] }
    if let known = constants[reference] { return known }
    let place = program.constant(tape.term(reference, traced: false).tensor)
    constants[reference] = place
    return place
  }
}

extension Tape {
  /// A variable of which only the dtype and the shape are known, like `tensor`.
  package func hollowVariable(like tensor: Tensor, weak: Bool) throws -> Term {
    try leaf(Tensor.hollow(shape: tensor.shape, dtype: tensor.dtype), weak: weak && tensor.rank == 0)
  }
}
