import CEngine

/// Factorizations of matrices and of stacks of them, the last two axes being rows and columns. f32 is computed
/// in f64 and rounded at the end.
extension Tensor {
  /// The inverse of each matrix. Errors: not square, singular.
  package static func inverse(_ x: Tensor) throws -> Tensor {
    let stack = try MatrixStack("inv", x, square: true)
    return try stack.map(shape: [stack.rows, stack.rows]) { a, to in
      let lu = try Factors(a, stack.rows, stack.epsilon)
      try lu.checkRegular("inv")
      let n = stack.rows
      var unit = [Double](repeating: 0, count: n &* n)
      for i in 0..<n { unit[i &* n &+ i] = 1 }
      maas_lu_solve(n, n, lu.lu, lu.rows, unit, to)
    }
  }

  /// X with A·X = B. B is a vector, a matrix, or as many of them as there are matrices A.
  package static func solve(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    let stack = try MatrixStack("solve", a, square: true)
    let n = stack.rows
    let isVector = b.rank == 1 || b.rank == a.rank - 1 && b.shape == Array(a.shape.dropLast())
    let columns = isVector ? 1 : b.shape.last ?? 1
    let rowsOfB = b.rank == 0 ? 0 : isVector ? b.shape[b.rank - 1] : b.shape[b.rank - 2]
    guard b.rank > 0, rowsOfB == n else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "solve", lhs: a.shape, rhs: b.shape,
          reason: "the left has \(n) rows, the right has \(rowsOfB): they must be equal"))
    }
    let tail = isVector ? [n] : [n, columns]
    let right = try b.converted(to: .f64).broadcast(to: stack.leading + tail)
    let each = Shape.volume(tail)
    return try right.withBytes { bytes in
      var next = bytes.assumingMemoryBound(to: Double.self)
      return try stack.map(shape: tail) { a, to in
        let lu = try Factors(a, n, stack.epsilon)
        try lu.checkRegular("solve")
        maas_lu_solve(n, columns, lu.lu, lu.rows, next, to)
        next += each
      }
    }
  }

  /// The determinant of each matrix: the signed product of the pivots.
  package static func determinant(_ x: Tensor) throws -> Tensor {
    let stack = try MatrixStack("det", x, square: true)
    return try stack.map(shape: []) { a, to in
      let lu = try Factors(a, stack.rows, stack.epsilon)
      to[0] = (0..<stack.rows).reduce(Double(lu.sign)) { $0 * lu.lu[$1 &* stack.rows &+ $1] }
    }
  }

  /// The lower triangle L with L·Lᵀ = x, of the symmetric part. Errors: not positive definite.
  package static func cholesky(_ x: Tensor) throws -> Tensor {
    let stack = try MatrixStack("cholesky", x, square: true)
    let n = stack.rows
    return try stack.map(shape: [n, n]) { a, to in
      symmetric(a, n, to)
      let row = maas_cholesky(n, to)
      guard row == 0 else {
        throw EngineError.badValue(
          "the matrix is not positive definite: its first \(row) rows and columns show it")
      }
    }
  }

  /// Q and R of each matrix in one row of numbers, Q first: see `QRShape`.
  package static func qrPacked(_ x: Tensor) throws -> Tensor {
    let stack = try MatrixStack("qr", x, square: false)
    let (m, n) = (stack.rows, stack.columns)
    let side = min(m, n)
    var scratch = [Double](repeating: 0, count: m)
    return try stack.map(shape: [m &* side &+ side &* n]) { a, to in
      var work = Array(UnsafeBufferPointer(start: a, count: m &* n))
      maas_qr(m, n, &work, to, to + m &* side, &scratch)
    }
  }

  /// Eigenvalues, ascending, then eigenvectors as columns, in one row of numbers; of the symmetric part.
  package static func eighPacked(_ x: Tensor) throws -> Tensor {
    let stack = try MatrixStack("eigh", x, square: true)
    let n = stack.rows
    var scratch = [Double](repeating: 0, count: n)
    return try stack.map(shape: [n &+ n &* n]) { a, to in
      symmetric(a, n, to + n)
      guard maas_eigh(n, to + n, to, &scratch) == 0 else { throw MatrixStack.notFinite("eigh") }
    }
  }

  /// U, the singular values, descending, and V of each matrix in one row of numbers.
  package static func svdPacked(_ x: Tensor) throws -> Tensor {
    let stack = try MatrixStack("svd", x, square: false)
    let (m, n) = (stack.rows, stack.columns)
    let side = min(m, n)
    return try stack.map(shape: [m &* side &+ side &+ n &* side]) { a, to in
      let tall = m >= n
      let (long, short) = tall ? (m, n) : (n, m)
      // The rotations want the shorter side's vectors as rows.
      var at = [Double](repeating: 0, count: m &* n)
      for i in 0..<m {
        for j in 0..<n { at[tall ? j &* m &+ i : i &* n &+ j] = a[i &* n &+ j] }
      }
      var turned = [Double](repeating: 0, count: short &* short)
      var order = [Int](repeating: 0, count: short)
      let (u, values, v) = (to, to + m &* side, to + (m &* side &+ side))
      let result = maas_svd(
        long, short, &at, &turned, &order, tall ? u : v, values, tall ? v : u)
      guard result == 0 else { throw MatrixStack.notFinite("svd") }
    }
  }

  private static func symmetric(_ a: UnsafePointer<Double>, _ n: Int, _ to: UnsafeMutablePointer<Double>) {
    for i in 0..<n {
      for j in 0..<n { to[i &* n &+ j] = 0.5 * a[i &* n &+ j] + 0.5 * a[j &* n &+ i] }
    }
  }
}

/// The factors of one matrix and what its pivots say.
private struct Factors {
  let lu: [Double]
  let rows: [Int]
  let sign: Int32
  private let singular: Int

  init(_ a: UnsafePointer<Double>, _ n: Int, _ epsilon: Double) throws {
    var lu = Array(UnsafeBufferPointer(start: a, count: n &* n))
    var rows = [Int](repeating: 0, count: n)
    var scratch = [Double](repeating: 0, count: n)
    var singular = 0
    sign = maas_lu(n, &lu, &rows, &scratch, epsilon, &singular)
    (self.lu, self.rows, self.singular) = (lu, rows, singular)
  }

  func checkRegular(_ operation: String) throws {
    guard singular == 0 else {
      throw EngineError.badValue(
        "the matrix is singular: its column \(singular - 1) depends on the columns before it, "
          + "so `\(operation)` has no answer"
      )
    }
  }
}

/// Matrices in the last two axes, one after the other, in f64.
private struct MatrixStack {
  let rows: Int, columns: Int
  let leading: [Int]
  /// The rounding of the numbers as they were given.
  let epsilon: Double
  private let dtype: DType
  private let matrices: Tensor

  init(_ operation: String, _ x: Tensor, square: Bool) throws {
    guard x.rank >= 2 else {
      throw EngineError.badShape(shape: x.shape, reason: "`\(operation)` takes a matrix, or a stack of them")
    }
    (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    guard !square || rows == columns else {
      throw EngineError.badShape(
        shape: x.shape,
        reason: "`\(operation)` takes a square matrix, this has \(rows) rows and \(columns) columns")
    }
    leading = Array(x.shape.dropLast(2))
    dtype = x.dtype.isFloat ? x.dtype : .f32
    epsilon = x.dtype == .f32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    matrices = try x.converted(to: .f64)
  }

  /// One result of a shape for each matrix.
  func map(
    shape: [Int], _ body: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws -> Void
  ) throws -> Tensor {
    let each = rows &* columns
    let size = Shape.volume(shape)
    let result = try Tensor(.f64, leading + shape) { bytes in
      let to = bytes.assumingMemoryBound(to: Double.self)
      try matrices.withBytes { from in
        let a = from.assumingMemoryBound(to: Double.self)
        for matrix in 0..<Shape.volume(leading) {
          // An algorithm that was stopped may find fault with what it has left.
          do { try body(a + matrix &* each, to + matrix &* size) } catch {
            try Cancellation.check()
            throw error
          }
          try Cancellation.check()
        }
      }
    }
    return try result.converted(to: dtype)
  }

  static func notFinite(_ operation: String) -> EngineError {
    .badValue("`\(operation)` takes finite numbers; this matrix has NaN or inf")
  }
}
