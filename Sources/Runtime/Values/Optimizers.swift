import Syntax

/// What an `optimizer` declaration makes: called with hyperparameters, it builds an optimizer.
package final class OptimizerConstructor: FunctionValue {
  let declaration: Declaration
  let defaults: Closure
  /// (hyperparameters…, x, g, t, loss_at, grad_at, states…) → (new x, states…)
  package let rule: Closure
  /// The same rule, keeping account: it answers its lines after its states, each with the values it used.
  let account: Closure

  init(_ declaration: Declaration, defaults: Closure, rule: Closure, account: Closure) {
    (self.declaration, self.defaults, self.rule, self.account) = (declaration, defaults, rule, account)
  }

  public override var name: String { declaration.name }
  public override var signature: String { declaration.signature }
  public override var documentation: String? { declaration.documentation }
  package override var knownParameters: [BuiltinParameter]? {
    declaration.parameters.map(BuiltinParameter.init)
  }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    guard case .tuple(let values) = try machine.call(defaults, arguments) else { return .none }
    return .object(OptimizerValue(self, values.elements, states: nil, step: 0))
  }
}

/// An optimizer: a rule, its hyperparameters, and the states it keeps for each parameter.
package final class OptimizerValue: Object {
  package let constructor: OptimizerConstructor
  package let hyperparameters: [Value]
  private var known: [[Value]]?
  /// What the states of so many leaves are made of, as long as nobody has looked at them.
  package private(set) var unwritten: (leaves: UnwrittenLeaves, count: Int)?

  /// The states of each leaf, in the leaves' order; `nil` before the first step.
  package var states: [[Value]]? {
    if let (leaves, count) = unwritten {
      unwritten = nil
      let kept = constructor.declaration.stateNames.count
      let values = leaves.written()
      known = (0..<count).map { Array(values.dropFirst($0 * kept).prefix(kept)) }
    }
    return known
  }

  /// Steps taken.
  package let step: Int

  init(_ constructor: OptimizerConstructor, _ hyperparameters: [Value], states: [[Value]]?, step: Int) {
    self.constructor = constructor
    self.hyperparameters = hyperparameters
    self.known = states
    self.step = step
  }

  public override var kind: String { "optimizer" }
  package var name: String { constructor.name }
  /// How many states the rule keeps for a leaf.
  package var stateCount: Int { constructor.declaration.stateNames.count }
  public override var fieldNames: [String] {
    constructor.declaration.parameters.map(\.name) + constructor.declaration.stateNames + ["step", "name"]
  }

  public override func field(_ name: String, _ machine: Machine) throws -> Value? {
    if let index = constructor.declaration.parameters.firstIndex(where: { $0.name == name }) {
      return hyperparameters[index]
    }
    if let index = constructor.declaration.stateNames.firstIndex(of: name) { return state(index) }
    switch name {
    case "step": return .int(step)
    case "name": return .string(self.name)
    default: return nil
    }
  }

  /// A state's value: of a rule for the whole tree, or for one leaf, that value; else a list of each leaf's.
  private func state(_ index: Int) -> Value {
    guard let states else { return .none }
    let values = states.compactMap { index < $0.count ? $0[index] : nil }
    return values.count == 1 ? values[0] : .list(List(values))
  }

  public override func isEqual(_ other: Object) -> Bool {
    guard let other = other as? OptimizerValue else { return false }
    return constructor === other.constructor && step == 0 && other.step == 0
      && description(ValuePrinter()) == other.description(ValuePrinter())
  }

  public override func description(_ printer: ValuePrinter) -> String {
    let list = zip(constructor.declaration.parameters, hyperparameters)
      .map { "\($0.name): \(printer.element($1))" }
    return "\(name)(\(list.joined(separator: ", ")))"
  }

  package var settingNames: [String] { constructor.declaration.parameters.map(\.name) }

  /// The optimizer with other hyperparameters, its states and steps kept.
  package func retuned(_ hyperparameters: [Value]) -> OptimizerValue {
    OptimizerValue(constructor, hyperparameters, states: states, step: step)
  }

  public override var summary: String { "the optimizer \(name)" }

  /// One step: every parameter and its states moved by the rule.
  /// - Parameter batch: what `loss_at` and `grad_at` evaluate.
  /// - Returns: the tree with new parameters, and the optimizer with new states.
  package func stepped(
    _ tree: Value, _ gradient: Value, batch: Batch? = nil, _ machine: Machine
  ) throws -> (Value, OptimizerValue) {
    try stepped(tree, gradient, scheduled(machine), batch, machine)
  }

  /// The hyperparameters of the next step: schedules say what they are then.
  package func scheduled(_ machine: Machine) throws -> [Value] {
    let declaration = constructor.declaration
    if !hyperparameters.contains(where: \.isFunction) { return hyperparameters }
    return try zip(declaration.parameters, hyperparameters).map { parameter, value in
      guard case .function = value, !declaration.calledParameters.contains(parameter.name) else {
        return value
      }
      return try machine.call(value, [.int(step + 1)])
    }
  }

  /// - Parameter hyper: the hyperparameters of this step.
  package func stepped(
    _ tree: Value, _ gradient: Value, _ hyper: [Value], _ batch: Batch?, _ machine: Machine
  ) throws -> (Value, OptimizerValue) {
    let t = step + 1
    var newStates: [[Value]] = []
    let newTree: Value
    if constructor.declaration.isWhole {
      let isHeld = try Structure.leaves(tree).contains(where: \.isHeld)
      let gradient = isHeld ? try Structure.zip(tree, gradient) { try $0.clear($1) } : gradient
      let moved = try apply(
        hyper + [tree, gradient, .int(t)] + Batch.whole(batch, machine), 0, &newStates, machine)
      newTree = isHeld ? try Structure.zip(tree, moved) { try $0.hold($1) } : moved
    } else {
      (newTree, newStates) = try moved(tree, gradient, hyper, t, batch, machine)
      if let states, states.count != newStates.count {
        throw Failure(
          .structureMismatch,
          "this optimizer has taken steps on something with \(states.count) parameters, not \(newStates.count)",
          help: ["make a fresh one: \(name)(…)"])
      }
    }
    return (newTree, OptimizerValue(constructor, hyperparameters, states: newStates, step: t))
  }

  /// Every leaf moved by the rule, and its states.
  private func moved(
    _ tree: Value, _ gradient: Value, _ hyper: [Value], _ t: Int, _ batch: Batch?, _ machine: Machine
  ) throws -> (tree: Value, states: [[Value]]) {
    let pairs = try Structure.pairs(tree, gradient)
    var together = try movedTogether(tree, pairs, hyper, t, batch, machine)?[...]
    var newStates: [[Value]] = []
    newStates.reserveCapacity(pairs.count)
    let newTree = try Structure.map(tree) { x in
      let leaf = newStates.count
      guard leaf < pairs.count else { return x }
      let g = pairs[leaf].rhs
      let moved: Value
      if let result = together?.popFirst() {
        moved = try accept(result, x, &newStates, machine)
      } else {
        var arguments: [Value] = []
        arguments.reserveCapacity(hyper.count + 5 + constructor.declaration.stateNames.count)
        arguments += hyper
        arguments.append(x)
        arguments.append(try x.clear(g))
        arguments.append(.int(t))
        arguments += Batch.leaf(batch, leaf, of: tree, machine)
        moved = try x.hold(apply(arguments, leaf, &newStates, machine))
      }
      // What was gathered before an element was pruned must not bring it back when it is set free again.
      if x.isHeld { newStates[leaf] = try newStates[leaf].map(x.clear) }
      return moved
    }
    return (newTree, newStates)
  }

  /// What the rule answers for each leaf, as one computation, which can be replayed as one. Nil where the rule has not run
  /// before, keeps account, or there is a single leaf.
  private func movedTogether(
    _ tree: Value, _ pairs: [(lhs: Value, rhs: Value)], _ hyper: [Value], _ t: Int, _ batch: Batch?,
    _ machine: Machine
  ) throws -> [[Value]]? {
    let leafCount = pairs.count
    guard leafCount > 1, let settings = settings(hyper, machine), states?.count == leafCount,
      !pairs.contains(where: \.lhs.isHeld)
    else { return nil }
    var arguments: [Value] = []
    arguments.reserveCapacity(settings.count + 2 * leafCount)
    for pair in pairs { arguments.append(pair.lhs) }
    for pair in pairs { arguments.append(pair.rhs) }
    arguments += settings
    let results = try machine.domain.results(of: constructor.rule, arguments, machine) { rule, values in
      try movedLeaves(leafCount, values, rule, machine) { Batch.leaf(batch, $0, of: tree, machine) }
    }
    let each = 1 + constructor.declaration.stateNames.count
    guard results.count == leafCount * each else { return nil }
    return (0..<leafCount).map { Array(results[($0 * each)..<(($0 + 1) * each)]) }
  }

  /// The hyperparameters, the step's number and the states of each leaf: what a step is computed from besides parameters
  /// and gradients. Nil where it is not one computation: the rule has not run before, sees the whole tree, or keeps account.
  package func settings(_ hyper: [Value], _ machine: Machine) -> [Value]? {
    let kept = constructor.declaration.stateNames.count
    guard machine.stepAccount == nil, !constructor.declaration.isWhole, let states,
      states.allSatisfy({ $0.count == kept })
    else { return nil }
    var settings = hyper
    settings.reserveCapacity(hyper.count + 1 + kept * states.count)
    settings.append(.int(step + 1))
    for state in states { settings += state }
    return settings
  }

  /// What the rule gives for each leaf: the new parameter and its states.
  /// - Parameters:
  ///   - values: the parameters, their gradients, and what `settings` gives.
  ///   - evaluations: `loss_at` and `grad_at` of a leaf.
  private func movedLeaves(
    _ count: Int, _ values: [Value], _ rule: FunctionValue, _ machine: Machine,
    evaluations: (Int) -> [Value]
  ) throws -> [Value] {
    let kept = constructor.declaration.stateNames.count
    let (hyper, rest) = (
      values.dropFirst(2 * count).prefix(hyperparameters.count),
      values.dropFirst(2 * count + hyperparameters.count)
    )
    guard let t = rest.first else { return [] }
    var results: [Value] = []
    for leaf in 0..<count {
      // What evaluates the loss again is no part of a computation that is to be replayed.
      let evaluations = machine.isRecording ? machine.missingBatch : evaluations(leaf)
      let states = rest.dropFirst(1 + kept * leaf).prefix(kept)
      let moved = try machine.answer(
        of: rule, hyper + [values[leaf], values[count + leaf], t] + evaluations + states)
      guard moved.count == 1 + kept else { return [] }
      results += moved
    }
    return results
  }

  /// A step as a part of a larger computation that is to be replayed: the tree with new parameters, and the states of each
  /// leaf one after the other. Nil where the rule's answers are not of that form.
  package func recordedStep(
    _ tree: Value, _ gradient: Value, settings: [Value], _ machine: Machine
  ) throws -> (tree: Value, states: [Value])? {
    let pairs = try Structure.pairs(tree, gradient)
    let each = 1 + constructor.declaration.stateNames.count
    let values = pairs.map(\.lhs) + pairs.map(\.rhs) + settings
    let moved = try movedLeaves(pairs.count, values, constructor.rule, machine) { _ in machine.missingBatch }
    guard moved.count == pairs.count * each else { return nil }
    for (leaf, pair) in pairs.enumerated() { try check(moved[leaf * each], like: pair.lhs, machine) }
    var leaf = -1
    let newTree = try Structure.map(tree) { _ in
      leaf += 1
      return moved[leaf * each]
    }
    return (newTree, moved.indices.filter { $0 % each != 0 }.map { moved[$0] })
  }

  /// The optimizer after a step that gave these states, those of one leaf after the other.
  package func advanced(_ states: UnwrittenLeaves, leafCount: Int) -> OptimizerValue {
    let next = OptimizerValue(constructor, hyperparameters, states: nil, step: step + 1)
    next.unwritten = (states, leafCount)
    return next
  }

  private func apply(
    _ arguments: [Value], _ leaf: Int, _ newStates: inout [[Value]], _ machine: Machine
  ) throws -> Value {
    let result =
      try machine.stepAccount?.account(self, arguments, leaf, machine)
      ?? machine.runRule(constructor.rule, arguments, states: states(of: leaf))
    let x = constructor.declaration.isWhole ? nil : arguments.dropFirst(hyperparameters.count).first
    return try accept(result, x, &newStates, machine)
  }

  /// The new parameter, and the states put down.
  private func accept(
    _ result: [Value], _ x: Value?, _ newStates: inout [[Value]], _ machine: Machine
  ) throws -> Value {
    guard let first = result.first else { return .none }
    if let x { try check(first, like: x, machine) }
    newStates.append(Array(result.dropFirst()))
    return first
  }
}

extension OptimizerValue {
  /// What the rule keeps for a leaf; `nil` before its first step.
  func states(of leaf: Int) -> [Value]? { states.flatMap { leaf < $0.count ? $0[leaf] : nil } }

  /// The rule's value must be able to stand in the parameter's place.
  private func check(_ value: Value, like parameter: Value, _ machine: Machine) throws {
    func shape(_ value: Value) -> [Int]? {
      switch value {
      case .int, .float: return []
      case .object(let object) where object.isNumeric:
        guard case .list(let list)? = try? object.field("shape", machine) else { return nil }
        return list.compactMap { if case .int(let number) = $0 { number } else { nil as Int? } }
      default: return nil
      }
    }
    if case .float = value, case .float = parameter { return }
    if case .object(let new) = value, case .object(let old) = parameter, new.hasShape(of: old) { return }
    let found = shape(value)
    guard found == nil || found != shape(parameter) else { return }
    let what = found == nil ? Failure.article(value.kind) : machine.summary(of: value)
    throw Failure(
      .badOptimizer, "the rule of `\(name)` gives \(what), which cannot stand in the parameter's place",
      notes: ["the parameter is \(machine.summary(of: parameter))"],
      help: ["the last expression of the rule's body is the new parameter: x - lr * g"])
  }
}

extension Machine {
  /// Runs an optimizer's rule once; `states` are undefined on the first step.
  func runRule(_ rule: Closure, _ arguments: [Value], states: [Value]?) throws -> [Value] {
    guard let states else { return try answer(of: rule, arguments) }
    return try domain.results(of: rule, arguments + states, self, run: answer)
  }

  /// The parameter and the states that a rule gives.
  fileprivate func answer(of rule: FunctionValue, _ values: [Value]) throws -> [Value] {
    guard let rule = rule as? Closure,
      case .tuple(let parts) = try enter(rule, values.map(Optional.some))
    else { return [] }
    return parts.elements
  }
}
