import CEngine

/// Elements that change places.
extension Tensor {
  /// Copies between two layouts of the same extents; the starts count elements.
  private static func copy(
    _ dtype: DType, _ dims: [Int], to: UnsafeMutableRawPointer, _ toStart: Int, _ toStrides: [Int],
    from: UnsafeRawPointer, _ fromStart: Int, _ fromStrides: [Int]
  ) {
    let plan = StridePlan(dims, toStrides, fromStrides)
    maas_copy(
      dtype.byteCount, Int32(plan.dims.count), plan.dims, to + toStart &* dtype.byteCount, plan.a,
      from + fromStart &* dtype.byteCount, plan.b)
  }

  /// Repeated to a wider shape. Errors: an extent that is neither 1 nor the target's.
  package func broadcast(to shape: [Int]) throws -> Tensor {
    if shape == self.shape { return self }
    let count = try Shape.count(shape, dtype)
    let fits =
      rank <= shape.count && zip(self.shape.reversed(), shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
    guard fits else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "broadcast", lhs: self.shape, rhs: shape,
          reason: "the left can only be repeated along axes of extent 1 or axes it does not have"))
    }
    return try Tensor(dtype, shape, count: count) { to in
      guard count > 0 else { return }
      try withBytes {
        Self.copy(
          dtype, shape, to: to, 0, Shape.strides(shape), from: $0, 0,
          Shape.strides(self.shape, broadcastTo: shape))
      }
    }
  }

  /// Axis i of the result is axis `axes[i]`. Errors: `axes` is no permutation of all axes.
  package func permuted(_ axes: [Int]) throws -> Tensor {
    let order = try axes.map { try Shape.axis($0, rank: rank) }
    guard Set(order).count == rank, order.count == rank else {
      throw EngineError.badValue("an order of axes names each of the \(rank) once")
    }
    // Only extents of 1 change places: nothing moves.
    if order.filter({ shape[$0] != 1 }) == shape.indices.filter({ shape[$0] != 1 }) {
      return try viewed(order.map { shape[$0] })
    }
    let strides = Shape.strides(shape)
    let result = order.map { shape[$0] }
    return try Tensor(dtype, result, count: count) { to in
      guard count > 0 else { return }
      try withBytes {
        Self.copy(dtype, result, to: to, 0, Shape.strides(result), from: $0, 0, order.map { strides[$0] })
      }
    }
  }

  /// Tensors behind one another along an axis, in the dtype they promote to. Errors: none given, other
  /// extents differ.
  package static func concatenated(_ parts: [Tensor], axis: Int) throws -> Tensor {
    guard let first = parts.first else { throw EngineError.badValue("there is nothing to put together") }
    let place = try Shape.axis(axis, rank: first.rank)
    var shape = first.shape
    var total = 0
    for part in parts {
      var other = part.shape
      guard other.count == shape.count,
        {
          other[place] = shape[place]
          return other == shape
        }()
      else {
        throw EngineError.shapeMismatch(
          ShapeMismatch(
            operation: "concat", lhs: first.shape, rhs: part.shape,
            reason: "the left and the right must agree on every axis but axis \(place)"))
      }
      let (sum, overflow) = total.addingReportingOverflow(part.shape[place])
      if overflow { throw EngineError.outOfMemory(bytes: Int.max) }
      total = sum
    }
    shape[place] = total
    let dtype = parts.reduce(first.dtype) { DType.promote($0, $1.dtype) }
    let alike = try parts.map { try $0.converted(to: dtype) }
    return try Tensor(dtype, shape) { to in
      let strides = Shape.strides(shape)
      var start = 0
      for part in alike {
        if part.count > 0 {
          try part.withBytes {
            copy(
              dtype, part.shape, to: to, start &* strides[place], strides, from: $0, 0,
              Shape.strides(part.shape))
          }
        }
        start += part.shape[place]
      }
    }
  }

  /// How many indices lie from start toward stop, stop excluded.
  private static func sliceCount(_ start: Int, _ stop: Int, _ step: Int) -> Int {
    let (span, overflow) =
      step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
    guard !overflow, span > 0 else { return 0 }
    let stride = step.magnitude
    return Int(clamping: (UInt(span) - 1) / stride + 1)
  }

  /// Every `steps[i]`-th index of axis i from `starts[i]` to before `stops[i]`; steps may be negative, a stop
  /// of -1 then includes index 0. Errors: bounds outside of the axis, a step of 0.
  package func sliced(starts: [Int], stops: [Int], steps: [Int]) throws -> Tensor {
    guard starts.count == rank, stops.count == rank, steps.count == rank else {
      throw EngineError.badValue("a slice says a start, a stop and a step for each of the \(rank) axes")
    }
    if rank == 0 { return self }
    var result: [Int] = []
    for axis in 0..<rank {
      guard steps[axis] != 0 else { throw EngineError.badValue("a slice's step is never 0") }
      let extent = Self.sliceCount(starts[axis], stops[axis], steps[axis])
      if extent > 0 { try checkEnds(axis, starts[axis], steps[axis], extent, of: shape) }
      result.append(extent)
    }
    let strides = Shape.strides(shape)
    let count = try Shape.count(result, dtype)
    let start = count == 0 ? 0 : zip(starts, strides).reduce(0) { $0 &+ $1.0 &* $1.1 }
    // A run of whole rows shares storage.
    if count > 0, result.dropFirst() == shape.dropFirst(), steps.allSatisfy({ $0 == 1 }) {
      return try viewed(result, offset: start, count: count)
    }
    return try Tensor(dtype, result, count: count) { to in
      guard count > 0 else { return }
      try withBytes {
        Self.copy(
          dtype, result, to: to, 0, Shape.strides(result), from: $0, start,
          zip(strides, steps).map { $0 &* $1 })
      }
    }
  }

  /// Errors: the first or last index of a slice lies outside of the axis.
  private func checkEnds(_ axis: Int, _ start: Int, _ step: Int, _ extent: Int, of shape: [Int]) throws {
    let (reach, over) = step.multipliedReportingOverflow(by: extent - 1)
    let (end, out) = start.addingReportingOverflow(reach)
    for index in [start, over || out ? Int.max : end] where index < 0 || index >= shape[axis] {
      throw EngineError.indexOutOfRange(index: index, count: shape[axis], axis: axis)
    }
  }

  /// Zeros of `shape` with `part` at the slice: the adjoint of `sliced`. Errors: the part does not fit.
  package static func placed(_ part: Tensor, in shape: [Int], starts: [Int], steps: [Int]) throws -> Tensor {
    guard part.rank == shape.count, starts.count == shape.count, steps.count == shape.count else {
      throw EngineError.badValue("a slice says a start and a step for each of the \(shape.count) axes")
    }
    if part.rank == 0 { return part }
    for axis in shape.indices where part.count > 0 {
      try part.checkEnds(axis, starts[axis], steps[axis], part.shape[axis], of: shape)
    }
    let strides = Shape.strides(shape)
    return try Tensor(part.dtype, shape) { to in
      maas_clear(to, Shape.volume(shape) &* part.dtype.byteCount)
      guard part.count > 0 else { return }
      try part.withBytes {
        copy(
          part.dtype, part.shape, to: to, zip(starts, strides).reduce(0) { $0 &+ $1.0 &* $1.1 },
          zip(strides, steps).map { $0 &* $1 }, from: $0, 0, Shape.strides(part.shape))
      }
    }
  }

  /// What lies at a position of each of the first axes, without these axes; it shares storage.
  ///
  /// - Returns: nil where a position is outside of its axis; a negative one counts from the end.
  package func part(at positions: some Sequence<Int>) throws -> Tensor? {
    var offset = 0
    var axis = 0
    for position in positions {
      guard axis < rank else { return nil }
      let extent = shape[axis]
      let place = position < 0 ? position &+ extent : position
      guard place >= 0, place < extent else { return nil }
      offset = offset &* extent &+ place
      axis += 1
    }
    let rest = Array(shape[axis...])
    let size = Shape.volume(rest)
    return axis == 0 ? self : try viewed(rest, offset: offset &* size, count: size)
  }

  /// One part of the first axis, without that axis. Errors: no such axis or part.
  package func row(_ position: Int) throws -> Tensor {
    guard let extent = shape.first else { throw EngineError.badAxis(axis: 0, rank: 0) }
    guard position >= 0, position < extent else {
      throw EngineError.indexOutOfRange(index: position, count: extent, axis: 0)
    }
    let size = count / extent
    return try viewed(Array(shape.dropFirst()), offset: position &* size, count: size)
  }

  /// Zeros with this tensor as one part of a new first axis. Errors: no such part.
  package func placedAsRow(_ position: Int, of extent: Int) throws -> Tensor {
    guard position >= 0, position < extent else {
      throw EngineError.indexOutOfRange(index: position, count: extent, axis: 0)
    }
    return try Tensor(dtype, [extent] + shape) { to in
      maas_clear(to, extent &* byteCount)
      try withBytes { (to + position &* byteCount).copyMemory(from: $0, byteCount: byteCount) }
    }
  }

  /// The order along some axes turned round.
  package func flipped(axes: [Int]) throws -> Tensor {
    let turned = try Shape.axes(axes, rank: rank)
    guard count > 0, !turned.isEmpty else { return self }
    return try sliced(
      starts: shape.indices.map { turned.contains($0) ? shape[$0] - 1 : 0 },
      stops: shape.indices.map { turned.contains($0) ? -1 : shape[$0] },
      steps: shape.indices.map { turned.contains($0) ? -1 : 1 })
  }
}
