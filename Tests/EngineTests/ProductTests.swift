import Testing

@testable import Engine

extension EngineTests {
  @Suite struct ProductTests {
    static let sizes: [(m: Int, k: Int, n: Int)] = [
      (1, 1, 1), (1, 7, 1), (1, 5, 9), (9, 5, 1), (17, 33, 65), (3, 0, 4), (0, 3, 4), (4, 3, 0), (8, 16, 32),
      (32, 784, 128),
      (7, 2, 31), (33, 128, 10), (10, 32, 128), (64, 300, 600), (50, 40, 130), (130, 257, 515), (2, 100, 70),
      (1, 300, 200),
      (6, 9, 48), (5, 64, 2), (200, 700, 40), (13, 1, 13), (211, 530, 1050),
    ]

    /// Some rows of a product, by the definition.
    static func naive(_ a: [Double], _ b: [Double], _ s: (m: Int, k: Int, n: Int), rows: [Int]) -> [[Double]]
    {
      rows.map { row in
        (0..<s.n).map { column in (0..<s.k).reduce(0) { $0 + a[row * s.k + $1] * b[$1 * s.n + column] } }
      }
    }

    @Test(arguments: [DType.f32, .f64, .i64]) func againstTheDefinition(_ dtype: DType) throws {
      for (index, s) in Self.sizes.enumerated() {
        let range = dtype == .i64 ? -50.0...50 : -1...1
        let a = try tensor(numbers(s.m * s.k, seed: UInt64(index), in: range), [s.m, s.k], dtype)
        let b = try tensor(numbers(s.k * s.n, seed: UInt64(index) + 50, in: range), [s.k, s.n], dtype)
        let rows = Array(Set([0, 1, s.m / 2, s.m - 2, s.m - 1].filter { $0 >= 0 && $0 < s.m }))
        let exact = try Self.naive(a.array(Double.self), b.array(Double.self), s, rows: rows)
        let at = try a.permuted([1, 0])
        let bt = try b.permuted([1, 0])
        // A sum of k products, each below 1.
        let tolerance = (dtype == .f64 ? 2e-16 : 1.2e-7) * Double(max(1, s.k))
        for path in processorPaths {
          try on(path) { () throws in
            for (x, tx) in [(a, false), (at, true)] {
              for (y, ty) in [(b, false), (bt, true)] {
                let c = try Tensor.product(x, y, transposeA: tx, transposeB: ty)
                #expect(c.shape == [s.m, s.n] && c.dtype == dtype)
                let got = try c.array(Double.self)
                let worst =
                  zip(rows, exact).flatMap { row, sums in
                    sums.indices.map { abs(got[row * s.n + $0] - sums[$0]) }
                  }.max() ?? 0
                #expect(worst <= tolerance, "\(s) \(tx) \(ty) \(path)")
              }
            }
          }
        }
      }
    }

    @Test(arguments: [DType.f32, .f64]) func sameBitsWithAnyThreadsAndTransposition(_ dtype: DType) throws {
      let sizes: [(m: Int, k: Int, n: Int)] = [
        (m: 32, k: 784, n: 128), (784, 32, 128), (200, 700, 300), (1, 1100, 1300), (1300, 1100, 1),
        (100, 513, 401), (20, 1300, 33), (64, 600, 100),
      ]
      for s in sizes {
        let a = try tensor(numbers(s.m * s.k, seed: 3), [s.m, s.k], dtype)
        let b = try tensor(numbers(s.k * s.n, seed: 4), [s.k, s.n], dtype)
        let (at, bt) = try (a.permuted([1, 0]), b.permuted([1, 0]))
        for path in processorPaths {
          try on(path) { () throws in
            let one = try with(threads: 1) { try Tensor.product(a, b) }
            for threads in 1...3 {
              try with(threads: threads) { () throws in
                #expect(try Tensor.product(a, b).bitEqual(one))
                // A lone row or column may add in lanes; every matrix product adds in one order.
                guard s.m > 1, s.n > 1 else { return }
                #expect(try Tensor.product(at, b, transposeA: true).bitEqual(one))
                #expect(try Tensor.product(a, bt, transposeB: true).bitEqual(one))
                #expect(try Tensor.product(at, bt, transposeA: true, transposeB: true).bitEqual(one))
              }
            }
          }
        }
      }
    }

    /// Two threads need memory for the sums of two chains; without it the product is as ever.
    @Test func withoutMemoryForTwoChains() throws {
      let a = try tensor(numbers(32 * 784, seed: 5), [32, 784], .f32)
      let b = try tensor(numbers(784 * 128, seed: 6), [784, 128], .f32)
      let whole = try with(threads: 1) { try Tensor.product(a, b) }
      let alone = try with(threads: 2) {
        try MemoryLimit.withRoom(for: 40_000) { try Tensor.product(a, b) }
      }
      #expect(try alone.bitEqual(whole))
    }

    /// Tiles of every height and width.
    @Test(arguments: [DType.f32, .f64]) func aBatchsRowsDoNotDependOnTheirNumber(_ dtype: DType) throws {
      for columns in [3, 17, 90] {
        let a = try tensor(numbers(40 * 200, seed: 5), [40, 200], dtype)
        let b = try tensor(numbers(200 * columns, seed: 6), [200, columns], dtype)
        for path in processorPaths {
          try on(path) { () throws in
            let whole = try Tensor.product(a, b)
            for rows in 1...32 {
              #expect(
                try Tensor.product(a.rows(7..<7 + rows), b).bitEqual(whole.rows(7..<7 + rows)),
                "\(rows) rows of \(columns) on \(path)")
            }
          }
        }
      }
    }

    @Test func nanAndInfinityReachTheirRowsOnly() throws {
      var x = [Double](repeating: 1, count: 9 * 5)
      x[3 * 5 + 2] = .nan
      x[4 * 5] = .infinity
      let c = try Tensor.product(
        tensor(x, [9, 5], .f32), tensor(numbers(5 * 3, seed: 1, in: 1...2), [5, 3], .f32))
      for row in 0..<9 {
        for column in 0..<3 {
          let v = try c.double(at: row * 3 + column)
          #expect(row == 3 ? v.isNaN : row == 4 ? v == .infinity : v.isFinite)
        }
      }
    }

    @Test func vectorsStacksAndPromotion() throws {
      let m = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
      let v = try Tensor([1, 0, -1])
      #expect(try Tensor.product(m, v).array(Int.self) == [-2, -2])
      #expect(try Tensor.product(Tensor([1, -1]), m).array(Int.self) == [-3, -3, -3])
      let dot = try Tensor.product(v, v)
      #expect(try dot.rank == 0 && dot.int(at: 0) == 2)
      let stack = try tensor(numbers(4 * 2 * 3, seed: 9), [4, 1, 2, 3])
      let other = try tensor(numbers(5 * 3 * 2, seed: 10), [5, 3, 2])
      let c = try Tensor.product(stack, other)
      #expect(c.shape == [4, 5, 2, 2])
      for i in 0..<4 {
        for j in 0..<5 {
          let one = try Tensor.product(
            stack.rows(i..<i + 1).reshaped([2, 3]), other.rows(j..<j + 1).reshaped([3, 2]))
          let at = (i * 5 + j) * 4
          #expect(try (0..<4).allSatisfy { try c.double(at: at + $0) == one.double(at: $0) })
        }
      }
      #expect(try Tensor.product(m, tensor([1, 1, 1], nil, .f32)).dtype == .f32)
    }

    @Test func refusals() throws {
      let a = try tensor(numbers(32 * 7, seed: 1), [32, 7])
      let b = try tensor(numbers(100, seed: 1), [10, 10])
      guard case .shapeMismatch(let facts) = refusal({ _ = try Tensor.product(a, b) }) else {
        Issue.record("accepted")
        return
      }
      #expect(facts.reason == "the left has 7 columns, the right has 10 rows: they must be equal")
      guard case .shapeMismatch = refusal({ _ = try Tensor.product(a, Tensor(scalar: 1.0)) }) else {
        Issue.record("accepted")
        return
      }
      guard
        case .shapeMismatch = refusal({
          _ = try Tensor.product(a.reshaped([2, 16, 7]), Tensor.filled(0, shape: [3, 7, 2], dtype: .f64))
        })
      else {
        Issue.record("accepted")
        return
      }
    }
  }
}
