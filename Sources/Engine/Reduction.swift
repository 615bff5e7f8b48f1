import CEngine

extension Tensor {
  /// Folds `axes` (nil: all; negative ones count from the end; none: nothing). NaN propagates through max and
  /// min.
  ///
  /// Sums and products of integers and booleans are i64, `any` and `all` bool, the rest keep the dtype.
  /// Errors: max or min of nothing, an axis that is not there or named twice.
  package static func reduce(_ k: ReduceKernel, _ x: Tensor, axes: [Int]?, keep: Bool) throws -> Tensor {
    let dtype = resultDType(k, x.dtype)
    if x.count > 0, x.rank > 0, axes == nil || axes?.count == 1, !(axes == nil && keep) {
      return try reduce(k, x, alone: axes?[0], keep: keep, dtype)
    }
    let axes = try axes.map { try Shape.axes($0, rank: x.rank) } ?? Array(0..<x.rank)
    if axes.isEmpty { return try x.converted(to: dtype) }
    let shape = reducedShape(x.shape, axes, keep: keep)
    let extents = axes.map { x.shape[$0] }
    if (k == .max || k == .min) && extents.contains(0) && !shape.contains(0) {
      throw EngineError.badValue("the \(k) of nothing does not exist")
    }
    let (ordered, layout) = try x.arranged(axes)
    return try Tensor(dtype, shape) { to in
      guard layout.outer > 0, layout.inner > 0 else { return }
      try ordered.withBytes {
        maas_reduce(k.rawValue, x.dtype.code, $0, to, layout.outer, layout.count, layout.inner)
      }
    }
  }

  /// The common case, one axis or all of them, of something.
  private static func reduce(
    _ k: ReduceKernel, _ x: Tensor, alone axis: Int?, keep: Bool, _ dtype: DType
  ) throws -> Tensor {
    var shape: [Int] = []
    var outer = 1
    var count = x.count
    var inner = 1
    if let axis {
      let place = try Shape.axis(axis, rank: x.rank)
      shape = x.shape
      count = shape[place]
      for before in 0..<place { outer = outer &* shape[before] }
      inner = x.count / (outer &* count)
      if keep { shape[place] = 1 } else { shape.remove(at: place) }
    }
    return try Tensor(dtype, shape, count: outer &* inner) { to in
      try x.withBytes { maas_reduce(k.rawValue, x.dtype.code, $0, to, outer, count, inner) }
    }
  }

  private static func resultDType(_ k: ReduceKernel, _ dtype: DType) -> DType {
    switch k {
    case .sum, .product: dtype.isFloat ? dtype : .i64
    case .max, .min: dtype
    case .any, .all: .bool
    }
  }

  static func reducedShape(_ shape: [Int], _ axes: [Int], keep: Bool) -> [Int] {
    keep
      ? shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
      : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
  }

  /// The tensor as [outer, count, inner] with the axes (sorted) in the middle; permuted where they are not
  /// neighbours.
  private func arranged(_ axes: [Int]) throws -> (Tensor, (outer: Int, count: Int, inner: Int)) {
    let first = axes[0]
    let last = axes[axes.count - 1]
    let count = Shape.volume(axes.map { shape[$0] })
    // Axes of extent 1 in between do not part neighbours.
    if (first...last).allSatisfy({ axes.contains($0) || shape[$0] == 1 }) {
      return (self, (Shape.volume(shape[..<first]), count, Shape.volume(shape[(last + 1)...])))
    }
    let others = shape.indices.filter { !axes.contains($0) }
    return (try permuted(others + axes), (Shape.volume(others.map { shape[$0] }), count, 1))
  }

  /// The place of the largest or smallest along an axis (nil: in the flattened tensor); the first of equals,
  /// the first NaN if there is one. Errors: an empty axis.
  package static func argReduce(max: Bool, _ x: Tensor, axis: Int?, keep: Bool) throws -> Tensor {
    guard let axis else {
      let flat = try x.reshaped([x.count])
      let place = try argReduce(max: max, flat, axis: 0, keep: false)
      return keep ? try place.reshaped([Int](repeating: 1, count: x.rank)) : place
    }
    let place = try Shape.axis(axis, rank: x.rank)
    let shape = reducedShape(x.shape, [place], keep: keep)
    if x.shape[place] == 0, !shape.contains(0) {
      throw EngineError.badValue("the place of the \(max ? "largest" : "smallest") of nothing does not exist")
    }
    let (ordered, layout) = try x.arranged([place])
    return try Tensor(.i64, shape) { to in
      guard layout.outer > 0, layout.inner > 0, layout.count > 0 else { return }
      try ordered.withBytes {
        maas_arg_reduce(
          max ? 1 : 0, x.dtype.code, $0, to.assumingMemoryBound(to: Int64.self), layout.outer, layout.count,
          layout.inner)
      }
    }
  }

  /// exp(x) over its sum along the last axis; never overflows. Integers become floats.
  package static func softmax(_ x: Tensor) throws -> Tensor { try softmax(x, logarithm: false) }

  /// x - log Σ exp(x) along the last axis.
  package static func logSoftmax(_ x: Tensor) throws -> Tensor { try softmax(x, logarithm: true) }

  private static func softmax(_ x: Tensor, logarithm: Bool) throws -> Tensor {
    guard let n = x.shape.last else { throw EngineError.badAxis(axis: -1, rank: 0) }
    if !x.dtype.isFloat { return try softmax(x.converted(to: defaultFloat), logarithm: logarithm) }
    return try Tensor(x.dtype, x.shape, count: x.count) { to in
      guard x.count > 0 else { return }
      try x.withBytes { maas_softmax(logarithm ? 1 : 0, x.dtype.code, $0, to, x.count / n, n) }
    }
  }

  /// Elements of a row up to which the row is summed up on one thread.
  static let longestRow = 4096

  /// log Σ exp(x) over axes, shifted by the largest; -∞ of nothing.
  package static func logSumExp(_ x: Tensor, axes: [Int]?, keep: Bool) throws -> Tensor {
    if !x.dtype.isFloat { return try logSumExp(x.converted(to: defaultFloat), axes: axes, keep: keep) }
    let sorted = try axes.map { try Shape.axes($0, rank: x.rank) } ?? Array(0..<x.rank)
    let shape = reducedShape(x.shape, sorted, keep: keep)
    if x.count == 0 { return try filled(-.infinity, shape: shape, dtype: x.dtype) }
    if let n = x.shape.last, n <= longestRow, sorted == [x.rank - 1] {
      return try Tensor(x.dtype, shape) { to in
        try x.withBytes { maas_logsumexp(x.dtype.code, $0, to, x.count / n, n) }
      }
    }
    let top = try reduce(.max, x, axes: sorted, keep: true)
    // An infinite shift would give NaN; 0 lets infinities through as they are.
    let shift = try select(unary(.isfinite, top), top, Tensor(scalar: 0.0, dtype: x.dtype))
    let total = try reduce(.sum, unary(.exp, binary(.subtract, x, shift)), axes: sorted, keep: true)
    return try binary(.add, unary(.log, total), shift).reshaped(shape)
  }
}
