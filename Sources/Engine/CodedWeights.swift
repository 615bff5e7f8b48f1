import CEngine

/// A matrix of codes of 4 bits, laid out for products with floats: the codes become floats in registers.
package struct PackedCodedWeights: Sendable {
  package let rows: Int
  package let columns: Int
  private let matrix: maas_coded_matrix
  private let packed: Tensor

  /// - Parameters:
  ///   - codes: i8 from -8 to 7, of rank 2.
  ///   - scales: f32 [groups, columns]; a group is so many rows, the last may have fewer.
  ///   - zeros: the codes of zero, f32 of the scales' shape.
  /// - Returns: nil for a matrix of unknown elements.
  /// - Throws: `badValue` for what does not fit.
  package init?(_ codes: Tensor, scales: Tensor, zeros: Tensor?, group: Int) throws {
    guard codes.dtype == .i8, codes.rank == 2, codes.shape[0] > 0, group >= 1, scales.dtype == .f32,
      scales.shape == [(codes.shape[0] - 1) / group + 1, codes.shape[1]],
      zeros.map({ $0.dtype == .f32 && $0.shape == scales.shape }) ?? true
    else {
      throw EngineError.badValue("codes are a matrix of i8, with scales for groups of rows of each column")
    }
    (rows, columns) = (codes.shape[0], codes.shape[1])
    var matrix = maas_coded_matrix(k: rows, n: columns, group: group, has_zeros: zeros == nil ? 0 : 1)
    self.matrix = matrix
    packed = try Tensor(.u8, [maas_coded_size(&matrix)]) { to in
      func pack(_ zeros: UnsafeRawPointer?) throws {
        try codes.withBytes { codes in
          try scales.withBytes { scales in
            maas_coded_pack(
              &matrix, codes.assumingMemoryBound(to: Int8.self), scales.assumingMemoryBound(to: Float.self),
              zeros?.assumingMemoryBound(to: Float.self), to)
          }
        }
      }
      if let zeros { try zeros.withBytes { try pack($0) } } else { try pack(nil) }
    }
    if packed.isHollow { return nil }
  }

  /// x times the matrix, with the bits of `Tensor.product` of it as floats.
  ///
  /// - Parameter x: f32 of rank 1 or more, the last axis as long as the matrix has rows.
  /// - Returns: nil where x is something else.
  package func product(_ x: Tensor) throws -> Tensor? {
    guard x.dtype == .f32, x.shape.last == rows else { return nil }
    var shape = x.shape
    shape[shape.count - 1] = columns
    let count = Shape.volume(shape.dropLast())
    var matrix = matrix
    return try Tensor(.f32, shape) { to in
      try x.withBytes { x in
        try packed.withBytes { packed in
          maas_coded_product(
            count, &matrix, x.assumingMemoryBound(to: Float.self), packed,
            to.assumingMemoryBound(to: Float.self))
        }
      }
    }
  }
}
