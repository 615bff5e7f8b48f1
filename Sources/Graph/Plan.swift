import Engine

/// A computation as a list of operations, which can be run again on other values.
///
/// What gives the same bits is done with less: a value that is asked for twice is computed once, and elementwise
/// operations on tensors of one shape become passes over memory. Every other op runs as it would in a program, on the
/// same tensors with the same dtype rules. What is saved besides is everything around it: the program's own instructions,
/// the tape, the walk back through it and the rules of derivatives. A value is let go with its last use.
final class Plan {
  /// One op. Operands and the result are places in `values`.
  struct Step {
    let op: Op
    let attributes: [Attribute]
    let operands: [Int]
    let result: Int
  }

  /// Ops that run together.
  struct Pass {
    let steps: [Step]
    let chain: PlannedPass
    let inputs: [Int]
    let results: [Int]
  }

  enum Work {
    case op(Step)
    case pass(Pass)

    var reads: [Int] {
      switch self {
      case .op(let step): step.operands
      case .pass(let pass): pass.inputs
      }
    }
  }

  /// What is known of a place beforehand.
  struct Place {
    let dtype: DType
    let shape: [Int]
  }

  private let inputCount: Int
  private let constants: [(place: Int, term: Term)]
  let works: [Work]
  /// Of each, the places that nothing needs afterwards.
  private let lastUses: [[Int]]
  private let outputs: [Int]
  let places: [Place]

  /// - Parameters:
  ///   - inputCount: the first so many places are the inputs.
  ///   - outputs: places that are read when all has run.
  init(
    inputCount: Int, constants: [(place: Int, term: Term)], steps: [Step], outputs: [Int], places: [Place]
  ) {
    self.inputCount = inputCount
    self.constants = constants
    self.outputs = outputs
    self.places = places
    works = PassWriter.works(of: steps, outputs: outputs, places: places)
    lastUses = Plan.lastUses(works, outputs: outputs, placeCount: places.count)
  }

  private static func lastUses(_ works: [Work], outputs: [Int], placeCount: Int) -> [[Int]] {
    var isNeeded = [Bool](repeating: false, count: placeCount)
    for place in outputs { isNeeded[place] = true }
    var lastUses = [[Int]](repeating: [], count: works.count)
    for index in works.indices.reversed() {
      for place in works[index].reads where !isNeeded[place] {
        isNeeded[place] = true
        lastUses[index].append(place)
      }
    }
    return lastUses
  }

  /// The outputs for these inputs, which have the dtypes and shapes that the plan was made for.
  func run(_ inputs: [Term]) throws -> [Term] {
    try walk(inputs, before: { _, _ in }, after: { _, _ in })
  }

  /// Runs everything between two observers, and answers the outputs.
  @inline(__always)
  func walk(
    _ inputs: [Term], before: (Work, ContiguousArray<Term>) throws -> Void,
    after: (Work, ContiguousArray<Term>) throws -> Void
  ) throws -> [Term] {
    let nothing = Term(Tensor(scalar: 0.0))
    var values = ContiguousArray(repeating: nothing, count: places.count)
    for (place, term) in inputs.prefix(inputCount).enumerated() { values[place] = term }
    for (place, term) in constants { values[place] = term }
    for index in works.indices {
      let work = works[index]
      try before(work, values)
      switch work {
      case .op(let step): values[step.result] = try Plan.value(of: step, values)
      case .pass(let pass):
        let results = try pass.chain.run(pass.inputs.map { values[$0].tensor })
        for (place, tensor) in zip(pass.results, results) { values[place] = Term(tensor) }
      }
      try after(work, values)
      for place in lastUses[index] { values[place] = nothing }
    }
    return outputs.map { values[$0] }
  }

  @inline(__always)
  private static func value(of step: Step, _ values: ContiguousArray<Term>) throws -> Term {
    let operands = step.operands
    switch operands.count {
    case 1: return try step.op.apply(values[operands[0]], step.attributes)
    case 2: return try step.op.apply(values[operands[0]], values[operands[1]], step.attributes)
    default: return try step.op.apply(operands.map { values[$0] }, step.attributes)
    }
  }
}
