import CRuntime
import Syntax

/// Functions made again from files. Nothing of a file runs but declarations: a text is one `fn`, `model`, `optimizer` or
/// lambda, and its evaluation makes the function without calling it.
package final class FunctionRestorer {
  private let machine: Machine
  private let library: Scope?
  private let path: String
  private var globals: [Int: Global] = [:]

  /// - Parameter path: the file, for messages.
  package init(_ machine: Machine, path: String) {
    self.machine = machine
    library = machine.sessionScope?.parent
    self.path = path
  }

  /// A builtin or library function by its name.
  package func named(_ name: String) throws -> FunctionValue {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first, parts.count <= 2, let global = library?.existing(first),
      let slot = try machine.resolved(global)
    else { throw unknown(name) }
    var value = slot.ownedValue
    if parts.count == 2 {
      guard case .record(let module) = value, let inner = module[parts[1]] else { throw unknown(name) }
      value = inner
    }
    guard case .function(let function) = value else { throw unknown(name) }
    return function
  }

  private func unknown(_ name: String) -> Failure {
    Failure(
      .malformedFile, "`\(path)` needs the function `\(name)`, which this maas does not have",
      help: ["it may have been written by a newer version"])
  }

  /// Makes a function from its text.
  ///
  /// - Parameters:
  ///   - captures: the variables it has captured.
  ///   - globals: the top-level names it mentions, each with a number that is the same for the same name.
  package func written(
    _ text: String, captures: [(name: String, value: Value, mutable: Bool)],
    globals: [(id: Int, name: String)]
  ) throws -> FunctionValue {
    let declared = try declaration(text)
    let scope = Scope(parent: library)
    for (id, name) in globals { scope.adopt(global(id, name)) }
    for capture in captures where !FunctionRestorer.isName(capture.name) {
      throw refusal("a name is no name")
    }
    guard !captures.isEmpty else { return try function(try run(text, scope), declared, scope) }
    let parameters = captures.indices.map { "captured_\($0)" }.joined(separator: ", ")
    let bindings = captures.enumerated().map { "\($1.mutable ? "var" : "let") \($1.name) = captured_\($0)\n" }
    let result = declared.map { "\(text)\n\($0)" } ?? "(\(text))"
    let maker = try run("(\(parameters)) => {\n\(bindings.joined())\(result)\n}", scope)
    return try function(try machine.call(maker, captures.map(\.value)), nil, scope)
  }

  /// Binds a top-level name that restored functions mention.
  package func bind(_ id: Int, _ name: String, to value: Value) {
    let global = global(id, name)
    global.slot.replace(with: Slot(value))
    global.isMutable = true
  }

  private func global(_ id: Int, _ name: String) -> Global {
    if let global = globals[id] { return global }
    let global = Global(name, fallback: library?.existing(name))
    globals[id] = global
    return global
  }

  /// The name that a text declares; `nil` for a lambda. Anything else is refused, so that a file cannot make a program
  /// do what its user has not asked for.
  private func declaration(_ text: String) throws -> String? {
    let program: Program
    do { program = try Parser.parse(Source(name: path, text: text)) } catch {
      throw refusal("the text of a function cannot be read: \(error.message)")
    }
    guard program.statements.count == 1, let statement = program.statements.first else {
      throw refusal("the text of a function is not one declaration")
    }
    switch statement.form {
    case .function(let function): return function.name?.text
    case .model(let model): return model.name.text
    case .optimizer(let optimizer): return optimizer.name.text
    case .expression(let expression, _):
      if case .lambda = expression.form { return nil }
    default: break
    }
    throw refusal("the text of a function is no declaration")
  }

  private func refusal(_ reason: String) -> Failure {
    Failure(.malformedFile, "`\(path)` is damaged", notes: [reason])
  }

  private static func isName(_ text: String) -> Bool {
    guard let program = try? Parser.parse(Source(name: "", text: text)), program.statements.count == 1,
      case .expression(let expression, _)? = program.statements.first?.form,
      case .name(let name) = expression.form
    else { return false }
    return name == text
  }

  private func run(_ text: String, _ scope: Scope) throws -> Value {
    let program = try Parser.parse(Source(name: path, text: text))
    return try machine.run(main: try Compiler.compile(program, scope: scope))
  }

  private func function(_ value: Value, _ name: String?, _ scope: Scope) throws -> FunctionValue {
    let result = name.map { scope.global($0).slot.value } ?? value
    guard case .function(let function) = result else { throw refusal("the text of a function makes none") }
    return function
  }

  // MARK: Objects

  /// A model of given fields; its constructor is not run.
  package func model(
    _ constructor: FunctionValue, _ fields: [(name: String, value: Value)]
  ) throws -> ModelValue {
    guard let constructor = constructor as? ModelConstructor else {
      throw refusal("a model's constructor makes no models")
    }
    let names = constructor.declaration.fields
    guard names == fields.map(\.name) else {
      throw refusal(
        "the model \(constructor.name) has the fields \(fields.map(\.name).joined(separator: ", ")) in the file, and \(names.joined(separator: ", ")) by its declaration"
      )
    }
    return ModelValue(constructor, fields.map(\.value))
  }

  /// An optimizer in the middle of its steps.
  package func optimizer(
    _ constructor: FunctionValue, _ hyperparameters: [(name: String, value: Value)], states: [[Value]]?,
    step: Int
  ) throws -> OptimizerValue {
    guard let constructor = constructor as? OptimizerConstructor else {
      throw refusal("an optimizer's constructor makes no optimizers")
    }
    let declaration = constructor.declaration
    guard declaration.parameters.map(\.name) == hyperparameters.map(\.name), step >= 0,
      states?.allSatisfy({ $0.count == declaration.stateNames.count }) ?? true
    else { throw refusal("the optimizer \(constructor.name) does not fit its declaration") }
    return OptimizerValue(constructor, hyperparameters.map(\.value), states: states, step: step)
  }
}

extension ModelValue {
  /// All fields with their names, settings first; `none` for a setting that another field is too.
  package var allFields: [(name: String, value: Value)] {
    var all = Array(zip(constructor.declaration.fields, fields))
    for alias in constructor.declaration.aliases { all[alias.setting].1 = .none }
    return all
  }
}

extension OptimizerValue {
  package var allHyperparameters: [(name: String, value: Value)] {
    Array(zip(constructor.declaration.parameters.map(\.name), hyperparameters))
  }
}
