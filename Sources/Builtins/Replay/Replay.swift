import Engine
import Graph
import Runtime

/// One recording, and when it may stand for a call.
struct Replay {
  private let reach: Reach
  private let kinds: [ReplayInputs.Kind]
  private let precision: DType
  private let recording: Recording
  /// Steps that a call as written takes, for the program's limit.
  private let cost: Int

  /// - Returns: nil where the function cannot be recorded.
  init?(
    of function: FunctionValue, for purpose: Replays.Purpose, _ inputs: ReplayInputs, _ machine: Machine,
    _ record: (Tape, [Value]) throws -> [Value]
  ) throws {
    guard let reach = Reach(of: function) else { return nil }
    self.reach = reach
    kinds = inputs.kinds
    precision = Graph.defaultFloat
    let tape = Tape()
    defer { tape.finish() }
    let before = machine.stepsTaken
    do {
      let (variables, arguments) = try inputs.variables(on: tape)
      let outputs = try record(tape, arguments).map { try Replay.output($0) }
      let recording = try Recording(
        of: outputs, from: variables, on: tape, countsPlainNumbers: purpose == .answer)
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

  private static func output(_ value: Value) throws -> Term {
    // An integer stays one, as written; a recording would make a float of it.
    if case .int = value { throw NoNumber() }
    guard let term = Conversion.termIfNumeric(value), term.dtype.isFloat else { throw NoNumber() }
    return term
  }

  /// Nil where the recording does not stand for the call.
  func results(_ function: FunctionValue, _ inputs: ReplayInputs, _ machine: Machine) throws -> [Value]? {
    guard inputs.kinds == kinds, precision == Graph.defaultFloat, reach.holds(for: function),
      let terms = try recording.run(inputs.tensors)
    else { return nil }
    try machine.spend(cost)
    return terms.map(\.value)
  }
}
