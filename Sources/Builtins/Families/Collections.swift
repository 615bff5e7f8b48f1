import Engine
import Graph
import Runtime

/// Functions over lists and records; the collection comes first, as the pipe wants.
enum Collections {
  static var all: [Builtin] {
    [
      Builtin(
        "len(x)", "How many elements: of a list, string, record or range, or along a tensor's first axis."
      ) { call in
        .int(try count(call[0]))
      },
      Builtin("append(xs, value)", "The list with one more element.") { call in
        guard case .list(let list) = call[0] else {
          throw Failure(
            .wrongType, "`append` lengthens a list, not \(Failure.article(call[0].kind))",
            help: ["concat([x, y]) joins tensors"], argument: 0)
        }
        try MemoryWatch.note(elements: list.count + 4)
        return .list(list.appending(call[1]))
      },
      Builtin("map(xs, f)", "`f` of each element, as a list.") { call in
        let (f, machine) = (call[1], call.machine)
        return .list(List(try elements(call[0], machine).map { try machine.call(f, [$0]) }))
      },
      Builtin("filter(xs, f)", "The elements for which `f` is true, as a list.") { call in
        let (f, machine) = (call[1], call.machine)
        return .list(
          List(try elements(call[0], machine).filter { try machine.truth(try machine.call(f, [$0])) }))
      },
      Builtin(
        "reduce(xs, f, initial)",
        "All elements folded into one value: `f(value, element)` from left to right."
      ) { call in
        let (f, machine) = (call[1], call.machine)
        return try elements(call[0], machine).reduce(call[2]) { try machine.call(f, [$0, $1]) }
      },
      Builtin("zip(xs, ys)", "Pairs of elements, as long as the shorter one.") { call in
        let pairs = zip(try elements(call[0], call.machine), try elements(call[1], call.machine))
        return .list(List(pairs.map { .tuple(Tuple([$0, $1])) }))
      },
      Builtin("enumerate(xs)", "Pairs of position and element.") { call in
        .list(
          List(
            try elements(call[0], call.machine).enumerated().map {
              .tuple(Tuple([.int($0.offset), $0.element]))
            }))
      },
      Builtin("list(x)", "The elements as a list.") { call in .list(List(try elements(call[0], call.machine)))
      },
      Builtin("keys(r)", "The names of a record's fields.") { call in
        .list(List(try record(call[0]).names.map { .string($0) }))
      },
      Builtin("values(r)", "The values of a record's fields.") { call in
        .list(List(try record(call[0]).values))
      },
      Builtin("merge(a, b)", "A record with the fields of both; those of `b` win.") { call in
        let second = try record(call[1])
        return .record(
          zip(second.names, second.values).reduce(try record(call[0])) { $0.setting($1.0, $1.1) })
      },
    ]
  }

  static func count(_ value: Value) throws -> Int {
    switch value {
    case .list(let list): return list.count
    case .tuple(let tuple): return tuple.elements.count
    case .record(let record): return record.names.count
    case .text(let text): return text.count
    case .range(let range): return range.count
    case .object(let object):
      if let count = object.count { return count }
    default: break
    }
    throw Failure(.wrongType, "\(Failure.article(value.kind)) has no length", argument: 0)
  }

  static func elements(_ value: Value, _ machine: Machine) throws -> [Value] {
    if case .list(let list) = value { return list.elements }
    if case .range(let range) = value { try MemoryWatch.need(range.count, of: 16) }
    let iterator: ValueIterator
    do { iterator = try machine.iterator(over: value) } catch let failure as Failure
    where failure.code == .notIterable {
      throw Failure(
        .wrongType, "this runs over a list, a tensor or a range, not \(Failure.article(value.kind))",
        notes: failure.notes, help: failure.help, argument: 0)
    }
    var elements: [Value] = []
    while let element = try iterator.next(machine) {
      try machine.tick()
      elements.append(element)
    }
    return elements
  }

  private static func record(_ value: Value) throws -> Record {
    guard case .record(let record) = value else {
      throw Failure(.wrongType, "this is about a record, not \(Failure.article(value.kind))", argument: 0)
    }
    return record
  }
}
