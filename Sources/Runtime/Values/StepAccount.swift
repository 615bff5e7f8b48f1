import Syntax

/// The account of one optimizer's step while it is explained, and of the steps of inner rules within it.
final class StepAccount {
  /// Which parameter of the tree and which entry of it is asked for.
  private let place: Value
  private let tree: Value
  /// The lines of each inner step, in the order in which they were taken.
  private var inner: [[Explanation.Line]] = []
  /// The lines of the steps taken under this account.
  private(set) var lines: [Explanation.Line] = []

  init(at place: Value, in tree: Value) { (self.place, self.tree) = (place, tree) }

  /// Runs a rule that keeps account; of a rule that goes leaf by leaf, the lines of the leaf asked for are kept.
  /// - Returns: the new parameter and the new states, as the rule itself answers them.
  func account(
    _ optimizer: OptimizerValue, _ arguments: [Value], _ leaf: Int, _ machine: Machine
  ) throws -> [Value] {
    let nested = StepAccount(at: place, in: tree)
    machine.stepAccount = nested
    defer { machine.stepAccount = self }
    var result = try machine.runRule(
      optimizer.constructor.account, arguments, states: optimizer.states(of: leaf))
    guard case .list(let trace)? = result.popLast() else { return result }
    let (chosen, entry) = try Leaf.chosen(by: place, in: tree, machine)
    let isWhole = optimizer.constructor.declaration.isWhole
    guard isWhole || leaf == chosen else { return result }
    let given = arguments.dropFirst(optimizer.hyperparameters.count)
    let functions = zip(["loss_at", "grad_at"], ["f", "∇f"]).compactMap { name, shown in
      given.dropFirst(name == "loss_at" ? 3 : 4).first.map { (name: name, shown: shown, value: $0) }
    }
    let working = Working(
      machine, entry: isWhole && tree.isStructure ? .none : entry, of: given.first, functions: functions)
    inner.append(try nested.rendered(trace, optimizer, working))
    return result
  }

  /// The lines of the first step taken under this account.
  var first: [Explanation.Line] { inner.first ?? [] }

  private func rendered(
    _ trace: List, _ optimizer: OptimizerValue, _ working: Working
  ) throws -> [Explanation.Line] {
    var lines: [Explanation.Line] = []
    var steps = inner[...]
    for row in trace.elements {
      guard case .tuple(let parts) = row, case .int(let index)? = parts.elements.first,
        parts.elements.count > 1
      else { continue }
      let line = optimizer.constructor.account.prototype.lines[index]
      if line.isInnerStep {
        lines += (steps.popFirst() ?? []).map(\.indented)
      } else if case .object(let object) = parts.elements[1], object is OptimizerValue {
        continue
      } else {
        lines.append(
          try working.line(line, value: parts.elements[1], leaves: Array(parts.elements.dropFirst(2))))
      }
    }
    return lines
  }
}

extension Explanation.Line {
  fileprivate var indented: Explanation.Line {
    Explanation.Line(symbols: "  \(symbols)", numbers: numbers, value: value)
  }
}

extension OptimizerValue {
  /// The rule's lines at one step, as `run[k]` holds it: taken from the text that ran.
  func explained(_ step: Record, at place: Value, _ machine: Machine) throws -> Explanation {
    guard let x = step["from"], let g = step["g"], case .int(let t)? = step["step"] else {
      throw Failure(.badValue, "this is no step of a run: `run[k]` holds one")
    }
    let (leaf, entry) = try Leaf.chosen(by: place, in: x, machine)
    let account = StepAccount(at: place, in: x)
    let before = machine.stepAccount
    machine.stepAccount = account
    defer { machine.stepAccount = before }
    let batch = step["function"].map { Batch(loss: $0, gradient: step["gradient"] ?? .none) }
    _ = try stepped(x, g, batch: batch, machine)
    let working = Working(machine, entry: entry)
    let isWhole = constructor.declaration.isWhole
    let at = try working.text(isWhole ? x : Leaf.leaf(leaf, of: x), at: entry).text
    let gradient = try working.text(isWhole ? g : Leaf.leaf(leaf, of: g), at: entry).text
    let first = Explanation.Line(symbols: "g", numbers: "∇f(\(at))", value: gradient)
    let source = constructor.declaration.source
    let line = source.line(at: Int(constructor.declaration.span.start))
    return Explanation("step \(t) · \(name), \(source.name):\(line)", [first] + account.first)
  }
}
