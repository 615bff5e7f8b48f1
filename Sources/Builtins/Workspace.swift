import Engine
import Graph
import Runtime

extension Session {
  /// Where the session's random stream stands: its seed, and how often it was drawn from.
  package var randomState: (seed: Int, draws: Int) { Workspace.of(machine).randomState }
}

/// What the bridge keeps for a session: the tape of the gradient that runs, the random stream, the default dtype.
package final class Workspace: Checkpointed {
  /// The tape of the outermost gradient that is being taken.
  var tape: Tape?
  var spareTape = Tape.Spare()
  let replays = Replays()
  var progress: (any ProgressReporter)?
  /// The losses of earlier epochs, as they were last told to `progress`: the same for each step of an epoch.
  private var history: (list: List?, losses: [Double]) = (nil, [])
  /// The next line of standard input.
  var input: (() -> String?)?
  private var seed = 0
  private var draws = 0
  private var dtypeFunctions: [DType: Value] = [:]

  init() {}

  static func of(_ machine: Machine) -> Workspace {
    let key = ObjectIdentifier(Workspace.self)
    if let workspace = machine.attachments[key] as? Workspace { return workspace }
    let workspace = Workspace()
    machine.attachments[key] = workspace
    return workspace
  }

  /// The numbers of a list of losses.
  func losses(_ list: Value, _ machine: Machine) throws -> [Double] {
    if case .list(let list) = list, list === history.list { return history.losses }
    let losses = try Collections.elements(list, machine).compactMap(Conversion.number)
    // Held, so that nobody changes it in place.
    if case .list(let list) = list { history = (list, losses) }
    return losses
  }

  func endProgress() {
    progress?.finish()
    history = (nil, [])
  }

  func reseed(_ seed: Int) { (self.seed, draws) = (seed, 0) }

  /// Where the random stream stands: its seed, and how often it was drawn from.
  var randomState: (seed: Int, draws: Int) {
    get { (seed, draws) }
    set { (seed, draws) = newValue }
  }

  /// The key of the next draw: given by the caller, or the session's stream moved on by one.
  func key(seed given: Int?) -> RandomKey {
    if let given { return RandomKey(seed: given) }
    draws &+= 1
    return RandomKey(seed: seed).folded(draws)
  }

  /// What brings back the random stream and the default precision as they are now.
  package func checkpoint() -> () -> Void {
    let (seed, draws, precision) = (seed, draws, Graph.defaultFloat)
    return { [unowned self] in
      (self.seed, self.draws) = (seed, draws)
      Graph.defaultFloat = precision
    }
  }

  func dtypeFunction(_ dtype: DType) -> Value { dtypeFunctions[dtype] ?? .string(dtype.name) }

  /// Remembers the functions that dtypes are.
  func register(_ builtin: Builtin) {
    if let dtype = DType.allCases.first(where: { $0.name == builtin.name }) {
      dtypeFunctions[dtype] = .function(builtin)
    }
  }
}

/// The machine's questions about tensors, answered.
final class TensorDomain: Domain {
  func bracket(_ elements: [Value], nested: (Int) -> Bool, exact: Bool) throws -> Value? {
    let plain = elements.allSatisfy(\.isNumber)
    if plain { return Term(try numbers(elements, exact: exact)).value }
    var terms: [Term] = []
    terms.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      guard let term = Conversion.termIfNumeric(element), term.rank == 0 || nested(index) else { return nil }
      terms.append(term)
    }
    try checkRows(terms)
    // A bool beside a number would be a silent conversion.
    let booleans = terms.filter { $0.dtype == .bool }.count
    guard booleans == 0 || booleans == terms.count else { return nil }
    let settled = try terms.map { try settle($0, exact: exact) }
    return try Term.stacked(settled, axis: 0).value
  }

  /// Plain numbers as a vector: integers alone make `i64`, any float the default float.
  private func numbers(_ elements: [Value], exact: Bool) throws -> Tensor {
    let integers = elements.compactMap { if case .int(let number) = $0 { number } else { nil as Int? } }
    if integers.count == elements.count { return try Tensor(integers) }
    let floats = elements.compactMap(Conversion.number)
    if exact || Graph.defaultFloat == .f64 { return try Tensor(floats) }
    return try Tensor(floats.map { Float($0) })
  }

  /// A number that joins others in a bracket: a plain float takes the default dtype.
  private func settle(_ term: Term, exact: Bool) throws -> Term {
    guard term.isWeak, term.dtype.isFloat else { return term.isWeak ? Term.strong(term) : term }
    return try term.converted(to: exact ? .f64 : Graph.defaultFloat)
  }

  private func checkRows(_ terms: [Term]) throws {
    guard let first = terms.first else { return }
    for (index, term) in terms.enumerated() where term.shape != first.shape {
      throw Failure(
        .raggedBracket,
        "row \(index) has shape \(Words.shape(term.shape)), the rows before it \(Words.shape(first.shape))",
        help: ["rows of one bracket are of one length"], argument: index)
    }
  }

  func filled(_ number: Value, like parameter: Value) throws -> Value {
    guard case .object(let object as TensorObject) = parameter, let value = Conversion.number(number) else {
      return number
    }
    let tensor = object.tensor
    let filled = try Tensor.filled(value, shape: tensor.shape, dtype: tensor.dtype)
    return .object(TensorObject(Term(filled, weak: object.term.isWeak)))
  }

  func merged(_ a: Value, _ b: Value) -> Value? {
    guard let x = Conversion.termIfNumeric(a), let y = Conversion.termIfNumeric(b), x.shape == y.shape else {
      return nil
    }
    let dtype = x.dtype == y.dtype ? x.dtype : x.isWeak && y.isWeak ? DType.f64 : nil
    guard let dtype, let tensor = try? Tensor.hollow(shape: x.shape, dtype: dtype) else { return nil }
    return Term(tensor, weak: x.isWeak && y.isWeak).value
  }

  func results(
    of function: FunctionValue, _ arguments: [Value], _ machine: Machine,
    run: (FunctionValue, [Value]) throws -> [Value]
  ) throws -> [Value] {
    try Workspace.of(machine).replays.results(of: function, for: .answer, arguments, machine) {
      try run(function, arguments)
    } record: { _, function, variables in
      try run(function, variables)
    }
  }

  func answer(of model: ModelValue, _ arguments: [Value], _ machine: Machine) throws -> Value? {
    let workspace = Workspace.of(machine)
    return try workspace.replays.answer(of: model, arguments, workspace, machine)
  }

  func begin(_ interrupt: Interrupt) { Cancellation.watch(interrupt.flag) }

  func display(_ value: Value, _ printer: ValuePrinter) -> String? { ValueDisplay.text(value, printer) }

  func failure(for error: any Error) -> Failure { Words.failure(for: error) }
}

extension Term {
  /// A plain integer as a number of its own dtype.
  fileprivate static func strong(_ term: Term) -> Term {
    term.isTraced ? term : Term(term.tensor)
  }
}
