import Engine

/// What a tape holds as a list of steps on places.
///
/// A value that is asked for twice is computed once.
struct Computation {
  /// One op. Operands and the result are places.
  struct Step {
    let op: Op
    let attributes: [Attribute]
    let operands: [Int]
    let result: Int
  }

  /// What is known of a place beforehand.
  struct Place {
    let dtype: DType
    let shape: [Int]
    /// See `Term`.
    let isWeak: Bool
  }

  /// The first so many places are the inputs.
  let inputCount: Int
  let constants: [(place: Int, tensor: Tensor)]
  let steps: [Step]
  /// Places that are read when all has run.
  let outputs: [Int]
  let places: [Place]

  /// Bytes of all constants.
  var constantBytes: Int { constants.reduce(0) { $0 + $1.tensor.byteCount } }

  /// - Parameter countsPlainNumbers: see `Recording`.
  /// - Returns: nil where a value on the way is neither on the tape nor known.
  static func read(
    _ outputs: [Term], from variables: [Term], on tape: Tape, countsPlainNumbers: Bool
  ) -> Computation? {
    var reader = TapeReader(tape: tape, countsPlainNumbers: countsPlainNumbers)
    guard reader.read(variables), reader.read(everythingBehind: outputs) else { return nil }
    var found: [Int] = []
    for output in outputs {
      guard let place = reader.place(of: output) else { return nil }
      found.append(place)
    }
    return Computation(
      inputCount: variables.count, constants: reader.constants, steps: reader.steps, outputs: found,
      places: reader.kinds)
  }

  /// All of it as one program that keeps everything in memory of its own; nil where it is too large, or some op is no step
  /// of a program.
  func smallProgram() throws -> Program? {
    var writer = ProgramWriter(small: true)
    var homes = [ProgramWriter.Place?](repeating: nil, count: places.count)
    for place in 0..<inputCount {
      guard let home = writer.input(places[place].dtype, places[place].shape) else { return nil }
      homes[place] = home
    }
    for (place, tensor) in constants {
      guard let home = writer.constant(tensor) else { return nil }
      homes[place] = home
    }
    for step in steps {
      guard let result = writer.write(step, places, homes) else { return nil }
      homes[step.result] = result
    }
    let answers = outputs.compactMap { homes[$0] }
    return answers.count == outputs.count ? try writer.program(answers) : nil
  }
}

extension ProgramWriter {
  /// Writes a step down whose operands have homes.
  mutating func write(
    _ step: Computation.Step, _ places: [Computation.Place], _ homes: [Place?]
  ) -> Place? {
    var operands: [(place: Place, isWeak: Bool)] = []
    for place in step.operands {
      guard let home = homes[place] else { return nil }
      operands.append((home, places[place].isWeak))
    }
    return write(step.op, operands, step.attributes, places[step.result].dtype, places[step.result].shape)
  }
}

private struct TapeReader {
  let tape: Tape
  let countsPlainNumbers: Bool
  private(set) var steps: [Computation.Step] = []
  private(set) var constants: [(place: Int, tensor: Tensor)] = []
  private(set) var kinds: [Computation.Place] = []
  private var places: [Int32: Int] = [:]
  /// Steps by what they compute, as positions in `steps`.
  private var known: [Key: [Int]] = [:]

  private struct Key: Hashable {
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
    let computation = Key(op: ObjectIdentifier(op), operands: operands)
    if let same = known[computation]?.first(where: { steps[$0].attributes == node.attributes }) {
      places[index] = steps[same].result
      return true
    }
    known[computation, default: []].append(steps.count)
    let place = newPlace(node.value.dtype, node.value.shape, weak: node.isWeak)
    places[index] = place
    steps.append(Computation.Step(op: op, attributes: node.attributes, operands: operands, result: place))
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
    kinds.append(Computation.Place(dtype: dtype, shape: shape, isWeak: weak))
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
