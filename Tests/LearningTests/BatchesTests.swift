import Testing

@testable import Engine
@testable import Learning

@Suite struct BatchesTests {
  private func numbered(_ count: Int) throws -> Dataset {
    let numbers = (0..<count).map { Float($0) }
    return try Dataset(
      name: "numbers", features: Tensor(numbers, shape: [count, 1]), labels: Tensor(numbers))
  }

  private func order(_ batches: Batches) throws -> [[Float]] {
    try (0..<batches.count).map { position in
      let (x, y) = try batches.batch(position)
      #expect(try x.array(Float.self) == y.array(Float.self))
      return try x.array(Float.self)
    }
  }

  @Test func everyRowComesOnceAndTheLastBatchIsShort() throws {
    let batches = try Batches(numbered(10), size: 4, seed: 1)
    #expect(batches.count == 3)
    let rows = try order(batches)
    #expect(rows.map(\.count) == [4, 4, 2])
    #expect(rows.flatMap { $0 }.sorted() == (0..<10).map { Float($0) })
  }

  @Test func orderDependsOnSeedAndEpochAlone() throws {
    let data = try numbered(100)
    let first = try order(Batches(data, size: 7, seed: 1))
    #expect(try order(Batches(data, size: 7, seed: 1)) == first)
    #expect(try order(Batches(data, size: 7, seed: 2)) != first)
    #expect(try order(Batches(data, size: 7, seed: 1, epoch: 1)) != first)
    #expect(try order(Batches(data, size: 100, seed: 1)).flatMap { $0 } == first.flatMap { $0 })
    #expect(first.flatMap { $0 } != (0..<100).map { Float($0) })
  }

  @Test func unshuffledBatchesKeepTheOrder() throws {
    let rows = try order(Batches(numbered(5), size: 2, shuffle: false))
    #expect(rows == [[0, 1], [2, 3], [4]])
  }

  @Test func sizesAndPositions() throws {
    let data = try numbered(5)
    #expect(throws: DataError.self) { try Batches(data, size: 0) }
    #expect(throws: DataError.self) { try Batches(data, size: -3) }
    #expect(try Batches(data, size: Int.max).count == 1)
    #expect(try Batches(data, size: Int.max).batch(0).x.shape == [5, 1])
    #expect(throws: EngineError.self) { try Batches(data, size: 2).batch(3) }
    #expect(throws: EngineError.self) { try Batches(data, size: 2).batch(-1) }
    let empty = try data.range(0..<0)
    #expect(try Batches(Dataset(name: "none", features: empty.x, labels: empty.y), size: 2).count == 0)
  }
}
