import Engine
import Graph
import Runtime

/// Choices of elements that give several tensors.
enum Selections {
  static var all: [Builtin] {
    [
      Builtin(
        "topk(x, k, axis = -1)",

        """
        The k largest elements along an axis, in descending order, and where they stand: `(values, indices)`.
        > topk([3, 1, 2], 2)
        ([3, 2], [0, 2])
        """, onlyCalculates: true
      ) { call in
        let x = try Conversion.term(call[0], "`x`", argument: 0)
        let k = try Making.whole(call[1], "k", 1)
        let axis = try call.values[2].map { try Making.whole($0, "axis", 2) } ?? -1
        let (values, indices) = try x.largest(k, axis: axis)
        return .tuple(Tuple([values.value, indices.value]))
      }
    ]
  }

  /// A tensor in parts: as many equal ones, or of the sizes given.
  static func split(_ call: BuiltinCall) throws -> Value {
    let x = try Conversion.term(call[0], "`data`", argument: 0)
    var axis = try call.values[3].map { try Making.whole($0, "axis", 3) } ?? 0
    guard axis >= -x.rank, axis < x.rank else { throw EngineError.badAxis(axis: axis, rank: x.rank) }
    axis = axis < 0 ? axis + x.rank : axis
    let sizes = try sizes(call[1], of: x.shape[axis])
    var positions: [Int] = []
    for size in sizes.dropLast() { positions.append((positions.last ?? 0) + size) }
    return .list(List(try x.split(at: positions, axis: axis).map(\.value)))
  }

  private static func sizes(_ value: Value, of extent: Int) throws -> [Int] {
    if let count = Conversion.integer(value) {
      guard count > 0, extent % count == 0 else {
        throw Failure(
          .badValue, "\(extent) do not divide into \(count) equal parts",
          help: ["a list gives the size of each part: split(x, [2, 3])"], argument: 1)
      }
      return Array(repeating: extent / count, count: count)
    }
    guard let sizes = try Conversion.integers(value) else {
      throw Failure(
        .wrongType, "`parts` is a number of parts or a list of sizes, not \(Failure.article(value.kind))",
        argument: 1)
    }
    let total = sizes.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    guard !sizes.isEmpty, sizes.allSatisfy({ $0 >= 0 && $0 <= extent }), total == extent else {
      throw Failure(
        .badValue, "the sizes \(Words.shape(sizes)) do not add up to the axis's \(extent)", argument: 1)
    }
    return sizes
  }
}
