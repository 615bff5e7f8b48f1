import Testing

@testable import Engine

extension EngineTests {
  @Suite struct LinearAlgebraTests {
    static let sides = [1, 2, 3, 7, 20, 60]

    private func matrix(_ rows: Int, _ columns: Int, seed: UInt64 = 5) throws -> Tensor {
      try tensor(numbers(rows * columns, seed: seed), [rows, columns])
    }

    private func turned(_ x: Tensor) throws -> Tensor { try x.permuted([1, 0]) }

    private func unit(_ n: Int) throws -> Tensor {
      try Tensor.oneHot(Tensor(Array(0..<n)), classes: n, dtype: .f64)
    }

    private func expectEqual(_ a: Tensor, _ b: Tensor, _ tolerance: Double, _ what: String) throws {
      #expect(a.shape == b.shape)
      let scale = try b.array(Double.self).reduce(1) { max($0, abs($1)) }
      let worst = try zip(a.array(Double.self), b.array(Double.self)).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= tolerance * scale, "\(what): \(worst)")
    }

    @Test(arguments: sides) func inverseAndSolution(_ n: Int) throws {
      let a = try Tensor.binary(.add, matrix(n, n), unit(n))
      try expectEqual(Tensor.product(a, Tensor.inverse(a)), unit(n), 1e-9, "inverse of \(n)")
      let b = try matrix(n, 3, seed: 9)
      try expectEqual(Tensor.product(a, Tensor.solve(a, b)), b, 1e-10, "solution of \(n)")
    }

    @Test(arguments: sides) func choleskyGivesTheMatrixBack(_ n: Int) throws {
      let x = try matrix(n, n)
      let a = try Tensor.binary(.add, Tensor.product(x, x, transposeB: true), unit(n))
      let l = try Tensor.cholesky(a)
      try expectEqual(Tensor.product(l, l, transposeB: true), a, 1e-13, "cholesky of \(n)")
    }

    @Test(arguments: [(1, 1), (3, 2), (2, 3), (20, 7), (7, 20), (50, 50)])
    func qrAndSVDGiveTheMatrixBack(_ rows: Int, _ columns: Int) throws {
      let a = try matrix(rows, columns)
      let side = min(rows, columns)
      func part(_ packed: Tensor, _ start: Int, _ shape: [Int]) throws -> Tensor {
        try packed.rows(start..<(start + shape.reduce(1, *))).reshaped(shape)
      }
      let packed = try Tensor.qrPacked(a)
      let q = try part(packed, 0, [rows, side])
      let r = try part(packed, rows * side, [side, columns])
      try expectEqual(Tensor.product(q, r), a, 1e-13, "qr")
      try expectEqual(Tensor.product(q, q, transposeA: true), unit(side), 1e-13, "q")
      let s = try Tensor.svdPacked(a)
      let u = try part(s, 0, [rows, side])
      let values = try part(s, rows * side, [side])
      let v = try part(s, rows * side + side, [columns, side])
      let scaled = try Tensor.binary(.multiply, u, values)
      try expectEqual(Tensor.product(scaled, v, transposeB: true), a, 1e-13, "svd")
      try expectEqual(Tensor.product(u, u, transposeA: true), unit(side), 1e-13, "u")
      try expectEqual(Tensor.product(v, v, transposeA: true), unit(side), 1e-13, "v")
      let list = try values.array(Double.self)
      #expect(zip(list, list.dropFirst()).allSatisfy { $0 >= $1 } && list.allSatisfy { $0 >= 0 })
    }

    @Test(arguments: sides) func eigenvectorsDiagonalize(_ n: Int) throws {
      let x = try matrix(n, n)
      let a = try Tensor.binary(.add, x, turned(x))
      let packed = try Tensor.eighPacked(a)
      let values = try packed.rows(0..<n)
      let v = try packed.rows(n..<(n + n * n)).reshaped([n, n])
      let scaled = try Tensor.binary(.multiply, v, values)
      try expectEqual(Tensor.product(scaled, v, transposeB: true), a, 1e-13, "eigh of \(n)")
      try expectEqual(Tensor.product(v, v, transposeA: true), unit(n), 1e-13, "vectors of \(n)")
    }

    /// Zeros, repeated values, huge and tiny numbers: none may end in NaN.
    @Test func degenerateMatrices() throws {
      for values in [
        [0.0, 0, 0, 0], [1, 1, 1, 1], [1e200, 0, 0, 1e-200], [1e-200, 1e-200, 1e-200, 2e-200],
      ] {
        let a = try Tensor(values, shape: [2, 2])
        #expect(try Tensor.svdPacked(a).array(Double.self).allSatisfy(\.isFinite), "\(values)")
        #expect(try Tensor.eighPacked(a).array(Double.self).allSatisfy(\.isFinite), "\(values)")
        #expect(try Tensor.qrPacked(a).array(Double.self).allSatisfy(\.isFinite), "\(values)")
      }
      let empty = try Tensor([Double](), shape: [0, 0])
      #expect(try Tensor.inverse(empty).shape == [0, 0])
      #expect(try Tensor.determinant(empty).scalarDouble == 1)
      #expect(try Tensor.svdPacked(Tensor([Double](), shape: [0, 3])).shape == [0])
      #expect(try Tensor.eighPacked(empty).shape == [0])
    }

    @Test func singularMatricesAreRefused() throws {
      func isSingular(_ values: [Double], _ n: Int, _ dtype: DType = .f64) throws -> Bool {
        let a = try tensor(values, [n, n], dtype)
        return refusal { _ = try Tensor.inverse(a) } != nil
      }
      #expect(try isSingular([1, 2, 2, 4], 2))
      #expect(try isSingular([1, 2, 3, 4, 5, 6, 7, 8, 9], 3))
      #expect(try isSingular([0.1, 0.2, 0.3, 0.6], 2, .f32))
      #expect(try isSingular([0, 0, 0, 0], 2))
      #expect(try isSingular([.nan, 0, 0, 1], 2))
      // Small is not singular.
      #expect(try !isSingular([1, 0, 0, 1e-200], 2))
      #expect(try !isSingular([1e-30, 2e-30, 3e-30, 4e-30], 2))
      #expect(try !isSingular([1e-20, 1, 1, 1], 2))
    }

    @Test func refusals() throws {
      let wide = try matrix(2, 3)
      #expect(refusal { _ = try Tensor.inverse(wide) } != nil)
      #expect(refusal { _ = try Tensor.determinant(Tensor([1.0])) } != nil)
      #expect(refusal { _ = try Tensor.solve(matrix(2, 2), Tensor([1.0, 2, 3])) } != nil)
      #expect(refusal { _ = try Tensor.solve(matrix(2, 2), Tensor(scalar: 1.0)) } != nil)
      #expect(refusal { _ = try Tensor.cholesky(Tensor([1.0, 2, 2, 1], shape: [2, 2])) } != nil)
      #expect(refusal { _ = try Tensor.svdPacked(Tensor([Double.nan, 1, 1, 1], shape: [2, 2])) } != nil)
      #expect(
        refusal { _ = try Tensor.eighPacked(Tensor([Double.infinity, 1, 1, 1], shape: [2, 2])) } != nil)
    }
  }
}
