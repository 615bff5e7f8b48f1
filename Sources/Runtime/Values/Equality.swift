/// Contents compared. A list nested a million deep is compared in a loop, not by recursion.
package enum Equality {
  package static func equal(_ lhs: Value, _ rhs: Value, _ machine: Machine) throws -> Bool {
    var pending = [(lhs, rhs)]
    var count = 0
    // Pairs met before: a value that holds one part many times over is compared once.
    var met: Set<Pair> = []
    while let (a, b) = pending.popLast() {
      try machine.tick()
      count += 1
      if count > 10_000, let pair = Pair(a, b), !met.insert(pair).inserted { continue }
      if a.isUnknown || b.isUnknown, a.boxed !== b.boxed { throw Failure.unknown }
      switch (a, b) {
      case (.none, .none): continue
      case (.bool(let x), .bool(let y)): if x != y { return false }
      case (.int(let x), .int(let y)): if x != y { return false }
      case (.int, .float), (.float, .int), (.float, .float):
        if Machine.double(a) != Machine.double(b) { return false }
      case (.text(let x), .text(let y)): if x.string != y.string { return false }
      case (.range(let x), .range(let y)):
        if x.lower != y.lower || x.upper != y.upper { return false }
      case (.list(let x), .list(let y)):
        if x === y { continue }
        guard x.elements.count == y.elements.count else { return false }
        pending.append(contentsOf: zip(x.elements, y.elements))
      case (.tuple(let x), .tuple(let y)):
        guard x.elements.count == y.elements.count else { return false }
        pending.append(contentsOf: zip(x.elements, y.elements))
      case (.record(let x), .record(let y)):
        guard x.names.count == y.names.count else { return false }
        for (name, value) in zip(x.names, x.values) {
          guard let other = y[name] else { return false }
          pending.append((value, other))
        }
      case (.function(let x), .function(let y)): if x !== y { return false }
      case (.object(let x), .object(let y)):
        if x === y { continue }
        if let x = x as? ModelValue, let y = y as? ModelValue {
          guard x.constructor === y.constructor, x.fields.count == y.fields.count else { return false }
          pending.append(contentsOf: zip(x.fields, y.fields))
        } else if !x.isEqual(y) {
          return false
        }
      case (.object(let x), .bool(let y)), (.bool(let y), .object(let x)): if x.asBool != y { return false }
      case (.object(let x), _):
        guard let number = x.asNumber, b.isNumber else { return false }
        pending.append((number, b))
      case (_, .object(let y)):
        guard let number = y.asNumber, a.isNumber else { return false }
        pending.append((a, number))
      default: return false
      }
    }
    return true
  }

  /// Two containers, by identity.
  private struct Pair: Hashable {
    let lhs: ObjectIdentifier
    let rhs: ObjectIdentifier

    init?(_ lhs: Value, _ rhs: Value) {
      guard let a = lhs.boxed, let b = rhs.boxed, a.ownsValues else { return nil }
      (self.lhs, self.rhs) = (ObjectIdentifier(a), ObjectIdentifier(b))
    }
  }
}
