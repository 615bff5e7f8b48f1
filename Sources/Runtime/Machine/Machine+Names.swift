import CRuntime
import Syntax

/// Top-level names and closures.
extension Machine {
  @inline(never)
  func globalSlow(_ index: Int, _ frame: UnsafeMutablePointer<Frame>) throws -> Slot {
    let prototype = frame.pointee.prototype.takeUnretainedValue()
    let global = prototype.globals[index]
    if let slot = try resolved(global) { return slot }
    let pc = prototype.instruction(before: frame.pointee.pc)
    if prototype.operands[pc]?.isEmpty ?? false { throw unassignable(global) }
    throw unknown(global, prototype)
  }

  /// The value of a name, its library definition loaded where need be.
  func resolved(_ global: Global) throws -> Slot? {
    if !global.slot.isUndefined { return global.slot.copy() }
    if let loader = global.loader {
      global.loader = nil
      do { try loader() } catch {
        global.loader = loader
        throw error
      }
      if !global.slot.isUndefined { return global.slot.copy() }
    }
    return try global.fallback.flatMap { try resolved($0) }
  }

  private func unknown(_ global: Global, _ prototype: Prototype) -> Failure {
    var failure = Failure(.unknownName, "nothing is called `\(global.name)`")
    if let idiom = ForeignIdioms.replacement(forName: global.name) {
      failure.help.append(idiom)
    } else if let near = Spelling.nearest(global.name, in: knownNames(in: prototype)) {
      failure.help.append("did you mean `\(near)`?")
      failure.misspelling = Misspelling(global.name, meant: near)
    }
    return failure
  }

  private func knownNames(in prototype: Prototype) -> [String] {
    (sessionScope?.offeredNames ?? []) + prototype.parameters.map(\.name)
  }

  @inline(never)
  func setGlobal(_ index: Int, _ slot: Slot, _ frame: UnsafeMutablePointer<Frame>) throws {
    let global = try assignableGlobal(index, frame)
    replace(global, slot.copy())
    noteOrigin(of: global, frame)
  }

  private func unassignable(_ global: Global) -> Failure {
    .unknownAssigned(
      global.name, isLibrary: sessionScope?.parent?.existing(global.name) != nil,
      known: sessionScope?.bindings.map(\.name) ?? [])
  }

  /// A global that is bound and a `var`.
  func assignableGlobal(_ index: Int, _ frame: UnsafeMutablePointer<Frame>) throws -> Global {
    let global = frame.pointee.prototype._withUnsafeGuaranteedRef { $0.globals[index] }
    guard !global.slot.isUndefined else { throw unassignable(global) }
    guard global.isMutable else {
      throw Failure.constantAssigned(global.name, bound: global.origin.map { ($0.span, $0.source) })
    }
    return global
  }

  @inline(never)
  func bindGlobal(_ index: Int, _ slot: Slot, mutable: Bool, _ frame: UnsafeMutablePointer<Frame>) {
    let global = frame.pointee.prototype._withUnsafeGuaranteedRef { $0.globals[index] }
    replace(global, slot.copy())
    global.isMutable = mutable
    noteOrigin(of: global, frame)
  }

  /// Replaces a global's value. A function that may still be running is kept until no frame runs it: calls by name do
  /// not hold the function they run.
  private func replace(_ global: Global, _ slot: Slot) {
    let old = global.slot
    global.slot = slot
    if old.tag == Slot.Tag.closure, frameCount > 1 { retire(old) } else { old.release() }
  }

  private func retire(_ slot: Slot) {
    retired.append(slot)
    guard retired.count > 256 else { return }
    let running = Set((0..<frameCount).map { frames[$0].function.toOpaque() })
    retired.removeAll { slot in
      let isRunning = running.contains(slot.unmanaged(Closure.self).toOpaque())
      if !isRunning { slot.release() }
      return !isRunning
    }
  }

  private func noteOrigin(of global: Global, _ frame: UnsafeMutablePointer<Frame>) {
    frame.pointee.prototype._withUnsafeGuaranteedRef { prototype in
      let pc = max(0, frame.pointee.pc - prototype.code - 1)
      global.origin = (prototype.source, prototype.spans[pc])
    }
  }

  @inline(never)
  func makeClosure(_ index: Int, _ frame: UnsafeMutablePointer<Frame>) -> Slot {
    let prototype = frame.pointee.prototype._withUnsafeGuaranteedRef { $0.prototypes[index] }
    let captured = prototype.captures.map { source in
      switch source {
      case .register(let register): frame.pointee.registers[register].copy()
      case .capture(let index): frame.pointee.captures[index].copy()
      }
    }
    return .owning(Closure(prototype, captures: captured), tag: Slot.Tag.closure)
  }
}
