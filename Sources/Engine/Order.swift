import CEngine

/// Running sums, sorting and selection by a mask.
extension Tensor {
  private var rowLength: Int { shape.last ?? 1 }

  /// Running sums along the last axis; of integers and booleans in i64.
  package func cumulated() throws -> Tensor {
    guard rank > 0 else { throw EngineError.badAxis(axis: -1, rank: 0) }
    let x = dtype.isFloat ? self : try converted(to: .i64)
    return try Tensor(x.dtype, shape) { to in
      guard count > 0 else { return }
      try x.withBytes { maas_cumulate(x.dtype.code, $0, to, count / rowLength, rowLength) }
    }
  }

  /// Ascending along the last axis, NaN last.
  package func sorted() throws -> Tensor {
    let order = try argsorted()
    return try Tensor(dtype, shape, count: count) { to in
      guard count > 0 else { return }
      try withBytes { from in
        try order.withElements(Int.self) { list in
          list.withMemoryRebound(to: Int64.self) {
            maas_arrange(dtype.byteCount, from, $0.baseAddress, to, count / rowLength, rowLength)
          }
        }
      }
    }
  }

  /// The places of the elements in ascending order along the last axis; equal ones keep their order, NaN
  /// last.
  package func argsorted() throws -> Tensor {
    guard rank > 0 else { throw EngineError.badAxis(axis: -1, rank: 0) }
    return try Tensor(.i64, shape, count: count) { to in
      guard count > 0 else { return }
      let places = to.assumingMemoryBound(to: Int64.self)
      let refused = try withBytes { maas_order(dtype.code, $0, places, count / rowLength, rowLength) }
      if refused != 0 { throw EngineError.outOfMemory(bytes: rowLength &* 32) }
    }
  }

  /// What a boolean mask selects: elements where it has the tensor's shape, slices of the first axes where it
  /// has fewer. Errors: the mask is no prefix of the shape, or not boolean.
  package func masked(by mask: Tensor) throws -> Tensor {
    guard mask.dtype == .bool else {
      throw EngineError.unsupported(operation: "mask", dtype: mask.dtype, reason: "a mask is boolean")
    }
    guard mask.rank <= rank, mask.shape == Array(shape.prefix(mask.rank)) else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "mask", lhs: shape, rhs: mask.shape,
          reason: "the right, the mask, must have the left's first extents"))
    }
    let chosen = try mask.withElements(Bool.self) { flags in
      try flags.indices.filter {
        if $0 & 0xffff == 0 { try Cancellation.check() }
        return flags[$0]
      }
    }
    let rest = Array(shape.dropFirst(mask.rank))
    return try reshaped([mask.count] + rest).taken(Tensor(chosen), axis: 0)
  }
}
