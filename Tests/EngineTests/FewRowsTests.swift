import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Products of a few rows, whose zeros are left out once the matrix is known to be finite.
  @Suite struct FewRowsTests {
    private static func normal(_ count: Int, _ random: inout SeededNumbers) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    /// The product of a matrix that nothing is known of, which counts every element.
    private static func whole(_ x: Tensor, _ w: [Float], _ n: Int) throws -> Tensor {
      try Tensor.product(x, Tensor(w, shape: [w.count / n, n]))
    }

    /// Whether zeros are left out shows in nothing but this.
    private static func leavesOut(_ x: [Float], k: Int, _ w: Tensor) throws -> Bool {
      let n = w.shape[1]
      let plan = try ProductPlan([x.count / k, k], w.shape, false, false)
      guard plan.mayLeaveOutZeros(.f32) else { return false }
      let y = UnsafeMutablePointer<Float>.allocate(capacity: x.count / k * n + 16)
      defer { y.deallocate() }
      return try x.withUnsafeBytes { a in
        try w.withBytes { b in
          guard let a = a.baseAddress else { return false }
          return try plan.runWithoutZeros(a, b, of: w, y)
        }
      }
    }

    private static func onEveryPath(_ body: () throws -> Void) throws {
      for path in processorPaths {
        try on(path) { () throws in
          for threads in [1, 3] { try with(threads: threads) { () throws in try body() } }
        }
      }
    }

    @Test func zerosAreLeftOutWithTheSameBits() throws {
      var random = SeededNumbers(state: 21)
      for (k, n) in [(784, 128), (1200, 10), (300, 100), (130, 300), (999, 17), (64, 1200)] {
        let numbers = Self.normal(k * n, &random)
        let w = try Tensor(numbers, shape: [k, n])
        for shape in [[k], [1, k], [2, k], [3, k], [4, k]] {
          let empty = (0..<k).map { _ in Int.random(in: 0..<5, using: &random) > 0 }
          let x = (0..<shape.reduce(1, *)).map {
            empty[$0 % k] ? (Bool.random(using: &random) ? 0 : -0) : Float.random(in: -2...2, using: &random)
          }
          let rows = try Tensor(x, shape: shape)
          try Self.onEveryPath {
            let wanted = try Self.whole(rows, numbers, n)
            for _ in 0..<4 { #expect(try Tensor.product(rows, w).bitEqual(wanted), "\(shape) \(n)") }
            let plan = try PlannedProduct(.f32, shape, [k, n], transposeA: false, transposeB: false)
            #expect(try plan.run(rows, w).bitEqual(wanted))
          }
          #expect(try Self.leavesOut(x, k: k, w))
        }
      }
    }

    @Test func whatIsNotZeroIsNotLookedThrough() throws {
      var random = SeededNumbers(state: 22)
      let w = try Tensor(Self.normal(784 * 128, &random), shape: [784, 128])
      let zeros = [Float](repeating: 0, count: 784)
      for _ in 0..<4 { _ = try Tensor.product(Tensor(zeros, shape: [1, 784]), w) }
      #expect(try Self.leavesOut(zeros, k: 784, w))
      #expect(try !Self.leavesOut(zeros.map { $0 + 1 }, k: 784, w))
      #expect(try !Self.leavesOut([Float](repeating: 0, count: 5 * 784), k: 784, w))
    }

    /// Zero times infinity is not a number, however often it was asked for.
    @Test func aMatrixThatIsNotFiniteShows() throws {
      var random = SeededNumbers(state: 23)
      for odd in [Float.infinity, -.infinity, .nan] {
        var numbers = Self.normal(784 * 128, &random)
        numbers[500 * 128 + 7] = odd
        let w = try Tensor(numbers, shape: [784, 128])
        let x = try Tensor((0..<784).map { Float($0 < 100 ? 1 : 0) }, shape: [1, 784])
        for _ in 0..<5 {
          let y = try Tensor.product(x, w).array(Float.self)
          #expect(y.indices.allSatisfy { y[$0].isNaN == ($0 == 7) })
        }
      }
    }

    @Test func whatIsWrittenLaterCounts() throws {
      var random = SeededNumbers(state: 24)
      var w = try Tensor(Self.normal(784 * 128, &random), shape: [784, 128])
      let x = try Tensor((0..<784).map { Float($0 < 100 ? 1 : 0) }, shape: [1, 784])
      for _ in 0..<5 { #expect(try Tensor.product(x, w).double(at: 7).isFinite) }
      let isWritten = w.write(Double.infinity, at: 500 * 128 + 7)
      #expect(isWritten)
      for _ in 0..<5 { #expect(try Tensor.product(x, w).double(at: 7).isNaN) }
    }

    /// A part of a larger storage shares nothing of what is known of another part.
    @Test func aPartIsNotTakenForTheWhole() throws {
      var random = SeededNumbers(state: 25)
      var numbers = Self.normal(2 * 784 * 128, &random)
      numbers[784 * 128] = .nan
      let both = try Tensor(numbers, shape: [2 * 784, 128])
      let x = try Tensor((0..<784).map { Float($0 == 5 ? 1 : 0) }, shape: [1, 784])
      for _ in 0..<5 {
        #expect(try Tensor.product(x, both.rows(0..<784)).double(at: 0).isFinite)
        #expect(try Tensor.product(x, both.rows(784..<2 * 784)).double(at: 0).isNaN)
      }
    }

    /// -1e-40 becomes -0, which a zero that is added later makes +0.
    @Test func theSignOfAVanishedSumIsThatOfTheWhole() throws {
      for sign in [Float(1), -1] {
        for (m, k, n) in [(1, 784, 128), (3, 784, 100)] {
          let numbers = (0..<k * n).map { $0 < n ? -1e-10 : sign }
          let w = try Tensor(numbers, shape: [k, n])
          let x = try Tensor((0..<m * k).map { Float($0 % k == 0 ? 1e-30 : 0) }, shape: [m, k])
          try Self.onEveryPath {
            let wanted = try Self.whole(x, numbers, n)
            for _ in 0..<4 { #expect(try Tensor.product(x, w).bitEqual(wanted)) }
          }
        }
      }
    }
  }
}
