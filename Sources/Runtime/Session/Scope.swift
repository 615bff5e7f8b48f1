import CRuntime
import Syntax

/// A top-level name: looked up when used, so that functions may call later ones.
final class Global {
  let name: String
  /// Where the value lies; it stays there as long as the name lives.
  let storage: UnsafeMutablePointer<Slot>
  var slot: Slot {
    get { storage.pointee }
    set { storage.pointee = newValue }
  }
  var isMutable = false
  /// Bound by the prompt, not by a program: `ans`, `_3`.
  var isAutomatic = false
  /// A definition of the library that only the library itself needs: it works, and is offered to nobody.
  var isUndocumented = false
  /// Where it was last bound.
  var origin: (source: Source, span: Span)?
  /// The library's name of the same spelling, which shows through while this one is unbound.
  let fallback: Global?
  /// Brings a library definition in when it is first named.
  var loader: (() throws -> Void)?

  init(_ name: String, fallback: Global? = nil) {
    (self.name, self.fallback) = (name, fallback)
    storage = .allocate(capacity: 1)
    storage.initialize(to: .undefined)
  }

  deinit {
    slot.release()
    storage.deallocate()
  }
}

/// Top-level names: the session's, a used file's, or the library's.
package final class Scope {
  let isLibrary: Bool
  let parent: Scope?
  /// The name by which others reach what is defined here: `torch`.
  let name: String?
  /// What its source defines, once somebody has asked.
  var definedNames: Set<String>?
  private(set) var globals: [String: Global] = [:]

  init(parent: Scope?, isLibrary: Bool = false, name: String? = nil) {
    self.parent = parent
    self.isLibrary = isLibrary
    self.name = name
  }

  /// The entry for a name, made when there is none yet.
  func global(_ name: String) -> Global {
    if let global = globals[name] { return global }
    let global = Global(name, fallback: parent?.existing(name))
    globals[name] = global
    return global
  }

  /// The entry for a name that is bound or can be loaded here or further out.
  func existing(_ name: String) -> Global? {
    if let global = globals[name], !global.slot.isUndefined || global.loader != nil { return global }
    return parent?.existing(name)
  }

  /// Takes an entry over from elsewhere: functions of several scopes may share it.
  func adopt(_ global: Global) { globals[global.name] = global }

  /// Binds a name to a value made outside of any program.
  func define(_ name: String, _ value: Value) {
    global(name).storage.pointee.replace(with: Slot(value))
  }

  /// Every bound name, here and further out.
  var names: [String] { bound.map(\.name) + (parent?.names ?? []) }

  /// Those that are worth offering to somebody who types.
  var offeredNames: [String] {
    bound.filter { !$0.isUndocumented }.map(\.name) + (parent?.offeredNames ?? [])
  }

  private var bound: [Global] { globals.values.filter { !$0.slot.isUndefined || $0.loader != nil } }

  /// The names bound here, in alphabetical order, with their values.
  var bindings: [(name: String, value: Value)] {
    globals.values.filter { !$0.slot.isUndefined }.map { ($0.name, $0.slot.value) }.sorted { $0.0 < $1.0 }
  }
}
