import Engine
import Graph
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// What a session has recorded of functions that were called again and again.
///
/// A function that only calculates, called for the third time, is recorded; from then on calls whose arguments have the
/// recorded dtypes and shapes, and whose function still depends on the same values, run the recording. Tensors that the
/// function has captured count as arguments, and so do numbers that are others at each call. A recording that does not
/// give the bits of the call it was made beside is not kept. Anything else runs as written, and a function that could not
/// be recorded a few times is not tried again.
///
/// `MAAS_PROGRAM=off` in the environment runs everything as written.
package final class Replays {
  /// Whether sessions made from here on record anything.
  @TaskLocal package static var isOn = getenv("MAAS_PROGRAM").map { String(cString: $0) } != "off"
  let isOn = Replays.isOn

  /// What is computed of the function.
  enum Purpose: Hashable {
    case answer
    /// The gradient in the argument at a position.
    case gradient(Int)
    /// The gradient in the first argument, and a step by a rule.
    case training(ObjectIdentifier)

    /// See `Recording`.
    var countsPlainNumbers: Bool { if case .gradient = self { false } else { true } }
  }

  private struct Key: Hashable {
    let text: ObjectIdentifier
    let purpose: Purpose
  }

  fileprivate final class History {
    /// Held, so that its address stays its own.
    let text: AnyObject
    var calls = 0
    var attempts = 0
    /// The numbers that the last function had captured, by position, and which positions held others before.
    var numbers: [Value?] = []
    var changing: Set<Int> = []
    var replays: [Replay] = []
    init(_ text: AnyObject) { self.text = text }
  }

  private var histories: [Key: History] = [:]

  private static let callsBefore = 2
  static let mostAttempts = 8
  private static let mostReplays = 4
  private static let mostHistories = 256

  /// What `run` gives of the arguments, by a recording where there is one.
  /// - Parameters:
  ///   - others: functions that are called besides.
  ///   - written: makes values of what a recording gave.
  ///   - run: calls the function as written.
  ///   - record: the results as they follow on a tape from arguments, of which the numbers are hollow variables, for a
  ///     function that has captured such.
  func results(
    of function: FunctionValue, for purpose: Purpose, _ arguments: [Value], _ machine: Machine,
    calling others: [FunctionValue] = [],
    written: (Replay, [Term]) throws -> [Value] = { try $0.written($1) },
    run: () throws -> [Value], record: (Tape, FunctionValue, [Value]) throws -> [Value]
  ) throws -> [Value] {
    guard mayReplay(machine), let text = Reach.text(of: function) else { return try run() }
    let history = history(of: text, purpose)
    if history.replays.isEmpty, history.attempts >= Replays.mostAttempts { return try run() }
    let captures = Reach.captures(of: function)
    for replay in history.replays {
      if let terms = try replay.terms(function, arguments, captures, machine) {
        return try written(replay, terms)
      }
    }
    history.note(captures)
    history.calls += 1
    guard history.calls > Replays.callsBefore, history.attempts < Replays.mostAttempts,
      let inputs = inputs(arguments, captures, freed: history.freed(of: captures))
    else { return try run() }
    let results = try run()
    history.attempts += 1
    try Replays.record(into: &history.replays, beside: results, function, arguments, captures, machine) {
      try Replay(of: function, for: purpose, inputs, machine, calling: others, record)
    }
    return results
  }

  func mayReplay(_ machine: Machine) -> Bool {
    isOn && !machine.isRecording && machine.exploration == nil && machine.modelCalls == nil
  }

  /// Makes a recording, and keeps it with the newest few if it gives the bits of the call as written.
  static func record(
    into replays: inout [Replay], beside results: [Value], _ function: FunctionValue, _ arguments: [Value],
    _ captures: [Value?], _ machine: Machine, make: () throws -> Replay?
  ) throws {
    machine.isRecording = true
    let made = Result { try make() }
    machine.isRecording = false
    guard let replay = try made.get(), try replay.gives(results, function, arguments, captures, machine)
    else { return }
    replays.append(replay)
    if replays.count > Replays.mostReplays { replays.removeFirst() }
  }

  private func inputs(_ arguments: [Value], _ captures: [Value?], freed: [Int]) -> ReplayInputs? {
    if freed.isEmpty { return ReplayInputs(arguments) }
    var captured: [(position: Int, value: Value)] = []
    for position in freed {
      guard position < captures.count, let value = captures[position] else { return nil }
      captured.append((position, value))
    }
    return ReplayInputs(arguments, captured: captured)
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

extension Replays.History {
  /// Learns which captured numbers are others at each call.
  fileprivate func note(_ captures: [Value?]) {
    let new = captures.map { value in value.flatMap { $0.holdsNumbersAlone ? $0 : nil } }
    if new.count == numbers.count {
      for (position, pair) in zip(numbers, new).enumerated() {
        guard let before = pair.0, let now = pair.1 else { continue }
        if !before.hasBits(of: now) { changing.insert(position) }
      }
    }
    numbers = new
  }

  /// Which captured values count as arguments: tensors, and what changes.
  fileprivate func freed(of captures: [Value?]) -> [Int] {
    captures.indices.filter { changing.contains($0) || captures[$0]?.isTensor ?? false }
  }
}

extension Value {
  fileprivate var isTensor: Bool {
    if case .object(let object) = self { return object is TensorObject }
    return false
  }

  /// A number, or a few in a tuple.
  fileprivate var holdsNumbersAlone: Bool {
    switch self {
    case .int, .float: true
    case .tuple(let tuple): tuple.elements.allSatisfy(\.isNumber)
    default: false
    }
  }
}
