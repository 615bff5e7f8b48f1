import Engine

extension Term {
  /// The largest elements along an axis, descending, and where they stand; of equal ones the first is first.
  ///
  /// - Throws: `badValue` for more elements than the axis has.
  package func largest(_ count: Int, axis: Int) throws -> (values: Term, indices: Term) {
    let axis = try Axes.normalized(axis, rank: rank)
    let size = shape[axis]
    guard count >= 0, count <= size else {
      throw EngineError.badValue("the \(count) largest are asked of an axis with \(size)")
    }
    let order = Axes.movingToEnd(axis, rank: rank)
    let moved = try transposed(order)
    // Turned round before and after the ascending order, so that equal ones keep theirs.
    let ascending = try moved.tensor.flipped(axes: [rank - 1]).argsorted()
    let places = try Tensor.binary(.subtract, Tensor(scalar: size - 1), ascending)
    let descending = try Term(places.flipped(axes: [rank - 1])).alongLast(0..<count)
    let values = try moved.takenAlongLast(descending.tensor)
    let back = Axes.inverse(order)
    return (try values.transposed(back), try descending.transposed(back))
  }

  /// Elements of the last axis at places of its own for each row: a gather from the flat tensor, since a gather
  /// is what has a derivative.
  func takenAlongLast(_ places: Tensor) throws -> Term {
    guard let length = shape.last, let count = places.shape.last, places.count > 0 else {
      return try Term(Tensor.filled(0, shape: places.shape, dtype: dtype))
    }
    let rows = places.count / count
    let starts = try Tensor.binary(
      .multiply,
      Tensor.binary(.subtract, Tensor.filled(1, shape: [rows], dtype: .i64).cumulated(), Tensor(scalar: 1)),
      Tensor(scalar: length))
    let flat = try Tensor.binary(.add, places.reshaped([rows, count]), starts.reshaped([rows, 1]))
    return try reshaped([-1]).taken(Term(flat.reshaped([-1]))).reshaped(places.shape)
  }
}

extension Op {
  static let choices = [unique]

  package static let unique: Op = Op(
    "unique", "The different elements, in ascending order.", formula: "{x₁, x₂, …}",
    example: "> unique([3, 1, 3])\n[1, 3]", [.tensor("x")],
    .composed { inputs, _ in
      let sorted = try sort.apply(inputs[0].reshaped([-1]))
      let count = sorted.tensor.count
      guard count > 1 else { return sorted }
      let next = try sorted.constant.alongLast(1..<count)
      let before = try sorted.constant.alongLast(0..<(count - 1))
      let first = Term(try Tensor([true]))
      return try mask(sorted, Term.concatenated([first, notEqual(next, before)], axis: 0))
    }, derivative: .ofParts,
    samples: [Sample([4], .apart, []), Sample([2, 3], .apart, []), Sample([0], []), Sample([], [])])
}
