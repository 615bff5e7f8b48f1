import CRuntime

/// What a running function can see: its registers, the cells it shares, and the session's names.
struct State {
  fileprivate var slots: [(place: UnsafeMutablePointer<Slot>, value: Value)] = []
  /// Keeps the places there.
  private var owners: [Boxed] = []
  private var globals: [Global] = []

  init(_ machine: Machine) {
    guard machine.frameCount > 0 else { return }
    let frame = machine.frames[machine.frameCount - 1]
    for index in 0..<frame.header.pointee.registerCount { add(frame.registers + index) }
    frame.function._withUnsafeGuaranteedRef { closure in
      for index in 0..<closure.captureCount { add(closure.captures + index) }
    }
    guard let scope = machine.sessionScope else { return }
    for global in scope.globals.values {
      add(global.storage)
      globals.append(global)
    }
  }

  private mutating func add(_ place: UnsafeMutablePointer<Slot>) {
    let slot = place.pointee
    switch slot.tag {
    case Slot.Tag.undefined, Slot.Tag.iterator: break
    case Slot.Tag.cell:
      let cell = slot.object(Cell.self)
      owners.append(cell)
      if cell.slot.tag != Slot.Tag.undefined { slots.append((cell.storage, cell.slot.value)) }
    default: slots.append((place, slot.value))
    }
  }

  /// Leaves in each place what is true both then and now.
  func merge(_ machine: Machine) {
    machine.exploration?.hasMerged = true
    for (place, before) in slots where place.pointee.tag != Slot.Tag.iterator {
      let now = place.pointee.value
      if let merged = Merging.merged(before, now, machine.domain) {
        place.pointee.replace(with: Slot(merged))
      }
    }
  }
}

/// What two values have in common.
enum Merging {
  /// Nil where they are the same and nothing is to be done.
  static func merged(_ a: Value, _ b: Value, _ domain: any Domain) -> Value? {
    if isSame(a, b) { return nil }
    switch (a, b) {
    case (.list(let x), .list(let y)):
      guard let values = each(x.elements, y.elements, domain) else { return Unknown.value }
      return .list(List(values))
    case (.tuple(let x), .tuple(let y)):
      guard let values = each(x.elements, y.elements, domain) else { return Unknown.value }
      return .tuple(Tuple(values))
    case (.record(let x), .record(let y)):
      guard x.names == y.names, let values = each(x.values, y.values, domain) else { return Unknown.value }
      return .record(Record(x.names, values))
    case (.object(let x as ModelValue), .object(let y as ModelValue)):
      guard x.constructor === y.constructor, let fields = each(x.fields, y.fields, domain) else {
        return Unknown.value
      }
      return .object(y.replacing(fields))
    case (.object(let x as OptimizerValue), .object(let y as OptimizerValue)):
      return y.merged(with: x, domain).map { .object($0) } ?? Unknown.value
    default: return domain.merged(a, b) ?? Unknown.value
    }
  }

  static func each(_ a: [Value], _ b: [Value], _ domain: any Domain) -> [Value]? {
    guard a.count == b.count else { return nil }
    return zip(a, b).map { merged($0, $1, domain) ?? $1 }
  }

  private static func isSame(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.none, .none): true
    case (.bool(let x), .bool(let y)): x == y
    case (.int(let x), .int(let y)): x == y
    case (.float(let x), .float(let y)): x.bitPattern == y.bitPattern
    case (.text(let x), .text(let y)): x.string == y.string
    case (.range(let x), .range(let y)): x.lower == y.lower && x.upper == y.upper
    default:
      if let x = a.boxed, let y = b.boxed { x === y } else { false }
    }
  }
}

extension OptimizerValue {
  /// The optimizer with states that are known as far as those of both agree.
  fileprivate func merged(with other: OptimizerValue, _ domain: any Domain) -> OptimizerValue? {
    guard constructor === other.constructor,
      let hyper = Merging.each(other.hyperparameters, hyperparameters, domain)
    else { return nil }
    guard let states, let old = other.states else {
      return OptimizerValue(constructor, hyper, states: states ?? other.states, step: step)
    }
    let merged = zip(old, states).compactMap { Merging.each($0, $1, domain) }
    guard merged.count == states.count, old.count == states.count else { return nil }
    return OptimizerValue(constructor, hyper, states: merged, step: step)
  }
}
