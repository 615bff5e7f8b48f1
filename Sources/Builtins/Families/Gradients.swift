import Engine
import Graph
import Runtime

/// `grad`, `value_and_grad`, and one step of an optimizer.
enum Gradients {
  static var all: [Builtin] {
    [
      Builtin(
        "grad(f, wrt = 0)",

        """
        The function that gives the gradient of `f` in its first argument, or in argument `wrt`.
        > grad(x => x^3)(2.0)
        12.0
        > grad((x, y) => x * y, wrt: 1)(3.0, 5.0)
        3.0
        """
      ) { call in
        .function(try GradientFunction(call, withValue: false))
      },
      Builtin(
        "value_and_grad(f, wrt = 0)",

        """
        Like `grad`, with the value: `(value, gradient)`, or `(loss, gradient, extra)` of a function that gives \
        `(loss, extra)`.
        > value_and_grad(x => x^3)(2.0)
        (8.0, 12.0)
        """
      ) { call in
        .function(try GradientFunction(call, withValue: true))
      },
      Builtin(
        "step(opt, x, gradient, loss = none)",

        """
        One step of an optimizer: `(new x, new opt)`. `x` is a number, a tensor, a model or any structure of them. \
        Rules that evaluate again (line searches, SAM, Newton) need the loss too, a function of `x`.
        > let (x, opt) = step(SGD(lr: 0.1), 1.0, 2.0)
        > x
        0.8
        """
      ) { call in
        let optimizer = try optimizer(
          call[0], help: "step(Adam(), net, g), or keep it: (net, opt) = step(opt, net, g)")
        let batch = try batch(call)
        let (tree, next) = try optimizer.stepped(call[1], call[2], batch: batch, call.machine)
        return .tuple(Tuple([tree, .object(next)]))
      },
      Builtin(
        "\(TrainingStep.name)(opt, x, loss)",

        """
        One step down a loss, a function of `x`: `(loss, new x, new opt)`. It is `value_and_grad(loss)(x)` and `step` in one, \
        and repeated, one computation. Of a loss that gives `(loss, next)` the step is taken from `next`, which is like `x`.
        > let (loss, x, opt) = train_step(SGD(lr: 0.1), 3.0, x => x^2)
        > (loss, x)
        (9.0, 2.4)
        """
      ) { call in
        let optimizer = try optimizer(
          call[0], help: "(loss, net, opt) = train_step(opt, net, m => cross_entropy(m(x), y))")
        let gradient = try GradientFunction(of: call[2], withValue: true, argument: 2)
        let result = try TrainingStep(optimizer, gradient, call.machine).taken(from: call[1])
        return .tuple(Tuple([result.loss, result.tree, .object(result.optimizer)]))
      },
    ]
  }

  private static func optimizer(_ value: Value, help: String) throws -> OptimizerValue {
    guard case .object(let object) = value, let optimizer = object as? OptimizerValue else {
      throw Failure(
        .wrongType, "`opt` is an optimizer, not \(Failure.article(value.kind))", help: [help], argument: 0)
    }
    return optimizer
  }

  /// The loss a step was given, and its gradient.
  private static func batch(_ call: BuiltinCall) throws -> Batch? {
    guard let loss = call.values[3] else { return nil }
    if case .none = loss { return nil }
    return Batch(loss: loss, gradient: .function(try GradientFunction(of: loss, argument: 3)))
  }
}

/// What `grad(f)` is: a function that calls `f` with its argument on a tape.
package final class GradientFunction: FunctionValue {
  let target: Value
  private let position: Int
  private let withValue: Bool

  convenience init(_ call: BuiltinCall, withValue: Bool) throws {
    guard let position = call.values[1].map(Conversion.integer) ?? 0, position >= 0 else {
      throw Failure(.badValue, "`wrt` is the position of an argument, counted from 0", argument: 1)
    }
    try self.init(of: call[0], at: position, withValue: withValue, argument: 0)
  }

  /// - Parameter argument: which argument of the call that is running the function is, for errors.
  init(of target: Value, at position: Int = 0, withValue: Bool = false, argument: Int) throws {
    switch target {
    case .function: break
    case .object(let object) where object is ModelValue: break
    default:
      throw Failure(
        .notCallable, "a gradient is taken of a function, not of \(Failure.article(target.kind))",
        help: ["grad(x => x^2)(3.0)"], argument: argument)
    }
    self.target = target
    self.position = position
    self.withValue = withValue
  }

  public override var name: String { withValue ? "value_and_grad(…)" : "grad(…)" }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    guard position < arguments.positional.count else {
      throw Failure(
        .missingArgument, "the gradient is in argument \(position), which is not given",
        help: ["call it with the arguments of the function: grad(f)(x)"])
    }
    let workspace = Workspace.of(machine)
    guard workspace.tape == nil, case .function(let function) = target, arguments.named.isEmpty else {
      return try taken(arguments, workspace, machine).value(withValue)
    }
    return try replayed(function, arguments, workspace, machine).value(withValue)
  }

  /// The loss, its gradient and what the function gave besides.
  func taken(at argument: Value, _ machine: Machine) throws -> Taken {
    let workspace = Workspace.of(machine)
    guard workspace.tape == nil, case .function(let function) = target else {
      return try taken(CallArguments([argument]), workspace, machine)
    }
    return try replayed(function, CallArguments([argument]), workspace, machine)
  }

  private func replayed(
    _ function: FunctionValue, _ arguments: CallArguments, _ workspace: Workspace, _ machine: Machine
  ) throws -> Taken {
    let results = try workspace.replays.results(
      of: function, for: .gradient(position), arguments.positional, machine
    ) {
      let taken = try taken(arguments, workspace, machine)
      return [taken.loss, taken.gradient] + (taken.extra.map { [$0] } ?? [])
    } record: { tape, function, arguments in
      try recorded(function, arguments, workspace, on: tape, machine)
    }
    let extra = results.count > 2 ? results[2] : nil
    return Taken(loss: results[0], gradient: results[1], extra: extra)
  }

  /// What came of a gradient.
  struct Taken {
    let loss: Value
    let gradient: Value
    let extra: Value?

    func value(_ withValue: Bool) -> Value {
      withValue ? .tuple(Tuple([loss, gradient] + (extra.map { [$0] } ?? []))) : gradient
    }
  }

  /// The loss and the gradient as they follow from arguments whose numbers are variables of a tape.
  func recorded(
    _ function: FunctionValue, _ arguments: [Value], _ workspace: Workspace, on tape: Tape, _ machine: Machine
  ) throws -> [Value] {
    let variables = try Structure.leaves(arguments[position]).compactMap(Conversion.termIfNumeric)
    workspace.tape = tape
    defer { workspace.tape = nil }
    let (loss, extra) = try GradientFunction.parts(try machine.call(.function(function), arguments))
    let gradients = try tape.gradient(of: loss, in: variables, recording: true)
    var rest = gradients[...]
    let gradient = try Structure.map(arguments[position]) { _ in rest.popFirst()?.value ?? .none }
    return [loss.value, gradient] + (extra.map { [$0] } ?? [])
  }

  private func taken(_ arguments: CallArguments, _ workspace: Workspace, _ machine: Machine) throws -> Taken {
    let isNested = workspace.tape != nil
    let tape = workspace.tape ?? Tape(reusing: &workspace.spareTape)
    workspace.tape = tape
    defer {
      if !isNested {
        workspace.tape = nil
        tape.finish(leaving: &workspace.spareTape)
      }
    }
    let (variables, traced) = try traced(arguments, on: tape)
    let result = try machine.call(target, traced)
    let (loss, extra) = try GradientFunction.parts(result)
    let gradients = try tape.gradient(of: loss, in: variables, recording: isNested)
    var rest = gradients[...]
    let gradient = try Structure.map(arguments.positional[position]) { _ in
      rest.popFirst()?.value ?? .none
    }
    return Taken(loss: isNested ? loss.value : loss.constant.value, gradient: gradient, extra: extra)
  }

  /// The arguments, with every number of the one that the gradient is in as a variable of a tape.
  private func traced(_ arguments: CallArguments, on tape: Tape) throws -> ([Term], CallArguments) {
    var variables: [Term] = []
    var traced = arguments
    traced.positional[position] = try Structure.map(arguments.positional[position]) { leaf in
      let variable = try tape.variable(try Conversion.term(leaf, "what a gradient is taken in"))
      variables.append(variable)
      return .object(TensorObject(variable, form: leaf.form))
    }
    guard !variables.isEmpty else {
      throw Failure(
        .notDifferentiable, "argument \(position) holds no numbers to take a gradient in",
        notes: ["it is \(Failure.article(arguments.positional[position].kind))"])
    }
    return (variables, traced)
  }

  /// The chain rule, factor by factor.
  public override func explained(
    _ arguments: CallArguments, at place: Value, _ machine: Machine
  ) throws -> Explanation? {
    let workspace = Workspace.of(machine)
    guard workspace.tape == nil, position < arguments.positional.count else { return nil }
    let tape = Tape()
    workspace.tape = tape
    defer {
      workspace.tape = nil
      tape.finish()
    }
    let argument = arguments.positional[position]
    let (variables, traced) = try traced(arguments, on: tape)
    let (loss, _) = try GradientFunction.parts(try machine.call(target, traced))
    let text = FunctionInWords(target, position)
    let title =
      "d/d\(text.parameter) \(text.body) at \(text.parameter) = \(try machine.working(argument).text)"
    guard let output = tape.place(of: loss) else {
      let line = Explanation.Line(
        symbols: "df/d\(text.parameter)", numbers: "", value: "0: the value does not depend on it")
      return Explanation(title, [line])
    }
    let named = zip(variables, try Structure.paths(argument)).compactMap { variable, path in
      tape.place(of: variable).map { (place: $0, name: text.parameter + path) }
    }
    let account = try tape.accountedGradient(of: loss, in: variables)
    var lines = ChainRule(account, on: tape, output: output, variables: named).lines
    if case .none = place { return Explanation(title, lines) }
    // The entry that is asked for, at the end.
    let (leaf, entry) = try Leaf.chosen(by: place, in: argument, machine)
    if leaf < account.gradients.count {
      let value = try machine.working(account.gradients[leaf].constant.value, at: entry).text
      let path = argument.isStructure ? ".\(ValuePrinter().text(place))" : "[\(ValuePrinter().text(place))]"
      lines.append(Explanation.Line(symbols: "df/d\(text.parameter)\(path)", numbers: "", value: value))
    }
    return Explanation(title, lines)
  }

  /// The loss, and what the function gave besides.
  private static func parts(_ result: Value) throws -> (Term, Value?) {
    if case .tuple(let tuple) = result, tuple.elements.count == 2, let first = tuple.elements.first {
      return (try loss(first), tuple.elements[1])
    }
    return (try loss(result), nil)
  }

  private static func loss(_ value: Value) throws -> Term {
    if let term = Conversion.termIfNumeric(value), term.dtype != .bool { return term }
    throw Failure(
      .gradientOfNonScalar,
      "a gradient is taken of one number, the function gives \(Failure.article(value.kind))",
      help: ["the last expression of the function's body is its value"])
  }
}
