import Syntax

/// What a `model` declaration makes: called with arguments, it builds a model.
package final class ModelConstructor: FunctionValue {
  let declaration: Declaration
  let constructor: Closure
  let methods: [String: Closure]
  /// The method that calls run.
  let callMethod: Closure?
  /// The first field that is bound by `let`: parameters live from there on.
  let firstLet: Int

  init(_ declaration: Declaration, constructor: Closure, methods: [Closure]) {
    self.declaration = declaration
    self.constructor = constructor
    self.methods = Dictionary(zip(declaration.methods, methods), uniquingKeysWith: { $1 })
    callMethod = self.methods["call"]
    firstLet = declaration.parameters.count
  }

  public override var name: String { declaration.name }
  public override var signature: String { declaration.signature }
  public override var documentation: String? { declaration.documentation }
  package override var knownParameters: [BuiltinParameter]? {
    declaration.parameters.map(BuiltinParameter.init)
  }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    guard case .tuple(let fields) = try machine.call(constructor, arguments) else { return .none }
    return .object(ModelValue(self, fields.elements))
  }

  func method(_ name: String) -> Closure? { methods[name] }
  var methodNames: [String] { declaration.methods }
}

/// A model: settings and parameters under names. It is called like a function.
package final class ModelValue: Object {
  package let constructor: ModelConstructor
  private var known: [Value]
  /// What the fields are made of, as long as nobody has looked at them; and a model that is like this one otherwise.
  private var pending: (leaves: UnwrittenLeaves, like: ModelValue)?

  package var fields: [Value] {
    if let (leaves, like) = pending {
      pending = nil
      if case .object(let model as ModelValue) = Structure.refilled(.object(like), leaves.written()) {
        known = model.known
      }
    }
    return known
  }

  /// The leaves, if nobody has looked at the fields yet.
  package var unwritten: UnwrittenLeaves? { pending?.leaves }

  /// What the bridge remembers of calls, as long as the model lives.
  package var memory: AnyObject?
  private var calls: UInt8 = 0

  init(_ constructor: ModelConstructor, _ fields: [Value]) {
    self.constructor = constructor
    known = fields
    // Layers that have learnt are the ones the network is said to be made of: the first ones are let go.
    for alias in constructor.declaration.aliases { known[alias.setting] = fields[alias.field] }
  }

  /// A model like another, with these leaves.
  package init(unwritten leaves: UnwrittenLeaves, like model: ModelValue) {
    (constructor, known, pending) = (model.constructor, [], (leaves, model))
  }

  public override var kind: String { "model" }
  package var name: String { constructor.name }
  public override var fieldNames: [String] { constructor.declaration.fields + ["params"] }

  /// Whether parameters may stand in a field: it is bound by `let`, not an argument.
  package func isParameterField(_ index: Int) -> Bool { index >= constructor.firstLet }

  package func replacing(_ fields: [Value]) -> ModelValue { ModelValue(constructor, fields) }

  /// The fields bound by `let`, with their names.
  package var lets: [(name: String, value: Value)] {
    zip(constructor.declaration.fields, fields).dropFirst(constructor.firstLet).map { ($0, $1) }
  }

  /// The constructor's arguments, with their names.
  package var settings: [(name: String, value: Value)] {
    zip(constructor.declaration.fields, fields).prefix(constructor.firstLet).map { ($0, $1) }
  }

  func method(_ name: String) throws -> Closure {
    if let method = constructor.method(name) { return method }
    throw Failure(
      .badModel, "the model `\(self.name)` has no `fn \(name)`",
      help: name == "call" ? ["fn call(x) = … says what the model computes"] : [])
  }

  public override func field(_ name: String, _ machine: Machine) throws -> Value? {
    if let index = constructor.declaration.fields.lastIndex(of: name) { return fields[index] }
    if name == "params" { return ModelValue.parameters(.object(self)) ?? .record(Record([], [])) }
    if let method = constructor.method(name) { return .function(Method(self, method)) }
    return nil
  }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value? {
    if let watcher = machine.modelCalls, let value = try watcher.call(self, arguments, machine) {
      return value
    }
    if arguments.named.isEmpty, isCalledAgain,
      let value = try machine.domain.answer(of: self, arguments.positional, machine)
    {
      return value
    }
    return try run("call", arguments, machine)
  }

  /// Counts a call, and says whether there were some before: then it may pay to remember what it does.
  var isCalledAgain: Bool {
    if calls > 2 { return true }
    calls += 1
    return calls > 2
  }

  /// The method that calls run, which is its constructor's.
  package var callMethod: FunctionValue? { constructor.callMethod }

  /// A method's value, whoever watches.
  package func run(_ name: String, _ arguments: CallArguments, _ machine: Machine) throws -> Value {
    try machine.call(try method(name), arguments, hidden: .object(self))
  }

  package func has(_ method: String) -> Bool { constructor.method(method) != nil }

  /// A copy with some of its fields, settings too, changed.
  package func setting(_ changes: Record) throws -> ModelValue {
    var fields = fields
    for (name, value) in zip(changes.names, changes.values) {
      guard let index = constructor.declaration.fields.lastIndex(of: name) else {
        throw Failure(.badModel, "the model `\(self.name)` has no field `\(name)` to change")
      }
      fields[index] = value
    }
    return replacing(fields)
  }

  /// The tree of parameters as records and lists; `nil` where there are none.
  static func parameters(_ value: Value) -> Value? {
    if Structure.isLeaf(value, inModel: true) { return value }
    switch value {
    case .list(let list):
      let parts = list.map { parameters($0) ?? .record(Record([], [])) }
      return parts.isEmpty ? nil : .list(List(parts))
    case .tuple(let tuple):
      let parts = tuple.elements.map { parameters($0) ?? .record(Record([], [])) }
      return parts.isEmpty ? nil : .tuple(Tuple(parts))
    case .record(let record):
      let parts = zip(record.names, record.values).compactMap { name, value in
        parameters(value).map { (name, $0) }
      }
      return parts.isEmpty ? nil : .record(Record(parts.map(\.0), parts.map(\.1)))
    case .object(let model as ModelValue):
      let parts = model.lets.compactMap { name, value in parameters(value).map { (name, $0) } }
      return parts.isEmpty ? nil : .record(Record(parts.map(\.0), parts.map(\.1)))
    default: return nil
    }
  }

  public override func description(_ printer: ValuePrinter) -> String {
    let settings = settings.map { name, value in
      if case .list(let parts) = value { return parts.map(printer.element).joined(separator: ", ") }
      return printer.element(value)
    }
    return "\(name)(\(settings.joined(separator: ", ")))"
  }

  public override var knownFields: Record? { Record(constructor.declaration.fields, fields) }

  public override var summary: String { "the model \(name)" }

  override var ownsValues: Bool { true }
  override func surrender(to children: inout [Value]) {
    children.append(contentsOf: known)
    known = []
    pending = nil
  }
  deinit { if known.holdsContainers { Boxed.release(&known) } }
}

/// Who stands between models and their callers while a training pass or a survey runs.
package protocol ModelCalls: AnyObject {
  /// The value of a call; `nil` leaves it to the model's own method `call`.
  func call(_ model: ModelValue, _ arguments: CallArguments, _ machine: Machine) throws -> Value?
}

/// `net.call`: a method with its model.
package final class Method: FunctionValue {
  private let model: ModelValue
  private let closure: Closure
  init(_ model: ModelValue, _ closure: Closure) { (self.model, self.closure) = (model, closure) }

  public override var name: String { closure.name }
  public override var signature: String { closure.signature }
  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    try machine.call(closure, arguments, hidden: .object(model))
  }
}
