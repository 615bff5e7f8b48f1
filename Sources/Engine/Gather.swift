import CEngine

/// Elements found by index, and their adjoints.
extension Tensor {
  /// The indices as non-negative i64. Errors: one outside of `extent`; floats or booleans as indices.
  private func checkedIndices(extent: Int, axis: Int) throws -> Tensor {
    guard dtype.isInteger else {
      throw EngineError.unsupported(operation: "gather", dtype: dtype, reason: "indices are integers")
    }
    if dtype == .i64, !isHollow {
      let areIndices = try withBytes {
        maas_are_indices($0.assumingMemoryBound(to: Int64.self), count, Int64(extent)) != 0
      }
      if areIndices { return self }
    }
    let source = try converted(to: .i64)
    var bad: Int?
    let result = try Tensor(.i64, shape, count: count) { to in
      try source.withBytes { to.copyMemory(from: $0, byteCount: count &* 8) }
      let place = maas_check_indices(to.assumingMemoryBound(to: Int64.self), count, Int64(extent))
      if place >= 0 { bad = place }
    }
    if let bad {
      throw EngineError.indexOutOfRange(index: try source.int(at: bad), count: extent, axis: axis)
    }
    return result
  }

  /// The slices at `indices` along an axis; the axis is replaced by the indices' shape.
  /// Negative indices count from the end. Errors: an index out of range.
  package func taken(_ indices: Tensor, axis: Int) throws -> Tensor {
    let place = try Shape.axis(axis, rank: rank)
    let checked = try indices.checkedIndices(extent: shape[place], axis: place)
    let outer = Shape.volume(shape[..<place])
    let each = Shape.volume(shape[(place + 1)...]) &* dtype.byteCount
    var result = shape
    result.replaceSubrange(place...place, with: indices.shape)
    return try Tensor(dtype, result) { to in
      try withBytes { from in
        try checked.withElements(Int.self) { list in
          list.withMemoryRebound(to: Int64.self) {
            maas_gather(from, $0.baseAddress, to, outer, shape[place], $0.count, each)
          }
        }
      }
    }
  }

  /// Zeros of `shape` to which the updates are added at the indices: the adjoint of `taken`, in order.
  package static func scatterAdded(
    _ updates: Tensor, indices: Tensor, axis: Int, shape: [Int]
  ) throws -> Tensor {
    let place = try Shape.axis(axis, rank: shape.count)
    let expected = Array(shape[..<place]) + indices.shape + shape[(place + 1)...]
    guard updates.shape == expected else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "scatter", lhs: updates.shape, rhs: expected,
          reason: "the left, the updates, must have the shape that gathering would give, the right"))
    }
    let checked = try indices.checkedIndices(extent: shape[place], axis: place)
    let source = updates.dtype == .bool ? try updates.converted(to: .i64) : updates
    return try Tensor(source.dtype, shape) { to in
      maas_clear(to, Shape.volume(shape) &* source.dtype.byteCount)
      try source.withBytes { from in
        try checked.withElements(Int.self) { list in
          list.withMemoryRebound(to: Int64.self) {
            maas_scatter_add(
              source.dtype.code, from, $0.baseAddress, to, Shape.volume(shape[..<place]), shape[place],
              $0.count,
              Shape.volume(shape[(place + 1)...]))
          }
        }
      }
    }
  }

  /// x[…, indices[…]]: one element of each row, the indices having the shape without the last axis.
  package func alongLastAxis(_ indices: Tensor) throws -> Tensor {
    guard let extent = shape.last else { throw EngineError.badAxis(axis: -1, rank: 0) }
    guard indices.shape == Array(shape.dropLast()) else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "pick", lhs: shape, rhs: indices.shape,
          reason: "the right, the indices, must have the left's shape without its last axis"))
    }
    let checked = try indices.checkedIndices(extent: extent, axis: rank - 1)
    return try Tensor(dtype, indices.shape, count: indices.count) { to in
      try withBytes { from in
        try checked.withElements(Int.self) { list in
          list.withMemoryRebound(to: Int64.self) {
            maas_pick(dtype.byteCount, from, $0.baseAddress, to, $0.count, extent)
          }
        }
      }
    }
  }

  /// Zeros with the updates at […, indices[…]] of a last axis of `count`: the adjoint of `alongLastAxis`.
  package static func scatteredAlongLastAxis(_ updates: Tensor, indices: Tensor, count: Int) throws -> Tensor
  {
    guard updates.shape == indices.shape else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "pick", lhs: updates.shape, rhs: indices.shape,
          reason: "the left, the updates, and the right, the indices, must have one shape"))
    }
    let checked = try indices.checkedIndices(extent: Swift.max(0, count), axis: indices.rank)
    let shape = indices.shape + [count]
    return try Tensor(updates.dtype, shape) { to in
      try updates.withBytes { from in
        try checked.withElements(Int.self) { list in
          list.withMemoryRebound(to: Int64.self) {
            maas_put(updates.dtype.byteCount, from, $0.baseAddress, to, $0.count, count)
          }
        }
      }
    }
  }

  /// 1 at each label and 0 elsewhere along a new last axis of `classes`. Errors: a label outside of
  /// 0..<classes.
  package static func oneHot(_ labels: Tensor, classes: Int, dtype: DType) throws -> Tensor {
    guard labels.dtype.isInteger else {
      throw EngineError.unsupported(operation: "one_hot", dtype: labels.dtype, reason: "labels are integers")
    }
    if !labels.isHollow {
      let lowest = labels.count > 0 ? try reduce(.min, labels, axes: nil, keep: false).int(at: 0) : 0
      guard lowest >= 0 else {
        throw EngineError.indexOutOfRange(index: lowest, count: classes, axis: labels.rank)
      }
    }
    let ones = try filled(1, shape: labels.shape, dtype: dtype)
    return try scatteredAlongLastAxis(ones, indices: labels, count: classes)
  }

  /// Rows of bytes at `indices` as f32, each byte times `scale` (in double, then rounded), in one pass: [n,
  /// d…].
  package static func gatheredRows(of bytes: Tensor, indices: Tensor, scale: Double) throws -> Tensor {
    guard bytes.dtype == .u8 else {
      throw EngineError.unsupported(operation: "gather", dtype: bytes.dtype, reason: "bytes are u8")
    }
    guard let extent = bytes.shape.first else { throw EngineError.badAxis(axis: 0, rank: 0) }
    let checked = try indices.checkedIndices(extent: extent, axis: 0)
    let each = Shape.volume(bytes.shape.dropFirst())
    return try Tensor(.f32, indices.shape + bytes.shape.dropFirst()) { to in
      try bytes.withBytes { from in
        try checked.withElements(Int.self) { list in
          list.withMemoryRebound(to: Int64.self) {
            maas_gather_bytes(
              from.assumingMemoryBound(to: UInt8.self), $0.baseAddress, scale,
              to.assumingMemoryBound(to: Float.self),
              $0.count, each)
          }
        }
      }
    }
  }
}
