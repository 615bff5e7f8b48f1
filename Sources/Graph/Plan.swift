import Engine

/// A computation on tensors of any size, which can be run again on other values.
///
/// What gives the same bits is done with less: elementwise operations on tensors of one shape become passes over memory,
/// and what follows each other and is known beforehand down to its loops becomes programs. What is no step of a program runs
/// as it would by itself, on the same tensors with the same dtype rules. What is saved besides is everything around it: the
/// instructions of whoever recorded it, the tape, the walk back through it and the rules of derivatives.
final class Plan {
  /// Ops that run together.
  final class Pass {
    let steps: [Computation.Step]
    let chain: PlannedPass
    fileprivate(set) var inputs: [Int]
    let results: [Int]
    /// What is computed in the pass besides.
    fileprivate(set) var products: [Product] = []
    /// The product that it follows, part by part.
    fileprivate(set) var leading: Product?
    /// Whether nothing in the plan reads the results, and they are large enough to be worth waiting with.
    fileprivate(set) var isLast = false

    /// Whether it is no more than an op by itself.
    var isAlone: Bool { steps.count == 1 && products.isEmpty && leading == nil }

    init(steps: [Computation.Step], chain: PlannedPass, inputs: [Int], results: [Int]) {
      (self.steps, self.chain, self.inputs, self.results) = (steps, chain, inputs, results)
    }
  }

  /// A matrix product of which everything but the numbers is known.
  final class Product {
    let step: Computation.Step
    let product: PlannedProduct

    init(step: Computation.Step, product: PlannedProduct) {
      (self.step, self.product) = (step, product)
    }
  }

  /// Works that run as one program.
  final class Stretch {
    let program: Program
    let inputs: [Int]
    let results: [Int]
    /// The same one by one, to say what is wrong where the program cannot run.
    let works: [Work]

    init(program: Program, inputs: [Int], results: [Int], works: [Work]) {
      (self.program, self.inputs, self.results, self.works) = (program, inputs, results, works)
    }
  }

  enum Work {
    case op(Computation.Step)
    case pass(Pass)
    case product(Product)
    case stretch(Stretch)

    var reads: [Int] {
      switch self {
      case .op(let step): step.operands
      case .pass(let pass): pass.inputs
      case .product(let product): product.step.operands
      case .stretch(let stretch): stretch.inputs
      }
    }

    var results: [Int] {
      switch self {
      case .op(let step): [step.result]
      case .pass(let pass): pass.results
      case .product(let product): [product.step.result]
      case .stretch(let stretch): stretch.results
      }
    }

    /// Whether it is a product and the pass that follows it.
    var isLed: Bool { if case .pass(let pass) = self { pass.leading != nil } else { false } }

    /// See `Pass`.
    var isLast: Bool { if case .pass(let pass) = self { pass.isLast } else { false } }
  }

  /// What everything has come to so far, by place.
  typealias Values = ContiguousArray<Tensor>

  let inputCount: Int
  /// What every run starts from: the constants in their places, nothing in the others.
  let start: Values
  /// The places of the constants.
  let constants: [Int]
  /// The values of the next run; nil while one is under way.
  private var spare: Values?
  /// The works one by one.
  let works: [Work]
  /// The same as they run. What only whoever runs the plan waits for comes last.
  let joined: [Work]
  /// How many of them come before that.
  let mainCount: Int
  /// The places that nothing needs after each of those, one work's after the other's, and where they end; and the places
  /// that are let go in the end.
  private let lastUses: [Int]
  private let lastUsesEnd: [Int]
  private let lastly: [Int]
  let outputs: [Int]
  let places: [Computation.Place]

  init(_ computation: Computation) {
    inputCount = computation.inputCount
    var start = Values(repeating: Plan.nothing, count: computation.places.count)
    for (place, tensor) in computation.constants { start[place] = tensor }
    (self.start, spare) = (start, start)
    constants = computation.constants.map(\.place)
    (outputs, places) = (computation.outputs, computation.places)
    let written = PassWriter.works(of: computation.steps, outputs: outputs, places: places)
    Plan.markLast(written)
    works = Plan.lastOnesLast(Plan.merged(written, outputs))
    joined = StretchWriter.joined(works, outputs: outputs, places: places)
    mainCount = joined.count - joined.filter(\.isLast).count
    let uses = Plan.lastUses(joined, inputCount, outputs, kept: Set(constants))
    lastUses = uses.byWork.flatMap { $0 }
    lastUsesEnd = uses.byWork.reduce(into: []) { $0.append(($0.last ?? 0) + $1.count) }
    lastly = uses.lastly
  }

  /// Bytes of a result from which on its pass is worth waiting with.
  private static let delayedBytes = 1 << 14

  /// Marks the passes that only whoever runs the plan waits for.
  private static func markLast(_ works: [Work]) {
    let read = Set(works.flatMap(\.reads))
    for case .pass(let pass) in works {
      pass.isLast = pass.chain.resultBytes >= delayedBytes && pass.results.allSatisfy { !read.contains($0) }
    }
  }

  /// With the products that only one pass reads computed in the last ones, a weight's gradient in the optimizer's step, and
  /// followed by the others, part by part: bias and activation.
  private static func merged(_ works: [Work], _ outputs: [Int]) -> [Work] {
    var uses: [Int: Int] = [:]
    for place in works.flatMap(\.reads) + outputs { uses[place, default: 0] += 1 }
    var taken: Set<Int> = []
    var products: [Int: Product] = [:]
    for work in works {
      if case .product(let product) = work { products[product.step.result] = product }
      guard case .pass(let pass) = work else { continue }
      for place in pass.inputs where uses[place] == 1 {
        guard let product = products[place] else { continue }
        if pass.isLast ? pass.take(product) : pass.follow(product) { taken.insert(place) }
      }
    }
    return works.compactMap { work in
      switch work {
      case .product(let product): taken.contains(product.step.result) ? nil : work
      // What stood alone for a product's sake, and has not got it.
      case .pass(let pass) where pass.isAlone: .op(pass.steps[0])
      default: work
      }
    }
  }

  /// The same works, those at the end that only whoever runs the plan waits for.
  private static func lastOnesLast(_ works: [Work]) -> [Work] {
    works.filter { !$0.isLast } + works.filter(\.isLast)
  }

  /// Of each work the places that no later one reads, and those that are let go in the end. What is kept is in neither.
  private static func lastUses(
    _ works: [Work], _ inputCount: Int, _ outputs: [Int], kept: Set<Int>
  ) -> (byWork: [[Int]], lastly: [Int]) {
    var last: [Int: Int] = [:]
    for place in 0..<inputCount { last[place] = works.count }
    for (index, work) in works.enumerated() {
      for place in work.reads + work.results { last[place] = index }
    }
    for place in outputs { last[place] = works.count }
    var lists = [[Int]](repeating: [], count: works.count + 1)
    for (place, index) in last where !kept.contains(place) { lists[index].append(place) }
    return (Array(lists.dropLast()), lists[works.count])
  }

  private static let nothing = Tensor(scalar: 0.0)

  /// The outputs for these inputs, which have the dtypes and shapes that the plan was made for.
  ///
  /// Passes that nothing in the plan waits for run when somebody reads their results.
  func run(_ inputs: [Tensor]) throws -> [Term] {
    // A run that fails leaves nothing behind for the next.
    var values = spare ?? start
    spare = nil
    for place in 0..<inputCount { values[place] = inputs[place] }
    for work in joined.indices {
      try run(joined[work], &values, delays: true)
      Plan.letGo(lastUses(of: work), &values)
    }
    let answers = outputs.map { Term(values[$0], weak: places[$0].isWeak) }
    Plan.letGo(lastly, &values)
    spare = values
    return answers
  }

  /// The places that only a work and those before it need.
  func lastUses(of work: Int) -> ArraySlice<Int> {
    lastUses[(work == 0 ? 0 : lastUsesEnd[work - 1])..<lastUsesEnd[work]]
  }

  /// Nothing needs these places any more.
  @inline(__always)
  static func letGo(_ places: some Sequence<Int>, _ values: inout Values) {
    for place in places { values[place] = Plan.nothing }
  }

  /// Runs the works one by one between two observers.
  func walk(
    _ inputs: [Tensor], before: (Work) throws -> Void, after: (Work, Values) throws -> Void
  ) throws {
    var values = start
    for place in 0..<inputCount { values[place] = inputs[place] }
    for work in works {
      try before(work)
      try run(work, &values, delays: false)
      try after(work, values)
    }
  }

  @inline(__always)
  func run(_ work: Work, _ values: inout Values, delays: Bool) throws {
    switch work {
    case .op(let step): values[step.result] = try value(of: step, values)
    case .pass(let pass) where delays && pass.isLast:
      try pass.chain.delay(&values, inputs: pass.inputs, results: pass.results)
    case .pass(let pass): try pass.chain.run(&values, inputs: pass.inputs, results: pass.results)
    case .product(let product):
      let operands = product.step.operands
      values[product.step.result] = try product.product.run(values[operands[0]], values[operands[1]])
    case .stretch(let stretch): try run(stretch, &values)
    }
  }

  private func run(_ stretch: Stretch, _ values: inout Values) throws {
    if try stretch.program.run(&values, inputs: stretch.inputs, results: stretch.results) { return }
    for work in stretch.works { try run(work, &values, delays: false) }
    // What the program would not have told anybody.
    let told = Set(stretch.results)
    Plan.letGo(stretch.works.flatMap(\.results).filter { !told.contains($0) }, &values)
  }

  @inline(__always)
  private func value(of step: Computation.Step, _ values: Values) throws -> Tensor {
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

extension Plan.Pass {
  /// Computes an input in the pass. Returns false, and leaves everything as it was, where that is not worth it.
  fileprivate func take(_ product: Plan.Product) -> Bool {
    guard reads(product, ifSo: chain.take) else { return false }
    products.append(product)
    return true
  }

  /// Follows an input. Returns false, and leaves everything as it was, where that cannot be.
  fileprivate func follow(_ product: Plan.Product) -> Bool {
    guard reads(product, ifSo: chain.follow) else { return false }
    leading = product
    return true
  }

  /// Reads a product's factors instead of what it gives.
  private func reads(_ product: Plan.Product, ifSo takes: (PlannedProduct, Int, Int, Int) -> Bool) -> Bool {
    guard let input = inputs.firstIndex(of: product.step.result) else { return false }
    var inputs = inputs
    let factors = product.step.operands.map { place in
      if let known = inputs.firstIndex(of: place) { return known }
      inputs.append(place)
      return inputs.count - 1
    }
    guard takes(product.product, input, factors[0], factors[1]) else { return false }
    // What stands in the product's place among the inputs is not read.
    inputs[input] = product.step.operands[0]
    self.inputs = inputs
    return true
  }
}
