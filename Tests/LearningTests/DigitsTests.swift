import Testing

@testable import Engine
@testable import Learning

@Suite struct DigitsTests {
  @Test func everyDigitIsDrawn() throws {
    let data = try Digits.dataset(count: 500, seed: 3)
    #expect(data.features.shape == [500, 784] && data.features.dtype == .u8 && data.classes == 10)
    #expect(try data.classCounts()?.allSatisfy { $0 > 20 } == true)
    for row in 0..<data.count {
      let pixels = try data.features.rows(row..<row + 1).array(Int.self)
      let ink = pixels.reduce(0, +) / 255
      #expect(ink > 10 && ink < 320, "row \(row) has \(ink) pixels of ink")
    }
  }

  @Test func repeatable() throws {
    let data = try Digits.dataset(count: 1500, seed: 1)
    let threads = WorkerPool.threadCount
    WorkerPool.setThreadCount(1)
    defer { WorkerPool.setThreadCount(threads) }
    #expect(try Digits.dataset(count: 1500, seed: 1).digest() == data.digest())
    #expect(try Digits.dataset(count: 1500, seed: 2).digest() != data.digest())
    let few = try Digits.dataset(count: 100, seed: 1)
    #expect(try data.features.rows(0..<100).bitEqual(few.features))
    #expect(try Digits.dataset(count: 0, seed: 1).count == 0)
    #expect(throws: DataError.self) { _ = try Digits.dataset(count: -1, seed: 1) }
  }

  @Test func shiftsAndTurns() throws {
    var picture = [UInt8](repeating: 0, count: 25)
    picture[12] = 200
    let data = try Dataset(
      name: "dot", features: Tensor((0..<200).flatMap { _ in picture }, shape: [200, 25]), scale: 1 / 255,
      labels: Tensor([Int](repeating: 0, count: 200)), classes: 1)
    var changes = Dataset.Changes()
    changes.shift = 1
    let shifted = try data.augmented(changes, seed: 1)
    var places: Set<Int> = []
    for row in 0..<200 {
      let pixels = try shifted.features.rows(row..<row + 1).array(Int.self)
      #expect(pixels.filter { $0 == 200 }.count == 1 && pixels.reduce(0, +) == 200)
      places.insert(pixels.firstIndex(of: 200) ?? -1)
    }
    #expect(places == [6, 7, 8, 11, 12, 13, 16, 17, 18])
    // The middle stays in the middle, however it turns.
    changes = Dataset.Changes()
    changes.rotate = 180
    let turned = try data.augmented(changes, seed: 1)
    #expect(try turned.features.rows(3..<4).array(Int.self)[12] == 200)
    changes = Dataset.Changes()
    changes.noise = 0.1
    let noisy = try data.augmented(changes, seed: 1).x().array(Float.self)
    let dots = stride(from: 12, to: noisy.count, by: 25).map { Double(noisy[$0]) - 200.0 / 255 }
    let deviation = (dots.map { $0 * $0 }.reduce(0, +) / Double(dots.count)).squareRoot()
    #expect(deviation > 0.06 && deviation < 0.14)
    #expect(throws: DataError.self) {
      changes.shift = 9
      _ = try data.augmented(changes, seed: 1)
    }
  }
}
