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

  /// What is held, such as pruned weights, is no input of a recording: such a step is written out each time.
  func taken(from tree: Value) throws -> Result {
    let hyper = try optimizer.scheduled(machine)
    guard case .function(let function) = gradient.target, Workspace.of(machine).tape == nil,
      let settings = optimizer.settings(hyper, machine), let leafCount = optimizer.states?.count
    else { return try written(tree, hyper) }
    var other: OptimizerValue?
    let results = try Workspace.of(machine).replays.results(
      of: function, for: .training(ObjectIdentifier(optimizer.constructor.rule)), [tree] + settings, machine,
      calling: [optimizer.constructor.rule]
    ) {
      let result = try written(tree, hyper)
      other = result.optimizer
      return [result.loss, result.tree] + (result.optimizer.states ?? []).flatMap { $0 }
    } record: { tape, function, arguments in
      try recorded(function, arguments, on: tape)
    }
    return (results[0], results[1], other ?? optimizer.advanced(results.dropFirst(2), leafCount: leafCount))
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
