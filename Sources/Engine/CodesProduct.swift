import CEngine

/// A matrix of 8-bit codes, laid out for products with floats that are rounded on the way.
package struct PackedCodes: Sendable {
  package let rows: Int
  package let columns: Int
  private let packed: Tensor
  /// One, or one for each column.
  private let scales: Tensor

  /// The longest sum that 32 bits hold.
  package static let longest = Int(MAAS_CODES_LONGEST)

  /// - Parameters:
  ///   - codes: i8, of rank 2.
  ///   - scales: f32, one or as many as the columns.
  /// - Throws: `badValue` for anything else.
  package init(_ codes: Tensor, scales: Tensor) throws {
    guard codes.dtype == .i8, codes.rank == 2, scales.dtype == .f32, codes.shape[0] <= PackedCodes.longest,
      scales.count == 1 || scales.count == codes.shape[1]
    else { throw EngineError.badValue("codes for products are a matrix of i8 with a scale for each column") }
    (rows, columns) = (codes.shape[0], codes.shape[1])
    self.scales = try scales.reshaped([scales.count])
    packed = try Tensor(.u8, [maas_codes_packed_size(codes.shape[0], codes.shape[1])]) { to in
      try codes.withBytes {
        maas_codes_pack($0.assumingMemoryBound(to: Int8.self), codes.shape[0], codes.shape[1], to)
      }
    }
  }

  /// x rounded to 0…255, times the matrix, plus the bias. The sums are whole numbers, so every processor path gives the
  /// same bits. Rows of x that are not finite give NaN.
  ///
  /// - Parameters:
  ///   - x: f32 of rank 1 or more, the last axis as long as the matrix has rows.
  ///   - rounding: the scale and the code of zero, 0 to 255; `nil` finds both for each row.
  /// - Throws: `shapeMismatch`, `badValue`.
  package func product(
    _ x: Tensor, rounding: (scale: Float, zero: Int)?, bias: Tensor?
  ) throws -> Tensor {
    guard let last = x.shape.last, last == rows else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "coded_product", lhs: x.shape, rhs: [rows, columns],
          reason: "the last axis of the left must be as long as the right has rows"))
    }
    guard bias.map({ $0.dtype == .f32 && $0.count == columns }) ?? true else {
      throw EngineError.badValue("a bias has a number of f32 for each column")
    }
    if let rounding, !(rounding.scale.isNormal && rounding.scale > 0) || !(0...255).contains(rounding.zero) {
      throw EngineError.badValue("a scale is above 0, and the code of zero from 0 to 255")
    }
    let x = try x.converted(to: .f32)
    let by = maas_rounding(scale: rounding?.scale ?? 0, zero: Int32(rounding?.zero ?? 0))
    let count = Shape.volume(x.shape.dropLast())
    return try Tensor(.f32, Array(x.shape.dropLast()) + [columns]) { to in
      let result = try x.withBytes { x in
        try packed.withBytes { packed in
          try scales.withBytes { scales in
            func run(_ bias: UnsafeRawPointer?) -> Int32 {
              maas_codes_product(
                count, columns, rows, x.assumingMemoryBound(to: Float.self), by, packed,
                scales.assumingMemoryBound(to: Float.self), self.scales.count == 1 ? 0 : 1,
                bias?.assumingMemoryBound(to: Float.self), to.assumingMemoryBound(to: Float.self))
            }
            return try bias.map { try $0.withBytes { run($0) } } ?? run(nil)
          }
        }
      }
      if result != 0 { throw EngineError.outOfMemory(bytes: x.count) }
    }
  }
}
