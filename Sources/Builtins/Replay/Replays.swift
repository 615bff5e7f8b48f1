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
