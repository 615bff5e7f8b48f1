import Engine
import Graph
import Runtime

/// What is done to whole models: a training pass, a survey of the layers.
enum Models {
  static var all: [Builtin] {
    [
      Builtin(
        "forward(net, x, training = true, seed = none)",

        """
        `(net(x), net)` as training sees them: dropout drawn, running statistics moved on in the second.
        > let (y, net) = forward(Dropout(0.5), ones(4), seed: 2)
        > y
        [0.0, 2.0, 0.0, 2.0]
        """, onlyCalculates: true
      ) { call in try forward(call) },
      Builtin(
        "changed(net, fields)",
        """
        A copy of a model with some of its fields, settings or parameters, changed to those of a record.
        > changed(Dense(2, 2), {bias: [1.0, 2.0]}).bias
        [1.0, 2.0]
        """
      ) { call in
        guard case .object(let object) = call[0], let model = object as? ModelValue else {
          throw Failure(.wrongType, "`net` is a model, not \(Failure.article(call[0].kind))", argument: 0)
        }
        guard case .record(let fields) = call[1] else {
          throw Failure(
            .wrongType, "`fields` is a record, not \(Failure.article(call[1].kind))",
            help: ["changed(layer, {weight: w})"], argument: 1)
        }
        return .object(try model.setting(fields))
      },
      Builtin(
        "summary(net, input = none)",

        """
        The layers with outputs, parameters, bytes and multiply-adds; `input` is a tensor or one input's shape.
        > summary(Sequential(Dense(4, 3, relu), Dense(3, 2)))
        layer             output  parameters  bytes  multiply-adds
        layers[0]  Dense  [·, 3]          15     60             12
        layers[1]  Dense  [·, 2]           8     32              6
        total                             23     92             18
        """
      ) { call in
        guard case .object(let object) = call[0], let model = object as? ModelValue else {
          throw Failure(.wrongType, "`net` is a model, not \(Failure.article(call[0].kind))", argument: 0)
        }
        return .object(try ModelSummary(model, input: call.values[1] ?? .none, call.machine))
      },
    ]
  }

  private static func forward(_ call: BuiltinCall) throws -> Value {
    let machine = call.machine
    let outer = machine.modelCalls
    defer { machine.modelCalls = outer }
    guard try call.values[2].map({ try machine.truth($0) }) ?? true else {
      machine.modelCalls = nil
      return .tuple(Tuple([try machine.call(call[0], [call[1]]), call[0]]))
    }
    let seed = call.values[3] ?? .none
    // In a recording the seed is a number that nobody may look at.
    let known = try machine.isRecording ? drawn(seed, machine) : drawn(seed, machine) ?? key(seed, machine)
    let pass = TrainingPass(known) { try key(seed, machine) }
    machine.modelCalls = pass
    let y = try machine.call(call[0], [call[1]])
    return .tuple(Tuple([y, pass.moved(call[0])]))
  }

  /// The session's next key, for a pass without a seed.
  private static func drawn(_ seed: Value, _ machine: Machine) throws -> RandomKey? {
    guard case .none = seed else { return nil }
    let workspace = Workspace.of(machine)
    guard !machine.isRecording else {
      throw Failure(.badValue, "a pass without a seed is another each time")
    }
    return workspace.key(seed: nil)
  }

  /// The key of one whole number, or of several (a seed, a step).
  private static func key(_ seed: Value, _ machine: Machine) throws -> RandomKey {
    guard let numbers = try Conversion.integers(seed), let first = numbers.first else {
      throw Failure(.wrongType, "`seed` is a whole number, or several", argument: 3)
    }
    return numbers.dropFirst().reduce(RandomKey(seed: first)) { $0.folded($1) }
  }
}

/// One training pass: models with a method `forward(x, seed)` are called by it instead of `call`, wherever they
/// stand in the network. It answers the value and a record of the fields that change.
private final class TrainingPass: ModelCalls {
  private var key: RandomKey?
  /// Makes the key when a layer first draws: of a pass without draws the seed does not matter.
  private let makeKey: () throws -> RandomKey
  private var draws = 0
  /// The models called, kept so that their identities stay theirs, and what has become of them.
  private var changed: [ObjectIdentifier: (former: ModelValue, latter: ModelValue)] = [:]

  init(_ key: RandomKey?, makeKey: @escaping () throws -> RandomKey) {
    self.key = key
    self.makeKey = makeKey
  }

  func call(_ model: ModelValue, _ arguments: CallArguments, _ machine: Machine) throws -> Value? {
    guard model.has("forward") else { return nil }
    let identity = ObjectIdentifier(model)
    let current = changed[identity]?.latter ?? model
    var extended = arguments
    draws &+= 1
    let key = try key ?? makeKey()
    self.key = key
    extended.named.append(("seed", .int(key.folded(draws).number)))
    let answer = try current.run("forward", extended, machine)
    guard case .tuple(let pair) = answer, pair.elements.count == 2,
      case .record(let changes) = pair.elements[1]
    else {
      throw Failure(
        .badModel,
        "`fn forward(x, seed)` of the model `\(model.name)` answers a value and a record of changed fields",
        notes: ["it gave \(Failure.article(answer.kind))"], help: ["fn forward(x, seed) = (x, {})"])
    }
    let constants = try changes.values.map(TrainingPass.withoutGradient)
    changed[identity] = (model, try current.setting(Record(changes.names, constants)))
    return pair.elements[0]
  }

  /// State is no part of what is differentiated.
  private static func withoutGradient(_ value: Value) throws -> Value {
    try Structure.map(value) { leaf in
      guard case .object(let object) = leaf, let tensor = object as? TensorObject else { return leaf }
      return .object(TensorObject(tensor.term.constant))
    }
  }

  /// The network with every model as the pass has left it.
  func moved(_ value: Value) -> Value { changed.isEmpty ? value : replaced(value) ?? value }

  /// `nil` where nothing has changed.
  private func replaced(_ value: Value) -> Value? {
    switch value {
    case .list(let list): return replaced(list.elements).map { .list(List($0)) }
    case .tuple(let tuple): return replaced(tuple.elements).map { .tuple(Tuple($0)) }
    case .record(let record): return replaced(record.values).map { .record(Record(record.names, $0)) }
    case .object(let object):
      guard let model = object as? ModelValue else { return nil }
      let latter = changed[ObjectIdentifier(model)]?.latter
      let fields = (latter ?? model).fields
      let parts = fields.indices.map { model.isParameterField($0) ? replaced(fields[$0]) : nil }
      if parts.allSatisfy({ $0 == nil }) { return latter.map { .object($0) } }
      return .object(model.replacing(zip(fields, parts).map { $1 ?? $0 }))
    default: return nil
    }
  }

  private func replaced(_ values: [Value]) -> [Value]? {
    let parts = values.map(replaced)
    return parts.allSatisfy { $0 == nil } ? nil : zip(values, parts).map { $1 ?? $0 }
  }
}
