import CRuntime
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
        with: Slot(
          try tensor(values, prototype.masks[Int(i.c)], exact: i.op == .bracketExact) ?? .list(List(values))))
    case .makeList: r[a].replace(with: Slot(.list(List([]))))
    case .finishBracket:
      guard case .list(let list) = r[a].value else { return }
      let mask = prototype.masks[Int(i.c)]
      if let tensor = try tensor(list.elements, mask, exact: i.b == 1) { r[a].replace(with: Slot(tensor)) }
    case .makeTuple: r[a].replace(with: Slot(.tuple(Tuple(taken(a, Int(i.b), r)))))
    case .makeRecord:
      let values = taken(a, Int(i.b), r)
      let record = Record([], []).merging(Record(prototype.names[Int(i.c)], values))
      r[a].replace(with: Slot(.record(record)))
    case .spread: try spread(a, Int(i.b), r)
    case .setField:
      let name = prototype.names[Int(i.c)].first ?? ""
      guard r[a].tag == Slot.Tag.record else { throw unassignable(r[a].value) }
      try setField(of: &r[a], name, to: r[Int(i.b)].value)
    case .makeSlice:
      let (lower, upper) = (r[a].value, r[a + 1].value)
      r[a].replace(with: Slot(.object(try Slice(lower, upper, closed: i.c == 1))))
    case .interpolate:
      let printer = ValuePrinter()
      let parts = taken(a, Int(i.b), r).map(printer.text)
      try MemoryWatch.need(parts.reduce(0) { $0 + $1.utf8.count })
      r[a].replace(with: Slot(.string(parts.joined())))
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
      guard parts.count == 3 else { return }
      let optimizer = OptimizerConstructor(
        prototype.declarations[Int(i.c)], defaults: parts[0], rule: parts[1], account: parts[2])
      r[a].replace(with: Slot(.function(optimizer)))
    case .indexMany:
      let container = r[a].value
      let keys = (0..<Int(i.b)).map { r[a + 1 + $0].value }
      r[a].replace(with: Slot(try index(container, keys)))
    case .explain: try explain(i, r, prototype)
    case .unpack: try unpack(r[Int(i.b)].value, into: r + a, count: Int(i.c))
    case .unpackField:
      let name = prototype.names[Int(i.c)].first ?? ""
      r[a].replace(with: Slot(try field(r[Int(i.b)].value, name)))
    case .use:
      guard case .text(let path) = prototype.constants[i.wide].value, let loadFile else { return }
      r[a].replace(with: Slot(try loadFile(path.string, prototype.source)))
    default: break
    }
  }

  /// Moves the values of consecutive registers out.
  private func taken(_ start: Int, _ count: Int, _ r: UnsafeMutablePointer<Slot>) -> [Value] {
    (0..<count).map { r[start + $0].value }
  }

  /// The tensor that a bracket makes; `nil` where it is a list.
  private func tensor(_ values: [Value], _ mask: [Bool], exact: Bool) throws -> Value? {
    // A comprehension's mask has one entry, which speaks of every element.
    let nested: (Int) -> Bool = { $0 < mask.count ? mask[$0] : mask.first ?? false }
    return values.isEmpty ? nil : try domain.bracket(values, nested: nested, exact: exact)
  }

  private func spread(_ target: Int, _ source: Int, _ r: UnsafeMutablePointer<Slot>) throws {
    guard case .record(var record) = r[target].value else { return }
    guard case .record(let added) = r[source].value else {
      throw Failure(.wrongType, "`...` spreads a record, this is \(Failure.article(r[source].value.kind))")
    }
    try MemoryWatch.note(elements: record.names.count + added.names.count)
    record = record.merging(added)
    r[target].replace(with: Slot(.record(record)))
  }

  // MARK: Fields

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

  func unknownField(_ name: String, _ value: Value, _ known: [String]) -> Failure {
    var failure = Failure(.unknownField, "\(Failure.article(value.kind)) has no field `\(name)`")
    if let near = Spelling.nearest(name, in: known) {
      failure.help.append("did you mean `.\(near)`?")
      failure.misspelling = Misspelling(name, meant: near)
    } else if let form = callForm(name) {
      failure.help.append("`\(name)` is a function: \(form)")
    } else if !known.isEmpty {
      failure.notes.append("it has \(known.prefix(12).joined(separator: ", "))")
    }
    return failure
  }

  /// How a function is called that somebody looked for in a value: `append(xs, value)`.
  private func callForm(_ name: String) -> String? {
    guard let global = sessionScope?.existing(name), let value = try? resolved(global)?.ownedValue,
      case .function(let function) = value
    else { return nil }
    let needed = (function.knownParameters ?? []).filter { $0.fallback == nil && !$0.isRest }.map(\.name)
    let call = "\(name)(\((needed.isEmpty ? ["x"] : needed).joined(separator: ", ")))"
    if name == "append" { return "xs = append(xs, value)" }
    return needed.count > 1 ? call : "\(call), or in a pipe x |> \(name)"
  }

  private func unassignable(_ value: Value) -> Failure {
    Failure(.wrongType, "only a record's fields can be assigned, this is \(Failure.article(value.kind))")
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
