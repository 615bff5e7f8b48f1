import CRuntime

/// A value of the language: a closed set of kinds. Tensors, models and whatever else the bridge brings are `object`s.
public enum Value {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case text(Text)
  case list(List)
  case tuple(Tuple)
  case record(Record)
  case range(RangeValue)
  case function(FunctionValue)
  case object(Object)

  package static func string(_ string: String) -> Value { .text(Text(string)) }

  /// The word `type(v)` answers and messages use.
  package var kind: String {
    switch self {
    case .none: "none"
    case .bool: "bool"
    case .int, .float: "number"
    case .text: "string"
    case .list: "list"
    case .tuple: "tuple"
    case .record: "record"
    case .range: "range"
    case .function: "function"
    case .object(let object): object.kind
    }
  }

  /// The heap object behind the value, if any.
  var boxed: Boxed? {
    switch self {
    case .none, .bool, .int, .float: nil
    case .text(let box): box
    case .list(let box): box
    case .tuple(let box): box
    case .record(let box): box
    case .range(let box): box
    case .function(let box): box
    case .object(let box): box
    }
  }

  var isFunction: Bool { if case .function = self { true } else { false } }

  package var isNumber: Bool {
    switch self {
    case .int, .float: true
    default: false
    }
  }

  /// Whether arithmetic maps over the value leaf by leaf.
  package var isStructure: Bool {
    switch self {
    case .list, .tuple, .record: true
    case .object(let object): object is ModelValue
    default: false
    }
  }
}

extension Value {
  /// Whether it is a leaf whose elements are bound.
  package var isHeld: Bool {
    if case .object(let object) = self { object.isHeld } else { false }
  }

  /// A value that takes this leaf's place, as this leaf is held.
  package func hold(_ value: Value) throws -> Value {
    if case .object(let object) = self, object.isHeld { try object.hold(value) } else { value }
  }

  /// What belongs to this leaf, zero where the leaf is held at zero.
  package func clear(_ value: Value) throws -> Value {
    if case .object(let object) = self, object.isHeld { try object.clear(value) } else { value }
  }
}

/// What every heap value derives from, so that a register can own it.
open class Boxed {
  package init() {}

  /// Moves the values this object owns out into `children`, leaving it hollow. Only called when nobody else holds it.
  func surrender(to children: inout [Value]) {}

  /// Whether `surrender` has something to give.
  var ownsValues: Bool { false }

  /// Releases a tree of values without recursion: a list nested a million deep is dropped in a loop.
  static func release(_ values: inout [Value]) {
    while let value = values.popLast() {
      guard var box = value.boxed, box.ownsValues else { continue }
      // `value` and `box` both hold it here; give one up before asking.
      surrenderIfLast(consume value, &box, to: &values)
    }
  }

  @inline(never)
  private static func surrenderIfLast(_ value: consuming Value, _ box: inout Boxed, to values: inout [Value])
  {
    drop(consume value)
    if isKnownUniquelyReferenced(&box) { box.surrender(to: &values) }
  }

  @inline(never)
  private static func drop(_ value: consuming Value) {}
}

/// A string, with its length in graphemes counted once.
public final class Text: Boxed {
  package let string: String
  package lazy var count: Int = string.count
  package init(_ string: String) { self.string = string }
}

/// `a..b`: whole numbers from `lower` up to, without, `upper`.
public final class RangeValue: Boxed {
  package let lower: Int
  package let upper: Int
  package init(_ lower: Int, _ upper: Int) { (self.lower, self.upper) = (lower, max(lower, upper)) }
  package var count: Int {
    let (count, overflow) = upper.subtractingReportingOverflow(lower)
    return overflow ? Int.max : count
  }
}

/// A fixed number of values.
public final class Tuple: Boxed {
  package private(set) var elements: [Value]
  package init(_ elements: [Value]) { self.elements = elements }

  override var ownsValues: Bool { true }
  override func surrender(to children: inout [Value]) {
    children.append(contentsOf: elements)
    elements = []
  }
  deinit { if elements.holdsContainers { Boxed.release(&elements) } }
}

/// Ordered, named fields. Immutable for the language; the machine changes one in place only when nobody else holds it.
public final class Record: Boxed {
  package private(set) var names: [String]
  package private(set) var values: [Value]
  /// Where the names stand, once somebody has looked for one of many.
  private var places: [String: Int]?
  private static let many = 16

  package init(_ names: [String], _ values: [Value]) { (self.names, self.values) = (names, values) }

  package convenience init(_ fields: KeyValuePairs<String, Value>) {
    self.init(fields.map(\.key), fields.map(\.value))
  }

  package subscript(_ name: String) -> Value? {
    place(of: name).map { values[$0] }
  }

  private func place(of name: String) -> Int? {
    guard names.count > Record.many else { return names.firstIndex(of: name) }
    if places == nil {
      places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }
    return places?[name]
  }

  /// A copy with a field set: in its place when it exists, at the end otherwise.
  package func setting(_ name: String, _ value: Value) -> Record {
    let copy = Record(names, values)
    copy.set(name, to: value, at: place(of: name))
    return copy
  }

  /// Sets a field. Only called when nobody else holds the record.
  func set(_ name: String, to value: Value) { set(name, to: value, at: place(of: name)) }

  private func set(_ name: String, to value: Value, at place: Int?) {
    if let place {
      values[place] = value
    } else {
      places?[name] = names.count
      names.append(name)
      values.append(value)
    }
  }

  /// A copy with the fields of another: in their places when they exist, at the end otherwise.
  package func merging(_ other: Record) -> Record {
    var (names, values) = (names, values)
    var places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    for (name, value) in zip(other.names, other.values) {
      if let place = places[name] {
        values[place] = value
      } else {
        places[name] = names.count
        names.append(name)
        values.append(value)
      }
    }
    return Record(names, values)
  }

  override var ownsValues: Bool { true }
  override func surrender(to children: inout [Value]) {
    children.append(contentsOf: values)
    values = []
  }
  deinit { if values.holdsContainers { Boxed.release(&values) } }
}

extension [Value] {
  /// Whether dropping the array could start a chain of releases.
  var holdsContainers: Bool {
    contains { $0.boxed?.ownsValues ?? false }
  }
}

/// A variable that a closure has captured and somebody assigns.
package final class Cell: Boxed {
  /// Where the content lies; it stays there as long as the cell lives. It comes first: `interpret` reads it behind the
  /// object's header.
  let storage: UnsafeMutablePointer<Slot>
  var slot: Slot {
    get { storage.pointee }
    set { storage.pointee = newValue }
  }

  init(_ slot: Slot) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: slot)
  }

  override var ownsValues: Bool { slot.isHeap }
  override func surrender(to children: inout [Value]) {
    children.append(slot.value)
    slot.release()
    slot = .none
  }
  deinit {
    defer { storage.deallocate() }
    guard slot.isHeap else { return }
    var children: [Value] = []
    surrender(to: &children)
    Boxed.release(&children)
  }
}
