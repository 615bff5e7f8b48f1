/// The type of elements in a file: those of maas, and narrow ones that are read as the next wider it has.
struct ElementType: Equatable {
  enum Kind { case bool, unsigned, signed, float, brainFloat }
  let kind: Kind
  let byteCount: Int
  let isBigEndian: Bool

  init(_ kind: Kind, _ byteCount: Int, isBigEndian: Bool = false) {
    (self.kind, self.byteCount, self.isBigEndian) = (kind, byteCount, isBigEndian)
  }

  init(_ dtype: DType) {
    switch dtype {
    case .bool: self.init(.bool, 1)
    case .u8: self.init(.unsigned, 1)
    case .i8: self.init(.signed, 1)
    case .i32: self.init(.signed, 4)
    case .i64: self.init(.signed, 8)
    case .f32: self.init(.float, 4)
    case .f64: self.init(.float, 8)
    }
  }

  /// From NumPy's `<f4`; nil for what cannot be held without loss.
  init?(descriptor: String) {
    let signs = Array(descriptor)
    guard signs.count == 3, let width = signs[2].wholeNumberValue else { return nil }
    let kinds: [Character: (Kind, [Int])] = [
      "b": (.bool, [1]), "u": (.unsigned, [1, 2, 4]), "i": (.signed, [1, 2, 4, 8]), "f": (.float, [2, 4, 8]),
    ]
    guard let (kind, widths) = kinds[signs[1]], widths.contains(width) else { return nil }
    switch signs[0] {
    case "<", ">": self.init(kind, width, isBigEndian: signs[0] == ">" && width > 1)
    case "|" where width == 1, "=": self.init(kind, width)
    default: return nil
    }
  }

  /// NumPy's name for the type.
  var descriptor: String {
    let letter =
      switch kind {
      case .bool: "b"
      case .unsigned: "u"
      case .signed: "i"
      case .float, .brainFloat: "f"
      }
    return "\(byteCount == 1 ? "|" : isBigEndian ? ">" : "<")\(letter)\(byteCount)"
  }

  /// The type in maas that holds every value of it.
  var dtype: DType {
    switch (kind, byteCount) {
    case (.bool, _): .bool
    case (.unsigned, 1): .u8
    case (.unsigned, 2), (.signed, 2), (.signed, 4): .i32
    case (.unsigned, _), (.signed, 8): .i64
    case (.signed, _): .i8
    case (.float, 8): .f64
    case (.float, _), (.brainFloat, _): .f32
    }
  }

  /// Whether the bytes in the file are those of a tensor.
  var isNative: Bool { self == ElementType(dtype) }
}

/// Elements as they lie in a file, to be turned into a tensor.
struct RawElements {
  private let type: ElementType
  private let count: Int
  /// The tensor itself where the types agree; bytes otherwise.
  private let bytes: Tensor

  init(type: ElementType, count: Int, from source: inout some ByteSource) throws {
    self.type = type
    self.count = count
    let dtype = type.isNative ? type.dtype : .u8
    let length = count &* type.byteCount
    var copy = source
    bytes = try Tensor(dtype, [type.isNative ? count : length]) {
      try copy.fill($0, length, of: "the elements")
      if dtype == .bool { Tensor.normaliseBooleans($0, count) }
    }
    source = copy
  }

  func tensor(shape: [Int]) throws -> Tensor {
    if type.isNative { return try bytes.reshaped(shape) }
    return try Tensor(type.dtype, shape) { to in try bytes.withBytes { convert($0, to) } }
  }

  private func convert(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    for index in 0..<count {
      var bits: UInt64 = 0
      for byte in 0..<type.byteCount {
        let place = type.isBigEndian ? type.byteCount - 1 - byte : byte
        bits |=
          UInt64(from.load(fromByteOffset: index &* type.byteCount &+ place, as: UInt8.self))
          << UInt64(8 * byte)
      }
      store(bits, to + index &* type.dtype.byteCount)
    }
  }

  private func store(_ bits: UInt64, _ to: UnsafeMutableRawPointer) {
    switch (type.kind, type.byteCount) {
    case (.float, 2): to.storeBytes(of: Float(halfBits: UInt16(truncatingIfNeeded: bits)), as: Float.self)
    case (.brainFloat, _): to.storeBytes(of: UInt32(truncatingIfNeeded: bits << 16), as: UInt32.self)
    case (.signed, 2): to.storeBytes(of: Int32(Int16(truncatingIfNeeded: bits)), as: Int32.self)
    case (.unsigned, 4): to.storeBytes(of: bits, as: UInt64.self)
    case (_, 8): to.storeBytes(of: bits, as: UInt64.self)
    case (_, 4), (.unsigned, 2): to.storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
    default: to.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
    }
  }
}

extension Float {
  /// The value of an IEEE half: 1 sign bit, 5 of exponent, 10 of fraction.
  init(halfBits: UInt16) {
    let sign = UInt32(halfBits & 0x8000) << 16
    let exponent = UInt32(halfBits >> 10) & 0x1f
    let fraction = UInt32(halfBits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self.init(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
