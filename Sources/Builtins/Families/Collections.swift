import Engine
import Graph
import Runtime

/// Functions over lists and records; the collection comes first, as the pipe wants.
enum Collections {
  static var all: [Builtin] {
    [
      Builtin(
        "len(x)",
        """
        How many elements: of a list, string, record or range, or along a tensor's first axis.
        > len(["a", "b"])
        2
        """, onlyCalculates: true
      ) { call in
        .int(try count(call[0]))
      },
      Builtin(
        "append(xs, value)",
        """
        The list with one more element.
        > append(["a"], "b")
        ["a", "b"]
        """
      ) { call in
        guard case .list(let list) = call[0] else {
          throw Failure(
            .wrongType, "`append` lengthens a list, not \(Failure.article(call[0].kind))",
            help: ["concat([x, y]) joins tensors"], argument: 0)
        }
        try MemoryWatch.note(elements: list.count + 4)
        return .list(list.appending(call[1]))
      },
      Builtin(
        "concat(parts, axis = 0)",

        """
        Tensors one after the other along an axis; lists one after the other as one list. [x y …]
        > concat([[1, 2], [3, 4]])
        [1, 2, 3, 4]
        > concat([["a"], ["b", "c"]])
        ["a", "b", "c"]
        """, onlyCalculates: true
      ) { call in
        if let lists = lists(call[0]) {
          try MemoryWatch.note(elements: lists.reduce(0) { $0 + $1.count })
          return .list(List(lists.flatMap { $0 }))
        }
        let axis = call.values[1].map { Conversion.integer($0) } ?? 0
        guard let axis else { throw Failure(.wrongType, "`axis` is the number of an axis", argument: 1) }
        return try Term.concatenated(OpBuiltins.tensors(call[0], "parts", 0), axis: axis).value
      },
      Builtin(
        "map(xs, f)",
        """
        `f` of each element, as a list.
        > map(["a", "b"], upper)
        ["A", "B"]
        > map(1..4, k => k^2)
        [1, 4, 9]
        """, onlyCalculates: true
      ) { call in
        let (f, machine) = (call[1], call.machine)
        var values: [Value] = []
        try each(call[0], machine) { element in
          values.append(try machine.call(f, [element]))
          try MemoryWatch.note(elements: 1)
        }
        return .list(List(values))
      },
      Builtin(
        "filter(xs, f)",
        """
        The elements for which `f` is true, as a list.
        > filter([3, -1, 2], x => x > 0)
        [3, 2]
        """
      ) { call in
        let (f, machine) = (call[1], call.machine)
        var values: [Value] = []
        try each(call[0], machine) { element in
          if try machine.truth(try machine.call(f, [element])) { values.append(element) }
          try MemoryWatch.note(elements: 1)
        }
        return .list(List(values))
      },
      Builtin(
        "reduce(xs, f, initial)",

        """
        All elements folded into one value: `f(value, element)` from left to right.
        > reduce([1, 2, 3], (sum, x) => sum + x, 0)
        6
        """, onlyCalculates: true
      ) { call in
        let (f, machine) = (call[1], call.machine)
        var folded = call[2]
        try each(call[0], machine) { folded = try machine.call(f, [folded, $0]) }
        return folded
      },
      Builtin(
        "zip(xs, ys)",
        """
        Pairs of elements, as long as the shorter one.
        > zip(["a", "b"], [1, 2])
        [("a", 1), ("b", 2)]
        """, onlyCalculates: true
      ) { call in
        let pairs = zip(try elements(call[0], call.machine), try elements(call[1], call.machine))
        return .list(List(pairs.map { .tuple(Tuple([$0, $1])) }))
      },
      Builtin(
        "enumerate(xs)",
        """
        Pairs of position and element.
        > enumerate(["a", "b"])
        [(0, "a"), (1, "b")]
        """, onlyCalculates: true
      ) { call in
        .list(
          List(
            try elements(call[0], call.machine).enumerated().map {
              .tuple(Tuple([.int($0.offset), $0.element]))
            }))
      },
      Builtin(
        "list(x)",
        """
        The elements as a list.
        > list(0..3)
        [0, 1, 2]
        """, onlyCalculates: true
      ) { call in .list(List(try elements(call[0], call.machine)))
      },
      Builtin(
        "keys(r)",
        """
        The names of a record's fields.
        > keys({lr: 0.1, steps: 10})
        ["lr", "steps"]
        """
      ) { call in
        .list(List(try record(call[0]).names.map { .string($0) }))
      },
      Builtin(
        "values(r)",
        """
        The values of a record's fields.
        > values({lr: 0.1, steps: 10})
        [0.1, 10]
        """
      ) { call in
        .list(List(try record(call[0]).values))
      },
      Builtin(
        "merge(a, b)",
        """
        A record with the fields of both; those of `b` win.
        > merge({lr: 0.1, steps: 10}, {lr: 0.2})
        {lr: 0.2, steps: 10}
        """
      ) { call in
        let second = try record(call[1])
        return .record(
          zip(second.names, second.values).reduce(try record(call[0])) { $0.setting($1.0, $1.1) })
      },
    ]
  }

  /// The parts of a list or tuple that holds nothing but lists.
  private static func lists(_ value: Value) -> [List]? {
    let parts: [Value]
    switch value {
    case .list(let list): parts = list.elements
    case .tuple(let tuple): parts = tuple.elements
    default: return nil
    }
    let lists = parts.compactMap { if case .list(let list) = $0 { list } else { nil as List? } }
    return lists.isEmpty || lists.count < parts.count ? nil : lists
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
    var elements: [Value] = []
    try each(value, machine) { elements.append($0) }
    return elements
  }

  /// Runs over the elements without a list of them all.
  private static func each(
    _ value: Value, _ machine: Machine, _ body: (Value) throws -> Void
  ) throws {
    let iterator: ValueIterator
    do { iterator = try machine.iterator(over: value) } catch let failure as Failure
      where failure.code == .notIterable
    {
      throw Failure(
        .wrongType, "this runs over a list, a tensor or a range, not \(Failure.article(value.kind))",
        notes: failure.notes, help: failure.help, argument: 0)
    }
    while let element = try iterator.next(machine) {
      try machine.tick()
      try body(element)
    }
  }

  private static func record(_ value: Value) throws -> Record {
    guard case .record(let record) = value else {
      throw Failure(.wrongType, "this is about a record, not \(Failure.article(value.kind))", argument: 0)
    }
    return record
  }
}
