import CEngine

/// A matrix of f32 of which most blocks are zero, laid out without them. A block is 16 numbers of one row, side by side.
package struct PackedBlocks: Sendable {
  package let rows: Int
  package let columns: Int
  /// How many blocks hold something else than zeros.
  package let blocks: Int
  private let packed: Tensor

  /// - Parameter matrix: f32, of rank 2, of two columns or more: a single one is added up in lanes.
  /// - Returns: nil where the matrix is something else.
  package init?(_ matrix: Tensor) throws {
    guard let blocks = try PackedBlocks.count(matrix) else { return nil }
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    (self.rows, self.columns, self.blocks) = (rows, columns, blocks)
    packed = try Tensor(.u8, [maas_sparse_size(rows, columns, blocks)]) { to in
      try matrix.withBytes {
        maas_sparse_pack($0.assumingMemoryBound(to: Float.self), rows, columns, blocks, to)
      }
    }
    if packed.isHollow { return nil }
  }

  /// The share of a matrix's blocks that hold something else than zeros; nil where it cannot be laid out like this.
  package static func share(of matrix: Tensor) throws -> Double? {
    guard let blocks = try count(matrix) else { return nil }
    let width = Int(MAAS_BLOCK_WIDTH)
    return Double(blocks) / Double(matrix.shape[0] * ((matrix.shape[1] - 1) / width + 1))
  }

  private static func count(_ matrix: Tensor) throws -> Int? {
    guard matrix.dtype == .f32, matrix.rank == 2, !matrix.isHollow, matrix.shape[0] > 0,
      matrix.shape[1] > 1, UInt32(exactly: matrix.count) != nil
    else { return nil }
    return try matrix.withBytes {
      maas_sparse_count($0.assumingMemoryBound(to: Float.self), matrix.shape[0], matrix.shape[1])
    }
  }

  /// x times the matrix, with the bits of `Tensor.product`; only a sum that fell below 2^-126 on its way may be a zero of
  /// the other sign.
  ///
  /// - Parameter x: f32 of rank 1 or more, the last axis as long as the matrix has rows.
  /// - Returns: nil where x is something else, or a number of it is not finite: infinity times zero counts.
  package func product(_ x: Tensor) throws -> Tensor? {
    guard x.dtype == .f32, x.shape.last == rows else { return nil }
    let count = Shape.volume(x.shape.dropLast())
    var shape = x.shape
    shape[shape.count - 1] = columns
    var isFinite = true
    let result = try Tensor(.f32, shape) { to in
      let to = to.assumingMemoryBound(to: Float.self)
      try x.withBytes { x in
        try packed.withBytes { packed in
          isFinite =
            maas_sparse_product(count, columns, rows, x.assumingMemoryBound(to: Float.self), packed, to) == 0
        }
      }
    }
    return isFinite ? result : nil
  }
}
