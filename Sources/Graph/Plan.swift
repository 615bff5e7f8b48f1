import Engine

/// A computation as a list of ops, which can be run again on other values.
///
/// Each op runs as it would in a program, on the same tensors with the same dtype rules, so that the bits are the same.
/// What is saved is everything around it: the program's own instructions, the tape, the walk back through it and the
/// rules of derivatives. A value is let go with its last use, so that elementwise chains still become one pass.
final class Plan {
  /// One op. Operands and the result are places in `values`.
  struct Step {
    let op: Op
    let attributes: [Attribute]
    let operands: [Int]
    let result: Int
    /// Operands that nothing needs afterwards.
    var lastUses: [Int] = []
  }

  private let inputCount: Int
  private var constants: [(place: Int, term: Term)]
  private var steps: [Step]
  private let outputs: [Int]
  private let placeCount: Int

  /// - Parameters:
  ///   - inputCount: the first so many places are the inputs.
  ///   - outputs: places that are read when all has run.
  init(
    inputCount: Int, constants: [(place: Int, term: Term)], steps: [Step], outputs: [Int], placeCount: Int
  ) {
    self.inputCount = inputCount
    self.constants = constants
    self.outputs = outputs
    self.placeCount = placeCount
    self.steps = steps
    noteLastUses()
  }

  private func noteLastUses() {
    var isNeeded = [Bool](repeating: false, count: placeCount)
    for place in outputs { isNeeded[place] = true }
    for index in steps.indices.reversed() {
      for place in steps[index].operands where !isNeeded[place] {
        isNeeded[place] = true
        steps[index].lastUses.append(place)
      }
    }
  }

  /// The outputs for these inputs, which have the dtypes and shapes that the plan was made for.
  func run(_ inputs: [Term]) throws -> [Term] {
    try walk(inputs, before: { _, _ in }, after: { _, _ in }).map(\.term)
  }

  /// Runs every step between two observers, and answers the outputs with their places.
  @inline(__always)
  func walk(
    _ inputs: [Term], before: (Step, ContiguousArray<Term>) throws -> Void,
    after: (Step, Term) throws -> Void
  ) throws -> [(place: Int, term: Term)] {
    let nothing = Term(Tensor(scalar: 0.0))
    var values = ContiguousArray(repeating: nothing, count: placeCount)
    for (place, term) in inputs.prefix(inputCount).enumerated() { values[place] = term }
    for (place, term) in constants { values[place] = term }
    for step in steps {
      try before(step, values)
      let operands = step.operands
      let value =
        switch operands.count {
        case 1: try step.op.apply(values[operands[0]], step.attributes)
        case 2: try step.op.apply(values[operands[0]], values[operands[1]], step.attributes)
        default: try step.op.apply(operands.map { values[$0] }, step.attributes)
        }
      values[step.result] = value
      for place in step.lastUses { values[place] = nothing }
      try after(step, value)
    }
    return outputs.map { ($0, values[$0]) }
  }
}

extension Plan {
  /// Writes what a tape holds down as a plan.
  ///
  /// - Parameter countsPlainNumbers: see `Recording`.
  /// - Returns: nil where a value on the way is neither on the tape nor known.
  static func read(
    _ outputs: [Term], from variables: [Term], on tape: Tape, countsPlainNumbers: Bool
  ) -> Plan? {
    var places: [Int32: Int] = [:]
    for variable in variables {
      guard variable.tape === tape else { return nil }
      places[variable.index] = places.count
    }
    guard places.count == variables.count else { return nil }
    var reader = PlanReader(tape: tape, places: places, countsPlainNumbers: countsPlainNumbers)
    guard reader.read(everythingBehind: outputs) else { return nil }
    var found: [Int] = []
    for output in outputs {
      guard let place = reader.place(of: output) else { return nil }
      found.append(place)
    }
    return Plan(
      inputCount: variables.count, constants: reader.constants, steps: reader.steps, outputs: found,
      placeCount: reader.placeCount)
  }
}

private struct PlanReader {
  let tape: Tape
  let countsPlainNumbers: Bool
  private(set) var steps: [Plan.Step] = []
  private(set) var constants: [(place: Int, term: Term)] = []
  private(set) var placeCount: Int
  private var places: [Int32: Int]

  init(tape: Tape, places: [Int32: Int], countsPlainNumbers: Bool) {
    self.tape = tape
    self.places = places
    self.countsPlainNumbers = countsPlainNumbers
    placeCount = places.count
  }

  /// Every op that the outputs follow from becomes a step, in the order in which they were recorded.
  mutating func read(everythingBehind outputs: [Term]) -> Bool {
    let isNeeded = tape.needed(for: outputs) { places[$0] != nil }
    for index in 0..<tape.count where isNeeded[index] && places[Int32(index)] == nil {
      guard read(tape.nodes[index], at: Int32(index)) else { return false }
    }
    return true
  }

  private mutating func read(_ node: Tape.Node, at index: Int32) -> Bool {
    guard let op = node.op else { return false }
    if countsPlainNumbers, node.isWeak, op.isUnlikeTheLanguage { return false }
    var operands: [Int] = []
    for position in 0..<Int(node.inputCount) {
      guard let place = place(of: tape.input(position, of: node)) else { return false }
      operands.append(place)
    }
    places[index] = placeCount
    steps.append(
      Plan.Step(op: op, attributes: node.attributes, operands: operands, result: placeCount))
    placeCount += 1
    return true
  }

  mutating func place(of output: Term) -> Int? {
    output.tape === tape ? places[output.index] : constant(output)
  }

  private mutating func place(of reference: Int32) -> Int? {
    if let known = places[reference] { return known }
    guard reference < 0, let place = constant(tape.term(reference, traced: false)) else { return nil }
    places[reference] = place
    return place
  }

  private mutating func constant(_ term: Term) -> Int? {
    guard !term.tensor.isHollow else { return nil }
    constants.append((placeCount, Term(term.tensor, weak: term.isWeak)))
    placeCount += 1
    return placeCount - 1
  }
}

extension Tape {
  /// Which nodes the outputs follow from, not looking behind those that are `known`.
  func needed(for outputs: [Term], known: (Int32) -> Bool) -> [Bool] {
    var isNeeded = [Bool](repeating: false, count: count)
    for output in outputs where output.tape === self { isNeeded[Int(output.index)] = true }
    for place in stride(from: count - 1, through: 0, by: -1) where isNeeded[place] && !known(Int32(place)) {
      for position in 0..<Int(nodes[place].inputCount) {
        let input = input(position, of: nodes[place])
        if input >= 0 { isNeeded[Int(input)] = true }
      }
    }
    return isNeeded
  }
}
