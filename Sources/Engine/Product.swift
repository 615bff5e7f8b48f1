import CEngine

extension Tensor {
  /// The matrix product by NumPy's rules: vectors on either side, matrices, and stacks of matrices whose
  /// leading axes broadcast. The flags turn the last two axes of a factor (of rank 2 or more).
  ///
  /// f32 and f64; integers with floats become floats, integers with integers give i64, wrapping.
  /// Errors: rank 0, inner extents that differ, stacks that do not broadcast.
  package static func product(
    _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
  ) throws -> Tensor {
    let common = DType.promote(a.dtype, b.dtype)
    let dtype = common.isFloat ? common : .i64
    let x = try a.converted(to: dtype)
    let y = try b.converted(to: dtype)
    let plan = try ProductPlan(x.shape, y.shape, transposeA && a.rank > 1, transposeB && b.rank > 1)
    return try Tensor(dtype, plan.shape) { to in
      try x.withBytes { p in
        try y.withBytes { q in try plan.run(dtype, p, q, of: y, to) }
      }
    }
  }
}

/// A product of which everything but the numbers is known.
package struct PlannedProduct {
  let plan: ProductPlan
  let dtype: DType
  private let count: Int

  /// - Parameter dtype: of both factors, a float.
  /// - Errors: as of `Tensor.product`.
  package init(_ dtype: DType, _ a: [Int], _ b: [Int], transposeA: Bool, transposeB: Bool) throws {
    plan = try ProductPlan(a, b, transposeA && a.count > 1, transposeB && b.count > 1)
    self.dtype = dtype
    count = try Shape.count(plan.shape, dtype)
  }

  /// The product of tensors of the dtype and shapes it was planned for.
  package func run(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    try Tensor(dtype, plan.shape, count: count) { to in
      try a.withBytes { p in try b.withBytes { q in try plan.run(dtype, p, q, of: b, to) } }
    }
  }
}

/// What a product computes: one matrix product, or one for each matrix of a stack.
struct ProductPlan {
  let m: Int, n: Int, k: Int
  let lda: Int, ldb: Int
  let transposeA: Bool, transposeB: Bool
  let shape: [Int]
  /// Leading axes, and how far a factor moves along each.
  private let batch: [Int]
  private let batchA: [Int], batchB: [Int]
  /// Whether it is one product and not a stack.
  var isSingle: Bool { batch.isEmpty }

  init(_ a: [Int], _ b: [Int], _ transposeA: Bool, _ transposeB: Bool) throws {
    guard let lastA = a.last, let lastB = b.last else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "matmul", lhs: a, rhs: b,
          reason:
            "\(a.isEmpty ? "the left" : "the right") is a single number: "
            + "a matrix product needs vectors or matrices"
        ))
    }
    let rowsA = a.count > 1 ? a[a.count - 2] : 1
    let rowsB = b.count > 1 ? b[b.count - 2] : lastB
    let columnsB = b.count > 1 ? lastB : 1
    (m, k) = transposeA ? (lastA, rowsA) : (rowsA, lastA)
    n = transposeB ? rowsB : columnsB
    let inner = transposeB ? columnsB : rowsB
    self.transposeA = transposeA
    self.transposeB = transposeB
    lda = lastA
    ldb = columnsB
    guard k == inner else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "matmul", lhs: a, rhs: b,
          reason: "the left has \(Self.side(k, a, transposeA ? "row" : "column")), "
            + "the right has \(Self.side(inner, b, transposeB ? "column" : "row")): they must be equal"))
    }
    let leadingA = Array(a.dropLast(2))
    let leadingB = Array(b.dropLast(2))
    batch = try Shape.broadcast(leadingA, leadingB, operation: "matmul")
    batchA = Shape.strides(leadingA, broadcastTo: batch).map { $0 &* rowsA &* lastA }
    batchB = Shape.strides(leadingB, broadcastTo: batch).map { $0 &* rowsB &* columnsB }
    shape = batch + (a.count > 1 ? [m] : []) + (b.count > 1 ? [n] : [])
  }

  private static func side(_ extent: Int, _ shape: [Int], _ name: String) -> String {
    let what = shape.count == 1 ? "element" : name
    return "\(extent) \(what)\(extent == 1 ? "" : "s")"
  }

  /// - Parameter right: the tensor that lies at `b`.
  func run(
    _ dtype: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, of right: Tensor,
    _ c: UnsafeMutableRawPointer
  ) throws {
    let size = dtype.byteCount
    if batch.isEmpty {
      if mayLeaveOutZeros(dtype), try runWithoutZeros(a, b, of: right, c) { return }
      return try matrix(dtype, a, b, c)
    }
    var index = [Int](repeating: 0, count: batch.count)
    var atA = 0
    var atB = 0
    for matrix in 0..<Shape.volume(batch) {
      try self.matrix(dtype, a + atA &* size, b + atB &* size, c + matrix &* m &* n &* size)
      for axis in batch.indices.reversed() {
        index[axis] += 1
        atA = atA &+ batchA[axis]
        atB = atB &+ batchB[axis]
        if index[axis] < batch[axis] { break }
        atA = atA &- batchA[axis] &* batch[axis]
        atB = atB &- batchB[axis] &* batch[axis]
        index[axis] = 0
      }
    }
  }

  /// - Parameter pass: what follows on the product's elements.
  @inline(__always)
  func matrix(
    _ dtype: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer,
    then pass: UnsafePointer<maas_fused_pass>? = nil
  ) throws {
    let result = maas_product_then(
      dtype.code, m, n, k, a, lda, transposeA ? 1 : 0, b, ldb, transposeB ? 1 : 0, c, pass)
    try Cancellation.check()
    if result != 0 { throw EngineError.outOfMemory(bytes: k &* n &* dtype.byteCount) }
  }
}
