import Engine
import Graph
import Runtime

/// A gradient and an optimizer's step on it as one computation.
struct TrainingStep {
  private let optimizer: OptimizerValue
  private let gradient: GradientFunction
  private let machine: Machine

  typealias Result = (loss: Value, tree: Value, optimizer: OptimizerValue)

  init(_ optimizer: OptimizerValue, _ gradient: GradientFunction, _ machine: Machine) {
    (self.optimizer, self.gradient, self.machine) = (optimizer, gradient, machine)
  }

  /// The step, by a recording where there is one. What is held, such as pruned weights, is no input of a recording: such a
  /// step is written out each time.
  func taken(from tree: Value) throws -> Result {
    let hyper = try optimizer.scheduled(machine)
    guard case .function(let function) = gradient.target, Workspace.of(machine).tape == nil else {
      return try written(tree, hyper)
    }
    let source = given(tree)
    if let source, let result = try again(source, function, hyper) { return result }
    guard let settings = optimizer.settings(hyper, machine), let leafCount = optimizer.states?.count else {
      return try written(tree, hyper)
    }
    var other: OptimizerValue?
    let results = try Workspace.of(machine).replays.results(
      of: function, for: .training(ObjectIdentifier(optimizer.constructor.rule)), [tree] + settings, machine,
      calling: [optimizer.constructor.rule]
    ) { replay, terms in
      replay.takesItsOwn = replay.takesItsOwn || source?.tree.replay === replay
      // An optimizer that has taken its steps on something else: the step as written says so.
      let isOfTree = !replay.givesLeaves || terms.count == 1 + leafCount * (1 + optimizer.stateCount)
      let result = try isOfTree ? unwritten(replay, terms, leafCount) : written(tree, hyper)
      other = result.optimizer
      return [result.loss, result.tree]
    } run: {
      let result = try written(tree, hyper)
      other = result.optimizer
      return [result.loss, result.tree] + (result.optimizer.states ?? []).flatMap { $0 }
    } record: { tape, function, arguments in
      try recorded(function, arguments, on: tape)
    }
    return (results[0], results[1], other ?? optimizer)
  }

  private typealias Given = (tree: ReplayedLeaves, states: ReplayedLeaves, leafCount: Int)

  /// What one recording gave of both, where nobody has looked at it since.
  private func given(_ tree: Value) -> Given? {
    guard case .object(let model as ModelValue) = tree, let leaves = model.unwritten as? ReplayedLeaves,
      let (states, count) = optimizer.unwritten, let states = states as? ReplayedLeaves,
      states.replay === leaves.replay, states.rule === optimizer.constructor.rule
    else { return nil }
    return (leaves, states, count)
  }

  /// The step by the recording that gave the last one; nil where it does not stand for this one.
  private func again(_ given: Given, _ function: FunctionValue, _ hyper: [Value]) throws -> Result? {
    guard !machine.keepsStepAccount, let replay = given.tree.replay else { return nil }
    let settings = hyper + [.int(optimizer.step + 1)]
    let terms = try Workspace.of(machine).replays.again(
      replay, of: function, own: given.tree.terms, settings, own: given.states.terms, machine)
    return try terms.map { try unwritten(replay, $0, given.leafCount) }
  }

  /// The loss, and a model and an optimizer whose leaves wait to be looked at.
  private func unwritten(_ replay: Replay, _ terms: [Term], _ leafCount: Int) throws -> Result {
    let stateCount = leafCount * optimizer.stateCount
    // A rule may keep tuples, or what is no number.
    guard case .object(let model as ModelValue) = replay.hollow(1), replay.givesLeaves else {
      let results = try replay.written(terms)
      let states = WrittenLeaves(Array(results.dropFirst(2)))
      return (results[0], results[1], optimizer.advanced(states, leafCount: leafCount))
    }
    // Each in memory of its own: whoever keeps the model keeps no states.
    let rule = optimizer.constructor.rule
    let tree = ReplayedLeaves(Array(terms[1..<terms.count - stateCount]), of: replay, rule)
    let states = ReplayedLeaves(Array(terms.suffix(stateCount)), of: replay, rule)
    return (
      terms[0].value, .object(ModelValue(unwritten: tree, like: model)),
      optimizer.advanced(states, leafCount: leafCount)
    )
  }

  /// A gradient, and then a step.
  private func written(_ tree: Value, _ hyper: [Value]) throws -> Result {
    let taken = try gradient.taken(at: tree, machine)
    let batch = Batch(
      loss: gradient.target, gradient: .function(try GradientFunction(of: gradient.target, argument: 2)))
    let (next, stepped) = try optimizer.stepped(taken.extra ?? tree, taken.gradient, hyper, batch, machine)
    return (taken.loss, next, stepped)
  }

  private struct NotOneComputation: Error {}

  private func recorded(_ function: FunctionValue, _ arguments: [Value], on tape: Tape) throws -> [Value] {
    let parts = try gradient.recorded(function, [arguments[0]], Workspace.of(machine), on: tape, machine)
    let tree = parts.count > 2 ? parts[2] : arguments[0]
    let settings = Array(arguments.dropFirst())
    guard let step = try optimizer.recordedStep(tree, parts[1], settings: settings, machine) else {
      throw NotOneComputation()
    }
    return [parts[0], step.tree] + step.states
  }
}

/// Leaves as a recording gave them.
private final class ReplayedLeaves: UnwrittenLeaves {
  let terms: [Term]
  private(set) weak var replay: Replay?
  let rule: FunctionValue

  init(_ terms: [Term], of replay: Replay, _ rule: FunctionValue) {
    (self.terms, self.replay, self.rule) = (terms, replay, rule)
  }

  override func written() -> [Value] { terms.map(\.value) }
}

/// Leaves that are values already.
private final class WrittenLeaves: UnwrittenLeaves {
  private let values: [Value]
  init(_ values: [Value]) { self.values = values }
  override func written() -> [Value] { values }
}
