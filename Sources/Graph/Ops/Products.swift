import Engine

extension Term {
  /// The matrix product, either operand taken with its last two axes swapped.
  package static func product(
    _ a: Term, _ b: Term, transposeA: Bool = false, transposeB: Bool = false
  ) throws -> Term {
    if !transposeA && !transposeB { return try Op.matmul.apply(a, b) }
    return try Op.matmul.apply(a, b, [.flag(transposeA), .flag(transposeB)])
  }
}

extension Op {
  static let products = [matmul, dot, outer, trace]

  package static let matmul: Op = Op(
    "matmul", "The matrix product; of stacks of matrices, one by one.", formula: "Σₖ aᵢₖ bₖⱼ",
    example: "> matmul([[1, 2]], [[3], [4]])\n[[11]]",
    [.tensor("a"), .tensor("b"), .flag("transpose_a"), .flag("transpose_b")],
    .binary { a, b, attributes in
      try Tensor.product(a, b, transposeA: attributes.flag(0), transposeB: attributes.flag(1))
    }, dtypes: .promoted, derivative: .every { d, position in try MatrixProduct(d).cotangent(of: position) },
    samples: [
      product([2, 3], [3, 4]), product([3, 2], [3, 4], true), product([2, 3], [4, 3], false, true),
      product([3, 2], [4, 3], true, true), product([3], [3]), product([3], [3, 2]), product([2, 3], [3]),
      product([2, 2, 3], [3, 2]), product([2, 2, 3], [2, 3, 2]), product([2, 1, 2, 3], [3, 3, 2]),
      product([2, 3], [2, 3, 2]), product([2, 3, 2], [2, 3], true, true), product([0, 3], [3, 2]),
      product([2, 0], [0, 3]), product([2, 2, 3], [3]), product([3], [2, 3, 2]),
    ],
    step: { program, call in
      program.product(
        call.x, call.y, transposeA: call.attributes.flag(0), transposeB: call.attributes.flag(1))
    })

  package static let dot: Op = Op(
    "dot", "The inner product of two vectors, or the matrix product.", formula: "Σᵢ aᵢ bᵢ",
    example: "> dot([1, 2], [3, 4])\n11",
    [.tensor("a"), .tensor("b")], .composed { inputs, _ in try Term.product(inputs[0], inputs[1]) },
    derivative: .ofParts, samples: [product([3], [3]), product([2, 3], [3])])

  package static let outer: Op = Op(
    "outer", "Every product of an element of one vector with one of the other.", formula: "aᵢ bⱼ",
    example: "> outer([1, 2], [3, 4])\n[[3, 4],\n [6, 8]]",
    [.tensor("a"), .tensor("b")],
    .composed { inputs, _ in try inputs[0].reshaped([-1, 1]) * inputs[1].reshaped([1, -1]) },
    derivative: .ofParts, samples: [product([3], [2])])

  package static let trace: Op = Op(
    "trace", "The sum of a matrix's diagonal.", formula: "Σᵢ xᵢᵢ",
    example: "> trace([[1, 2], [3, 4]])\n5", [.tensor("x")],
    .composed { inputs, _ in
      let x = inputs[0]
      guard x.rank == 2 else {
        throw EngineError.badShape(shape: x.shape, reason: "the trace is that of a matrix")
      }
      let (rows, columns) = (x.shape[0], x.shape[1])
      let side = rows < columns ? rows : columns
      guard side > 0 else { return try x.sum() }
      let diagonal = AxisRange(0, (side - 1) * (columns + 1) + 1, step: columns + 1)
      return try x.reshaped([rows * columns]).sliced([diagonal]).sum()
    }, derivative: .ofParts, samples: [Sample([3, 3], []), Sample([2, 3], []), Sample([3, 2], [])])

  private static func product(
    _ a: [Int], _ b: [Int], _ transposeA: Bool = false, _ transposeB: Bool = false
  ) -> Sample {
    Sample(
      inputs: [.init(a), .init(b)], transposeA || transposeB ? [.flag(transposeA), .flag(transposeB)] : [])
  }
}

/// The derivative of a matrix product: products with transpose flags, never a transpose that is written out.
private struct MatrixProduct {
  let a: Term
  let b: Term
  let g: Term
  let transposeA: Bool
  let transposeB: Bool
  /// The shape the caller's operands have; vectors were given a second axis.
  let shapes: ([Int], [Int])

  init(_ d: Derivation) throws {
    let (x, y) = (d.x, d.y)
    shapes = (x.shape, y.shape)
    transposeA = d.attributes.flag(0) && x.rank > 1
    transposeB = d.attributes.flag(1) && y.rank > 1
    if x.rank > 1 && y.rank > 1 {
      (a, b, g) = (x, y, d.g)
    } else {
      a = x.rank == 1 ? try x.reshaped([1, x.shape[0]]) : x
      b = y.rank == 1 ? try y.reshaped([y.shape[0], 1]) : y
      var shape = d.g.shape
      if x.rank == 1 { shape.insert(1, at: y.rank == 1 ? shape.count : shape.count - 1) }
      if y.rank == 1 { shape.append(1) }
      g = try d.g.reshaped(shape)
    }
  }

  func cotangent(of position: Int) throws -> Term {
    let result = position == 0 ? try ofA() : try ofB()
    let shape = position == 0 ? shapes.0 : shapes.1
    guard shape.count == 1 else { return result }
    return try result.folded(to: position == 0 ? a.shape : b.shape).reshaped(shape)
  }

  private func ofA() throws -> Term {
    if transposeA { return try Term.product(b, g, transposeA: transposeB, transposeB: true) }
    return try Term.product(g, b, transposeB: !transposeB)
  }

  private func ofB() throws -> Term {
    if transposeB { return try Term.product(g, a, transposeA: true, transposeB: transposeA) }
    if a.rank > 2, b.rank == 2, !transposeA { return try ofSharedB() }
    return try Term.product(a, g, transposeA: !transposeA)
  }

  /// A stack of matrices against one matrix is one tall matrix against it.
  private func ofSharedB() throws -> Term {
    let inner = a.shape[a.rank - 1]
    let columns = g.shape[g.rank - 1]
    let rows = a.shape.dropLast().reduce(1, &*)
    return try Term.product(a.reshaped([rows, inner]), g.reshaped([rows, columns]), transposeA: true)
  }
}
