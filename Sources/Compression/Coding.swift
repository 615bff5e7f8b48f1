import Engine
import Synchronization

/// From which numbers the values of a tensor follow.
package enum Coding: Sendable {
  /// The values themselves.
  case floats
  /// The values, each with 16 bits.
  case sixteen(SixteenBits, Tensor)
  case affine(Affine)
  case codebook(Codebook)

  package func values() throws -> Tensor {
    switch self {
    case .floats: throw EngineError.badValue("plain values have no codes")
    case .sixteen(_, let values): values
    case .affine(let affine): try affine.values()
    case .codebook(let codebook): try codebook.values()
    }
  }
}

/// Values `scale · (code − zero)`, the scales for the whole tensor, or one for each slice or group of slices.
///
/// Along each axis `scale` has one entry, as many as the codes, or one for each `group` of them; the last group may be
/// shorter. `zero` has the shape of `scale`; without it 0 is the code of zero.
package struct Affine: Sendable {
  package let codes: Tensor
  package let scale: Tensor
  package let zero: Tensor?
  package let group: Int
  /// How many bits a code takes: 2 to 8.
  package let bits: Int
  private let product: LazyPacking?

  package init(codes: Tensor, scale: Tensor, zero: Tensor?, group: Int, bits: Int) throws {
    guard codes.dtype == .i8, scale.dtype == .f32, zero.map({ $0.dtype == .i8 }) ?? true else {
      throw EngineError.badValue("codes and zeros are i8, scales f32")
    }
    guard (2...8).contains(bits), group >= 1 else {
      throw EngineError.badValue("codes take 2 to 8 bits, in groups of 1 at least")
    }
    guard scale.rank == codes.rank, zero.map({ $0.shape == scale.shape }) ?? true,
      zip(codes.shape, scale.shape).allSatisfy({ n, k in k == 1 || k == n || k == (n - 1) / group + 1 })
    else {
      throw EngineError.badValue(
        "scales of shape \(scale.shape) do not fit codes of shape \(codes.shape) in groups of \(group)")
    }
    (self.codes, self.scale, self.zero, self.group, self.bits) = (codes, scale, zero, group, bits)
    product =
      zero == nil && codes.rank == 2 && scale.shape[0] == 1 && codes.shape[0] <= PackedCodes.longest
      ? LazyPacking(codes, scale) : nil
  }

  /// The codes laid out for products with rounded floats; `nil` where zeros or groups of rows stand in the way.
  package var forProducts: PackedCodes? { get throws { try product?.packed } }

  /// How many rows share a scale, where codes of 4 bits or fewer can be laid out for products with floats; `nil` where
  /// they cannot, or would take as much memory as the values: 8 rows fill a word.
  var rowsOfGroup: Int? {
    guard bits <= 4, codes.rank == 2, codes.shape[0] > 0, codes.shape[1] > 1 else { return nil }
    // One scale for all rows is one group; scales for single rows are none.
    let rows = scale.shape[0] == 1 ? codes.shape[0] : group
    guard rows >= min(8, codes.shape[0]), scale.shape[0] == (codes.shape[0] - 1) / rows + 1 else {
      return nil
    }
    return rows
  }

  /// The codes laid out so; `nil` where they cannot be.
  var packedCodes: PackedCodedWeights? {
    get throws {
      guard let rowsOfGroup else { return nil }
      return try PackedCodedWeights(
        codes, scales: spreadColumns(scale), zeros: zero.map { try spreadColumns($0.converted(to: .f32)) },
        group: rowsOfGroup)
    }
  }

  /// One entry for each column, of each group of rows.
  private func spreadColumns(_ parts: Tensor) throws -> Tensor {
    let columns = codes.shape[1]
    if parts.shape[1] == columns { return parts }
    if parts.shape[1] == 1 { return try parts.broadcast(to: [parts.shape[0], columns]) }
    return try parts.taken(Tensor((0..<columns).map { $0 / group }), axis: 1)
  }

  func values() throws -> Tensor {
    var steps = try codes.converted(to: .f32)
    if let zero {
      steps = try Tensor.binary(.subtract, steps, spread(zero.converted(to: .f32)))
    }
    return try Tensor.binary(.multiply, steps, spread(scale))
  }

  /// A scale for each code.
  func spreadScales() throws -> Tensor { try spread(scale).broadcast(to: codes.shape) }

  /// One entry for each code, where the extents are neither 1 nor the codes'.
  private func spread(_ parts: Tensor) throws -> Tensor {
    var parts = parts
    for (axis, count) in codes.shape.enumerated() where parts.shape[axis] != 1 && parts.shape[axis] != count {
      parts = try parts.taken(Tensor((0..<count).map { $0 / group }), axis: axis)
    }
    return parts
  }
}

/// Values that are entries of a short list.
package struct Codebook: Sendable {
  package let codes: Tensor
  package let entries: Tensor

  package init(codes: Tensor, entries: Tensor) throws {
    guard codes.dtype == .u8, entries.dtype == .f32, entries.rank == 1, (1...256).contains(entries.count)
    else {
      throw EngineError.badValue("codes are u8, entries 1 to 256 numbers of f32")
    }
    (self.codes, self.entries) = (codes, entries)
  }

  /// Errors: a code beyond the entries.
  func values() throws -> Tensor { try entries.taken(codes, axis: 0) }

  /// The codes with other entries: the mean of the values that share each. An entry of exactly 0 stays.
  package func following(_ values: Tensor) throws -> Codebook {
    var sums = [Double](repeating: 0, count: entries.count)
    var counts = sums
    try codes.withElements(UInt8.self) { codes in
      for (code, value) in zip(codes, try values.array(Float.self)) where Int(code) < sums.count {
        sums[Int(code)] += Double(value)
        counts[Int(code)] += 1
      }
    }
    let old = try entries.array(Float.self)
    let new = old.indices.map { old[$0] == 0 || counts[$0] == 0 ? old[$0] : Float(sums[$0] / counts[$0]) }
    return try Codebook(codes: codes, entries: Tensor(new))
  }
}

/// Floats of 16 bits.
package enum SixteenBits: UInt8, Sendable {
  /// 8 bits of exponent, 7 of fraction: the upper half of an `f32`.
  case bf16 = 1
  /// 5 bits of exponent, 10 of fraction: IEEE binary16.
  case fp16 = 2

  /// The nearest value of this kind, ties to the even one; beyond the largest an infinity.
  package func rounded(_ x: Tensor) throws -> Tensor {
    let values = try x.array(Float.self)
    return try Tensor(values.map { float(bits($0)) }, shape: x.shape)
  }

  func bits(_ value: Float) -> UInt16 {
    switch self {
    case .bf16:
      let bits = value.bitPattern
      if value.isNaN { return UInt16(bits >> 16) | 0x40 }
      return UInt16((bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    case .fp16: return Float16(value).bitPattern
    }
  }

  func float(_ bits: UInt16) -> Float {
    switch self {
    case .bf16: Float(bitPattern: UInt32(bits) << 16)
    case .fp16: Float(Float16(bitPattern: bits))
    }
  }
}

/// Codes that are laid out for products when the first product wants them, once.
private final class LazyPacking: Sendable {
  private let codes: Tensor
  private let scales: Tensor
  private let made = Mutex<PackedCodes?>(nil)

  init(_ codes: Tensor, _ scales: Tensor) { (self.codes, self.scales) = (codes, scales) }

  var packed: PackedCodes {
    get throws {
      try made.withLock { made in
        if let made { return made }
        let packed = try PackedCodes(codes, scales: scales)
        made = packed
        return packed
      }
    }
  }
}
