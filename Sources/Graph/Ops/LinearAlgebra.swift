import Engine

extension Term {
  /// Q with orthonormal columns and the upper triangle R with Q·R = x.
  package func qr() throws -> (q: Term, r: Term) {
    let packed = try Op.qr.apply(self)
    let (m, n) = try Op.sides(self)
    let side = Swift.min(m, n)
    return (
      try packed.unpacked(0, [m, side]), try packed.unpacked(m &* side, [side, n])
    )
  }

  /// Eigenvalues, ascending, and eigenvectors as columns.
  package func eigh() throws -> (values: Term, vectors: Term) {
    let packed = try Op.eigh.apply(self)
    let n = try Op.sides(self).columns
    return (try packed.unpacked(0, [n]), try packed.unpacked(n, [n, n]))
  }

  /// U, singular values, descending, and V with U·diag(s)·Vᵀ = x.
  package func svd() throws -> (u: Term, s: Term, v: Term) {
    let packed = try Op.svd.apply(self)
    let (m, n) = try Op.sides(self)
    let side = Swift.min(m, n)
    return (
      try packed.unpacked(0, [m, side]), try packed.unpacked(m &* side, [side]),
      try packed.unpacked(m &* side &+ side, [n, side])
    )
  }

  /// A part of the last axis in a shape of its own.
  fileprivate func unpacked(_ start: Int, _ shape: [Int]) throws -> Term {
    let count = shape.reduce(1, &*)
    return try alongLast(start..<(start &+ count)).reshaped(self.shape.dropLast() + shape)
  }

  fileprivate var turned: Term { get throws { try transposed() } }

  fileprivate func times(_ other: Term) throws -> Term { try Term.product(self, other) }

  /// Each matrix times the numbers of a vector, column by column.
  fileprivate func scaled(_ columns: Term) throws -> Term { try self * Op.expand.apply(columns, [.axis(-2)]) }
}

extension Op {
  static let linearAlgebra = [inv, solve, det, cholesky, qr, eigh, svd]

  package static let inv: Op = Op(
    "inv", "The inverse of a square matrix.", formula: "x⁻¹",
    example: "> inv([[2.0, 0.0], [0.0, 4.0]])\n[[0.5,  0.0],\n [0.0, 0.25]]", [.tensor("x")],
    .unary { x, _ in try Tensor.inverse(x) }, dtypes: .floating,
    derivative: .each([
      { d in
        let turned = try d.output.turned
        return try -turned.times(d.g).times(turned)
      }
    ]), samples: [Sample(inputs: [regular]), Sample(inputs: [.init([2, 2, 2], .values(pairs))])])

  package static let solve: Op = Op(
    "solve", "The x with a @ x = b.", formula: "a⁻¹ b",
    example: "> solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0])\n[0.5, 0.25]", [.tensor("a"), .tensor("b")],
    .binary { a, b, _ in try Tensor.solve(a, b) }, dtypes: .promotedFloating,
    derivative: .every { d, position in
      let right = try solve(d.x.turned, d.g)
      if position == 1 { return right }
      let isVector = d.output.rank == 1 || d.output.rank == d.x.rank - 1
      guard isVector else { return try -right.times(d.output.turned) }
      return try -(expand.apply(right, [.axis(-1)]) * expand.apply(d.output, [.axis(-2)]))
    },
    samples: [
      Sample(inputs: [regular, .init([3])]), Sample(inputs: [regular, .init([3, 2])]),
      Sample(inputs: [.init([2, 2, 2], .values(pairs)), .init([2, 2, 1])]),
    ])

  package static let det: Op = Op(
    "det", "The determinant of a square matrix.", formula: "det x",
    example: "> det([[1.0, 2.0], [3.0, 4.0]])\n-2.0", [.tensor("x")],
    .unary { x, _ in try Tensor.determinant(x) }, dtypes: .floating,
    derivative: .each([
      { d in
        let weight = try d.g * d.output
        let wide = try expand.apply(expand.apply(weight, [.axis(-1)]), [.axis(-1)])
        return try wide * inv(d.x).turned
      }
    ]), samples: [Sample(inputs: [regular]), Sample(inputs: [.init([2, 2, 2], .values(pairs))])])

  package static let cholesky: Op = Op(
    "cholesky", "The lower triangle of a symmetric positive definite matrix.", formula: "L Lᵀ = x",
    example: "> cholesky([[4.0, 2.0], [2.0, 5.0]])\n[[2.0, 0.0],\n [1.0, 2.0]]",
    [.tensor("x")], .unary { x, _ in try Tensor.cholesky(x) }, dtypes: .floating,
    derivative: .each([
      { d in
        let l = d.output
        let inner = try l.turned.times(d.g) * triangle(l, diagonal: 0.5)
        // S = L⁻ᵀ inner L⁻¹, made symmetric.
        let left = try solve(l.turned, inner)
        let both = try solve(l.turned, left.turned)
        return try 0.5 * (both + both.turned)
      }
    ]), samples: [Sample(inputs: [definite])])

  package static let qr: Op = Op(
    "qr_packed", "Q with orthonormal columns and the upper triangle R, in one row of numbers.",
    formula: "Q R = x",
    [.tensor("x")], .unary { x, _ in try Tensor.qrPacked(x) }, dtypes: .floating,
    derivative: .each([
      { d in
        let (m, n) = try sides(d.x)
        guard m >= n else {
          throw EngineError.badShape(
            shape: d.x.shape,
            reason: "the derivative of `qr` is that of a matrix with no more columns than rows")
        }
        let (q, r) = (try d.output.unpacked(0, [m, n]), try d.output.unpacked(m &* n, [n, n]))
        let (gq, gr) = (try d.g.unpacked(0, [m, n]), try d.g.unpacked(m &* n, [n, n]))
        let whole = try r.times(gr.turned) - gq.turned.times(q)
        let lower = try whole * triangle(whole, diagonal: 0.5)
        let both = try gq + q.times(lower + lower.turned)
        return try solve(r, both.turned).turned
      }
    ]),
    samples: [
      Sample(inputs: [regular]), Sample(inputs: [.init([3, 2], .values(Array(numbers.prefix(6))))]),
    ],
    isBuiltin: false)

  package static let eigh: Op = Op(
    "eigh_packed", "Eigenvalues and eigenvectors of a symmetric matrix, in one row of numbers.",
    formula: "x V = V diag(λ)", [.tensor("x")], .unary { x, _ in try Tensor.eighPacked(x) },
    dtypes: .floating,
    derivative: .each([
      { d in
        let n = try sides(d.x).columns
        let (values, v) = (try d.output.unpacked(0, [n]), try d.output.unpacked(n, [n, n]))
        let (gValues, gv) = (try d.g.unpacked(0, [n]), try d.g.unpacked(n, [n, n]))
        let inner = try diagonal(gValues) + v.turned.times(gv) * gaps(values)
        let whole = try v.times(inner).times(v.turned)
        return try 0.5 * (whole + whole.turned)
      }
    ]), samples: [Sample(inputs: [definite])], isBuiltin: false)

  package static let svd: Op = Op(
    "svd_packed", "Singular vectors and values, in one row of numbers.", formula: "U diag(s) Vᵀ = x",
    [.tensor("x")], .unary { x, _ in try Tensor.svdPacked(x) }, dtypes: .floating,
    derivative: .each([{ try SingularValues($0).cotangent() }]),
    samples: [
      Sample(inputs: [regular]), Sample(inputs: [.init([3, 2], .values(Array(numbers.prefix(6))))]),
      Sample(inputs: [.init([2, 3], .values(Array(numbers.prefix(6))))]),
    ], isBuiltin: false)

  // Samples far from singular, with well separated eigenvalues and singular values.
  private static let numbers = [2.1, 0.3, -0.5, 0.4, -1.4, 0.7, 0.2, 0.6, 3.3]
  private static let pairs = [1.5, 0.2, -0.7, 2.0, 0.4, 1.1, -1.3, 0.6]
  private static let regular = Sample.Input([3, 3], .values(numbers))
  private static let definite = Sample.Input(
    [3, 3], .values([4.0, 0.6, -0.3, 0.6, 2.2, 0.5, -0.3, 0.5, 1.1]))

  /// Rows and columns of the matrices in the last two axes.
  fileprivate static func sides(_ x: Term) throws -> (rows: Int, columns: Int) {
    guard x.rank >= 2 else { throw EngineError.badShape(shape: x.shape, reason: "it is no matrix") }
    return (x.shape[x.rank - 2], x.shape[x.rank - 1])
  }

  /// Ones below the diagonal, a number on it, zeros above.
  private static func triangle(_ like: Term, diagonal: Double) throws -> Term {
    let n = try sides(like).columns
    let places = try Tensor.filled(1, shape: [n], dtype: .i64).cumulated()
    let (down, across) = (try places.reshaped([n, 1]), try places.reshaped([1, n]))
    let below = try Tensor.binary(.greater, down, across).converted(to: like.dtype)
    let on = try Tensor.binary(.equal, down, across).converted(to: like.dtype)
    return try Term(below) + Term(on) * Term(Tensor(scalar: diagonal, dtype: like.dtype))
  }

  /// Vectors as the diagonals of matrices.
  fileprivate static func diagonal(_ x: Term) throws -> Term {
    let n = x.shape.last ?? 0
    let unit = try Tensor.oneHot(Tensor(Array(0..<n)), classes: n, dtype: x.dtype)
    return try expand.apply(x, [.axis(-2)]) * Term(unit)
  }

  /// 1 / (xⱼ - xᵢ), zero where both are equal: there the vectors are anybody's choice.
  fileprivate static func gaps(_ x: Term) throws -> Term {
    let differences = try expand.apply(x, [.axis(-2)]) - expand.apply(x, [.axis(-1)])
    let same = try equal(differences, 0)
    return try select(same, 0, reciprocal(select(same, 1, differences)))
  }
}

/// The derivative of the singular values and vectors (Townsend, 2016).
private struct SingularValues {
  let u: Term, s: Term, v: Term
  let gu: Term, gs: Term, gv: Term

  init(_ d: Derivation) throws {
    let (m, n) = try Op.sides(d.x)
    let side = min(m, n)
    func parts(_ packed: Term) throws -> (Term, Term, Term) {
      (
        try packed.unpacked(0, [m, side]), try packed.unpacked(m &* side, [side]),
        try packed.unpacked(m &* side &+ side, [n, side])
      )
    }
    (u, s, v) = try parts(d.output)
    (gu, gs, gv) = try parts(d.g)
  }

  func cotangent() throws -> Term {
    let gaps = try Op.gaps(Op.square(s))
    let (uu, vv) = (try u.turned.times(gu), try v.turned.times(gv))
    let (left, right) = (try gaps * (uu - uu.turned), try gaps * (vv - vv.turned))
    let rows = try Op.expand.apply(s, [.axis(-1)])
    let inner = try left.scaled(s) + rows * right + Op.diagonal(gs)
    let core = try u.times(inner).times(v.turned)
    // What turns the vectors out of the space they span.
    let outU = try (gu - u.times(uu)).scaled(Op.reciprocal(s)).times(v.turned)
    let outV = try u.scaled(Op.reciprocal(s)).times((gv - v.times(vv)).turned)
    return try core + outU + outV
  }
}
