import Testing

@testable import Engine
@testable import Learning

@Suite struct DatasetTests {
  private func bytes(_ count: Int) throws -> Dataset {
    let features = try Tensor((0..<(2 * count)).map { UInt8($0) }, shape: [count, 2])
    return try Dataset(
      name: "bytes", features: features, scale: 1 / 255, labels: Tensor((0..<count).map { $0 % 3 }),
      classes: 3)
  }

  @Test func picturesBecomeScaledFloats() throws {
    let data = try bytes(6)
    #expect(data.count == 6)
    let x = try data.x()
    #expect(x.dtype == .f32 && x.shape == [6, 2])
    for (position, value) in try x.array(Float.self).enumerated() {
      #expect(value == Float(Double(position) / 255))
    }
    let (rows, labels) = try data.rows(Tensor([4, 0, 4]))
    #expect(rows.dtype == .f32)
    #expect(try rows.array(Float.self) == [8, 9, 0, 1, 8, 9].map { Float($0 / 255.0) })
    #expect(try labels.array(Int.self) == [1, 0, 1])
    let (part, marks) = try data.range(4..<9)
    #expect(try part.shape == [2, 2] && marks.array(Int.self) == [1, 2])
    #expect(try part.array(Float.self) == [8, 9, 10, 11].map { Float($0 / 255.0) })
  }

  @Test func bytesAndRowsGiveTheSameBits() throws {
    let data = try bytes(100)
    let all = try data.x()
    #expect(try data.rows(Tensor(Array(0..<100))).x.bitEqual(all))
    #expect(try data.range(0..<100).x.bitEqual(all))
  }

  @Test func whatDoesNotAgreeIsRefused() throws {
    let x = try Tensor([Float(1), 2, 3, 4], shape: [2, 2])
    #expect(throws: DataError.disagreement("pair has 2 rows of features and 3 labels")) {
      try Dataset(name: "pair", features: x, labels: Tensor([0, 1, 0]), classes: 2)
    }
    #expect(throws: DataError.badLabel(label: 5, classes: 2, row: 1, source: "pair")) {
      try Dataset(name: "pair", features: x, labels: Tensor([0, 5]), classes: 2)
    }
    #expect(throws: DataError.badLabel(label: -1, classes: 2, row: 0, source: "pair")) {
      try Dataset(name: "pair", features: x, labels: Tensor([-1, 0]), classes: 2)
    }
    #expect(throws: DataError.self) {
      try Dataset(name: "pair", features: Tensor(scalar: 1.0), labels: Tensor(scalar: 1))
    }
    #expect(throws: EngineError.self) {
      try Dataset(name: "pair", features: x, labels: Tensor([0, 1])).rows(Tensor([2]))
    }
  }

  @Test func targetsMayBeFloats() throws {
    let data = try Dataset(
      name: "line", features: Tensor([Float(1), 2], shape: [2, 1]), labels: Tensor([Float(0.5), 1.5]))
    #expect(data.classes == nil)
    #expect(try data.rows(Tensor([1])).y.array(Float.self) == [1.5])
  }

  @Test func splitIsAPartition() throws {
    let data = try bytes(50)
    let (first, second) = try data.split(fraction: 0.8, seed: 3)
    #expect(first.count == 40 && second.count == 10)
    let rows = try first.features.array(Int.self) + second.features.array(Int.self)
    #expect(rows.sorted() == Array(0..<100))
    #expect(try data.split(fraction: 0.8, seed: 3).0.features.bitEqual(first.features))
    #expect(try !data.split(fraction: 0.8, seed: 4).0.features.bitEqual(first.features))
    #expect(throws: DataError.self) { try data.split(fraction: 1.5, seed: 0) }
    #expect(throws: DataError.self) { try data.split(fraction: .nan, seed: 0) }
  }
}
