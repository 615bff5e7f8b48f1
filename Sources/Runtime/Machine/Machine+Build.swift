import Syntax

/// Instructions that make or take apart compound values.
extension Machine {
  @inline(never)
  func build(_ i: Instruction, _ r: UnsafeMutablePointer<Slot>, _ frame: UnsafeMutablePointer<Frame>) throws {
    let prototype = frame.pointee.prototype.takeUnretainedValue()
    let a = Int(i.a)
    switch i.op {
    case .bracket, .bracketExact:
      let values = taken(a, Int(i.b), r)
      r[a].replace(
        with: Slot(try bracket(values, prototype.masks[Int(i.c)], exact: i.op == .bracketExact, a, r)))
    case .makeList: r[a].replace(with: Slot(.list(List([]))))
    case .finishBracket:
      guard case .list(let list) = r[a].value else { return }
      let mask = prototype.masks[Int(i.c)]
      r[a].replace(with: Slot(try bracket(list.elements, mask, exact: i.b == 1, nil, r)))
    case .makeTuple: r[a].replace(with: Slot(.tuple(Tuple(taken(a, Int(i.b), r)))))
    case .makeRecord:
      let values = taken(a, Int(i.b), r)
      var record = Record([], [])
      for (name, value) in zip(prototype.names[Int(i.c)], values) { record = record.setting(name, value) }
      r[a].replace(with: Slot(.record(record)))
    case .spread: try spread(a, Int(i.b), r)
    case .setField:
      let name = prototype.names[Int(i.c)].first ?? ""
      r[a].replace(with: Slot(try settingField(r[a].value, name, r[Int(i.b)].value)))
    case .makeSlice:
      let (lower, upper) = (r[a].value, r[a + 1].value)
      r[a].replace(with: Slot(.object(try Slice(lower, upper, closed: i.c == 1))))
    case .interpolate:
      let printer = ValuePrinter()
      r[a].replace(with: Slot(.string(taken(a, Int(i.b), r).map(printer.text).joined())))
    case .makeModel:
      let parts = taken(a, Int(i.b), r).compactMap { value -> Closure? in
        if case .function(let function) = value { function as? Closure } else { nil }
      }
      guard let first = parts.first else { return }
      let model = ModelConstructor(
        prototype.declarations[Int(i.c)], constructor: first, methods: Array(parts.dropFirst()))
      r[a].replace(with: Slot(.function(model)))
    case .makeOptimizer:
      let parts = taken(a, Int(i.b), r).compactMap { value -> Closure? in
        if case .function(let function) = value { function as? Closure } else { nil }
      }
      guard parts.count == 2 else { return }
      let optimizer = OptimizerConstructor(
        prototype.declarations[Int(i.c)], defaults: parts[0], rule: parts[1])
      r[a].replace(with: Slot(.function(optimizer)))
    case .indexMany:
      let container = r[a].value
      let keys = (0..<Int(i.b)).map { r[a + 1 + $0].value }
      r[a].replace(with: Slot(try index(container, keys)))
    case .unpack: try unpack(r[Int(i.b)].value, into: r + a, count: Int(i.c))
    case .unpackField:
      let name = prototype.names[Int(i.c)].first ?? ""
      r[a].replace(with: Slot(try field(r[Int(i.b)].value, name)))
    case .use:
      guard case .text(let path) = prototype.constants[i.wide].value, let loadFile else { return }
      r[a].replace(with: Slot(try loadFile(path.string, self)))
    default: break
    }
  }

  /// Moves the values of consecutive registers out.
  private func taken(_ start: Int, _ count: Int, _ r: UnsafeMutablePointer<Slot>) -> [Value] {
    (0..<count).map { r[start + $0].value }
  }

  private func bracket(
    _ values: [Value], _ mask: [Bool], exact: Bool, _ start: Int?, _ r: UnsafeMutablePointer<Slot>
  ) throws -> Value {
    // A comprehension's mask has one entry, which speaks of every element.
    let nested: (Int) -> Bool = { $0 < mask.count ? mask[$0] : mask.first ?? false }
    if !values.isEmpty, let tensor = try domain.bracket(values, nested: nested, exact: exact) {
      return tensor
    }
    return .list(List(values))
  }

  private func spread(_ target: Int, _ source: Int, _ r: UnsafeMutablePointer<Slot>) throws {
    guard case .record(var record) = r[target].value else { return }
    guard case .record(let added) = r[source].value else {
      throw Failure(.wrongType, "`...` spreads a record, this is \(Failure.article(r[source].value.kind))")
    }
    for (name, value) in zip(added.names, added.values) { record = record.setting(name, value) }
    r[target].replace(with: Slot(.record(record)))
  }

  // MARK: Fields

  @inline(never)
  func fieldSlow(_ slot: Slot, _ name: String) throws -> Slot { Slot(try field(slot.value, name)) }

  package func field(_ value: Value, _ name: String) throws -> Value {
    switch value {
    case .record(let record):
      if let found = record[name] { return found }
      throw unknownField(name, value, record.names)
    case .object(let object):
      if let found = try object.field(name, self) { return found }
      throw unknownField(name, value, object.fieldNames)
    default:
      throw unknownField(name, value, [])
    }
  }

  private func unknownField(_ name: String, _ value: Value, _ known: [String]) -> Failure {
    var failure = Failure(.unknownField, "\(Failure.article(value.kind)) has no field `\(name)`")
    if let near = Spelling.nearest(name, in: known) {
      failure.help.append("did you mean `.\(near)`?")
    } else if sessionScope?.existing(name) != nil {
      failure.help.append("`\(name)` is a function: `\(name)(x)`, or in a pipe `x |> \(name)`")
    } else if !known.isEmpty {
      failure.notes.append("it has \(known.prefix(12).joined(separator: ", "))")
    }
    return failure
  }

  private func settingField(_ value: Value, _ name: String, _ new: Value) throws -> Value {
    guard case .record(let record) = value else {
      throw Failure(
        .wrongType, "only a record's fields can be assigned, this is \(Failure.article(value.kind))")
    }
    return .record(record.setting(name, new))
  }

  // MARK: Indices

  @inline(never)
  func indexSlow(_ container: Slot, _ key: Slot) throws -> Slot {
    if container.tag == Slot.Tag.list, key.tag == Slot.Tag.int {
      return try container.unmanaged(List.self)._withUnsafeGuaranteedRef { list in
        Slot(list.elements[try position(key.int, list.elements.count)])
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
      if let range = try slice(key, list.elements.count) { return .list(List(Array(list.elements[range]))) }
      return list.elements[try position(try wholeNumber(key), list.elements.count)]
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
      .wrongType, "an index is a whole number, this is \(Failure.article(key.kind)): \(summary(of: key))",
      argument: 1)
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
        keys[0].int, slot.unmanaged(List.self)._withUnsafeGuaranteedRef { $0.elements.count })
      var list = slot.takeList()
      if !isKnownUniquelyReferenced(&list) { list = List(list.elements) }
      list.elements[position] = value
      slot = .owning(list, tag: Slot.Tag.list)
      return
    }
    let changed = try setting(slot.value, (0..<count).map { keys[$0].value }, value)
    slot.replace(with: Slot(changed))
  }

  func setElement(
    ofVariable place: Instruction, _ i: Instruction, _ r: UnsafeMutablePointer<Slot>,
    _ frame: UnsafeMutablePointer<Frame>
  ) throws {
    try withVariable(place, r, frame) { variable in
      try setElement(of: &variable, r + Int(i.b), count: Int(i.c), to: r[Int(i.a)].value)
    }
  }

  /// Appends to the list a variable holds, in place where the variable alone holds it.
  /// - Returns: false where it is another `append` or no list: the call is then made as any other.
  @inline(never)
  func appendInPlace(
    _ start: UnsafeMutablePointer<Slot>, _ place: Instruction, _ r: UnsafeMutablePointer<Slot>,
    _ frame: UnsafeMutablePointer<Frame>
  ) throws -> Bool {
    guard start.pointee.tag == Slot.Tag.function,
      start.pointee.bits == appendIdentity?.bits
    else { return false }
    return try withVariable(place, r, frame) { variable in
      guard variable.tag == Slot.Tag.list else { return false }
      let element = start[2].value
      var list = variable.takeList()
      if !isKnownUniquelyReferenced(&list) { list = List(list.elements) }
      list.elements.append(element)
      variable = .owning(list, tag: Slot.Tag.list)
      return true
    }
  }

  /// The slot of a variable, which must be one that can be assigned.
  func withVariable<T>(
    _ place: Instruction, _ r: UnsafeMutablePointer<Slot>, _ frame: UnsafeMutablePointer<Frame>,
    _ body: (inout Slot) throws -> T
  ) throws -> T {
    switch VariablePlace(rawValue: Int(place.a)) {
    case .register, nil: return try body(&r[place.wide])
    case .cell: return try body(&r[place.wide].object(Cell.self).slot)
    case .captureCell:
      return try body(&frame.pointee.captures[place.wide].object(Cell.self).slot)
    case .global:
      let global = try assignableGlobal(place.wide, frame)
      return try body(&global.slot)
    }
  }

  private func setting(_ container: Value, _ keys: [Value], _ value: Value) throws -> Value {
    switch container {
    case .object(let object): return try object.settingIndex(keys, to: value, self)
    case .list(let list):
      guard keys.count == 1 else { break }
      var elements = list.elements
      elements[try position(try wholeNumber(keys[0]), elements.count)] = value
      return .list(List(elements))
    case .record(let record):
      guard keys.count == 1, case .text(let name) = keys[0] else { break }
      return .record(record.setting(name.string, value))
    default: break
    }
    throw Failure(.wrongType, "elements of \(Failure.article(container.kind)) cannot be assigned this way")
  }

  // MARK: Taking apart

  private func unpack(_ value: Value, into registers: UnsafeMutablePointer<Slot>, count: Int) throws {
    let parts: [Value]
    switch value {
    case .tuple(let tuple): parts = tuple.elements
    case .list(let list): parts = list.elements
    case .object(let object):
      guard let iterator = try object.makeIterator(self), let length = object.count, length == count else {
        throw unlikePattern(value, object.count, count)
      }
      var elements: [Value] = []
      while elements.count < count, let element = try iterator.next(self) { elements.append(element) }
      parts = elements
    default: throw unlikePattern(value, nil, count)
    }
    guard parts.count == count else { throw unlikePattern(value, parts.count, count) }
    for (index, part) in parts.enumerated() { registers[index].replace(with: Slot(part)) }
  }

  private func unlikePattern(_ value: Value, _ found: Int?, _ wanted: Int) -> Failure {
    let what = found.map { "\(Failure.article(value.kind)) of \($0)" } ?? Failure.article(value.kind)
    return Failure(.badPattern, "the pattern has \(wanted) parts, the value is \(what)")
  }

  // MARK: Ranges and loops

  @inline(never)
  func makeRange(_ lower: Slot, _ upper: Slot, closed: Bool) throws -> Slot {
    let (a, b) = (try wholeEnd(lower.value, 0), try wholeEnd(upper.value, 1))
    return Slot(.range(RangeValue(a, closed ? try after(b) : b)))
  }

  private func after(_ end: Int) throws -> Int {
    guard end < Int.max else { throw Failure(.overflow, "the range's end is beyond the largest integer") }
    return end + 1
  }

  private func wholeEnd(_ value: Value, _ argument: Int) throws -> Int {
    if case .int(let number) = value { return number }
    if case .object(let object) = value, case .int(let number)? = object.asNumber { return number }
    throw Failure(
      .wrongType, "a range runs over whole numbers, this end is \(summary(of: value))",
      help: ["range(0, 1, 0.1) and linspace(0, 1, 11) give steps between"], argument: argument)
  }

  func forRange(_ a: Int, closed: Bool, _ r: UnsafeMutablePointer<Slot>) throws {
    let lower = try wholeEnd(r[a].value, 0)
    let upper = try wholeEnd(r[a + 1].value, 1)
    r[a].replace(with: Slot(lower))
    r[a + 1].replace(with: Slot(closed ? try after(upper) : upper))
  }

  func forPrepare(_ a: Int, _ r: UnsafeMutablePointer<Slot>) throws {
    let value = r[a].value
    if case .range(let range) = value {
      r[a].replace(with: Slot(range.lower))
      r[a + 1].replace(with: Slot(range.upper))
      return
    }
    r[a].replace(with: .owning(try iterator(over: value), tag: Slot.Tag.iterator))
  }

  @inline(never)
  func forNext(_ a: Int, _ r: UnsafeMutablePointer<Slot>) throws -> Bool {
    let iterator = r[a].object(ValueIterator.self)
    // The last element is let go first: the iterator may then reuse its memory.
    r[a + 2].replace(with: .none)
    guard let value = try iterator.next(self) else { return false }
    r[a + 2].replace(with: Slot(value))
    return true
  }

  /// Hands out what a `for` over the value sees.
  package func iterator(over value: Value) throws -> ValueIterator {
    switch value {
    case .list(let list): return ArrayIterator(list.elements)
    case .tuple(let tuple): return ArrayIterator(tuple.elements)
    case .range(let range): return RangeIterator(range)
    case .text(let text): return ArrayIterator(text.string.map { .string(String($0)) })
    case .object(let object):
      if let iterator = try object.makeIterator(self) { return iterator }
    default: break
    }
    var failure = Failure(.notIterable, "`for` cannot run over \(Failure.article(value.kind))")
    switch value {
    case .int(let number): failure.help.append("0..\(number) counts from 0 to \(number), without \(number)")
    case .record: failure.help.append("keys(r) and values(r) are lists")
    default: break
    }
    throw failure
  }
}

extension Slot {
  /// The list a slot owns, moved out: the slot holds none until it is given one back.
  mutating func takeList() -> List {
    let list = unmanaged(List.self).takeRetainedValue()
    self = .none
    return list
  }

  /// The value, taking over the slot's own reference.
  var ownedValue: Value {
    let value = self.value
    release()
    return value
  }
}

private final class ArrayIterator: ValueIterator {
  private let elements: [Value]
  private var index = 0
  init(_ elements: [Value]) { self.elements = elements }
  override func next(_ machine: Machine) -> Value? {
    guard index < elements.count else { return nil }
    index += 1
    return elements[index - 1]
  }
}

private final class RangeIterator: ValueIterator {
  private var next: Int
  private let end: Int
  init(_ range: RangeValue) { (next, end) = (range.lower, range.upper) }
  override func next(_ machine: Machine) -> Value? {
    guard next < end else { return nil }
    defer { next += 1 }
    return .int(next)
  }
}

/// `a..b` as an index: either end may be open, and ends count from the back when negative.
package final class Slice: Object {
  let lower: Int?
  let upper: Int?
  let closed: Bool

  init(_ lower: Value, _ upper: Value, closed: Bool) throws {
    self.lower = try Slice.end(lower)
    self.upper = try Slice.end(upper)
    self.closed = closed
  }

  private static func end(_ value: Value) throws -> Int? {
    switch value {
    case .none: return nil
    case .int(let number): return number
    case .object(let object):
      if case .int(let number)? = object.asNumber { return number }
    default: break
    }
    throw Failure(.wrongType, "the ends of a slice are whole numbers, this is \(Failure.article(value.kind))")
  }

  public override var kind: String { "slice" }

  /// The offsets it stands for on an axis; ends beyond it are an error, an empty slice is none.
  package func resolved(_ count: Int) throws -> Range<Int> {
    func offset(_ end: Int) throws -> Int {
      let position = end < 0 ? end + count : end
      guard position >= 0, position <= count else { throw Machine.outOfRange(end, count) }
      return position
    }
    let start = try lower.map(offset) ?? 0
    var end = try upper.map(offset) ?? count
    if closed, upper != nil {
      guard end < count else { throw Machine.outOfRange(upper ?? end, count) }
      end += 1
    }
    return start..<max(start, end)
  }
}

extension Machine {
  /// A state's first value: a plain number takes the parameter's shape and type.
  func likeParameter(_ i: Instruction, _ r: UnsafeMutablePointer<Slot>) throws {
    let value = r[Int(i.a)].value
    guard value.isNumber else { return }
    let parameter = r[Int(i.b)].value
    switch parameter {
    case .int, .float:
      if case .int(let number) = value { r[Int(i.a)].replace(with: Slot(Double(number))) }
    case .object: r[Int(i.a)].replace(with: Slot(try domain.filled(value, like: parameter)))
    default: break
    }
  }
}
