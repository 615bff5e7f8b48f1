import CEngine

/// A matrix of f32 of which most blocks are zero, laid out without them. A block is 16 numbers of one row, side by side.
package struct PackedBlocks: Sendable {
  package let rows: Int
  package let columns: Int
  /// How many blocks hold something else than zeros.
  package let blocks: Int
  private let packed: Tensor

  /// The share of blocks from which on reading all numbers is as fast. Products of 784×128, 784×1200 and 1200×1200 with
  /// 1 to 256 rows on a Cascade Lake Xeon: 3.5 to 20 times as fast at a share of 0.1, 1.5 to 12 times at 0.3, 0.9 to 4
  /// times at 0.5, 0.6 to 6 times at 0.7.
  package static let mostShare = 0.4
  /// Smaller matrices are read whole.
  private static let fewestElements = 1024

  /// - Parameter matrix: f32, of rank 2.
  /// - Returns: nil where the product would not be faster, or the matrix is something else.
  package init?(_ matrix: Tensor) throws {
    guard matrix.dtype == .f32, matrix.rank == 2, !matrix.isHollow,
      matrix.count >= PackedBlocks.fewestElements,
      matrix.shape[1] > 1, UInt32(exactly: matrix.count) != nil
    else { return nil }
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let width = Int(MAAS_BLOCK_WIDTH)
    let blocks = try matrix.withBytes {
      maas_sparse_count($0.assumingMemoryBound(to: Float.self), rows, columns)
    }
    let all = rows * ((columns + width - 1) / width)
    guard Double(blocks) <= PackedBlocks.mostShare * Double(all) else { return nil }
    (self.rows, self.columns, self.blocks) = (rows, columns, blocks)
    packed = try Tensor(.u8, [maas_sparse_size(columns, blocks)]) { to in
      try matrix.withBytes {
        maas_sparse_pack($0.assumingMemoryBound(to: Float.self), rows, columns, blocks, to)
      }
    }
    if packed.isHollow { return nil }
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
