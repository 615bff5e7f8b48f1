import CRuntime
import Syntax

/// How a function, a model's or an optimizer's constructor is named in a file, so that another session has it too.
package enum FunctionReference {
  case builtin(String)
  /// A name of the standard library, `torch.Adam` for one of its modules.
  case library(String)
  /// What a program has written.
  case written(WrittenFunction)
}

/// A declaration or a lambda as a program has written it, with what it needs of its surroundings.
package struct WrittenFunction {
  package let text: String
  /// Variables that it has captured; those that somebody assigns are `mutable`.
  package let captures: [(name: String, value: Value, mutable: Bool)]
  /// Top-level names of the program that it mentions.
  package let globals: [GlobalReference]
}

/// A top-level name that functions mention, the same object for all that mention the same.
package struct GlobalReference {
  let global: Global
  package var name: String { global.name }
  /// `nil` while nothing is bound to it.
  package var value: Value? { global.slot.isUndefined ? nil : global.slot.value }
  package var identity: ObjectIdentifier { ObjectIdentifier(global) }
}

extension Machine {
  /// How a function can be made again elsewhere.
  ///
  /// - Throws: `Failure` for what has no text of its own: a method bound to its model, `grad(f)`, a model that is
  ///   declared inside a function.
  package func reference(to function: FunctionValue) throws -> FunctionReference {
    if let builtin = function as? Builtin { return .builtin(builtin.name) }
    if let name = libraryName(of: function) { return .library(name) }
    switch function {
    case let closure as Closure where closure.prototype.hiddenCount == 0: return .written(written(closure))
    case let model as ModelConstructor:
      let parts = [model.constructor] + model.methods.values
      return .written(try written(model.declaration, parts))
    case let optimizer as OptimizerConstructor:
      return .written(try written(optimizer.declaration, [optimizer.defaults, optimizer.rule]))
    default:
      throw Failure(
        .badValue, "the function \(function.name) has no text that could be saved",
        help: ["a function written out can be saved: x => …"])
    }
  }

  private var libraryScope: Scope? { sessionScope?.parent }

  private func libraryName(of function: FunctionValue) -> String? {
    guard let library = libraryScope else { return nil }
    func isIt(_ value: Value?) -> Bool {
      if case .function(let other)? = value { other === function } else { false }
    }
    if let global = library.existing(function.name), !global.slot.isUndefined, isIt(global.slot.value) {
      return function.name
    }
    for (name, value) in library.bindings {
      guard case .record(let module) = value, isIt(module[function.name]) else { continue }
      return "\(name).\(function.name)"
    }
    return nil
  }

  private func written(_ closure: Closure) -> WrittenFunction {
    let prototype = closure.prototype
    let captures = prototype.captureNames.enumerated().map { index, name in
      let slot = closure.captures[index]
      if slot.tag == Slot.Tag.cell { return (name, slot.object(Cell.self).slot.value, true) }
      return (name, slot.value, false)
    }
    return WrittenFunction(
      text: prototype.source[prototype.span], captures: captures, globals: globals(of: [prototype]))
  }

  private func written(_ declaration: Declaration, _ parts: [Closure]) throws -> WrittenFunction {
    guard parts.allSatisfy({ $0.captureCount == 0 }) else {
      throw Failure(
        .badModel,
        "`\(declaration.name)` is declared inside a function whose variables it uses: it cannot be saved",
        help: ["declare it at the top level, and give it what it needs as arguments"])
    }
    return WrittenFunction(
      text: declaration.source[declaration.span], captures: [], globals: globals(of: parts.map(\.prototype)))
  }

  /// The program's own top-level names that functions mention, nested ones included.
  private func globals(of prototypes: [Prototype]) -> [GlobalReference] {
    var seen: Set<ObjectIdentifier> = []
    var found: [GlobalReference] = []
    var pending = prototypes
    while let prototype = pending.popLast() {
      for global in prototype.globals
      where !isLibrary(global) && seen.insert(ObjectIdentifier(global)).inserted {
        found.append(GlobalReference(global: global))
      }
      pending += prototype.prototypes
    }
    return found.sorted { $0.name < $1.name }
  }

  private func isLibrary(_ global: Global) -> Bool {
    if libraryScope?.globals[global.name] === global { return true }
    // A name that the program has not bound is the library's.
    return global.slot.isUndefined && global.loader == nil
  }

  /// The text of the program that runs, or of the cell.
  package var mainSource: Source? {
    frameCount > 0 ? frames[0].prototype._withUnsafeGuaranteedRef { $0.source } : nil
  }
}
