import Engine
import Graph
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// What a session has recorded of functions that were called again and again.
///
/// A function that only calculates, called on small tensors for the third time, is recorded; from then on calls whose
/// arguments have the recorded dtypes and shapes, and whose function still depends on the same values, run the
/// recording. It gave the same bits as the call it was recorded beside, or it is not kept. Anything else runs as
/// written, and a function that could not be recorded a few times is not tried again.
///
/// `MAAS_REPLAY=off` in the environment runs everything as written.
package final class Replays {
  /// Whether sessions made from here on record anything.
  @TaskLocal package static var isOn = getenv("MAAS_REPLAY").map { String(cString: $0) } != "off"
  private let isOn = Replays.isOn

  /// What is computed of the function.
  enum Purpose: Hashable { case answer, gradient }

  private struct Key: Hashable {
    let text: ObjectIdentifier
    let purpose: Purpose
  }

  private final class History {
    /// Held, so that its address stays its own.
    let text: AnyObject
    var calls = 0
    var attempts = 0
    var replays: [Replay] = []
    init(_ text: AnyObject) { self.text = text }
  }

  private var histories: [Key: History] = [:]

  private static let callsBefore = 2
  private static let mostAttempts = 8
  private static let mostReplays = 4
  private static let mostHistories = 256

  /// What `run` gives of the arguments, by a recording where there is one.
  /// - Parameters:
  ///   - run: calls the function as written.
  ///   - record: the results as they follow on a tape from the arguments, of which the numbers are hollow variables.
  func results(
    of function: FunctionValue, for purpose: Purpose, _ arguments: [Value], _ machine: Machine,
    run: () throws -> [Value], record: (Tape, [Value]) throws -> [Value]
  ) throws -> [Value] {
    guard isOn, machine.exploration == nil, let text = Reach.text(of: function),
      let inputs = ReplayInputs(arguments)
    else { return try run() }
    let history = history(of: text, purpose)
    for replay in history.replays {
      if let results = try replay.results(function, inputs, machine) { return results }
    }
    history.calls += 1
    guard history.calls > Replays.callsBefore, history.attempts < Replays.mostAttempts else {
      return try run()
    }
    let results = try run()
    history.attempts += 1
    if let replay = try Replay(of: function, for: purpose, inputs, machine, record),
      try replay.results(function, inputs, machine)?.haveBits(of: results) ?? false
    {
      if history.replays.count == Replays.mostReplays { history.replays.removeFirst() }
      history.replays.append(replay)
    }
    return results
  }

  private func history(of text: AnyObject, _ purpose: Purpose) -> History {
    let key = Key(text: ObjectIdentifier(text), purpose: purpose)
    if let known = histories[key] { return known }
    if histories.count >= Replays.mostHistories { histories = [:] }
    let history = History(text)
    histories[key] = history
    return history
  }
}

/// Arguments as a recording takes them: numbers and small tensors of floats, and words that it was made for.
struct ReplayInputs {
  /// What a recording needs to find again besides dtypes and shapes.
  enum Kind: Equatable {
    case plain, tensor, none
    /// A function, which was not called.
    case function
    case flag(Bool)
  }

  private(set) var kinds: [Kind] = []
  private(set) var tensors: [Tensor] = []

  /// Nil where an argument is something else, or on a tape already.
  init?(_ arguments: [Value]) {
    kinds.reserveCapacity(arguments.count)
    tensors.reserveCapacity(arguments.count)
    for argument in arguments {
      switch argument {
      case .none: kinds.append(.none)
      case .function: kinds.append(.function)
      case .bool(let flag): kinds.append(.flag(flag))
      case .float(let number): add(Tensor(scalar: number), .plain)
      case .int(let number):
        guard let exact = Double(exactly: number) else { return nil }
        add(Tensor(scalar: exact), .plain)
      case .object(let object as TensorObject):
        let term = object.term
        guard term.dtype.isFloat, term.tensor.count <= SmallProgram.largestCount, term.tensor.count > 0,
          !term.tensor.isHollow, !term.isTraced, !term.isCut
        else { return nil }
        add(term.tensor, term.isWeak ? .plain : .tensor)
      default: return nil
      }
    }
  }

  private mutating func add(_ tensor: Tensor, _ kind: Kind) {
    kinds.append(kind)
    tensors.append(tensor)
  }

  /// Variables without elements in the place of the numbers.
  func variables(on tape: Tape) throws -> (terms: [Term], arguments: [Value]) {
    var terms: [Term] = []
    let arguments = try kinds.map { kind -> Value in
      switch kind {
      case .none: return .none
      case .function: return .function(UncalledFunction())
      case .flag(let flag): return .bool(flag)
      case .plain, .tensor:
        terms.append(try tape.hollowVariable(like: tensors[terms.count], weak: kind == .plain))
        return .object(TensorObject(terms[terms.count - 1]))
      }
    }
    return (terms, arguments)
  }
}

/// Stands for any function in a recording, which fails if it is called.
private final class UncalledFunction: FunctionValue {
  private struct Called: Error {}
  override var name: String { "function" }
  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value { throw Called() }
}

/// One recording, and when it may stand for a call.
private struct Replay {
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

extension [Value] {
  /// Whether both hold the same numbers and tensors, to the last bit.
  fileprivate func haveBits(of other: [Value]) -> Bool {
    count == other.count
      && zip(self, other).allSatisfy { mine, its in
        switch (mine, its) {
        case (.float(let a), .float(let b)): return a.bitPattern == b.bitPattern
        case (.object(let a as TensorObject), .object(let b as TensorObject)):
          return a.term.isWeak == b.term.isWeak && a.tensor.hasBits(of: b.tensor)
        default: return false
        }
      }
  }
}
