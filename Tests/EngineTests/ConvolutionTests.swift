import Testing

@testable import Engine

extension EngineTests {
  @Suite struct ConvolutionTests {
    struct Case: Sendable {
      let x: [Int], w: [Int]
      let stride: (Int, Int), padding: (Int, Int)
      init(_ x: [Int], _ w: [Int], _ stride: (Int, Int) = (1, 1), _ padding: (Int, Int) = (0, 0)) {
        (self.x, self.w, self.stride, self.padding) = (x, w, stride, padding)
      }
      func steps() throws -> WindowSteps { try WindowSteps(stride: stride, padding: padding) }
    }

    static let cases = [
      Case([1, 1, 3, 3], [1, 1, 2, 2]), Case([3, 2, 7, 5], [4, 2, 3, 2], (2, 1), (1, 2)),
      Case([2, 3, 6, 6], [5, 3, 1, 1]), Case([2, 1, 28, 28], [6, 1, 5, 5], (1, 1), (2, 2)),
      Case([1, 2, 4, 9], [3, 2, 4, 3], (3, 4), (0, 0)), Case([2, 1, 2, 2], [1, 1, 5, 5], (1, 1), (2, 2)),
      Case([20, 6, 14, 14], [16, 6, 5, 5]),
    ]

    /// Σ x w by the definition, and what belongs to each factor of it.
    static func sums(
      _ c: Case, _ result: [Int], _ body: (_ x: Int, _ w: Int, _ y: Int) -> Void
    ) {
      let (x, w) = (c.x, c.w)
      for n in 0..<x[0] {
        for o in 0..<w[0] {
          for r in 0..<result[2] {
            for q in 0..<result[3] {
              for k in 0..<x[1] {
                for i in 0..<w[2] {
                  for j in 0..<w[3] {
                    let (down, across) = (r * c.stride.0 + i - c.padding.0, q * c.stride.1 + j - c.padding.1)
                    guard down >= 0, down < x[2], across >= 0, across < x[3] else { continue }
                    body(
                      ((n * x[1] + k) * x[2] + down) * x[3] + across, ((o * x[1] + k) * w[2] + i) * w[3] + j,
                      ((n * w[0] + o) * result[2] + r) * result[3] + q)
                  }
                }
              }
            }
          }
        }
      }
    }

    @Test(arguments: [DType.f32, .f64], processorPaths)
    func againstTheDefinition(_ dtype: DType, _ path: ProcessorPath) throws {
      try on(path) { try againstTheDefinition(dtype) }
    }

    private func againstTheDefinition(_ dtype: DType) throws {
      for c in Self.cases {
        let x = try tensor(numbers(c.x.reduce(1, *), seed: 1), c.x, dtype)
        let w = try tensor(numbers(c.w.reduce(1, *), seed: 2), c.w, dtype)
        let y = try Tensor.convolution(x, w, c.steps())
        let g = try tensor(numbers(y.count, seed: 3), y.shape, dtype)
        let (xs, ws, gs) = try (x.array(Double.self), w.array(Double.self), g.array(Double.self))
        var (onY, onX, onW) = (
          [Double](repeating: 0, count: y.count), [Double](repeating: 0, count: x.count),
          [Double](repeating: 0, count: w.count)
        )
        Self.sums(c, y.shape) { a, b, place in
          onY[place] += xs[a] * ws[b]
          onX[a] += gs[place] * ws[b]
          onW[b] += gs[place] * xs[a]
        }
        let inX = try Tensor.convolutionInput(g, w, c.steps(), shape: c.x)
        let inW = try Tensor.convolutionWeight(x, g, c.steps(), shape: c.w)
        for (found, expected) in [(y, onY), (inX, onX), (inW, onW)] {
          let scale = expected.reduce(1) { max($0, abs($1)) }
          let worst = try zip(found.array(Double.self), expected).map { abs($0 - $1) }.max() ?? 0
          #expect(worst <= scale * (dtype == .f64 ? 1e-13 : 1e-5), "\(c)")
        }
      }
    }

    @Test(arguments: [DType.f32, .f64]) func sameBitsWithAnyThreads(_ dtype: DType) throws {
      for c in Self.cases {
        let x = try tensor(numbers(c.x.reduce(1, *), seed: 1), c.x, dtype)
        let w = try tensor(numbers(c.w.reduce(1, *), seed: 2), c.w, dtype)
        func all() throws -> [Tensor] {
          let y = try Tensor.convolution(x, w, c.steps())
          let pooling = try WindowSteps(stride: (1, 1), padding: (0, 0))
          return [
            y, try Tensor.convolutionInput(y, w, c.steps(), shape: c.x),
            try Tensor.convolutionWeight(x, y, c.steps(), shape: c.w),
            try Tensor.maxPool(x, (2, 2), pooling), try Tensor.meanPool(x, (2, 2), pooling),
          ]
        }
        let one = try with(threads: 1) { () throws in try all() }
        for threads in [2, 3, 7] {
          let several = try with(threads: threads) { () throws in try all() }
          for (a, b) in zip(one, several) { #expect(try a.bitEqual(b), "\(c), \(threads) threads") }
        }
      }
    }

    @Test func poolingTakesTheFirstOfEqualsAndKeepsNaN() throws {
      let x = try Tensor([1.0, 1, .nan, 2, 0, 1, 3, 4], shape: [1, 1, 2, 4])
      let steps = try WindowSteps(stride: (2, 2), padding: (0, 0))
      let y = try Tensor.maxPool(x, (2, 2), steps).array(Double.self)
      #expect(y[0] == 1 && y[1].isNaN)
      let places = try Tensor.maxPoolInput(
        Tensor([5.0, 7.0], shape: [1, 1, 1, 2]), whereLargest: x, (2, 2), steps)
      #expect(try places.array(Double.self) == [5, 0, 7, 0, 0, 0, 0, 0])
      // The same windows on the general path.
      let wide = try WindowSteps(stride: (2, 2), padding: (1, 1))
      let bordered = try Tensor.maxPool(x, (3, 3), wide).array(Double.self)
      #expect(bordered[0] == 1 && bordered[1].isNaN)
    }

    /// Squares of four in rows of any length, whole vectors and rests of them, with all that can be compared.
    @Test(arguments: [DType.f32, .f64]) func squaresOfFour(_ dtype: DType) throws {
      let steps = try WindowSteps(stride: (2, 2), padding: (0, 0))
      let odd = [Double.nan, .infinity, -.infinity, 0, -0.0, 1, 1, 2]
      for width in 2..<42 {
        let (height, n) = (5, width / 2)
        let values = numbers(2 * height * width, seed: UInt64(width)).enumerated().map {
          $0 % 3 == 0 ? odd[($0 * 7 / 3 + width) % odd.count] : $1
        }
        let x = try tensor(values, [2, 1, height, width], dtype)
        let g = try tensor(numbers(2 * 2 * n, seed: 3), [2, 1, 2, n], dtype)
        let (xs, gs) = try (x.array(Double.self), g.array(Double.self))
        var (largest, spread) = ([Double](), [Double](repeating: 0, count: xs.count))
        for place in gs.indices {
          let (image, r, q) = (place / (2 * n), place / n % 2, place % n)
          let corner = (image * height + 2 * r) * width + 2 * q
          var best = corner
          for next in [corner + 1, corner + width, corner + width + 1]
          where xs[next] > xs[best] || (xs[next].isNaN && !xs[best].isNaN) { best = next }
          largest.append(xs[best])
          spread[best] = gs[place]
        }
        for path in processorPaths {
          try on(path) {
            let y = try Tensor.maxPool(x, (2, 2), steps)
            #expect(try y.bitEqual(tensor(largest, [2, 1, 2, n], dtype)), "\(width) wide")
            let back = try Tensor.maxPoolInput(g, whereLargest: x, (2, 2), steps)
            #expect(try back.bitEqual(tensor(spread, x.shape, dtype)), "\(width) wide")
          }
        }
      }
    }

    @Test func refusals() throws {
      let steps = try WindowSteps(stride: (1, 1), padding: (0, 0))
      func zeros(_ shape: Int...) throws -> Tensor { try Tensor.filled(0, shape: shape, dtype: .f32) }
      #expect(refusal { _ = try Tensor.convolution(zeros(1, 2, 4, 4), zeros(1, 3, 2, 2), steps) } != nil)
      #expect(refusal { _ = try Tensor.convolution(zeros(4, 4), zeros(1, 3, 2, 2), steps) } != nil)
      #expect(refusal { _ = try Tensor.convolution(zeros(1, 1, 4, 4), zeros(1, 1, 5, 5), steps) } != nil)
      #expect(refusal { _ = try Tensor.convolution(zeros(1, 1, 4, 4), zeros(1, 1, 0, 1), steps) } != nil)
      #expect(refusal { _ = try WindowSteps(stride: (0, 1), padding: (0, 0)) } != nil)
      #expect(refusal { _ = try WindowSteps(stride: (1, 1), padding: (-1, 0)) } != nil)
      #expect(refusal { _ = try WindowSteps(stride: (Int.max, 1), padding: (0, 0)) } != nil)
      #expect(refusal { _ = try Tensor.maxPool(zeros(1, 1, 4, 4), (0, 2), steps) } != nil)
      #expect(refusal { _ = try Tensor.maxPool(zeros(1, 1, 4, 4), (5, 5), steps) } != nil)
      let border = try WindowSteps(stride: (1, 1), padding: (2, 2))
      #expect(refusal { _ = try Tensor.meanPool(zeros(1, 1, 4, 4), (2, 2), border) } != nil)
      let huge = try WindowSteps(stride: (1, 1), padding: (1 << 30, 1 << 30))
      #expect(refusal { _ = try Tensor.convolution(zeros(1, 1, 4, 4), zeros(1, 1, 2, 2), huge) } != nil)
    }
  }
}
