import Engine
import Graph
import Runtime

/// A gradient and an optimizer's step on it as one computation.
struct TrainingStep {
  /// The builtin that takes one.
  static let name = "train_step"

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
    let (tree, states, leafCount) = given
    guard !machine.keepsStepAccount, let replay = tree.replay, replay.takesItsOwn,
      Workspace.of(machine).replays.mayReplay(machine)
    else { return nil }
    let settings = hyper + [.int(optimizer.step + 1)]
    let data = replay.data(
      function, between: tree.count, settings, and: states.count, Reach.captures(of: function))
    guard let data, let like = model(of: replay) else { return nil }
    let iteration =
      tree.iteration(with: states) ?? replay.iteration(from: tree.terms, states.terms, like: data)
    guard let loss = try replay.advance(iteration, with: data, machine) else { return nil }
    let (next, nextStates) = (tree.next(in: iteration, from: 0), states.next(in: iteration, from: tree.count))
    return (
      loss.value, .object(ModelValue(unwritten: next, like: like)),
      optimizer.advanced(nextStates, leafCount: leafCount)
    )
  }

  /// The loss, and a model and an optimizer whose leaves wait to be looked at.
  private func unwritten(_ replay: Replay, _ terms: [Term], _ leafCount: Int) throws -> Result {
    let stateCount = leafCount * optimizer.stateCount
    // A rule may keep tuples, or what is no number.
    guard replay.givesLeaves, let like = model(of: replay) else {
      let results = try replay.written(terms)
      let states = WrittenLeaves(Array(results.dropFirst(2)))
      return (results[0], results[1], optimizer.advanced(states, leafCount: leafCount))
    }
    // Each in memory of its own: whoever keeps the model keeps no states.
    let rule = optimizer.constructor.rule
    let tree = ReplayedLeaves(Array(terms[1..<terms.count - stateCount]), of: replay, rule)
    let states = ReplayedLeaves(Array(terms.suffix(stateCount)), of: replay, rule)
    return (
      terms[0].value, .object(ModelValue(unwritten: tree, like: like)),
      optimizer.advanced(states, leafCount: leafCount)
    )
  }

  /// The model that a recording gives, without its numbers; nil where it gives something else.
  private func model(of replay: Replay) -> ModelValue? {
    guard case .object(let model as ModelValue) = replay.hollow(1) else { return nil }
    return model
  }

  /// A gradient, and then a step.
  private func written(_ tree: Value, _ hyper: [Value]) throws -> Result {
    let taken = try gradient.taken(at: tree, machine)
    let batch = Batch(
      loss: gradient.target, gradient: .function(try GradientFunction(of: gradient.target, argument: 2)))
    let (next, stepped) = try optimizer.stepped(taken.extra ?? tree, taken.gradient, hyper, batch, machine)
    return (taken.loss, next, stepped)
  }

  /// What a computation depends on, and how its results follow from that on a tape.
  typealias Computation = (values: [Value], record: ([Value], Tape) throws -> [Value])

  /// A step from a tree; nil where it is not one computation.
  func computation(from tree: Value) throws -> Computation? {
    guard case .function(let function) = gradient.target,
      let settings = optimizer.settings(try optimizer.scheduled(machine), machine)
    else { return nil }
    return ([tree] + settings, { try recorded(function, $0, on: $1) })
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

/// Leaves as a recording gave them, or as an iteration of it has them as long as nobody asks for them.
private final class ReplayedLeaves: UnwrittenLeaves, CarriedLeaves {
  private(set) weak var replay: Replay?
  let rule: FunctionValue
  let count: Int
  private var known: [Term]
  private var held: (iteration: Iteration, version: Int)?

  init(_ terms: [Term], of replay: Replay, _ rule: FunctionValue) {
    (self.replay, self.rule, count, known) = (replay, rule, terms.count, terms)
  }

  private init(_ count: Int, from start: Int, of iteration: Iteration, like other: ReplayedLeaves) {
    (replay, rule, self.count, known) = (other.replay, other.rule, count, [])
    super.init()
    held = (iteration, iteration.version)
    iteration.hold(start..<start + count, by: self)
  }

  deinit { held?.iteration.forget(ObjectIdentifier(self)) }

  /// What an iteration has come to in their place.
  /// - Parameter start: where they begin among the leaves that it carries.
  func next(in iteration: Iteration, from start: Int) -> ReplayedLeaves {
    ReplayedLeaves(count, from: start, of: iteration, like: self)
  }

  /// The iteration whose newest leaves these and others are; nil where there is none.
  func iteration(with others: ReplayedLeaves) -> Iteration? {
    guard let (iteration, version) = held, version == iteration.version,
      let other = others.held, other.iteration === iteration, other.version == version
    else { return nil }
    return iteration
  }

  var terms: [Term] {
    held?.iteration.ask(for: ObjectIdentifier(self))
    return known
  }

  func keep(_ leaves: [Term]) { (known, held) = (leaves, nil) }

  override func written() -> [Value] { terms.map(\.value) }
}

/// Leaves that are values already.
private final class WrittenLeaves: UnwrittenLeaves {
  private let values: [Value]
  init(_ values: [Value]) { self.values = values }
  override func written() -> [Value] { values }
}
