import Engine

extension Term {
  /// The elements at a start, a stop and a step for each axis.
  package func sliced(_ ranges: [AxisRange]) throws -> Term {
    try Op.slice.apply(self, [.ranges(ranges)])
  }

  /// One part of the first axis, without that axis; negative positions count from the end.
  package func row(_ position: Int) throws -> Term {
    let count = shape.first ?? 0
    let place = position < 0 ? position &+ count : position
    guard rank > 0 else { throw EngineError.badAxis(axis: 0, rank: 0) }
    guard place >= 0, place < count else {
      throw EngineError.indexOutOfRange(index: position, count: count, axis: 0)
    }
    return try Op.row.apply(self, Attribute.position(place))
  }

  /// A range of the last axis.
  func alongLast(_ range: Range<Int>) throws -> Term {
    try sliced(shape.dropLast().map { AxisRange(0, $0) } + [AxisRange(range)])
  }

  /// Zeros of a shape with this tensor at a slice of it.
  func placed(in shape: [Int], starts: [Int], steps: [Int]) throws -> Term {
    try Op.place.apply(self, [.shape(shape), .integers(starts), .integers(steps)])
  }

  /// Slices along an axis, at the positions of an integer tensor.
  package func taken(_ indices: Term, axis: Int = 0) throws -> Term {
    try Op.gather.apply(self, indices, [.axis(axis)])
  }
}

extension Op {
  static let selections = [
    select, row, placeRow, slice, place, gather, scatterAdd, pick, scatterPick, mask, oneHot,
  ]

  package static let select: Op = Op(
    "where", "Elements of one tensor where a condition holds, of another where it does not.",
    formula: "c ? x : y",
    example: "> where([true, false], [1, 2], [10, 20])\n[1, 20]",
    [.tensor("condition"), .tensor("x"), .tensor("y")],
    .many { inputs, _ in try Tensor.select(inputs[0], inputs[1], inputs[2]) }, dtypes: .promotedAfterFirst,
    derivative: .each([
      { _ in nil }, { try select($0.x, $0.g, 0) }, { try select($0.x, 0, $0.g) },
    ]),
    samples: [
      Sample(inputs: [.init([4], .truth), .init([4]), .init([4])]),
      Sample(inputs: [.init([], .truth), .init([3]), .init([])]),
      Sample(inputs: [.init([2, 3], .truth), .init([3]), .init([2, 1])]),
      Sample(inputs: [.init([3], .truth), .init([2, 3]), .init([])]),
      Sample(inputs: [.init([0], .truth), .init([0]), .init([1])]),
    ],
    step: { program, call in
      guard let condition = program.truth(call.operands[0]) else { return nil }
      return program.select(condition, call.operands[1], call.operands[2], call.shape)
    })

  package static let row: Op = Op(
    "row", "One part of the first axis, without that axis.", formula: "xᵢ",
    [.tensor("x"), .integer("position")],
    .unary { x, attributes in try x.row(attributes.integer(0) ?? 0) },
    derivative: .each([
      { d in
        try placeRow.apply(
          d.g, [.integer(d.attributes.integer(0) ?? 0), .integer(d.x.shape.first ?? 0)])
      }
    ]),
    samples: [Sample([5], [.integer(4)]), Sample([3, 4], [.integer(1)])], isBuiltin: false,
    step: { program, call in call.attributes.integer(0).flatMap { program.row(call.x, $0) } })

  package static let placeRow: Op = Op(
    "place_row", "Zeros with a tensor as one part of the first axis: the adjoint of taking that part.",
    formula: "0 with x at i", [.tensor("x"), .integer("position"), .integer("count")],
    .unary { x, attributes in
      try x.placedAsRow(attributes.integer(0) ?? 0, of: attributes.integer(1) ?? 0)
    },
    derivative: .each([{ d in try row.apply(d.g, [.integer(d.attributes.integer(0) ?? 0)]) }]),
    samples: [
      Sample([], [.integer(2), .integer(3)]), Sample([4], [.integer(0), .integer(2)]),
    ], isBuiltin: false,
    step: { program, call in
      guard let position = call.attributes.integer(0), let extent = call.attributes.integer(1) else {
        return nil
      }
      return program.placedAsRow(call.x, position, of: extent)
    })

  package static let slice: Op = Op(
    "slice", "A part of a tensor: a start, a stop and a step for each axis.", formula: "x[a..b, …]",
    [.tensor("x"), OpParameter(name: "ranges", kind: .ranges, default: nil)],
    .unary { x, attributes in try sliced(x, attributes.ranges(0) ?? []) },
    derivative: .each([
      { d in
        let ranges = d.attributes.ranges(0) ?? []
        return try d.g.placed(in: d.x.shape, starts: ranges.map(\.start), steps: ranges.map(\.step))
      }
    ]),
    samples: [
      Sample([5], [.ranges([AxisRange(1, 4)])]), Sample([5], [.ranges([AxisRange(0, 5, step: 2)])]),
      Sample([5], [.ranges([AxisRange(4, -1, step: -2)])]),
      Sample([3, 4], [.ranges([AxisRange(1, 3), AxisRange(0, 4)])]),
      Sample([3, 4], [.ranges([AxisRange(0, 3), AxisRange(3, 0, step: -1)])]),
      Sample([3], [.ranges([AxisRange(1, 1)])]),
    ], isBuiltin: false)

  package static let place: Op = Op(
    "place", "Zeros with a tensor at a slice: the adjoint of slicing.", formula: "0 with x at [a..b, …]",
    [.tensor("x"), .shape(), .integers("starts"), .integers("steps")],
    .unary { x, attributes in
      try Tensor.placed(
        x, in: attributes.integers(0) ?? [], starts: attributes.integers(1) ?? [],
        steps: attributes.integers(2) ?? [])
    },
    derivative: .each([
      { d in
        let starts = d.attributes.integers(1) ?? []
        let steps = d.attributes.integers(2) ?? []
        return try d.g.sliced(
          d.x.shape.indices.map { axis in
            AxisRange(start: starts[axis], count: d.x.shape[axis], step: steps[axis])
          })
      }
    ]),
    samples: [
      Sample([2], [.shape([5]), .integers([1]), .integers([2])]),
      Sample([2, 2], [.shape([3, 4]), .integers([1, 3]), .integers([1, -2])]),
    ], isBuiltin: false)

  package static let gather: Op = Op(
    "gather", "Slices along an axis, at the positions of an integer tensor.", formula: "x[i]",
    example: "> gather([10, 20, 30], [2, 0])\n[30, 10]",
    [.tensor("x"), .tensor("indices"), .axis(0)],
    .binary { x, indices, attributes in
      try x.taken(indices, axis: Axes.normalized(attributes.axis(0) ?? 0, rank: x.rank))
    },
    derivative: .each([
      { d in
        let axis = try Axes.normalized(d.attributes.axis(0) ?? 0, rank: d.x.rank)
        return try scatterAdd.apply(d.g, d.y, [.axis(axis), .shape(d.x.shape)])
      }, { _ in nil },
    ]),
    samples: [
      Sample(inputs: [.init([4]), .init([3], .index(below: 4))]),
      Sample(inputs: [.init([3, 2]), .init([2, 2], .index(below: 3))]),
      Sample(inputs: [.init([2, 3]), .init([4], .index(below: 3))], [.axis(-1)]),
      Sample(inputs: [.init([3, 2]), .init([], .index(below: 3))]),
    ])

  package static let scatterAdd: Op = Op(
    "scatter_add", "Zeros with slices added at positions: the adjoint of gathering.",
    formula: "Σ u at i", [.tensor("updates"), .tensor("indices"), .axis(0), .shape()],
    .binary { updates, indices, attributes in
      let shape = attributes.integers(1) ?? []
      let axis = try Axes.normalized(attributes.axis(0) ?? 0, rank: shape.count)
      return try Tensor.scatterAdded(updates, indices: indices, axis: axis, shape: shape)
    },
    derivative: .each([{ try $0.g.taken($0.y, axis: $0.attributes.axis(0) ?? 0) }, { _ in nil }]),
    samples: [
      Sample(inputs: [.init([3, 2]), .init([3], .index(below: 4))], [.axis(0), .shape([4, 2])]),
      Sample(inputs: [.init([2, 3]), .init([3], .index(below: 2))], [.axis(1), .shape([2, 2])]),
    ], isBuiltin: false)

  package static let pick: Op = Op(
    "pick", "One element along the last axis for each position: the logit of each label.",
    formula: "x[…, i]",
    example: "> pick([[0.1, 0.9], [0.8, 0.2]], [1, 0])\n[0.9, 0.8]", [.tensor("x"), .tensor("indices")],
    .binary { x, indices, _ in try x.alongLastAxis(indices) },
    derivative: .each([
      { try scatterPick.apply($0.g, $0.y, [.integer($0.x.shape.last ?? 0)]) }, { _ in nil },
    ]),
    samples: [
      Sample(inputs: [.init([4]), .init([], .index(below: 4))]),
      Sample(inputs: [.init([3, 4]), .init([3], .index(below: 4))]),
      Sample(inputs: [.init([2, 2, 3]), .init([2, 2], .index(below: 3))]),
    ], step: { $0.picked($1.x, at: $1.y) })

  package static let scatterPick: Op = Op(
    "scatter_pick", "Zeros with one element set along a new last axis: the adjoint of picking.",
    formula: "u at i", [.tensor("updates"), .tensor("indices"), .integer("count")],
    .binary { updates, indices, attributes in
      try Tensor.scatteredAlongLastAxis(updates, indices: indices, count: attributes.integer(0) ?? 0)
    }, derivative: .each([{ try pick($0.g, $0.y) }, { _ in nil }]),
    samples: [Sample(inputs: [.init([3]), .init([3], .index(below: 4))], [.integer(4)])], isBuiltin: false,
    step: { $0.put($1.x, at: $1.y, extent: $1.attributes.integer(0) ?? 0) })

  package static let mask: Op = Op(
    "mask", "The elements, or rows, where a condition holds.", formula: "x[c]",
    [.tensor("x"), .tensor("condition")],
    .composed { inputs, _ in try masked(inputs[0], inputs[1]) }, derivative: .ofParts,
    samples: [
      Sample(inputs: [.init([5]), .init([5], .truth)]), Sample(inputs: [.init([3, 2]), .init([3], .truth)]),
      Sample(inputs: [.init([2, 3]), .init([2, 3], .truth)]),
    ], isBuiltin: false)

  package static let oneHot: Op = Op(
    "one_hot", "A one at each label, zeros elsewhere, along a new last axis.", formula: "i = j",
    example: "> one_hot([0, 2], 3)\n[[1.0, 0.0, 0.0],\n [0.0, 0.0, 1.0]]",
    [.tensor("labels"), .integer("classes")],
    .unary { labels, attributes in
      try Tensor.oneHot(labels, classes: attributes.integer(0) ?? 0, dtype: Graph.defaultFloat)
    }, derivative: .constant, samples: [Sample([4], .index(below: 3), [.integer(3)])])

  private static func sliced(_ x: Tensor, _ ranges: [AxisRange]) throws -> Tensor {
    guard ranges.count == x.rank else {
      throw EngineError.badValue("a slice names \(x.rank) axes, not \(ranges.count)")
    }
    for (axis, range) in ranges.enumerated() { try range.check(count: x.shape[axis], axis: axis) }
    if let first = ranges.first, first.step == 1,
      ranges.indices.dropFirst().allSatisfy({ ranges[$0] == AxisRange(0, x.shape[$0]) })
    {
      return try x.rows(first.start..<first.stop)
    }
    return try x.sliced(starts: ranges.map(\.start), stops: ranges.map(\.stop), steps: ranges.map(\.step))
  }

  /// Positions of the true elements come from counting them, so that no loop over elements is needed here.
  private static func masked(_ x: Term, _ condition: Term) throws -> Term {
    let lead = condition.rank
    guard lead > 0, x.rank >= lead, Array(x.shape.prefix(lead)) == condition.shape else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "mask", lhs: x.shape, rhs: condition.shape,
          reason: "a condition has the shape of what it selects from, or of its first axes"))
    }
    guard condition.dtype == .bool else {
      throw EngineError.unsupported(
        operation: "mask", dtype: condition.dtype, reason: "a condition is made of booleans")
    }
    let flat = try condition.tensor.reshaped([-1])
    let counted = try Tensor.filled(1, shape: flat.shape, dtype: .i64).cumulated()
    let places = try Tensor.binary(.subtract, counted, Tensor(scalar: 1)).masked(by: flat)
    let rows = try x.reshaped([flat.count] + x.shape.dropFirst(lead))
    return try rows.taken(Term(places))
  }
}

extension AxisRange {
  /// - Throws: `indexOutOfRange` or `badValue` unless every position lies inside an axis of a size.
  func check(count: Int, axis: Int) throws {
    guard step != 0 else { throw EngineError.badValue("the step of a slice is not zero") }
    let first = step > 0 ? 0 : -1
    let last = step > 0 ? count : count - 1
    guard start >= first, start <= (step > 0 ? count : last) else {
      throw EngineError.indexOutOfRange(index: start, count: count, axis: axis)
    }
    guard stop >= first, stop <= last else {
      throw EngineError.indexOutOfRange(index: stop, count: count, axis: axis)
    }
    guard step > 0 ? start <= stop : start >= stop else {
      throw EngineError.badValue("a slice that starts at \(start) does not stop at \(stop)")
    }
  }

  /// As many positions as `count`, all of which exist: the stop lies one past the last, never further.
  init(start: Int, count: Int, step: Int) {
    let last = start &+ (count &- 1) &* step
    self.init(start, count == 0 ? start : step > 0 ? last &+ 1 : last &- 1, step: step)
  }
}
