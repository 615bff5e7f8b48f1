import CRuntime
import Syntax

/// Reading and writing elements.
extension Machine {
  func element(_ container: Slot, _ key: Slot) throws -> Slot {
    if container.tag == Slot.Tag.list, key.tag == Slot.Tag.int {
      return try container.unmanaged(List.self)._withUnsafeGuaranteedRef { list in
        list.slots[try position(key.int, list.count)].copy()
      }
    }
    return Slot(try index(container.value, [key.value]))
  }

  /// The offset that an index, counted from either end, stands for.
  package func position(_ index: Int, _ count: Int) throws -> Int {
    if index >= 0, index < count { return index }
    if index < 0, index >= -count { return index + count }
    throw Machine.outOfRange(index, count)
  }

  package static func outOfRange(_ index: Int, _ count: Int) -> Failure {
    Failure(
      .indexOutOfRange, "index \(index) is out of range",
      notes: [
        count == 0
          ? "there are no elements" : "there are \(count): 0 to \(count - 1), or -1 to \(-count) from the end"
      ])
  }

  package func index(_ container: Value, _ keys: [Value]) throws -> Value {
    if case .object(let object) = container { return try object.index(keys, self) }
    guard keys.count == 1, let key = keys.first else {
      throw Failure(.wrongType, "\(Failure.article(container.kind)) takes one index, here are \(keys.count)")
    }
    switch container {
    case .list(let list):
      if let range = try slice(key, list.count) {
        try MemoryWatch.note(elements: range.count)
        return .list(List(list[range]))
      }
      return list[try position(try wholeNumber(key), list.count)]
    case .tuple(let tuple):
      if let range = try slice(key, tuple.elements.count) {
        return .tuple(Tuple(Array(tuple.elements[range])))
      }
      return tuple.elements[try position(try wholeNumber(key), tuple.elements.count)]
    case .text(let text):
      let characters = Array(text.string)
      if let range = try slice(key, characters.count) { return .string(String(characters[range])) }
      return .string(String(characters[try position(try wholeNumber(key), characters.count)]))
    case .range(let range): return .int(range.lower + (try position(try wholeNumber(key), range.count)))
    case .record(let record):
      guard case .text(let name) = key else {
        throw Failure(.wrongType, "a record is indexed by a field's name, a string", argument: 1)
      }
      guard let value = record[name.string] else { throw unknownField(name.string, container, record.names) }
      return value
    default:
      throw Failure(.wrongType, "\(Failure.article(container.kind)) has no elements to index")
    }
  }

  private func wholeNumber(_ key: Value) throws -> Int {
    switch key {
    case .int(let number): return number
    case .object(let object):
      if case .int(let number)? = object.asNumber { return number }
    default: break
    }
    throw Failure(
      .wrongType, "an index is a whole number or a slice, not \(named(key))", argument: 1)
  }

  /// "the number 1.5", "the string \"a\"", "a function"
  package func named(_ value: Value) -> String {
    switch value {
    case .int, .float, .text: "the \(value.kind) \(summary(of: value))"
    default: Failure.article(value.kind)
    }
  }

  /// The offsets a slice or range stands for; `nil` where the key is none.
  package func slice(_ key: Value, _ count: Int) throws -> Range<Int>? {
    switch key {
    case .object(let object as Slice): return try object.resolved(count)
    case .range(let range):
      return try Slice(.int(range.lower), .int(range.upper), closed: false).resolved(count)
    default: return nil
    }
  }

  /// Sets an element of the container a slot owns, in place where the slot alone holds a list. On an error the slot
  /// keeps its value.
  func setElement(
    of slot: inout Slot, _ keys: UnsafeMutablePointer<Slot>, count: Int, to value: Value
  ) throws {
    if slot.tag == Slot.Tag.list, count == 1, keys[0].tag == Slot.Tag.int {
      let position = try position(
        keys[0].int, slot.unmanaged(List.self)._withUnsafeGuaranteedRef { $0.count })
      try slot.withOwned(List.self) { list in
        if !isKnownUniquelyReferenced(&list) { try Machine.copy(&list) }
        list.replace(at: position, with: Slot(value))
      }
      return
    }
    if slot.tag == Slot.Tag.record, count == 1, keys[0].tag == Slot.Tag.text {
      return try setField(of: &slot, keys[0].object(Text.self).string, to: value)
    }
    if slot.tag == Slot.Tag.object {
      let isSet = slot.withOwned(Object.self) { object in
        isKnownUniquelyReferenced(&object)
          && object.setIndexInPlace((0..<count).map { keys[$0].value }, to: value)
      }
      if isSet { return }
    }
    let changed = try setting(slot.value, (0..<count).map { keys[$0].value }, value)
    slot.replace(with: Slot(changed))
  }

  /// Sets a field of the record a slot owns, in place where the slot alone holds it.
  func setField(of slot: inout Slot, _ name: String, to value: Value) throws {
    // A new name, its value, and its place among many.
    try MemoryWatch.note(elements: 6)
    try slot.withOwned(Record.self) { record in
      if isKnownUniquelyReferenced(&record) {
        record.set(name, to: value)
      } else {
        try MemoryWatch.note(elements: 2 * record.names.count)
        record = record.setting(name, value)
      }
    }
  }

  /// Replaces a list that others hold by a copy.
  @inline(never)
  private static func copy(_ list: inout List) throws {
    try MemoryWatch.note(elements: list.count)
    list = list.copy()
  }

  /// Appends to the list a variable holds, in place where the variable alone holds it.
  /// - Parameter kept: the list that the variable held before the new element was computed; it is let go.
  /// - Returns: false where it holds no list, or another one by now: the call is then made as any other.
  @inline(__always)
  func appendInPlace(
    _ slot: Slot, _ variable: UnsafeMutablePointer<Slot>, kept: UnsafeMutablePointer<Slot>?
  ) throws -> Bool {
    guard variable.pointee.tag == Slot.Tag.list else { return false }
    if let kept {
      guard kept.pointee.tag == Slot.Tag.list, kept.pointee.bits == variable.pointee.bits else {
        return false
      }
      kept.pointee.replace(with: .none)
    }
    try variable.pointee.withOwned(List.self) { list in
      if !isKnownUniquelyReferenced(&list) { try Machine.copy(&list) }
      if list.isFull { try MemoryWatch.note(list.roomToGrow) }
      list.append(slot.copy())
    }
    return true
  }

  /// Where a variable's value lies; the variable must be one that can be assigned.
  func variable(
    _ place: Instruction, _ r: UnsafeMutablePointer<Slot>, _ frame: UnsafeMutablePointer<Frame>
  ) throws -> UnsafeMutablePointer<Slot> {
    switch VariablePlace(rawValue: Int(place.a)) {
    case .register, nil: r + place.wide
    case .cell: r[place.wide].object(Cell.self).storage
    case .captureCell: frame.pointee.captures[place.wide].object(Cell.self).storage
    case .global: try assignableGlobal(place.wide, frame).storage
    }
  }

  private func setting(_ container: Value, _ keys: [Value], _ value: Value) throws -> Value {
    switch container {
    case .object(let object): return try object.settingIndex(keys, to: value, self)
    case .list(let list):
      guard keys.count == 1, try slice(keys[0], list.count) == nil else { break }
      let position = try position(try wholeNumber(keys[0]), list.count)
      try MemoryWatch.note(elements: list.count)
      let changed = list.copy()
      changed.replace(at: position, with: Slot(value))
      return .list(changed)
    case .record(let record):
      guard keys.count == 1, case .text(let name) = keys[0] else { break }
      return .record(record.setting(name.string, value))
    default: break
    }
    throw Machine.unassignable(container, keys)
  }
}

extension Machine {
  private static func unassignable(_ container: Value, _ keys: [Value]) -> Failure {
    switch container {
    case .tuple:
      Failure(
        .wrongType, "the parts of a tuple are fixed",
        help: ["a list can change: list(t)", "(a, b) = t takes it apart"])
    case .text:
      Failure(
        .wrongType, "the characters of a string are fixed",
        help: ["s[..2] + \"x\" + s[3..] makes another string"])
    case .list:
      Failure(
        .wrongType, "one element of a list is assigned at a time",
        notes: keys.count == 1
          ? [] : ["here are \(keys.count) indices; an element of an element is xs[i][j]"]
      )
    case .record:
      Failure(
        .wrongType, "a record's fields are assigned by their names", help: ["r.name = …", "r[\"name\"] = …"])
    default: Failure(.wrongType, "\(Failure.article(container.kind)) has no elements to assign")
    }
  }
}

extension Slot {
  /// Gives the slot's own reference out for a change. The slot must hold an object of that class.
  @inline(__always)
  mutating func withOwned<T: Boxed, R>(_ type: T.Type, _ body: (inout T) throws -> R) rethrows -> R {
    try withUnsafeMutablePointer(to: &bits) { pointer in
      try pointer.withMemoryRebound(to: T.self, capacity: 1) { try body(&$0.pointee) }
    }
  }

  /// The value, taking over the slot's own reference.
  var ownedValue: Value {
    let value = self.value
    release()
    return value
  }
}
