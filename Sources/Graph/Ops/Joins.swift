import Engine

extension Term {
  /// Tensors one after the other along an axis they have.
  package static func concatenated(_ parts: [Term], axis: Int) throws -> Term {
    try Op.concat.apply(parts, [.axis(axis)])
  }

  /// Tensors of one shape along a new axis.
  package static func stacked(_ parts: [Term], axis: Int) throws -> Term {
    try Op.stack.apply(parts, [.axis(axis)])
  }

  /// The parts of an axis between positions.
  package func split(at positions: [Int], axis: Int) throws -> [Term] {
    let axis = try Axes.normalized(axis, rank: rank)
    let bounds = [0] + positions + [shape[axis]]
    return try zip(bounds, bounds.dropFirst()).map { start, stop in
      try sliced(shape.indices.map { $0 == axis ? AxisRange(start, stop) : AxisRange(0, shape[$0]) })
    }
  }
}

extension Op {
  static let joins = [concat, stack]

  package static let concat: Op = Op(
    "concat", "Tensors one after the other along an axis.", formula: "[x y …]",
    [.tensors("parts"), .axis(0)],
    .many { parts, attributes in
      let axis = try Axes.normalized(attributes.axis(0) ?? 0, rank: parts.first?.rank ?? 0)
      return try Tensor.concatenated(parts, axis: axis)
    }, dtypes: .joined,
    derivative: .every { d, position in
      let shape = d.input(position).shape
      let axis = try Axes.normalized(d.attributes.axis(0) ?? 0, rank: shape.count)
      let start = (0..<position).reduce(0) { $0 + d.input($1).shape[axis] }
      return try d.g.sliced(
        shape.indices.map { $0 == axis ? AxisRange(start, start + shape[axis]) : AxisRange(0, shape[$0]) })
    },
    samples: [
      Sample(inputs: [.init([2]), .init([3])]),
      Sample(inputs: [.init([2, 2]), .init([1, 2]), .init([3, 2])], [.axis(0)]),
      Sample(inputs: [.init([2, 2]), .init([2, 1]), .init([2, 0])], [.axis(-1)]),
      Sample(inputs: [.init([2])]),
    ], isBuiltin: false)

  package static let stack: Op = Op(
    "stack", "Tensors of one shape along a new axis.", formula: "[x; y; …]",
    example: "> stack([[1, 2], [3, 4]])\n[[1, 2],\n [3, 4]]", [.tensors("parts"), .axis(0)],
    .composed { parts, attributes in
      let axis = try Axes.normalized(attributes.axis(0) ?? 0, rank: parts[0].rank + 1)
      for part in parts where part.shape != parts[0].shape {
        throw EngineError.shapeMismatch(
          ShapeMismatch(
            operation: "stack", lhs: parts[0].shape, rhs: part.shape, reason: "stacked tensors have one shape"
          ))
      }
      return try Term.concatenated(inOneDType(parts).map { try expand.apply($0, [.axis(axis)]) }, axis: axis)
    }, derivative: .ofParts,
    samples: [
      Sample(inputs: [.init([2]), .init([2])]), Sample(inputs: [.init([]), .init([]), .init([])]),
      Sample(inputs: [.init([2, 3]), .init([2, 3])], [.axis(1)]),
      Sample(inputs: [.init([2]), .init([2])], [.axis(-1)]),
    ])

  /// Numbers lose their weakness when they become elements: alone, floats among them make the default float.
  private static func inOneDType(_ parts: [Term]) throws -> [Term] {
    guard parts.contains(where: \.isWeak) else { return parts }
    let common = Promotion(parts).dtype
    let dtype = parts.allSatisfy(\.isWeak) && common.isFloat ? Graph.defaultFloat : common
    return try parts.map { try $0.converted(to: dtype) }
  }
}
