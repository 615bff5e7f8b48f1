extension Value {
  /// About how many bytes a value keeps, with everything in it; what is shared counts each time.
  package var heldBytes: Int { Value.heldBytes([self]) }

  /// Looked at values at most: of a larger structure the rest is estimated from these.
  private static let sampleLimit = 100_000

  private static func heldBytes(_ values: [Value]) -> Int {
    var pending = values
    var (total, seen) = (0, 0)
    while let value = pending.popLast() {
      total &+= 16
      seen += 1
      if seen > sampleLimit { return total &+ pending.count &* max(16, total / seen) }
      switch value {
      case .none, .bool, .int, .float, .range, .function: break
      case .text(let text): total &+= 32 &+ text.string.utf8.count
      case .list(let list): total &+= Value.children(list, &pending)
      case .tuple(let tuple): total &+= Value.children(tuple.elements, &pending)
      case .record(let record): total &+= Value.children(record.values, &pending)
      case .object(let object):
        total &+= object.heldBytes
        if let model = object as? ModelValue { total &+= Value.children(model.fields, &pending) }
      }
    }
    return total
  }

  /// Puts the elements that hold more than a number on the pile; the bytes of the others.
  private static func children(_ elements: some Sequence<Value>, _ pending: inout [Value]) -> Int {
    var bytes = 32
    for element in elements {
      if element.boxed == nil { bytes &+= 16 } else { pending.append(element) }
    }
    return bytes
  }

  /// Whether two values are one and the same: equal plain values, or the same thing in memory.
  package func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.none, .none): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.float(let a), .float(let b)): return a.bitPattern == b.bitPattern
    default:
      guard let a = boxed, let b = other.boxed else { return false }
      return a === b
    }
  }

  /// The fields that can be read without computing anything: what completion may look into.
  package var knownFields: Record? {
    switch self {
    case .record(let record): record
    case .object(let object): object.knownFields
    default: nil
    }
  }

  /// The names that may follow a dot.
  package var fieldNames: [String] {
    switch self {
    case .record(let record): record.names
    case .object(let object): object.fieldNames
    default: []
    }
  }
}
