import Engine

/// The batches of one epoch: a function of the data, the size, the seed and the epoch, and of nothing else.
package struct Batches: Sendable {
  package let dataset: Dataset
  package let size: Int
  /// The order of the rows; nil when they come as they are.
  package let order: Tensor?
  /// How many batches there are; the last may be short.
  package let count: Int

  /// - Throws: `DataError.badValue` for a size below one.
  package init(_ dataset: Dataset, size: Int, shuffle: Bool = true, seed: Int = 0, epoch: Int = 0) throws {
    guard size >= 1 else { throw DataError.badValue("a batch holds at least one row, not \(size)") }
    self.dataset = dataset
    self.size = size
    count = dataset.count / size + (dataset.count % size == 0 ? 0 : 1)
    order = try shuffle ? Tensor.permutation(dataset.count, key: RandomKey(seed: seed).folded(epoch)) : nil
  }

  /// The batch at a position.
  ///
  /// - Throws: `indexOutOfRange` past the last one.
  package func batch(_ position: Int) throws -> (x: Tensor, y: Tensor) {
    guard position >= 0, position < count else {
      throw EngineError.indexOutOfRange(index: position, count: count, axis: 0)
    }
    let start = position * size
    let rest = dataset.count - start
    let rows = start..<(start + (rest < size ? rest : size))
    guard let order else { return try dataset.range(rows) }
    return try dataset.rows(order.rows(rows))
  }
}
