import Engine
import Graph
import Runtime

/// What replayed calls come to.
enum Plans {
  static var all: [Builtin] {
    [
      Builtin(
        "plan(f)",

        """
        What calls of `f`, a function, a gradient or a model, come to when they are repeated: the function that takes \
        the arguments of `f` and gives a record of columns, for each operation its name, what it gives, with which \
        others it runs in one pass over memory, and its microseconds (of a pass, the last one's are all of it). \
        `explain plan(f(x))` says the same in words: what runs together, what does not and why, and where the time goes. Of \
        `train_step(opt, net, loss)` it is a step that goes on from the first.
        > plan(grad(x => sum(x^2)))([1.0, 2.0]).operation
        ["power", "sum", "multiply", "multiply"]
        """, explainsCalls: true
      ) { call in
        switch call[0] {
        case .function: break
        case .object(let object) where object is ModelValue: break
        default:
          throw Failure(
            .notCallable, "a plan is made of a function, not of \(Failure.article(call[0].kind))",
            help: ["plan(grad(x => sum(x^2)))([1.0, 2.0])"], argument: 0)
        }
        return .function(PlanFunction(call[0]))
      }
    ]
  }
}

/// What `plan(f)` is.
private final class PlanFunction: FunctionValue {
  private let target: Value

  init(_ target: Value) { self.target = target }

  override var name: String { "plan(…)" }

  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    PlanFunction.table(try operations(arguments, machine))
  }

  override func explained(
    _ arguments: CallArguments, at place: Value, _ machine: Machine
  ) throws -> Explanation? {
    PlanInWords(try operations(arguments, machine)).explanation
  }

  private func operations(_ arguments: CallArguments, _ machine: Machine) throws -> [PlannedOp] {
    guard arguments.named.isEmpty else {
      throw Failure(.badValue, "a plan takes its arguments by position", help: ["plan(f)(x)"])
    }
    // Called as written first, so that what is wrong with the call is said as ever.
    let answer = try machine.call(target, arguments.positional)
    // In a rehearsal there are no numbers to time.
    if machine.exploration != nil { throw Failure.unknown }
    guard Workspace.of(machine).tape == nil, !machine.isRecording else {
      throw PlanFunction.refused("it is asked for inside of a gradient or another plan")
    }
    let (values, record) = try calculation(arguments.positional, answer, machine)
    guard let inputs = ReplayInputs(values) else {
      throw PlanFunction.refused("an argument is no number, tensor or model, or a structure of them")
    }
    let tape = Tape(keepingEverything: true)
    defer { tape.finish() }
    let (variables, results) = try recorded(inputs, on: tape, machine, record)
    let outputs = try Replay.leaves(of: results, inputs)
    let seconds = ContinuousClock()
    let start = seconds.now
    let ops = try Recording.account(of: outputs, from: variables, on: tape, inputs.tensors) {
      let passed = (seconds.now - start).components
      return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }
    guard let ops else {
      throw PlanFunction.refused("it computes something from a number that it does not take as an argument")
    }
    return ops
  }

  /// What a call depends on, and how its results follow from that.
  /// - Parameter answer: what the call gave as written.
  private func calculation(
    _ arguments: [Value], _ answer: Value, _ machine: Machine
  ) throws -> TrainingStep.Computation {
    switch target {
    case .function(let builtin as Builtin) where builtin.builtinName == TrainingStep.name:
      return try PlanFunction.step(after: answer, arguments, machine)
    case .function(let gradient as GradientFunction):
      guard case .function(let function) = gradient.target else {
        throw PlanFunction.refused("the gradient is of a model")
      }
      return (
        arguments,
        { try gradient.recorded(function, $0, Workspace.of(machine), on: $1, machine) }
      )
    case .object:
      // A model's parameters are arguments too.
      return (
        arguments + [target],
        { values, _ in [try machine.call(values.last ?? .none, Array(values.dropLast()))] }
      )
    default: return (arguments, { [target] values, _ in [try machine.call(target, values)] })
    }
  }

  /// A training step that goes on from what one gave: the first step of an optimizer makes its states.
  private static func step(
    after answer: Value, _ arguments: [Value], _ machine: Machine
  ) throws -> TrainingStep.Computation {
    guard case .tuple(let parts) = answer, parts.elements.count == 3, arguments.count == 3,
      case .object(let optimizer as OptimizerValue) = parts.elements[2]
    else { throw refused("it is no step of an optimizer") }
    let gradient = try GradientFunction(of: arguments[2], withValue: true, argument: 2)
    let step = TrainingStep(optimizer, gradient, machine)
    guard let computation = try step.computation(from: parts.elements[1]) else {
      throw refused("the loss is no function, or the rule looks at everything at once")
    }
    return computation
  }

  private func recorded(
    _ inputs: ReplayInputs, on tape: Tape, _ machine: Machine, _ record: ([Value], Tape) throws -> [Value]
  ) throws -> (variables: [Term], results: [Value]) {
    machine.isRecording = true
    defer { machine.isRecording = false }
    do {
      let hollow = try inputs.hollow(UncalledFunction(), on: tape)
      return (hollow.variables, try record(hollow.arguments, tape))
    } catch let failure as Failure where failure.code == .interrupted || failure.code == .stepLimit {
      throw failure
    } catch {
      throw PlanFunction.refused("it looks at a number, draws one, or does more than calculate")
    }
  }

  private static func refused(_ reason: String) -> Failure {
    Failure(
      .badValue, "calls of this function are not replayed, they run as written", notes: [reason],
      help: ["a branch on a number becomes where(condition, a, b)"])
  }

  private static func table(_ ops: [PlannedOp]) -> Value {
    var sizes: [Int: Int] = [:]
    for op in ops { if let pass = op.pass { sizes[pass, default: 0] += 1 } }
    func runs(_ op: PlannedOp) -> String {
      guard let pass = op.pass, let size = sizes[pass] else { return "by itself" }
      return "pass \(pass + 1), with \(size - 1) more"
    }
    let columns: [(String, [Value])] = [
      ("operation", ops.map { .string($0.op.name) }),
      ("result", ops.map { .string($0.dtype.name + "[" + TensorText.dimensions($0.shape) + "]") }),
      ("runs", ops.map { .string(runs($0)) }),
      ("microseconds", ops.map { .float(($0.seconds * 1e8).rounded() / 100) }),
    ]
    return .record(Record(columns.map(\.0), columns.map { .list(List($0.1)) }))
  }
}
