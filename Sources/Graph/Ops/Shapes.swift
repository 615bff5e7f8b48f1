import Engine

extension Term {
  /// The same elements in another shape; one size may be -1.
  package func reshaped(_ shape: [Int]) throws -> Term {
    shape == self.shape ? self : try Op.reshape.apply(self, [.shape(shape)])
  }

  /// The axes in another order; nil swaps the last two.
  package func transposed(_ order: [Int]? = nil) throws -> Term {
    if let order, order.elementsEqual(0..<rank) { return self }
    return try Op.transpose.apply(self, order.map { [.integers($0)] } ?? [])
  }

  package func broadcast(to shape: [Int]) throws -> Term {
    shape == self.shape ? self : try Op.broadcast.apply(self, [.shape(shape)])
  }

  package func flipped(_ axes: [Int]? = nil) throws -> Term {
    try Op.flip.apply(self, axes.map { [.axes($0)] } ?? [])
  }
}

extension Op {
  static let shapes = [reshape, transpose, broadcast, expand, squeeze, flip, tile, pad]

  package static let reshape: Op = Op(
    "reshape", "The same elements in another shape; one size may be -1.", formula: "x of another shape",
    example: "> reshape([1, 2, 3, 4], 2, -1)\n[[1, 2],\n [3, 4]]",
    [.tensor("x"), .shape()],
    .unary { x, attributes in try x.reshaped(attributes.integers(0) ?? [-1]) },
    derivative: .each([{ try $0.g.reshaped($0.x.shape) }]),
    samples: [
      Sample([2, 3], [.shape([3, -1])]), Sample([], [.shape([1, 1])]), Sample([1], [.shape([])]),
      Sample([0, 3], [.shape([3, 0])]),
    ], step: { $0.reshaped($1.x, $1.shape) })

  package static let transpose: Op = Op(
    "transpose", "The axes in another order; without one the last two change places.", formula: "xᵀ",
    example: "> transpose([[1, 2], [3, 4]])\n[[1, 3],\n [2, 4]]",
    [.tensor("x"), .integers("axes", Attribute.none)],
    .unary { x, attributes in try x.permuted(order(attributes, x.rank)) },
    derivative: .each([
      { d in try d.g.transposed(Axes.inverse(order(d.attributes, d.x.rank))) }
    ]),
    samples: [
      Sample([2, 3], []), Sample([2, 3, 2], []), Sample([2, 3, 4], [.integers([2, 0, 1])]),
      Sample([0, 3], []), Sample([3], []), Sample([2, 3], [.integers([-1, 0])]),
    ])

  package static let broadcast: Op = Op(
    "broadcast", "Axes of size one repeated, and new axes in front, to reach a shape.",
    formula: "x of a larger shape",
    example: "> broadcast([1, 2], 2, 2)\n[[1, 2],\n [1, 2]]", [.tensor("x"), .shape()],
    .unary { x, attributes in try x.broadcast(to: attributes.integers(0) ?? x.shape) },
    derivative: .each([{ $0.g }]),
    samples: [
      Sample([3], [.shape([2, 3])]), Sample([], [.shape([2])]), Sample([2, 1], [.shape([2, 4])]),
      Sample([1], [.shape([0])]),
    ], step: { $0.broadcast($1.x, to: $1.shape) })

  package static let expand: Op = Op(
    "expand", "A new axis of size one.", formula: "x with one more axis",
    example: "> expand([1, 2], 1).shape\n[2, 1]", [.tensor("x"), .axis(0)],
    .unary { x, attributes in
      let axis = try Axes.normalized(attributes.axis(0) ?? 0, rank: x.rank + 1)
      var shape = x.shape
      shape.insert(1, at: axis)
      return try x.reshaped(shape)
    }, derivative: .each([{ try $0.g.reshaped($0.x.shape) }]),
    samples: [Sample([], []), Sample([3], [.axis(-1)]), Sample([2, 3], [.axis(1)])])

  package static let squeeze: Op = Op(
    "squeeze", "Without axes of size one: all of them, or those named.", formula: "x without unit axes",
    example: "> squeeze([[1, 2]])\n[1, 2]",
    [.tensor("x"), .axes], .unary { x, attributes in try x.reshaped(squeezed(x.shape, attributes.axes(0))) },
    derivative: .each([{ try $0.g.reshaped($0.x.shape) }]),
    samples: [Sample([1, 3, 1], []), Sample([1, 3, 1], [.axes([0])]), Sample([3], [])])

  package static let flip: Op = Op(
    "flip", "The elements in reverse along all axes, or those named.", formula: "x backwards",
    example: "> flip([1, 2, 3])\n[3, 2, 1]",
    [.tensor("x"), .axes],
    .unary { x, attributes in try x.flipped(axes: Axes.normalized(attributes.axes(0), rank: x.rank)) },
    derivative: .each([{ try $0.g.flipped($0.attributes.axes(0)) }]),
    samples: [Sample([3], []), Sample([2, 3], [.axes([1])]), Sample([2, 3], []), Sample([0, 2], [])])

  package static let tile: Op = Op(
    "tile", "The whole tensor repeated, a count for each axis.", formula: "x x … x",
    example: "> tile([1, 2], 2)\n[1, 2, 1, 2]",
    [.tensor("x"), .integers("counts")],
    .composed { inputs, attributes in try tiled(inputs[0], attributes.integers(0) ?? []) },
    derivative: .ofParts,
    samples: [
      Sample([3], [.integers([2])]), Sample([2, 3], [.integers([1, 2])]), Sample([2], [.integers([3, 1])]),
    ])

  package static let pad: Op = Op(
    "pad",
    "A border around the tensor: one width for all sides, or two for each axis in order, before and after it.",
    formula: "x in a larger frame",
    example: "> pad([1, 2], 1)\n[0, 1, 2, 0]",
    [.tensor("x"), .integers("widths"), .number("value", 0)],
    .composed { inputs, attributes in
      try padded(inputs[0], attributes.integers(0) ?? [], value: attributes.number(1) ?? 0)
    }, derivative: .ofParts,
    samples: [
      Sample([3], [.integers([1, 2])]), Sample([2, 2], [.integers([1])]),
      Sample([2, 3], [.integers([0, 1, 2, 0]), .number(7)]),
    ])

  private static func order(_ attributes: [Attribute], _ rank: Int) throws -> [Int] {
    guard let axes = attributes.integers(0) else {
      return rank < 2 ? Array(0..<rank) : Array(0..<(rank - 2)) + [rank - 1, rank - 2]
    }
    let order = try axes.map { try Axes.normalized($0, rank: rank) }
    guard order.count == rank, Set(order).count == rank else {
      throw EngineError.badValue("an order of \(rank) axes names each of them once")
    }
    return order
  }

  private static func squeezed(_ shape: [Int], _ axes: [Int]?) throws -> [Int] {
    guard let axes else { return shape.filter { $0 != 1 } }
    let named = try Axes.normalized(axes, rank: shape.count)
    for axis in named where shape[axis] != 1 {
      throw EngineError.badShape(shape: shape, reason: "axis \(axis) has size \(shape[axis]), not 1")
    }
    return shape.indices.filter { !named.contains($0) }.map { shape[$0] }
  }

  private static func tiled(_ x: Term, _ counts: [Int]) throws -> Term {
    guard counts.allSatisfy({ $0 >= 0 }) else { throw EngineError.badValue("a count is not negative") }
    let rank = counts.count > x.rank ? counts.count : x.rank
    let sizes = Array(repeating: 1, count: rank - x.rank) + x.shape
    let repeats = Array(repeating: 1, count: rank - counts.count) + counts
    let narrow = sizes.flatMap { [1, $0] }
    let wide = zip(repeats, sizes).flatMap { [$0, $1] }
    let shape = zip(repeats, sizes).map { $0.multipliedReportingOverflow(by: $1) }
    guard !shape.contains(where: \.overflow) else { throw EngineError.outOfMemory(bytes: Int.max) }
    return try x.reshaped(narrow).broadcast(to: wide).reshaped(shape.map(\.partialValue))
  }

  private static func padded(_ x: Term, _ widths: [Int], value: Double) throws -> Term {
    let widths = widths.count == 1 ? Array(repeating: widths[0], count: 2 * x.rank) : widths
    guard widths.count == 2 * x.rank, widths.allSatisfy({ $0 >= 0 }) else {
      throw EngineError.badValue("the widths are two for each of \(x.rank) axes, none of them negative")
    }
    let starts = x.shape.indices.map { widths[2 * $0] }
    var shape = x.shape
    for axis in shape.indices {
      let (before, first) = shape[axis].addingReportingOverflow(widths[2 * axis])
      let (size, second) = before.addingReportingOverflow(widths[2 * axis + 1])
      if first || second { throw EngineError.outOfMemory(bytes: Int.max) }
      shape[axis] = size
    }
    let placed = try x.placed(in: shape, starts: starts, steps: shape.map { _ in 1 })
    if value == 0 { return placed }
    let inside = try Term(Tensor.filled(1, shape: x.shape, dtype: .bool))
    return try select(
      inside.placed(in: shape, starts: starts, steps: shape.map { _ in 1 }), placed, Term(number: value))
  }
}
