import CEngine

/// Reading elements out of tensors. Errors: `hollow`, in a rehearsal.
extension Tensor {
  /// The elements as they lie; `type` must be the tensor's own.
  package func withElements<T: TensorElement, R>(
    _ type: T.Type, _ body: (UnsafeBufferPointer<T>) throws -> R
  ) throws -> R {
    precondition(T.dtype == dtype, "the tensor holds \(dtype.name)")
    return try withBytes {
      try body(UnsafeBufferPointer(start: $0.assumingMemoryBound(to: T.self), count: count))
    }
  }

  /// A copy of all elements, converted.
  package func array<T: TensorElement>(_ type: T.Type) throws -> [T] {
    try [T](unsafeUninitializedCapacity: count) { buffer, written in
      if let base = buffer.baseAddress {
        try withBytes { maas_convert(dtype.code, T.dtype.code, $0, base, count) }
      }
      written = count
    }
  }

  /// Any element as a double. The index must be within the count.
  package func double(at flat: Int) throws -> Double {
    precondition(flat >= 0 && flat < count, "index out of range")
    return try withBytes { bytes in
      switch dtype {
      case .f32: Double(bytes.load(fromByteOffset: flat * 4, as: Float.self))
      case .f64: bytes.load(fromByteOffset: flat * 8, as: Double.self)
      default: Double(integer(bytes, flat))
      }
    }
  }

  /// Any element as an integer: floats truncated toward zero and clamped, NaN is 0. The index must be within
  /// the count.
  package func int(at flat: Int) throws -> Int {
    precondition(flat >= 0 && flat < count, "index out of range")
    if dtype.isFloat { return Int(truncatingAndClamping: try double(at: flat)) }
    return try withBytes { integer($0, flat) }
  }

  /// The only element.
  package var scalarDouble: Double { get throws { try double(at: 0) } }

  private func integer(_ bytes: UnsafeRawPointer, _ flat: Int) -> Int {
    switch dtype {
    case .i8: Int(bytes.load(fromByteOffset: flat, as: Int8.self))
    case .i32: Int(bytes.load(fromByteOffset: flat * 4, as: Int32.self))
    case .i64: bytes.load(fromByteOffset: flat * 8, as: Int.self)
    default: Int(bytes.load(fromByteOffset: flat, as: UInt8.self))
    }
  }

  /// The same dtype, shape and bytes: NaN equals itself, 0 and -0 differ.
  package func bitEqual(_ other: Tensor) throws -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    return try withBytes { a in
      try other.withBytes { b in
        let mine = UnsafeRawBufferPointer(start: a, count: byteCount)
        return mine.elementsEqual(UnsafeRawBufferPointer(start: b, count: byteCount))
      }
    }
  }
}

extension Int {
  /// Truncated toward zero; beyond the range its end; NaN is 0.
  init(truncatingAndClamping x: Double) {
    if x.isNaN {
      self = 0
    } else if x >= 0x1p63 {
      self = .max
    } else if x <= -0x1p63 {
      self = .min
    } else {
      self.init(x)
    }
  }
}

extension Tensor {
  /// Whether both have the same dtype, shape and elements, to the last bit.
  package func hasBits(of other: Tensor) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    func bytes(_ start: UnsafeRawPointer) -> UnsafeRawBufferPointer { .init(start: start, count: byteCount) }
    return (try? withBytes { a in try other.withBytes { bytes(a).elementsEqual(bytes($0)) } }) ?? false
  }
}
