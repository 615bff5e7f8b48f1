import CEngine

/// The operations that are steps of programs.
extension ProgramWriter {
  package mutating func unary(_ kernel: UnaryKernel, _ x: Place) -> Place? {
    guard x.dtype.isFloat, kernel.rawValue < UnaryKernel.not.rawValue else { return nil }
    var step = maas_program_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_PROGRAM_UNARY, kernel.rawValue, x.dtype.code, x.count)
    return add(step, x, giving: x.dtype, x.shape)
  }

  /// Both of one float dtype; they repeat to fill the shape.
  package mutating func binary(_ kernel: BinaryKernel, _ x: Place, _ y: Place, _ shape: [Int]) -> Place? {
    guard x.dtype == y.dtype, x.dtype.isFloat, kernel.rawValue < BinaryKernel.and.rawValue,
      let count = try? Shape.count(shape, x.dtype), count > 0
    else { return nil }
    let dtype = kernel.givesBool ? DType.bool : x.dtype
    var step = maas_program_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_PROGRAM_BINARY, kernel.rawValue, x.dtype.code, count)
    guard [x, y].allSatisfy({ $0.shape == shape || $0.count == 1 }) else {
      guard let extents = ProgramWriter.extents(x.shape, y.shape, shape) else { return nil }
      step.kind = MAAS_PROGRAM_BROADCAST
      return add(step, x, y, detail: .extents(extents), giving: dtype, shape)
    }
    (step.x_stride, step.y_stride) = (x.count == count ? 1 : 0, y.count == count ? 1 : 0)
    return add(step, x, y, giving: dtype, shape)
  }

  private static func extents(_ x: [Int], _ y: [Int], _ shape: [Int]) -> maas_program_extents? {
    guard (try? Shape.broadcast(x, y, operation: "")) == shape else { return nil }
    let plan = StridePlan(
      shape, Shape.strides(x, broadcastTo: shape), Shape.strides(y, broadcastTo: shape))
    var extents = maas_program_extents()
    guard plan.dims.count <= Int(MAAS_PROGRAM_AXES) else { return nil }
    extents.rank = Int32(plan.dims.count)
    withUnsafeMutableBytes(of: &extents.dims) { $0.copyBytes(from: plan.dims.bytes) }
    withUnsafeMutableBytes(of: &extents.xs) { $0.copyBytes(from: plan.a.bytes) }
    withUnsafeMutableBytes(of: &extents.ys) { $0.copyBytes(from: plan.b.bytes) }
    return extents
  }

  /// The elements in another dtype: of a constant once for all runs, of anything else once a run.
  package mutating func converted(_ x: Place, to dtype: DType) -> Place? {
    if x.dtype == dtype { return x }
    if let known = conversion(of: x, to: dtype) { return known }
    let place = constant(x, in: dtype) ?? conversionStep(x, dtype)
    if let place { note(place, asConversionOf: x) }
    return place
  }

  /// A constant's elements as another constant.
  private mutating func constant(_ x: Place, in dtype: DType) -> Place? {
    guard x.isWhole, let tensor = constants.first(where: { $0.place.root == x.root })?.tensor,
      tensor.shape == x.shape, let converted = try? tensor.converted(to: dtype)
    else { return nil }
    return constant(converted)
  }

  private mutating func conversionStep(_ x: Place, _ dtype: DType) -> Place? {
    var step = maas_program_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_PROGRAM_CONVERT, dtype.code, x.dtype.code, x.count)
    return add(step, x, giving: dtype, x.shape)
  }

  /// One element, everywhere in a shape.
  package mutating func broadcast(_ x: Place, to shape: [Int]) -> Place? {
    if x.shape == shape { return x }
    guard x.count == 1, let count = try? Shape.count(shape, x.dtype) else { return nil }
    var step = maas_program_step()
    (step.kind, step.n, step.size) = (MAAS_PROGRAM_FILL, count, x.dtype.byteCount)
    return add(step, x, giving: x.dtype, shape)
  }

  /// Zeros with `x` as one part of the first axis.
  package mutating func placedAsRow(_ x: Place, _ position: Int, of extent: Int) -> Place? {
    guard position >= 0, position < extent else { return nil }
    let (bytes, overflow) = extent.multipliedReportingOverflow(by: x.byteCount)
    guard !overflow else { return nil }
    var step = maas_program_step()
    (step.kind, step.n, step.size, step.offset) = (
      MAAS_PROGRAM_PLACE, bytes, x.byteCount, position * x.byteCount
    )
    return add(step, x, giving: x.dtype, [extent] + x.shape)
  }

  /// The elements of `x` where the condition holds, else those of `y`; each as large as the shape, or one element.
  package mutating func select(_ condition: Place, _ x: Place, _ y: Place, _ shape: [Int]) -> Place? {
    guard condition.dtype == .bool, x.dtype == y.dtype, let count = try? Shape.count(shape, x.dtype),
      count > 0,
      [condition, x, y].allSatisfy({ $0.shape == shape || $0.count == 1 })
    else { return nil }
    var step = maas_program_step()
    (step.kind, step.n, step.size) = (MAAS_PROGRAM_SELECT, count, x.dtype.byteCount)
    (step.x_stride, step.y_stride) = (x.count == count ? 1 : 0, y.count == count ? 1 : 0)
    step.offset = condition.count == count ? 1 : 0
    return add(step, x, y, condition, giving: x.dtype, shape)
  }

  /// A fold over one axis, or over everything for nil.
  package mutating func reduce(_ kernel: ReduceKernel, _ x: Place, axis: Int?, _ shape: [Int]) -> Place? {
    guard x.dtype.isFloat, !x.shape.isEmpty, kernel.rawValue <= ReduceKernel.min.rawValue else { return nil }
    var step = maas_program_step()
    (step.kind, step.op, step.type) = (MAAS_PROGRAM_REDUCE, kernel.rawValue, x.dtype.code)
    (step.size, step.n, step.offset) = (1, x.count, 1)
    if let axis {
      guard let place = try? Shape.axis(axis, rank: x.shape.count) else { return nil }
      let outer = Shape.volume(x.shape[..<place])
      (step.size, step.n, step.offset) = (outer, x.shape[place], x.count / (outer * x.shape[place]))
    }
    guard (try? Shape.count(shape, x.dtype)) == step.size * step.offset else { return nil }
    return add(step, x, giving: x.dtype, shape)
  }

  /// Softmax of each row, or its logarithm.
  package mutating func softmax(_ x: Place, logarithm: Bool) -> Place? {
    guard x.dtype.isFloat, let n = x.shape.last else { return nil }
    var step = maas_program_step()
    (step.kind, step.op, step.type) = (MAAS_PROGRAM_SOFTMAX, logarithm ? 1 : 0, x.dtype.code)
    (step.size, step.n) = (x.count / n, n)
    return add(step, x, giving: x.dtype, x.shape)
  }

  /// log Σ exp of each row.
  package mutating func logSumExp(_ x: Place, _ shape: [Int]) -> Place? {
    guard x.dtype.isFloat, let n = x.shape.last, n <= Tensor.longestRow,
      (try? Shape.count(shape, x.dtype)) == x.count / n
    else { return nil }
    var step = maas_program_step()
    (step.kind, step.type, step.size, step.n) = (MAAS_PROGRAM_LOGSUMEXP, x.dtype.code, x.count / n, n)
    return add(step, x, giving: x.dtype, shape)
  }

  /// One element of each row, at positions that have the shape without the last axis.
  package mutating func picked(_ x: Place, at indices: Place) -> Place? {
    guard let extent = x.shape.last, indices.shape == Array(x.shape.dropLast()),
      let checked = checked(indices, extent)
    else { return nil }
    return add(
      movingOne(MAAS_PROGRAM_PICK, x, indices.count, extent), x, checked, giving: x.dtype, indices.shape)
  }

  /// Zeros with one element set along a new last axis of `extent`.
  package mutating func put(_ x: Place, at indices: Place, extent: Int) -> Place? {
    guard x.shape == indices.shape, extent > 0, let checked = checked(indices, extent) else { return nil }
    return add(
      movingOne(MAAS_PROGRAM_PUT, x, x.count, extent), x, checked, giving: x.dtype, x.shape + [extent])
  }

  private func movingOne(
    _ kind: maas_program_kind, _ x: Place, _ rows: Int, _ extent: Int
  ) -> maas_program_step {
    var step = maas_program_step()
    (step.kind, step.n, step.size, step.offset) = (kind, rows, x.dtype.byteCount, extent)
    return step
  }

  /// Positions as they are counted from an axis's start; a run fails where one is outside.
  private mutating func checked(_ indices: Place, _ extent: Int) -> Place? {
    guard indices.dtype.isInteger, let wide = converted(indices, to: .i64) else { return nil }
    var step = maas_program_step()
    (step.kind, step.n, step.size) = (MAAS_PROGRAM_INDICES, wide.count, extent)
    return add(step, wide, giving: .i64, wide.shape)
  }

  /// A product of two matrices, or of a matrix and a vector, of one float dtype.
  package mutating func product(_ a: Place, _ b: Place, transposeA: Bool, transposeB: Bool) -> Place? {
    guard a.dtype == b.dtype, a.dtype.isFloat,
      let plan = try? ProductPlan(
        a.shape, b.shape, transposeA && a.shape.count > 1, transposeB && b.shape.count > 1), plan.isSingle
    else { return nil }
    var step = maas_program_step()
    (step.kind, step.type) = (MAAS_PROGRAM_PRODUCT, a.dtype.code)
    return add(step, a, b, detail: detail(of: plan, a.dtype), giving: a.dtype, plan.shape)
  }

  func detail(of plan: ProductPlan, _ dtype: DType, then chain: Chain? = nil) -> Detail {
    let product = maas_program_product(
      m: plan.m, n: plan.n, k: plan.k, lda: plan.lda, ldb: plan.ldb, transpose_a: plan.transposeA ? 1 : 0,
      transpose_b: plan.transposeB ? 1 : 0, list: nil, then: nil)
    return .product(product, looksForZeros: !isSmall && plan.mayLeaveOutZeros(dtype), then: chain)
  }
}

extension [Int] {
  fileprivate var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}
