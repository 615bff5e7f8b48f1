import Engine

extension Plan {
  /// Writes what a tape holds down as a plan.
  ///
  /// - Parameter countsPlainNumbers: see `Recording`.
  /// - Returns: nil where a value on the way is neither on the tape nor known.
  static func read(
    _ outputs: [Term], from variables: [Term], on tape: Tape, countsPlainNumbers: Bool
  ) -> Plan? {
    var reader = PlanReader(tape: tape, countsPlainNumbers: countsPlainNumbers)
    guard reader.read(variables), reader.read(everythingBehind: outputs) else { return nil }
    var found: [Int] = []
    for output in outputs {
      guard let place = reader.place(of: output) else { return nil }
      found.append(place)
    }
    return Plan(
      inputCount: variables.count, constants: reader.constants, steps: reader.steps, outputs: found,
      places: reader.kinds)
  }
}

private struct PlanReader {
  let tape: Tape
  let countsPlainNumbers: Bool
  private(set) var steps: [Plan.Step] = []
  private(set) var constants: [(place: Int, tensor: Tensor)] = []
  private(set) var kinds: [Plan.Place] = []
  private var places: [Int32: Int] = [:]
  /// Steps by what they compute, as positions in `steps`.
  private var known: [Computation: [Int]] = [:]

  private struct Computation: Hashable {
    let op: ObjectIdentifier
    let operands: [Int]
  }

  init(tape: Tape, countsPlainNumbers: Bool) {
    self.tape = tape
    self.countsPlainNumbers = countsPlainNumbers
  }

  /// The variables are the first places.
  mutating func read(_ variables: [Term]) -> Bool {
    for variable in variables {
      guard variable.tape === tape else { return false }
      places[variable.index] = newPlace(variable.dtype, variable.shape, weak: variable.isWeak)
    }
    return places.count == variables.count
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
    if op === Op.identity, let operand = operands.first {
      places[index] = operand
      return true
    }
    let computation = Computation(op: ObjectIdentifier(op), operands: operands)
    if let same = known[computation]?.first(where: { steps[$0].attributes == node.attributes }) {
      places[index] = steps[same].result
      return true
    }
    known[computation, default: []].append(steps.count)
    let place = newPlace(node.value.dtype, node.value.shape, weak: node.isWeak)
    places[index] = place
    steps.append(Plan.Step(op: op, attributes: node.attributes, operands: operands, result: place))
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

  /// The same number twice is one constant.
  private mutating func constant(_ term: Term) -> Int? {
    guard !term.tensor.isHollow else { return nil }
    let same = constants.first {
      kinds[$0.place].isWeak == term.isWeak && term.rank == 0 && $0.tensor.hasBits(of: term.tensor)
    }
    if let same { return same.place }
    let place = newPlace(term.dtype, term.shape, weak: term.isWeak)
    constants.append((place, term.tensor))
    return place
  }

  private mutating func newPlace(_ dtype: DType, _ shape: [Int], weak: Bool) -> Int {
    kinds.append(Plan.Place(dtype: dtype, shape: shape, isWeak: weak))
    return kinds.count - 1
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
