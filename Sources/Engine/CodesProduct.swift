import CEngine

/// A matrix of 8-bit codes, laid out for products with floats that are rounded on the way.
package final class PackedCodes: Sendable {
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
  ///   - rectifies: whether what is below zero becomes zero.
  /// - Throws: `shapeMismatch`, `badValue`.
  package func product(
    _ x: Tensor, rounding: (scale: Float, zero: Int)?, bias: Tensor?, rectifies: Bool = false
  ) throws -> Tensor {
    if x.dtype != .f32 {
      return try product(x.converted(to: .f32), rounding: rounding, bias: bias, rectifies: rectifies)
    }
    guard x.shape.last == rows else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "coded_product", lhs: x.shape, rhs: [rows, columns],
          reason: "the last axis of the left must be as long as the right has rows"))
    }
    guard bias.map({ $0.dtype == .f32 && $0.count == columns }) ?? true else {
      throw EngineError.badValue("a bias has a number of f32 for each column")
    }
    if let rounding, !PackedCodes.isUsable(rounding) {
      throw EngineError.badValue("a scale is above 0, and the code of zero from 0 to 255")
    }
    let by = PackedCodes.rounding(rounding)
    let count = Shape.volume(x.shape.dropLast())
    var shape = x.shape
    shape[shape.count - 1] = columns
    return try Tensor(.f32, shape) { to in
      let to = to.assumingMemoryBound(to: Float.self)
      let result = try x.withBytes { x in
        try bias.withBytes { bias in
          try run(x.assumingMemoryBound(to: Float.self), by, bias, rectifies, count, to)
        }
      }
      if result != 0 { throw EngineError.outOfMemory(bytes: x.count) }
    }
  }

  /// The product as a step of a program; nil where it would not be a product of this kind.
  package func write(
    _ x: ProgramWriter.Place, rounding: (scale: Float, zero: Int)?, bias: Tensor?, rectifies: Bool,
    in program: inout ProgramWriter
  ) -> ProgramWriter.Place? {
    if let rounding, !PackedCodes.isUsable(rounding) { return nil }
    if let bias, bias.dtype != .f32 || bias.count != columns || bias.rank == 0 { return nil }
    guard !x.shape.isEmpty, x.shape.last == rows, let x = program.converted(x, to: .f32),
      let packed = try? packed.address, let scales = try? scales.address
    else { return nil }
    let codes = maas_program_codes(
      m: x.count / rows, n: columns, k: rows, rounding: PackedCodes.rounding(rounding), packed: packed,
      ending: ending(UnsafeRawPointer(scales), bias.flatMap { try? $0.address }, rectifies))
    var step = maas_program_step()
    step.kind = MAAS_PROGRAM_CODES
    let kept = [self.packed, self.scales] + (bias.map { [$0] } ?? [])
    return program.add(
      step, x, detail: .codes(codes, kept: kept), giving: .f32, x.shape.dropLast() + [columns])
  }

  private static func isUsable(_ rounding: (scale: Float, zero: Int)) -> Bool {
    rounding.scale.isNormal && rounding.scale > 0 && (0...255).contains(rounding.zero)
  }

  private static func rounding(_ rounding: (scale: Float, zero: Int)?) -> maas_rounding {
    maas_rounding(scale: rounding?.scale ?? 0, zero: Int32(rounding?.zero ?? 0))
  }

  private func ending(
    _ scales: UnsafeRawPointer, _ bias: UnsafeRawPointer?, _ rectifies: Bool
  ) -> maas_codes_ending {
    maas_codes_ending(
      scales: scales.assumingMemoryBound(to: Float.self), each: self.scales.count == 1 ? 0 : 1,
      bias: bias?.assumingMemoryBound(to: Float.self), rectifies: rectifies ? 1 : 0)
  }

  private func run(
    _ x: UnsafePointer<Float>, _ rounding: maas_rounding, _ bias: UnsafeRawPointer?, _ rectifies: Bool,
    _ count: Int, _ to: UnsafeMutablePointer<Float>
  ) throws -> Int32 {
    try packed.withBytes { packed in
      try scales.withBytes { scales in
        var ending = ending(scales, bias, rectifies)
        return maas_codes_product(count, columns, rows, x, rounding, packed, &ending, to)
      }
    }
  }
}

extension Tensor? {
  /// The elements' memory, where there is a tensor.
  fileprivate func withBytes<R>(_ body: (UnsafeRawPointer?) throws -> R) throws -> R {
    guard let self else { return try body(nil) }
    return try self.withBytes { try body($0) }
  }
}
