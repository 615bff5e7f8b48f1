import Engine

extension Op {
  static let orders = [cumsum, sort, argsort]

  package static let cumsum: Op = Op(
    "cumsum", "The sum of everything up to each position of an axis.", formula: "Σⱼ≤ᵢ xⱼ",
    example: "> cumsum([1, 2, 3])\n[1, 3, 6]",
    [.tensor("x"), .axis(-1)],
    .unary { x, attributes in try alongAxis(x, attributes.axis(0)) { try $0.cumulated() } },
    dtypes: .accumulated,
    derivative: .each([
      { d in
        let axis = d.attributes.axis(0) ?? -1
        return try cumsum.apply(d.g.flipped([axis]), [.axis(axis)]).flipped([axis])
      }
    ]), samples: [Sample([4], []), Sample([2, 3], []), Sample([3, 2], [.axis(0)]), Sample([0, 3], [])])

  package static let sort: Op = Op(
    "sort", "The elements in ascending order along an axis.", formula: "x₍₁₎ ≤ x₍₂₎ ≤ …",
    example: "> sort([3, 1, 2])\n[1, 2, 3]",
    [.tensor("x"), .axis(-1)],
    .composed { inputs, attributes in
      let x = inputs[0]
      let axis = try Axes.normalized(attributes.axis(0) ?? -1, rank: x.rank)
      let order = Axes.movingToEnd(axis, rank: x.rank)
      let moved = try x.transposed(order)
      return try sortedAlongLast(moved).transposed(Axes.inverse(order))
    }, derivative: .ofParts,
    samples: [Sample([5], .apart, []), Sample([2, 3], .apart, []), Sample([3, 2], .apart, [.axis(0)])])

  package static let argsort: Op = Op(
    "argsort", "The positions that put an axis in ascending order.", formula: "x[i₁] ≤ x[i₂] ≤ …",
    example: "> argsort([3, 1, 2])\n[1, 2, 0]",
    [.tensor("x"), .axis(-1)],
    .unary { x, attributes in try alongAxis(x, attributes.axis(0)) { try $0.argsorted() } },
    derivative: .constant, samples: [Sample([5], .apart, []), Sample([3, 2], .apart, [.axis(0)])])

  /// A gather from the flat tensor, since a gather is what has a derivative.
  private static func sortedAlongLast(_ x: Term) throws -> Term {
    guard let length = x.shape.last, x.tensor.count > 0 else { return x }
    let positions = try x.tensor.argsorted()
    let rows = x.tensor.count / length
    let starts = try Tensor.binary(
      .multiply,
      Tensor.binary(
        .subtract, Tensor.filled(1, shape: [rows], dtype: .i64).cumulated(), Tensor(scalar: 1)),
      Tensor(scalar: length))
    let flat = try Tensor.binary(.add, positions.reshaped([rows, length]), starts.reshaped([rows, 1]))
    return try x.reshaped([-1]).taken(Term(flat.reshaped([-1]))).reshaped(x.shape)
  }
}
