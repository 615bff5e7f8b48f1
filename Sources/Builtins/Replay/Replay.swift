import Engine
import Graph
import Runtime

/// One recording, and when it may stand for a call.
final class Replay {
  private let reach: Reach
  private let expected: ReplayInputs
  private let precision: DType
  private let recording: Recording
  /// The results, whose leaves a run of the recording replaces.
  private let results: [Value]
  /// Steps that a call as written takes, for the program's limit.
  private let cost: Int
  /// Whether every result from the third on is a single number or tensor.
  let givesLeaves: Bool
  /// Whether what it gives is what it takes: leaves may then go from one run to the next as they are.
  var takesItsOwn = false

  /// - Parameters:
  ///   - model: whose method the function is; its parameters are constants of the recording.
  ///   - others: functions that are called besides.
  /// - Returns: nil where the function cannot be recorded.
  init?(
    of function: FunctionValue, for purpose: Replays.Purpose, _ inputs: ReplayInputs, _ machine: Machine,
    model: Anatomy? = nil, calling others: [FunctionValue] = [],
    _ record: (Tape, FunctionValue, [Value]) throws -> [Value]
  ) throws {
    let reach = Reach(
      of: function, calling: inputs.functions + (model?.functions ?? []) + others,
      models: inputs.models + (model?.models ?? []), freed: Set(inputs.freed))
    guard let reach else { return nil }
    // The model keeps the recording: what the recording keeps must not lead back to it.
    if model != nil, reach.holdsModels { return nil }
    self.reach = reach
    expected = inputs.emptied
    precision = Graph.defaultFloat
    let tape = Tape(keepingEverything: true)
    defer { tape.finish() }
    let before = machine.stepsTaken
    do {
      let hollow = try inputs.hollow(function, on: tape)
      results = try record(tape, hollow.function, hollow.arguments)
      givesLeaves = results.dropFirst(2).allSatisfy { Structure.isLeaf($0, inModel: false) }
      let outputs = try Replay.leaves(of: results, inputs)
      let recording = try Recording(
        of: outputs, from: hollow.variables, on: tape, countsPlainNumbers: purpose.countsPlainNumbers)
      guard let recording else { return nil }
      self.recording = recording
    } catch let failure as Failure where failure.code == .interrupted || failure.code == .stepLimit {
      throw failure
    } catch {
      // It looked at a number, or cannot be done at all: then the call as written says so.
      return nil
    }
    cost = max(1, machine.stepsTaken - before)
  }

  private struct NoNumber: Error {}

  /// The numbers in the results. Errors: where there is something that the recording cannot make again.
  static func leaves(of results: [Value], _ inputs: ReplayInputs) throws -> [Term] {
    var terms: [Term] = []
    let known = Set(inputs.functions.map(ObjectIdentifier.init))
    for result in results {
      let anatomy = Anatomy(result) { leaf in
        // An integer stays one, as written; a recording would make a float of it.
        if case .int = leaf { return false }
        guard let term = Conversion.termIfNumeric(leaf) else { return false }
        terms.append(term)
        return true
      }
      guard let anatomy, anatomy.functions.allSatisfy({ known.contains(ObjectIdentifier($0)) }) else {
        throw NoNumber()
      }
    }
    return terms
  }

  /// Nil where the recording does not stand for the call.
  /// - Parameter captures: what the function has captured, by position.
  func results(
    _ function: FunctionValue, _ arguments: [Value], _ captures: [Value?], _ machine: Machine
  ) throws -> [Value]? {
    try terms(function, arguments, captures, machine).map(written)
  }

  /// The same before it is made values: the leaves of all results, one after the other.
  func terms(
    _ function: FunctionValue, _ arguments: [Value], _ captures: [Value?], _ machine: Machine
  ) throws -> [Term]? {
    guard stands(for: function), let numbers = expected.numbers(arguments, captures),
      let terms = try recording.run(numbers)
    else { return nil }
    try machine.spend(cost)
    return terms
  }

  /// Whether everything but the numbers is as it was recorded.
  private func stands(for function: FunctionValue) -> Bool {
    precision == Graph.defaultFloat && reach.holds(for: function)
  }

  /// What a step of an `Iteration` takes besides what that carries, which are the first argument and the last few.
  struct Data {
    fileprivate let tensors: [Tensor]
    /// Where the last few begin among the inputs.
    fileprivate let last: Int
  }

  /// Nil where the recording does not stand for the call.
  /// - Parameters:
  ///   - first, last: how many leaves the first argument and the last few have.
  ///   - arguments: those in between.
  func data(
    _ function: FunctionValue, between first: Int, _ arguments: [Value], and last: Int,
    _ captures: [Value?]
  ) -> Data? {
    guard stands(for: function),
      let data = expected.data(between: first, arguments, and: last, captures)
    else { return nil }
    return Data(tensors: data.tensors, last: first + data.between)
  }

  /// The recording run on what it gave.
  /// - Parameters:
  ///   - first, last: the leaves of the first argument and of the last few.
  func iteration(from first: [Term], _ last: [Term], like data: Data) -> Iteration {
    let inputs = Array(first.indices) + last.indices.map { data.last + $0 }
    return recording.iteration(from: first + last, inputs: inputs, outputs: inputs.indices.map { 1 + $0 })
  }

  /// Its next step; nil where the data are of other forms.
  func advance(_ iteration: Iteration, with data: Data, _ machine: Machine) throws -> Term? {
    guard let term = try iteration.advance(with: data.tensors) else { return nil }
    try machine.spend(cost)
    return term
  }

  /// The results with these leaves.
  func written(_ terms: [Term]) throws -> [Value] {
    var next = 0
    return try results.map { result in
      try Structure.map(result) { _ in
        defer { next += 1 }
        return next < terms.count ? terms[next].value : .none
      }
    }
  }

  /// A result as it was recorded, without numbers in it.
  func hollow(_ result: Int) -> Value { results[result] }

  /// Whether a run of the recording gives the bits of a call as written.
  func gives(
    _ results: [Value], _ function: FunctionValue, _ arguments: [Value], _ captures: [Value?],
    _ machine: Machine
  ) throws -> Bool {
    try self.results(function, arguments, captures, machine)?.haveBits(of: results) ?? false
  }
}
