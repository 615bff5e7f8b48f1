import Graph
import Runtime
import Syntax

/// Words that mean something for lists and texts as well as for tensors and data.
enum Sorting {
  static var all: [Builtin] {
    [
      Builtin(
        "sort(x, axis = -1, by = none)",
        """
        A list's elements in ascending order, of themselves or of `by(element)`; equal ones stay in their order. A
        tensor's along an axis.
        > sort([3, 1, 2])
        [1, 2, 3]
        > sort(["b", "a"])
        ["a", "b"]
        > sort([(2, "x"), (1, "y")], by: p => p[0])
        [(1, "y"), (2, "x")]
        """
      ) { call in try sort(call) },
      Builtin(
        "reverse(x)",
        """
        The elements from last to first: of a list, a text, or a tensor along its first axis.
        > reverse(["a", "b"])
        ["b", "a"]
        > reverse("abc")
        "cba"
        """, onlyCalculates: true
      ) { call in
        switch call[0] {
        case .text(let text): return .string(String(text.string.reversed()))
        case .tuple(let tuple): return .tuple(Tuple(tuple.elements.reversed()))
        case .object(let object as TensorObject) where object.tensor.rank > 0:
          return try Op.flip.apply(object.term, [.axes([0])]).value
        default: return .list(List(try Collections.elements(call[0], call.machine).reversed()))
        }
      },
      Builtin(
        "split(x, by = none, seed = 0, axis = 0)",
        """
        A text cut at a separator, or at blanks; a data set cut into a random fraction of its rows and the rest; a
        tensor cut along an axis into so many equal parts, or into parts of given sizes.
        > split("a,b", ",")
        ["a", "b"]
        > split(" to be ")
        ["to", "be"]
        """
      ) { call in
        guard case .text(let text) = call[0] else {
          if case .object(let object) = call[0], object is DatasetObject { return try Data.split(call) }
          return try Selections.split(call)
        }
        guard let separator = call.values[1] else { return try Strings.split(text.string, by: nil) }
        if case .none = separator { return try Strings.split(text.string, by: nil) }
        return try Strings.split(text.string, by: try Strings.text(separator, 1, "by"))
      },
    ]
  }

  private static func sort(_ call: BuiltinCall) throws -> Value {
    var by: Value?
    if let given = call.values[2] { if case .none = given {} else { by = given } }
    if by == nil, case .object(let object as TensorObject) = call[0] {
      guard let axis = call.values[1].map(Conversion.integer) ?? -1 else {
        throw Failure(.wrongType, "`axis` is the number of an axis", argument: 1)
      }
      return try Op.sort.apply(object.term, [.axis(axis)]).value
    }
    let machine = call.machine
    let elements = try Collections.elements(call[0], call.machine)
    try MemoryWatch.note(elements: elements.count)
    let keys = try by.map { function in try elements.map { try machine.call(function, [$0]) } } ?? elements
    let order = try stablyOrdered(Array(keys.indices)) { a, b in
      try machine.tick()
      guard case .bool(let isLess) = try machine.binary(.less, keys[a], keys[b]) else {
        throw Failure(.wrongType, "`sort` orders numbers or strings", argument: 0)
      }
      return isLess
    }
    return .list(List(order.map { elements[$0] }))
  }

  /// Merge sort: whatever the comparison answers, it ends and keeps every position.
  private static func stablyOrdered(_ positions: [Int], _ isLess: (Int, Int) throws -> Bool) throws -> [Int] {
    guard positions.count > 1 else { return positions }
    let middle = positions.count / 2
    let left = try stablyOrdered(Array(positions[..<middle]), isLess)
    let right = try stablyOrdered(Array(positions[middle...]), isLess)
    var merged: [Int] = []
    merged.reserveCapacity(positions.count)
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if try isLess(right[j], left[i]) {
        merged.append(right[j])
        j += 1
      } else {
        merged.append(left[i])
        i += 1
      }
    }
    return merged + left[i...] + right[j...]
  }
}
