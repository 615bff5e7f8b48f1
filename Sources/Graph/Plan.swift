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
    /// Whether nothing in the plan reads the results.
    var isLast = false
  }

  /// A matrix product of which everything but the numbers is known.
  struct Product {
    let step: Step
    let product: PlannedProduct
  }

  enum Work {
    case op(Step)
    case pass(Pass)
    case product(Product)

    var reads: [Int] {
      switch self {
      case .op(let step): step.operands
      case .pass(let pass): pass.inputs
      case .product(let product): product.step.operands
      }
    }
  }

  /// What is known of a place beforehand.
  struct Place {
    let dtype: DType
    let shape: [Int]
    /// See `Term`.
    let isWeak: Bool
  }

  private let inputCount: Int
  /// What every run starts from: the constants in their places, nothing in the others.
  private let start: ContiguousArray<Tensor>
  let works: [Work]
  /// Of each, the places that nothing needs afterwards.
  private let lastUses: [[Int]]
  private let outputs: [Int]
  let places: [Place]

  /// - Parameters:
  ///   - inputCount: the first so many places are the inputs.
  ///   - outputs: places that are read when all has run.
  init(
    inputCount: Int, constants: [(place: Int, tensor: Tensor)], steps: [Step], outputs: [Int],
    places: [Place]
  ) {
    self.inputCount = inputCount
    var start = ContiguousArray(repeating: Plan.nothing, count: places.count)
    for (place, tensor) in constants { start[place] = tensor }
    self.start = start
    self.outputs = outputs
    self.places = places
    works = Plan.marked(PassWriter.works(of: steps, outputs: outputs, places: places))
    lastUses = Plan.lastUses(works, outputs: outputs, placeCount: places.count)
  }

  /// Bytes of a result from which on its pass is worth waiting with.
  private static let delayedBytes = 1 << 14

  /// With the passes marked that only whoever runs the plan waits for.
  private static func marked(_ works: [Work]) -> [Work] {
    let read = Set(works.flatMap(\.reads))
    return works.map { work in
      guard case .pass(var pass) = work else { return work }
      pass.isLast = pass.chain.resultBytes >= delayedBytes && pass.results.allSatisfy { !read.contains($0) }
      return .pass(pass)
    }
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

  private static let nothing = Tensor(scalar: 0.0)

  /// The outputs for these inputs, which have the dtypes and shapes that the plan was made for.
  ///
  /// Passes that nothing in the plan waits for run when somebody reads their results.
  func run(_ inputs: [Tensor]) throws -> [Term] {
    try walk(inputs, delays: true, before: { _ in }, after: { _, _ in })
  }

  /// Runs everything between two observers, and answers the outputs.
  @inline(__always)
  func walk(
    _ inputs: [Tensor], delays: Bool, before: (Work) throws -> Void,
    after: (Work, ContiguousArray<Tensor>) throws -> Void
  ) throws -> [Term] {
    var values = start
    for place in 0..<inputCount { values[place] = inputs[place] }
    for index in works.indices {
      try before(works[index])
      switch works[index] {
      case .op(let step): values[step.result] = try value(of: step, values)
      case .pass(let pass) where delays && pass.isLast:
        try pass.chain.delay(&values, inputs: pass.inputs, results: pass.results)
      case .pass(let pass): try pass.chain.run(&values, inputs: pass.inputs, results: pass.results)
      case .product(let product):
        let operands = product.step.operands
        values[product.step.result] = try product.product.run(values[operands[0]], values[operands[1]])
      }
      try after(works[index], values)
      for place in lastUses[index] { values[place] = Plan.nothing }
    }
    return outputs.map { Term(values[$0], weak: places[$0].isWeak) }
  }

  @inline(__always)
  private func value(of step: Step, _ values: ContiguousArray<Tensor>) throws -> Tensor {
    func term(_ position: Int) -> Term {
      let place = step.operands[position]
      return Term(values[place], weak: places[place].isWeak)
    }
    switch step.operands.count {
    case 1: return try step.op.apply(term(0), step.attributes).tensor
    case 2: return try step.op.apply(term(0), term(1), step.attributes).tensor
    default: return try step.op.apply(step.operands.indices.map(term), step.attributes).tensor
    }
  }
}
