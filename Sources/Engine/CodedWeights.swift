import CEngine

/// A matrix of codes of 4 bits, laid out for products with floats: the codes become floats in registers.
package struct PackedCodedWeights: Sendable {
  package let rows: Int
  package let columns: Int
  private let matrix: maas_coded_matrix
  private let packed: Tensor

  /// Bytes as floats that the second cache holds: below, reading the floats is faster (0.5 to 0.9 times the speed at
  /// 784×128). Above, products of 784×1200 and 1200×1200 with 1 to 16 rows are 1.4 to 6 times as fast by AVX-512 on a
  /// Cascade Lake Xeon; by AVX2 a single row takes longer (0.7 to 0.9), so that there the floats are read.
  private static let fewestBytes = 1 << 20
  private static let mostRows = 16
  private static let pathOfAVX512: Int32 = 2

  /// - Parameters:
  ///   - codes: i8 from -8 to 7, of rank 2.
  ///   - scales: f32 [groups, columns]; a group is so many rows, the last may have fewer.
  ///   - zeros: the codes of zero, f32 of the scales' shape.
  /// - Returns: nil where it would never be faster.
  /// - Throws: `badValue` for what does not fit.
  package init?(_ codes: Tensor, scales: Tensor, zeros: Tensor?, group: Int) throws {
    guard codes.dtype == .i8, codes.rank == 2, codes.shape[0] > 0, group >= 1, scales.dtype == .f32,
      scales.shape == [(codes.shape[0] - 1) / group + 1, codes.shape[1]],
      zeros.map({ $0.dtype == .f32 && $0.shape == scales.shape }) ?? true
    else {
      throw EngineError.badValue("codes are a matrix of i8, with scales for groups of rows of each column")
    }
    guard codes.count >= PackedCodedWeights.fewestBytes / 4, codes.shape[1] > 1, group >= 8 else {
      return nil
    }
    try self.init(laidOut: codes, scales, zeros, group)
    if packed.isHollow { return nil }
  }

  /// The layout whether it pays or not.
  init(laidOut codes: Tensor, _ scales: Tensor, _ zeros: Tensor?, _ group: Int) throws {
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
  }

  /// Whether the product is faster than by the matrix as floats.
  package func pays(for x: Tensor) -> Bool {
    x.count <= PackedCodedWeights.mostRows * rows && maas_cpu_path() == PackedCodedWeights.pathOfAVX512
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
