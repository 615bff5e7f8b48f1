import Syntax

/// Every numeric structure is a vector: leaf-by-leaf maps over lists, tuples, records and models.
///
/// In lists, tuples and records every number and tensor is a leaf. In a model the leaves are its parameters: the floats
/// and float tensors bound by `let`, and those of the layers in it. Everything else is carried over.
package enum Structure {
  /// How deep structures may nest for arithmetic.
  static let depthLimit = 1_000

  package static func isLeaf(_ value: Value, inModel: Bool) -> Bool {
    switch value {
    case .float: true
    case .int: !inModel
    case .object(let object): inModel ? object.isParameter : object.isNumeric
    default: false
    }
  }

  /// The structure with each leaf replaced.
  package static func map(_ value: Value, _ transform: (Value) throws -> Value) throws -> Value {
    try map(value, inModel: false, depth: 0, entering: enter, transform)
  }

  /// The structure with its leaves, in order, replaced by these. Nothing can go wrong with one that is there already.
  static func refilled(_ value: Value, _ leaves: [Value]) -> Value {
    var next = leaves[...]
    return map(value, inModel: false, depth: 0, entering: { _, _ in }, { next.popFirst() ?? $0 })
  }

  /// Errors: too deep, too much.
  private static func enter(_ elements: Int, _ depth: Int) throws {
    guard depth < depthLimit else { throw Machine.tooDeep }
    try MemoryWatch.note(elements: elements + 4)
  }

  /// - Parameter entering: is told of each structure before it is made, with its elements and how deep it lies.
  private static func map(
    _ value: Value, inModel: Bool, depth: Int, entering: (_ elements: Int, _ depth: Int) throws -> Void,
    _ transform: (Value) throws -> Value
  ) rethrows -> Value {
    if isLeaf(value, inModel: inModel) { return try transform(value) }
    func each(_ values: [Value]) throws -> [Value] {
      try entering(values.count, depth)
      return try values.map {
        try map($0, inModel: inModel, depth: depth + 1, entering: entering, transform)
      }
    }
    switch value {
    case .list(let list): return .list(List(try each(list.elements)))
    case .tuple(let tuple): return .tuple(Tuple(try each(tuple.elements)))
    case .record(let record): return .record(Record(record.names, try each(record.values)))
    case .object(let object):
      guard let model = object as? ModelValue else { return value }
      var fields = model.fields
      try entering(fields.count, depth)
      for index in fields.indices where model.isParameterField(index) {
        fields[index] = try map(
          fields[index], inModel: true, depth: depth + 1, entering: entering, transform)
      }
      return .object(model.replacing(fields))
    default: return value
    }
  }

  /// The leaves in order.
  package static func leaves(_ value: Value) throws -> [Value] {
    var leaves: [Value] = []
    try visit(value, inModel: false, depth: 0) { leaves.append($0) }
    return leaves
  }

  private static func visit(_ value: Value, inModel: Bool, depth: Int, _ body: (Value) throws -> Void) throws
  {
    if isLeaf(value, inModel: inModel) { return try body(value) }
    guard depth < depthLimit else { throw Machine.tooDeep }
    switch value {
    case .list(let list):
      for element in list.elements { try visit(element, inModel: inModel, depth: depth + 1, body) }
    case .tuple(let tuple):
      for element in tuple.elements { try visit(element, inModel: inModel, depth: depth + 1, body) }
    case .record(let record):
      for field in record.values { try visit(field, inModel: inModel, depth: depth + 1, body) }
    case .object(let model as ModelValue):
      for index in model.fields.indices where model.isParameterField(index) {
        try visit(model.fields[index], inModel: true, depth: depth + 1, body)
      }
    default: break
    }
  }

  /// The path of each leaf, in the leaves' order: `.layers[1].weight`.
  package static func paths(_ value: Value) throws -> [String] {
    var paths: [String] = []
    try collect(value, inModel: false, path: "", depth: 0, &paths)
    return paths
  }

  private static func collect(
    _ value: Value, inModel: Bool, path: String, depth: Int, _ paths: inout [String]
  ) throws {
    if isLeaf(value, inModel: inModel) { return paths.append(path) }
    guard depth < depthLimit else { throw Machine.tooDeep }
    func each(_ values: [Value]) throws {
      for (index, element) in values.enumerated() {
        try collect(element, inModel: inModel, path: "\(path)[\(index)]", depth: depth + 1, &paths)
      }
    }
    switch value {
    case .list(let list): try each(list.elements)
    case .tuple(let tuple): try each(tuple.elements)
    case .record(let record):
      for (name, field) in Swift.zip(record.names, record.values) {
        try collect(field, inModel: inModel, path: "\(path).\(name)", depth: depth + 1, &paths)
      }
    case .object(let model as ModelValue):
      for index in model.fields.indices where model.isParameterField(index) {
        let name = model.constructor.declaration.fields[index]
        try collect(model.fields[index], inModel: true, path: "\(path).\(name)", depth: depth + 1, &paths)
      }
    default: break
    }
  }

  /// Two structures leaf by leaf, or a number with each leaf of a structure.
  static func zip(
    _ lhs: Value, _ rhs: Value, on machine: Machine, op: BinaryOperator,
    _ combine: (Value, Value) throws -> Value
  ) throws -> Value {
    if isWordList(lhs) && broadcasts(rhs) || isWordList(rhs) && broadcasts(lhs) {
      throw Failure.unsupportedOperands(op, lhs, rhs)
    }
    if !rhs.isStructure, broadcasts(rhs) { return try map(lhs) { try $0.hold(combine($0, rhs)) } }
    if !lhs.isStructure, broadcasts(lhs) { return try map(rhs) { try $0.hold(combine(lhs, $0)) } }
    guard lhs.isStructure, rhs.isStructure, !(isWordList(lhs) && isWordList(rhs)) else {
      throw Failure.unsupportedOperands(op, lhs, rhs)
    }
    return try zip(lhs, rhs, path: "") { try $0.hold(combine($0, $1)) }
  }

  /// A list of strings has nothing to calculate with: whoever writes `["a"] + ["b"]` means something else.
  private static func isWordList(_ value: Value) -> Bool {
    guard case .list(let list) = value, list.count > 0 else { return false }
    return list.allSatisfy { if case .text = $0 { true } else { false } }
  }

  private static func broadcasts(_ value: Value) -> Bool {
    if value.isNumber { return true }
    if case .object(let object) = value { return object.isNumber }
    return false
  }

  /// The left structure with each leaf combined with the leaf at the same place of the right.
  package static func zip(
    _ lhs: Value, _ rhs: Value, path: String = "", _ combine: (Value, Value) throws -> Value
  ) throws -> Value {
    var pairs = try pairs(lhs, rhs, path: path)[...]
    return try map(lhs) { leaf in try pairs.popFirst().map { try combine($0.lhs, $0.rhs) } ?? leaf }
  }

  /// Each leaf of the left structure, in order, with the leaf at the same place of the right.
  /// - Errors: `structureMismatch`.
  package static func pairs(
    _ lhs: Value, _ rhs: Value, path: String = ""
  ) throws -> [(lhs: Value, rhs: Value)] {
    var pairs: [(lhs: Value, rhs: Value)] = []
    try visit(lhs, rhs, inModel: false, path: path, depth: 0) { pairs.append(($0, $1)) }
    return pairs
  }

  private static func visit(
    _ lhs: Value, _ rhs: Value, inModel: Bool, path: @autoclosure () -> String, depth: Int,
    _ body: (Value, Value) throws -> Void
  ) throws {
    if isLeaf(lhs, inModel: inModel) {
      guard isLeaf(rhs, inModel: false) else {
        throw unlike(path(), "\(lhs.kind) on the left, \(rhs.kind) on the right")
      }
      return try body(lhs, rhs)
    }
    guard depth < depthLimit else { throw Machine.tooDeep }
    switch (lhs, rhs) {
    case (.list(let a), .list(let b)):
      try visit(a.elements, b.elements, inModel, path(), depth, body)
    case (.tuple(let a), .tuple(let b)):
      try visit(a.elements, b.elements, inModel, path(), depth, body)
    case (.record(let a), .record(let b)):
      for name in b.names where a[name] == nil {
        throw unlike("\(path()).\(name)", "the left has no field `\(name)`")
      }
      for (name, value) in Swift.zip(a.names, a.values) {
        guard let other = b[name] else {
          throw unlike("\(path()).\(name)", "the right has no field `\(name)`")
        }
        try visit(value, other, inModel: inModel, path: "\(path()).\(name)", depth: depth + 1, body)
      }
    case (.object(let a as ModelValue), .object(let b as ModelValue)):
      guard
        a.constructor.declaration === b.constructor.declaration || a.constructor.name == b.constructor.name,
        a.fields.count == b.fields.count
      else {
        throw unlike(
          path(), "\(Failure.article(a.kind)) on the left, \(Failure.article(b.kind)) on the right")
      }
      for index in a.fields.indices where a.isParameterField(index) {
        try visit(
          a.fields[index], b.fields[index], inModel: true,
          path: "\(path()).\(a.constructor.declaration.fields[index])", depth: depth + 1, body)
      }
    default:
      // What is no leaf and holds none is carried over from the left.
      if !lhs.isStructure, !rhs.isStructure { return }
      throw unlike(path(), "\(lhs.kind) on the left, \(rhs.kind) on the right")
    }
  }

  private static func visit(
    _ a: [Value], _ b: [Value], _ inModel: Bool, _ path: @autoclosure () -> String, _ depth: Int,
    _ body: (Value, Value) throws -> Void
  ) throws {
    guard a.count == b.count else {
      throw unlike(path(), "\(a.count) elements on the left, \(b.count) on the right")
    }
    for index in a.indices {
      try visit(a[index], b[index], inModel: inModel, path: "\(path())[\(index)]", depth: depth + 1, body)
    }
  }

  private static func unlike(_ path: String, _ difference: String) -> Failure {
    Failure(
      .structureMismatch, "the two structures differ\(path.isEmpty ? "" : " at `\(path)`")",
      notes: [difference],
      labelsOperands: true)
  }
}
