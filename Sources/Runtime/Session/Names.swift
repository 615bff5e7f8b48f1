import CRuntime
import Syntax

/// A top-level name of the session, as a list of variables shows it.
package struct Binding {
  package let name: String
  package let value: Value
  package let isMutable: Bool
}

extension Session {
  /// The names the user has bound, in alphabetical order.
  package var bindings: [Binding] {
    scope.globals.values.filter { !$0.slot.isUndefined && !$0.isAutomatic }
      .map { Binding(name: $0.name, value: $0.slot.value, isMutable: $0.isMutable) }
      .sorted { $0.name < $1.name }
  }

  /// The names that somebody who types may mean, the user's first: without those that only the library needs.
  package var offeredNames: [String] { scope.offeredNames }

  /// Whether the library has a name that the user has not bound to something else.
  package func isLibraryName(_ name: String) -> Bool {
    if let own = scope.globals[name], !own.slot.isUndefined { return false }
    return library.existing(name) != nil
  }

  /// The value of a name without running anybody's program; a definition of the library is brought in.
  package func known(_ name: String) -> Value? { try? value(of: name) }

  /// Binds a name that belongs to the prompt (`ans`, `_3`) and that the user's own use of it hides.
  package func bindAutomatic(_ name: String, _ value: Value) {
    guard let global = automatic(name) else { return }
    global.loader = nil
    global.storage.pointee.replace(with: Slot(value))
  }

  /// Makes such a name say why it has no value any more.
  package func dropAutomatic(_ name: String, _ failure: Failure) {
    guard let global = automatic(name) else { return }
    global.storage.pointee.replace(with: .undefined)
    global.loader = { throw failure }
  }

  private func automatic(_ name: String) -> Global? {
    let global = scope.global(name)
    // Bound by a program: it is the user's.
    if global.origin != nil { return nil }
    global.isAutomatic = true
    return global
  }

  /// Calls a function of the library. Like a run, it starts counting anew.
  package func call(library name: String, _ arguments: [Value]) throws(Diagnostic) -> Value {
    begin()
    do {
      guard let function = try libraryValue(of: name) else {
        throw Failure(.unknownName, "the library has no `\(name)`")
      }
      return try machine.call(function, arguments)
    } catch {
      throw diagnostic(of: error)
    }
  }

  /// Calls a function without arguments, within what has been counted so far.
  package func call(_ function: Value) throws(Diagnostic) {
    do { _ = try machine.call(function, []) } catch { throw diagnostic(of: error) }
  }
}

/// State beside the names that belongs to a session's moment, like the stream of random numbers.
package protocol Checkpointed: AnyObject {
  /// What brings back the state as it is now.
  func checkpoint() -> () -> Void
}

/// What a session's names meant at some moment. Values are immutable: keeping them costs nothing until they change.
package final class Checkpoint {
  fileprivate struct Entry {
    let global: Global
    let value: Value?
    let isMutable: Bool
    let origin: (source: Source, span: Span)?
  }
  fileprivate let entries: [Entry]
  fileprivate let restorers: [() -> Void]

  fileprivate init(_ entries: [Entry], _ restorers: [() -> Void]) {
    (self.entries, self.restorers) = (entries, restorers)
  }

  /// Bytes that only this keeps: values the session's names mean no more.
  package func bytes(beside session: Session) -> Int {
    entries.reduce(0) { total, entry in
      guard let value = entry.value else { return total }
      let now = entry.global.slot.isUndefined ? nil : entry.global.slot.value
      if let now, now.isSame(as: value) { return total }
      return total &+ value.heldBytes
    }
  }
}

extension Session {
  package func checkpoint() -> Checkpoint {
    let entries = scope.globals.values.filter { !$0.isAutomatic }.map {
      Checkpoint.Entry(
        global: $0, value: $0.slot.isUndefined ? nil : $0.slot.value, isMutable: $0.isMutable,
        origin: $0.origin)
    }
    let restorers = machine.attachments.values.compactMap { ($0 as? any Checkpointed)?.checkpoint() }
    return Checkpoint(entries, restorers)
  }

  /// Brings the names back to what they meant; names bound since are unbound.
  /// - Returns: the names that changed, in alphabetical order.
  package func restore(_ checkpoint: Checkpoint) -> [String] {
    var changed: [String] = []
    let known = Set(checkpoint.entries.map { ObjectIdentifier($0.global) })
    for global in scope.globals.values where !global.isAutomatic && !known.contains(ObjectIdentifier(global))
    {
      if !global.slot.isUndefined { changed.append(global.name) }
      global.storage.pointee.replace(with: .undefined)
      (global.isMutable, global.origin) = (false, nil)
    }
    for entry in checkpoint.entries {
      let now = entry.global.slot.isUndefined ? nil : entry.global.slot.value
      let isSame =
        switch (now, entry.value) {
        case (nil, nil): true
        case (let now?, let then?): now.isSame(as: then)
        default: false
        }
      if !isSame { changed.append(entry.global.name) }
      entry.global.storage.pointee.replace(with: entry.value.map { Slot($0) } ?? .undefined)
      (entry.global.isMutable, entry.global.origin) = (entry.isMutable, entry.origin)
    }
    for restore in checkpoint.restorers { restore() }
    return changed.sorted()
  }

  /// Unbinds every name of the user's.
  package func reset() {
    for global in scope.globals.values {
      global.storage.pointee.replace(with: .undefined)
      (global.isMutable, global.origin, global.isAutomatic, global.loader) = (false, nil, false, nil)
    }
  }
}
