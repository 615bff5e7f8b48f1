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
    guard count > 0 else { return self }
    let rows = try Tensor(
      [Int](unsafeUninitializedCapacity: count) { flat, written in
        try order.withElements(Int.self) { places in
          for i in 0..<count { flat.initializeElement(at: i, to: i / rowLength &* rowLength &+ places[i]) }
        }
        written = count
      })
    return try reshaped([count]).taken(rows, axis: 0).reshaped(shape)
  }

  /// The places of the elements in ascending order along the last axis; equal ones keep their order, NaN
  /// last.
  package func argsorted() throws -> Tensor {
    guard rank > 0 else { throw EngineError.badAxis(axis: -1, rank: 0) }
    switch dtype {
    case .f32: return try argsorted(Float.self) { $0 < $1 || ($1.isNaN && !$0.isNaN) }
    case .f64: return try argsorted(Double.self) { $0 < $1 || ($1.isNaN && !$0.isNaN) }
    case .i64: return try argsorted(Int.self, by: <)
    default: return try converted(to: .i64).argsorted()
    }
  }

  private func argsorted<T: TensorElement>(_ type: T.Type, by precedes: (T, T) -> Bool) throws -> Tensor {
    try Tensor(.i64, shape) { to in
      guard count > 0 else { return }
      let out = to.assumingMemoryBound(to: Int.self)
      try withElements(T.self) { x in
        for start in Swift.stride(from: 0, to: count, by: rowLength) {
          // The place decides between equals: stable, whatever the algorithm.
          let order = (0..<rowLength).sorted {
            precedes(x[start + $0], x[start + $1]) || (!precedes(x[start + $1], x[start + $0]) && $0 < $1)
          }
          for i in 0..<rowLength { out[start + i] = order[i] }
        }
      }
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
    let chosen = try mask.withElements(Bool.self) { flags in flags.indices.filter { flags[$0] } }
    let rest = Array(shape.dropFirst(mask.rank))
    return try reshaped([mask.count] + rest).taken(Tensor(chosen), axis: 0)
  }
}
