import Testing

@testable import Engine

/// Sorting by digits against sorting by comparison.
struct OrderTests {
  /// Places in ascending order, NaN last, equal ones in their order.
  private func expected(_ row: [Double]) -> [Int] {
    row.indices.sorted { a, b in
      let (x, y) = (row[a], row[b])
      if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
      return x == y ? a < b : x < y
    }
  }

  @Test(arguments: [DType.f32, .f64, .i64, .i32, .i8, .u8, .bool], [1, 2, 96, 97, 5000])
  func ordersAsComparisonsDo(_ dtype: DType, _ length: Int) throws {
    let draws = try Tensor.normal(shape: [3 * length], key: RandomKey(seed: length), dtype: .f64).array(
      Double.self)
    var numbers = draws.enumerated().map { $0 % 5 == 0 ? ($1 * 3).rounded() : $1 * 50 }
    if dtype.isFloat, length > 8 {
      for (place, special) in [.nan, -.infinity, -0.0, 0.0, .infinity, -.nan, -0.0, .leastNonzeroMagnitude]
        .enumerated()
      {
        numbers[place * length / 8] = special
      }
    }
    let x = try Tensor(numbers, shape: [3, length]).converted(to: dtype)
    let rows = try x.array(Double.self)
    let order = try x.argsorted().array(Int.self)
    let sorted = try x.sorted().array(Double.self)
    for r in 0..<3 {
      let row = Array(rows[r * length..<(r + 1) * length])
      let places = expected(row)
      #expect(Array(order[r * length..<(r + 1) * length]) == places)
      #expect(
        sorted[r * length..<(r + 1) * length].map(\.bitPattern) == places.map { row[$0].bitPattern })
    }
  }

  @Test func largeWholeNumbersAreExact() throws {
    let x = try Tensor([Int.max, Int.min, Int.max - 1, -1, 0, Int.min + 1] + Array(repeating: 7, count: 100))
    #expect(try x.sorted().array(Int.self) == x.array(Int.self).sorted())
  }
}
