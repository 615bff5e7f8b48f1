import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct ReductionTests {
    /// A reduction by walking over all indices.
    static func naive(_ k: ReduceKernel, _ values: [Double], _ shape: [Int], _ axes: Set<Int>) -> [Double] {
      let kept = shape.indices.filter { !axes.contains($0) }
      var result = [Double?](repeating: nil, count: kept.map { shape[$0] }.reduce(1, *))
      for flat in values.indices {
        var rest = flat
        var index = [Int](repeating: 0, count: shape.count)
        for axis in shape.indices.reversed() {
          index[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        let at = kept.reduce(0) { $0 * shape[$1] + index[$1] }
        let x = values[flat]
        guard let m = result[at] else {
          result[at] = k == .any || k == .all ? (x != 0 ? 1 : 0) : x
          continue
        }
        switch k {
        case .sum: result[at] = m + x
        case .product: result[at] = m * x
        case .max: result[at] = m.isNaN || x.isNaN ? .nan : max(m, x)
        case .min: result[at] = m.isNaN || x.isNaN ? .nan : min(m, x)
        case .any: result[at] = m != 0 || x != 0 ? 1 : 0
        case .all: result[at] = m != 0 && x != 0 ? 1 : 0
        }
      }
      return result.map { $0 ?? (k == .product || k == .all ? 1 : 0) }
    }

    static let cases: [([Int], [Int]?)] = [
      ([5], nil), ([3, 4], [0]), ([3, 4], [1]), ([3, 4], [-1, 0]), ([2, 3, 4], [1]), ([2, 3, 4], [0, 2]),
      ([2, 3, 4, 5], [1, 3]),
      ([7, 300], [1]), ([300, 7], [0]), ([100, 200], [0]), ([4, 33, 65], [0, 1]), ([3, 1, 5], [0, 2]),
      ([], nil), ([1, 1], [0]),
    ]

    @Test(arguments: ReduceKernel.allCases, DType.allCases) func allAxes(
      _ k: ReduceKernel, _ dtype: DType
    ) throws {
      for (index, (shape, axes)) in Self.cases.enumerated() {
        let range = k == .product ? 0.8...1.3 : dtype.isFloat ? -3...3.0 : 0...3
        let x = try tensor(numbers(shape.reduce(1, *), seed: UInt64(index), in: range), shape, dtype)
        let chosen = Set((axes ?? Array(shape.indices)).map { $0 < 0 ? $0 + shape.count : $0 })
        let exact = try Self.naive(k, x.array(Double.self), shape, chosen)
        for path in processorPaths {
          let y = try on(path) { try Tensor.reduce(k, x, axes: axes, keep: false) }
          let kept = try on(path) { try Tensor.reduce(k, x, axes: axes, keep: true) }
          #expect(y.shape == shape.indices.filter { !chosen.contains($0) }.map { shape[$0] })
          #expect(kept.shape == shape.indices.map { chosen.contains($0) ? 1 : shape[$0] })
          let tolerance = dtype == .f32 ? 1e-4 : dtype == .f64 ? 1e-12 : 0
          for (got, want) in try zip(y.array(Double.self), exact) {
            #expect(abs(got - want) <= tolerance * max(1, abs(want)), "\(k) \(shape) \(path)")
          }
        }
      }
    }

    @Test func dtypes() throws {
      let bytes = try Tensor([UInt8](repeating: 255, count: 300))
      let sum = try Tensor.reduce(.sum, bytes, axes: nil, keep: false)
      #expect(try sum.dtype == .i64 && sum.int(at: 0) == 76_500)
      #expect(try Tensor.reduce(.max, bytes, axes: nil, keep: false).dtype == .u8)
      #expect(try Tensor.reduce(.sum, Tensor([true, true, false]), axes: nil, keep: false).int(at: 0) == 2)
      #expect(try Tensor.reduce(.any, bytes, axes: [], keep: false).shape == [300])
    }

    @Test func nanPropagatesAndNothingIsRefused() throws {
      for path in processorPaths {
        for position in [0, 5, 70] {
          var x = numbers(71, seed: 1)
          x[position] = .nan
          for dtype in [DType.f32, .f64] {
            let t = try tensor(x, nil, dtype)
            for k in [ReduceKernel.max, .min, .sum] {
              #expect(try on(path) { try Tensor.reduce(k, t, axes: nil, keep: false) }.scalarDouble.isNaN)
              #expect(
                try on(path) { try Tensor.reduce(k, t.reshaped([71, 1]), axes: [0], keep: false) }.double(
                  at: 0
                ).isNaN)
            }
            #expect(try Tensor.argReduce(max: true, t, axis: nil, keep: false).int(at: 0) == position)
          }
        }
      }
      let none = try tensor([], [3, 0])
      #expect(try Tensor.reduce(.sum, none, axes: [1], keep: false).array(Double.self) == [0, 0, 0])
      #expect(try Tensor.reduce(.product, none, axes: nil, keep: false).scalarDouble == 1)
      #expect(
        try Tensor.reduce(.sum, tensor([], [0, 3]), axes: [0], keep: false).array(Double.self) == [0, 0, 0])
      guard case .badValue = refusal({ _ = try Tensor.reduce(.max, none, axes: [1], keep: false) }) else {
        Issue.record("the largest of nothing was given")
        return
      }
      guard case .badAxis(2, 2) = refusal({ _ = try Tensor.reduce(.sum, none, axes: [2], keep: false) })
      else {
        Issue.record("accepted")
        return
      }
      guard case .badValue = refusal({ _ = try Tensor.reduce(.sum, none, axes: [0, -2], keep: false) }) else {
        Issue.record("accepted")
        return
      }
    }

    @Test func wholeArraysHaveOneTreeOfSums() throws {
      for dtype in [DType.f32, .f64] {
        let x = try tensor(numbers(700_001, seed: 12), nil, dtype)
        let exact = try x.array(Double.self).reduce(0, +)
        let one = try with(threads: 1) { try Tensor.reduce(.sum, x, axes: nil, keep: false) }
        #expect(try abs(one.scalarDouble - exact) < (dtype == .f32 ? 0.01 : 1e-8))
        for threads in 2...3 {
          try with(threads: threads) { () throws in
            #expect(try Tensor.reduce(.sum, x, axes: nil, keep: false).bitEqual(one))
            let wide = try x.rows(0..<700_000).reshaped([350, 2000])
            for axis in 0...1 {
              let many = try Tensor.reduce(.sum, wide, axes: [axis], keep: false)
              #expect(
                try with(threads: 1) { try Tensor.reduce(.sum, wide, axes: [axis], keep: false) }.bitEqual(
                  many))
            }
          }
        }
      }
    }

    @Test func argReduceTakesTheFirst() throws {
      let x = try Tensor([3, 1, 3, 0, 5, 5], shape: [2, 3])
      #expect(try Tensor.argReduce(max: true, x, axis: 1, keep: false).array(Int.self) == [0, 1])
      #expect(try Tensor.argReduce(max: false, x, axis: 0, keep: true).array(Int.self) == [1, 0, 0])
      #expect(try Tensor.argReduce(max: true, x, axis: nil, keep: false).int(at: 0) == 4)
      #expect(try Tensor.argReduce(max: true, x, axis: nil, keep: true).shape == [1, 1])
    }

    @Test(arguments: [DType.f32, .f64]) func softmaxRows(_ dtype: DType) throws {
      for n in [1, 2, 10, 16, 17, 100] {
        let x = try tensor(numbers(6 * n, seed: UInt64(n), in: -30...30), [6, n], dtype)
        let values = try x.array(Double.self)
        for path in processorPaths {
          let (p, l) = try on(path) { try (Tensor.softmax(x), Tensor.logSoftmax(x)) }
          let s = try on(path) { try Tensor.logSumExp(x, axes: [-1], keep: false) }
          for row in 0..<6 {
            let slice = values[row * n..<(row + 1) * n]
            let top = slice.max() ?? 0
            let total = slice.map { exp($0 - top) }.reduce(0, +)
            // x - max is rounded before exp: up to 60 · 6e-8 in f32.
            let relative = dtype == .f32 ? 2.5e-6 : 1e-14
            for (i, v) in slice.enumerated() {
              let exact = exp(v - top) / total
              #expect(try abs(p.double(at: row * n + i) - exact) <= 2 * relative * exact + 1e-44)
              #expect(try abs(l.double(at: row * n + i) - (v - top - log(total))) <= relative * 60)
            }
            #expect(try abs(s.double(at: row) - (top + log(total))) <= relative * 60)
          }
        }
      }
    }

    /// Rows are computed side by side, and each as it would be by itself.
    @Test func logSumExpOfARowIsItsOwn() throws {
      for n in [1, 3, 10, 16, 17] {
        let x = try tensor(numbers(37 * n, seed: 5, in: -20...20), [37, n], .f32)
        for path in processorPaths {
          try on(path) { () throws in
            let together = try Tensor.logSumExp(x, axes: [1], keep: false)
            for row in 0..<37 {
              let alone = try Tensor.logSumExp(x.rows(row..<row + 1), axes: [1], keep: false)
              #expect(try alone.bitEqual(together.rows(row..<row + 1)), "row \(row) of \(n) elements")
            }
          }
        }
      }
    }

    @Test func softmaxEdges() throws {
      for dtype in [DType.f32, .f64] {
        let x = try tensor([1000, 1000, -.infinity, 0], [2, 2], dtype)
        #expect(try Tensor.softmax(x).array(Double.self) == [0.5, 0.5, 0, 1])
        #expect(try Tensor.softmax(tensor([.nan, 1], nil, dtype)).double(at: 1).isNaN)
        #expect(try Tensor.softmax(tensor([], [0, 4], dtype)).shape == [0, 4])
        #expect(try Tensor.softmax(tensor([], [4, 0], dtype)).shape == [4, 0])
        let infinite = try tensor([.infinity, 1, -.infinity, -.infinity], [2, 2], dtype)
        let s = try Tensor.logSumExp(infinite, axes: [1], keep: true)
        #expect(try s.shape == [2, 1] && s.double(at: 0) == .infinity && s.double(at: 1) == -.infinity)
        #expect(
          try Tensor.logSumExp(tensor([], [0], dtype), axes: nil, keep: false).scalarDouble == -.infinity)
      }
    }
  }
}
