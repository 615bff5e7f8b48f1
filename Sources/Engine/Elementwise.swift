import CEngine

extension Tensor {
  /// What integers become where only a float will do.
  package static var defaultFloat: DType { .f32 }

  /// `k` of each element. Floats keep their dtype; integers keep it in negate, absolute, sign, square, relu
  /// and rounding, and become floats elsewhere (f64 for a lone i64); `not`, `isnan`, `isfinite` give bool.
  package static func unary(_ k: UnaryKernel, _ x: Tensor) throws -> Tensor {
    if x.dtype.isFloat {
      switch k {
      case .not, .isnan, .isfinite: return try x.mapped(k, to: .bool)
      default: return try x.mapped(k, to: x.dtype)
      }
    }
    switch k {
    case .not: return try x.mapped(k, to: .bool)
    case .isnan: return try filled(0, shape: x.shape, dtype: .bool)
    case .isfinite: return try filled(1, shape: x.shape, dtype: .bool)
    case .floor, .ceil, .round: return x
    case .negate, .absolute, .sign, .square, .relu:
      let whole = x.dtype == .bool ? try x.converted(to: .i64) : x
      return try whole.mapped(k, to: whole.dtype)
    default: return try unary(k, x.converted(to: x.floatDType))
    }
  }

  /// The float an integer becomes by itself.
  private var floatDType: DType { rank == 0 && dtype == .i64 ? .f64 : Tensor.defaultFloat }

  @inline(__always)
  private func mapped(_ k: UnaryKernel, to result: DType) throws -> Tensor {
    if let bits = singleBits {
      return Tensor(bits: UInt(maas_unary_one(k.rawValue, dtype.code, UInt64(bits))), dtype: result)
    }
    if count >= Deferred.fewest, result == dtype, dtype.isFloat {
      return try Deferred.tensor(.unary(k), [self], shape: shape, count: count)
    }
    return try Tensor(result, shape, count: count) { to in
      try withBytes { maas_unary(k.rawValue, dtype.code, $0, to, count) }
    }
  }

  /// `k` of each pair, broadcast as NumPy does, in the dtype both promote to.
  ///
  /// Division of integers gives f32 (f64 if both have rank 0); comparisons and logic give bool; arithmetic on
  /// booleans counts in i64. Integers wrap. Errors: shapes that do not broadcast, an integer divisor of 0, an
  /// integer to a negative power.
  package static func binary(_ k: BinaryKernel, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    if a.dtype == b.dtype, a.dtype.isFloat { return try combined(k, a, b) }
    var dtype = DType.promote(a.dtype, b.dtype)
    if !k.givesBool {
      if k == .divide, !dtype.isFloat {
        dtype = a.rank == 0 && b.rank == 0 ? .f64 : defaultFloat
      } else if dtype == .bool, k != .maximum, k != .minimum {
        dtype = .i64
      }
    }
    let x = a.dtype == dtype ? a : try a.converted(to: dtype)
    let y = b.dtype == dtype ? b : try b.converted(to: dtype)
    if !dtype.isFloat { try refuse(k, y) }
    return try combined(k, x, y)
  }

  /// Integers have no quotient by zero and no negative powers.
  private static func refuse(_ k: BinaryKernel, _ divisor: Tensor) throws {
    guard k == .floorDivide || k == .remainder || k == .power, divisor.dtype.isInteger, !divisor.isHollow
    else { return }
    if k == .power {
      let negative =
        divisor.count > 0 && divisor.dtype != .u8
        ? try reduce(.min, divisor, axes: nil, keep: false).int(at: 0) < 0 : false
      if negative {
        throw EngineError.badValue("an integer to a negative power is no integer: make the base a float")
      }
    } else if try divisor.withBytes({ maas_scan_integers(divisor.dtype.code, $0, divisor.count) }) == 1 {
      throw EngineError.divisionByZero
    }
  }

  /// Both of one dtype.
  private static func combined(_ k: BinaryKernel, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    let result = k.givesBool ? DType.bool : a.dtype
    if let x = a.singleBits, let y = b.singleBits {
      let bits = maas_binary_one(k.rawValue, a.dtype.code, UInt64(x), UInt64(y))
      return Tensor(bits: UInt(bits), dtype: result)
    }
    if max(a.count, b.count) >= Deferred.fewest, a.dtype.isFloat, result == a.dtype {
      if a.shape == b.shape || b.count == 1 && b.rank <= a.rank {
        return try Deferred.tensor(.binary(k), [a, b], shape: a.shape, count: a.count)
      }
      if a.count == 1, a.rank <= b.rank {
        return try Deferred.tensor(.binary(k), [a, b], shape: b.shape, count: b.count)
      }
    }
    if a.count == b.count, a.shape == b.shape || b.count == 1 && b.rank <= a.rank {
      return try line(k, a, 1, b, 1, result, a.shape, a.count)
    }
    if b.count == 1, b.rank <= a.rank { return try line(k, a, 1, b, 0, result, a.shape, a.count) }
    if a.count == 1, a.rank <= b.rank { return try line(k, a, 0, b, 1, result, b.shape, b.count) }
    if let rows = rowsBroadcast(a.shape, b.shape) { return try byRows(k, a, b, result, rows, turned: false) }
    if let rows = rowsBroadcast(b.shape, a.shape) { return try byRows(k, b, a, result, rows, turned: true) }
    let shape = try Shape.broadcast(a.shape, b.shape, operation: "\(k)")
    let count = try Shape.count(shape, result)
    let plan = StridePlan(
      shape, Shape.strides(a.shape, broadcastTo: shape), Shape.strides(b.shape, broadcastTo: shape))
    return try Tensor(result, shape, count: count) { to in
      guard count > 0 else { return }
      try a.withBytes { x in
        try b.withBytes { y in
          maas_binary(k.rawValue, a.dtype.code, x, y, to, Int32(plan.dims.count), plan.dims, plan.a, plan.b)
        }
      }
    }
  }

  /// How `narrow` repeats over the rows of `wide`: the same row for each, or one number a row.
  private static func rowsBroadcast(_ wide: [Int], _ narrow: [Int]) -> (rows: Int, n: Int, step: Int)? {
    guard wide.count >= narrow.count, let last = narrow.last, let width = wide.last else { return nil }
    let missing = wide.count - narrow.count
    if last == 1, width != 1 {
      guard missing == 0 else { return nil }
      var rows = 1
      for axis in 0..<wide.count - 1 {
        if wide[axis] != narrow[axis] { return nil }
        rows = rows &* wide[axis]
      }
      return (rows, width, 0)
    }
    var n = 1
    for axis in narrow.indices {
      if narrow[axis] != wide[axis + missing] { return nil }
      n = n &* narrow[axis]
    }
    var rows = 1
    for axis in 0..<missing { rows = rows &* wide[axis] }
    return (rows, n, 1)
  }

  /// A tensor with one that repeats over its rows; `turned` when that stands on the left.
  private static func byRows(
    _ k: BinaryKernel, _ wide: Tensor, _ narrow: Tensor, _ result: DType,
    _ layout: (rows: Int, n: Int, step: Int),
    turned: Bool
  ) throws -> Tensor {
    let n = layout.n
    let row = layout.step == 0 ? 1 : 0
    return try Tensor(result, wide.shape, count: wide.count) { to in
      try wide.withBytes { x in
        try narrow.withBytes { y in
          if turned {
            maas_binary_rows(
              k.rawValue, wide.dtype.code, y, x, to, layout.rows, n, row, layout.step, n, 1)
          } else {
            maas_binary_rows(
              k.rawValue, wide.dtype.code, x, y, to, layout.rows, n, n, 1, row, layout.step)
          }
        }
      }
    }
  }

  /// One run of elements, where a stride of 0 repeats a number.
  @inline(__always)
  private static func line(
    _ k: BinaryKernel, _ a: Tensor, _ aStride: Int, _ b: Tensor, _ bStride: Int, _ result: DType,
    _ shape: [Int],
    _ count: Int
  ) throws -> Tensor {
    try Tensor(result, shape, count: count) { to in
      try a.withBytes { x in
        try b.withBytes { y in
          var n = count
          var xs = aStride
          var ys = bStride
          maas_binary(k.rawValue, a.dtype.code, x, y, to, 1, &n, &xs, &ys)
        }
      }
    }
  }

  /// `a` where the condition holds (is not 0), else `b`; all three broadcast.
  package static func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    let dtype = DType.promote(a.dtype, b.dtype)
    let pair = try Shape.broadcast(a.shape, b.shape, operation: "where")
    let shape = try Shape.broadcast(condition.shape, pair, operation: "where")
    let test = try condition.converted(to: .bool).operand(for: shape)
    let x = try a.converted(to: dtype).operand(for: shape)
    let y = try b.converted(to: dtype).operand(for: shape)
    return try Tensor(dtype, shape) { to in
      let count = Shape.volume(shape)
      try test.tensor.withBytes { c in
        try x.tensor.withBytes { p in
          try y.tensor.withBytes { q in
            maas_select(
              dtype.byteCount, c.assumingMemoryBound(to: UInt8.self), test.stride, p, x.stride, q, y.stride,
              to,
              count)
          }
        }
      }
    }
  }

  /// Itself with stride 1, a lone number with stride 0, or a broadcast copy.
  private func operand(for shape: [Int]) throws -> (tensor: Tensor, stride: Int) {
    if self.shape == shape { return (self, 1) }
    if count == 1 { return (self, 0) }
    return (try broadcast(to: shape), 1)
  }
}

/// The axes of a two-operand loop: those that run on in both are merged, and the last has strides of 0 or 1.
struct StridePlan {
  var dims: [Int] = []
  var a: [Int] = []
  var b: [Int] = []

  init(_ shape: [Int], _ aStrides: [Int], _ bStrides: [Int]) {
    for axis in shape.indices where shape[axis] != 1 {
      if let last = dims.indices.last, a[last] == aStrides[axis] &* shape[axis],
        b[last] == bStrides[axis] &* shape[axis]
      {
        dims[last] = dims[last] &* shape[axis]
        a[last] = aStrides[axis]
        b[last] = bStrides[axis]
      } else {
        dims.append(shape[axis])
        a.append(aStrides[axis])
        b.append(bStrides[axis])
      }
    }
    if dims.isEmpty {
      dims = [1]
      a = [0]
      b = [0]
    }
  }
}
