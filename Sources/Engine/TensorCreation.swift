import CEngine

/// Tensors from Swift values.
extension Tensor {
  /// Rank 0, converted to `dtype` as `converted(to:)` does.
  package init(scalar: Double, dtype: DType = .f64) {
    switch dtype {
    case .f64: self.init(bits: UInt(truncatingIfNeeded: scalar.bitPattern), dtype: .f64)
    case .f32: self.init(bits: UInt(Float(scalar).bitPattern), dtype: .f32)
    default: self.init(scalar, converting: .f64, to: dtype)
    }
  }

  package init(scalar: Int, dtype: DType = .i64) {
    switch dtype {
    case .i64: self.init(bits: UInt(bitPattern: scalar), dtype: .i64)
    case .f64: self.init(bits: UInt(truncatingIfNeeded: Double(scalar).bitPattern), dtype: .f64)
    default: self.init(scalar, converting: .i64, to: dtype)
    }
  }

  package init(scalar: Bool) {
    self.init(bits: scalar ? 1 : 0, dtype: .bool)
  }

  private init<T>(_ value: T, converting from: DType, to dtype: DType) {
    var bits: UInt = 0
    withUnsafePointer(to: value) { maas_convert(from.code, dtype.code, $0, &bits, 1) }
    self.init(bits: bits, dtype: dtype)
  }

  /// A copy of `values`, of rank 1 or of `shape`. Errors: as many values as the shape holds there must be.
  package init<T: TensorElement>(_ values: [T], shape: [Int]? = nil) throws {
    let shape = shape ?? [values.count]
    guard try Shape.count(shape, T.dtype) == values.count else {
      throw EngineError.badShape(shape: shape, reason: "it does not hold \(values.count) elements")
    }
    try self.init(T.dtype, shape, count: values.count) { to in
      values.withUnsafeBytes {
        if let from = $0.baseAddress { to.copyMemory(from: from, byteCount: $0.count) }
      }
    }
  }

  package static func filled(_ value: Double, shape: [Int], dtype: DType) throws -> Tensor {
    let scalar = Tensor(scalar: value, dtype: dtype)
    return shape.isEmpty ? scalar : try scalar.broadcast(to: shape)
  }

  /// start, start + step, …: i64, wrapping.
  package static func counted(from start: Int, by step: Int, count: Int) throws -> Tensor {
    try Tensor(.i64, [count], count: count) {
      maas_count(Int64(start), Int64(step), $0.assumingMemoryBound(to: Int64.self), count)
    }
  }

  /// start + (i / over) · step for i in 0..<count, in f64.
  package static func spaced(from start: Double, by step: Double, over: Double, count: Int) throws -> Tensor {
    try Tensor(.f64, [count], count: count) {
      maas_space(start, step, over, $0.assumingMemoryBound(to: Double.self), count)
    }
  }

  /// Dtype and shape without elements: see `Rehearsal`.
  package static func hollow(shape: [Int], dtype: DType) throws -> Tensor {
    try Tensor(hollow: dtype, shape, count: Shape.count(shape, dtype))
  }

  /// Memory as it comes, for callers that write every element.
  package static func uninitialized(shape: [Int], dtype: DType) throws -> Tensor {
    try Tensor(dtype, shape) { _ in }
  }

  /// A tensor whose elements a closure writes.
  package init<T: TensorElement>(
    unsafeUninitialized type: T.Type, shape: [Int], _ body: (UnsafeMutableBufferPointer<T>) throws -> Void
  ) throws {
    let count = try Shape.count(shape, T.dtype)
    try self.init(T.dtype, shape, count: count) {
      try body(UnsafeMutableBufferPointer(start: $0.assumingMemoryBound(to: T.self), count: count))
    }
  }

  /// Floats to integers truncate toward zero and clamp, NaN is 0; integers keep their low bits; anything to
  /// bool: not 0.
  package func converted(to dtype: DType) throws -> Tensor {
    if dtype == self.dtype { return self }
    if let bits = singleBits {
      return Tensor(bits: UInt(maas_convert_one(self.dtype.code, dtype.code, UInt64(bits))), dtype: dtype)
    }
    return try Tensor(dtype, shape, count: Shape.count(shape, dtype)) { to in
      try withBytes { maas_convert(self.dtype.code, dtype.code, $0, to, count) }
    }
  }

  /// The same elements in another shape, sharing storage; one extent may be -1.
  package func reshaped(_ shape: [Int]) throws -> Tensor {
    var shape = shape
    if let free = shape.firstIndex(of: -1) {
      shape[free] = 1
      let rest = try Shape.count(shape, dtype)
      guard rest > 0, count % rest == 0 else {
        shape[free] = -1
        throw EngineError.badShape(shape: shape, reason: "\(count) elements do not divide into it")
      }
      shape[free] = count / rest
    }
    guard try Shape.count(shape, dtype) == count else {
      throw EngineError.badShape(shape: shape, reason: "it does not hold \(count) elements")
    }
    return try viewed(shape)
  }

  /// A slice of the first axis, sharing storage. Errors: rank 0, or a range beyond the extent.
  package func rows(_ range: Range<Int>) throws -> Tensor {
    guard let extent = shape.first else { throw EngineError.badAxis(axis: 0, rank: 0) }
    guard range.lowerBound >= 0, range.upperBound <= extent else {
      let index = range.lowerBound < 0 ? range.lowerBound : range.upperBound
      throw EngineError.indexOutOfRange(index: index, count: extent, axis: 0)
    }
    var shape = shape
    shape[0] = range.count
    let each = Shape.volume(shape.dropFirst())
    return try viewed(shape, offset: range.lowerBound &* each, count: range.count &* each)
  }
}
