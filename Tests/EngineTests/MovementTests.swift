import Testing

@testable import Engine

extension EngineTests {
  @Suite struct MovementTests {
    /// Elements named by their place.
    static func counted(_ shape: [Int], _ dtype: DType = .i64) throws -> Tensor {
      try Tensor(Array(0..<shape.reduce(1, *)), shape: shape).converted(to: dtype)
    }

    /// The element of `x` at an index.
    static func at(_ x: Tensor, _ index: [Int]) throws -> Int {
      try x.int(at: zip(index, x.shape).reduce(0) { $0 * $1.1 + $1.0 })
    }

    static func indices(_ shape: [Int]) -> [[Int]] {
      shape.reduce([[]]) { all, extent in all.flatMap { index in (0..<extent).map { index + [$0] } } }
    }

    @Test(arguments: [DType.u8, .f32, .f64]) func permutedInEveryOrder(_ dtype: DType) throws {
      let x = try Self.counted([2, 3, 4, 5], dtype)
      for order in [
        [0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [1, 0, 3, 2], [2, 3, 0, 1], [0, 1, 3, 2], [-1, 0, 1, 2],
      ] {
        let y = try x.permuted(order)
        let positive = order.map { $0 < 0 ? $0 + 4 : $0 }
        for index in Self.indices(x.shape) {
          #expect(try Self.at(y, positive.map { index[$0] }) == Self.at(x, index))
        }
      }
    }

    @Test func largeTurnedMatrices() throws {
      for (m, n) in [(8, 8), (100, 37), (37, 100), (5, 9), (1, 7), (300, 500)] {
        for dtype in [DType.f32, .i64, .u8] {
          let x = try Self.counted([m, n], dtype)
          let y = try with(threads: 3) { try x.permuted([1, 0]) }
          #expect(y.shape == [n, m])
          for i in stride(from: 0, to: m, by: 3) {
            for j in 0..<n { #expect(try y.int(at: j * m + i) == x.int(at: i * n + j)) }
          }
          #expect(try y.permuted([1, 0]).bitEqual(x))
        }
      }
    }

    @Test func orderMustBeAPermutation() throws {
      let x = try Self.counted([2, 3])
      for order in [[0], [0, 0], [0, 1, 1], []] {
        guard case .badValue = refusal({ _ = try x.permuted(order) }) else {
          Issue.record("accepted \(order)")
          return
        }
      }
      guard case .badAxis(2, 2) = refusal({ _ = try x.permuted([0, 2]) }) else {
        Issue.record("accepted")
        return
      }
    }

    @Test func broadcastAndItsRefusals() throws {
      let x = try Self.counted([3, 1])
      #expect(try x.broadcast(to: [2, 3, 2]).array(Int.self) == [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2])
      #expect(try Tensor(scalar: 4).broadcast(to: [2, 2]).array(Int.self) == [4, 4, 4, 4])
      #expect(try Tensor(scalar: 4).broadcast(to: [1]).array(Int.self) == [4])
      #expect(try x.broadcast(to: [3, 0]).count == 0)
      for shape in [[3], [2, 1], []] {
        guard case .shapeMismatch = refusal({ _ = try x.broadcast(to: shape) }) else {
          Issue.record("accepted \(shape)")
          return
        }
      }
    }

    @Test func slicesAndTheirAdjoint() throws {
      let x = try Self.counted([4, 5, 6])
      let cases: [([Int], [Int], [Int])] = [
        ([0, 0, 0], [4, 5, 6], [1, 1, 1]), ([1, 0, 0], [3, 5, 6], [1, 1, 1]),
        ([3, 4, 5], [-1, -1, -1], [-1, -2, -3]),
        ([0, 1, 2], [4, 5, 6], [3, 2, 2]), ([2, 2, 2], [2, 5, 3], [1, 1, 1]),
        ([0, 4, 0], [4, 0, 1], [2, -3, 5]),
      ]
      for (starts, stops, steps) in cases {
        let y = try x.sliced(starts: starts, stops: stops, steps: steps)
        let places = (0..<3).map { Array(stride(from: starts[$0], to: stops[$0], by: steps[$0])) }
        #expect(y.shape == places.map(\.count))
        for index in Self.indices(y.shape) {
          #expect(try Self.at(y, index) == Self.at(x, (0..<3).map { places[$0][index[$0]] }))
        }
        let back = try Tensor.placed(y, in: x.shape, starts: starts, steps: steps)
        let hits = Set(Self.indices(y.shape).map { index in (0..<3).map { places[$0][index[$0]] } })
        for index in Self.indices(x.shape) {
          #expect(try Self.at(back, index) == (hits.contains(index) ? Self.at(x, index) : 0))
        }
      }
      for (start, stop, step) in [(0, 5, 1), (-1, 2, 1), (4, 0, -1), (3, -2, -1)] {
        guard
          case .indexOutOfRange = refusal({
            _ = try Self.counted([4]).sliced(starts: [start], stops: [stop], steps: [step])
          })
        else {
          Issue.record("accepted \(start)..\(stop)")
          return
        }
      }
      guard
        case .badValue = refusal({
          _ = try x.rows(0..<1).reshaped([30]).sliced(starts: [0], stops: [3], steps: [0])
        })
      else {
        Issue.record("accepted a step of 0")
        return
      }
      #expect(
        try Self.counted([4]).sliced(starts: [1], stops: [Int.max], steps: [Int.max]).array(Int.self) == [1])
    }

    @Test func flippedAndConcatenated() throws {
      let x = try Self.counted([2, 3])
      #expect(try x.flipped(axes: [1]).array(Int.self) == [2, 1, 0, 5, 4, 3])
      #expect(try x.flipped(axes: [0, -1]).array(Int.self) == [5, 4, 3, 2, 1, 0])
      #expect(try Tensor.concatenated([x, x], axis: 0).shape == [4, 3])
      let wide = try Tensor.concatenated([x, Self.counted([2, 1], .f32), Self.counted([2, 0])], axis: -1)
      #expect(try wide.dtype == .f32 && wide.array(Int.self) == [0, 1, 2, 0, 3, 4, 5, 1])
      guard
        case .shapeMismatch = refusal({ _ = try Tensor.concatenated([x, Self.counted([3, 2])], axis: 0) })
      else {
        Issue.record("accepted")
        return
      }
      guard case .badValue = refusal({ _ = try Tensor.concatenated([], axis: 0) }) else {
        Issue.record("accepted")
        return
      }
    }
  }
}
