import Engine
import Graph
import Runtime

extension Value {
  /// Whether both hold the same numbers and tensors, to the last bit.
  func hasBits(of other: Value) -> Bool {
    switch (self, other) {
    case (.int(let a), .int(let b)): a == b
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.object(let a as TensorObject), .object(let b as TensorObject)):
      a.term.isWeak == b.term.isWeak && (a.form == nil) == (b.form == nil) && a.tensor.hasBits(of: b.tensor)
    case (.list(let a), .list(let b)): a.elements.haveBits(of: b.elements)
    case (.tuple(let a), .tuple(let b)): a.elements.haveBits(of: b.elements)
    case (.record(let a), .record(let b)): a.names == b.names && a.values.haveBits(of: b.values)
    case (.object(let a as ModelValue), .object(let b as ModelValue)):
      // Settings are the recording's own; they were part of what it was made for.
      a.name == b.name && a.lets.map(\.value).haveBits(of: b.lets.map(\.value))
    case (.function(let a), .function(let b)): a === b
    case (.none, .none): true
    case (.bool(let a), .bool(let b)): a == b
    case (.text(let a), .text(let b)): a.string == b.string
    default: false
    }
  }
}

extension [Value] {
  func haveBits(of other: [Value]) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.hasBits(of: $1) }
  }
}
