import CEngine
import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Products with matrices of which blocks are zero, on every processor path.
  @Suite struct SparseProductTests {
    /// A matrix in which so large a share of the blocks of 16 is not zero.
    private static func matrix(
      _ k: Int, _ n: Int, share: Double, _ random: inout SeededNumbers
    ) throws
      -> Tensor
    {
      var values = [Float](repeating: 0, count: k * n)
      for row in 0..<k {
        for start in stride(from: 0, to: n, by: 16) where Double.random(in: 0..<1, using: &random) < share {
          for column in start..<min(start + 16, n) {
            values[row * n + column] = Float.random(in: -1...1, using: &random)
          }
        }
      }
      return try Tensor(values, shape: [k, n])
    }

    private static func onEveryPath(_ body: () throws -> Void) throws {
      let (path, threads) = (maas_cpu_path(), maas_thread_count())
      defer {
        _ = maas_select_cpu_path(path)
        maas_set_thread_count(threads)
      }
      for path in 0..<3 where maas_select_cpu_path(Int32(path)) == 0 {
        for threads in [1, 3] {
          maas_set_thread_count(Int32(threads))
          try body()
        }
      }
    }

    @Test func everyPathHasTheBitsOfTheProduct() throws {
      var random = SeededNumbers(state: 11)
      for (k, n) in [(784, 128), (1200, 10), (300, 100), (64, 17), (700, 1200), (5000, 2)] {
        for share in [0.0, 0.05, 0.3] {
          let w = try Self.matrix(k, n, share: share, &random)
          guard let packed = try PackedBlocks(w) else {
            Issue.record("\(k)×\(n) at \(share) is not packed")
            continue
          }
          for shape in [[], [1], [2], [3], [7], [8], [13], [32], [3, 5]] {
            let count = shape.reduce(k, *)
            let x = try Tensor(
              (0..<count).map { _ in
                Bool.random(using: &random) ? Float.random(in: -2...2, using: &random) : 0
              },
              shape: shape + [k])
            try Self.onEveryPath {
              let whole = try Tensor.product(x, w)
              let sparse = try packed.product(x)
              #expect(try sparse?.bitEqual(whole) == true, "\(shape) times \(k)×\(n)")
            }
          }
        }
      }
    }

    /// What is not finite among the weights stands in a block; among the inputs it meets the zeros that are left out.
    @Test func whatIsNotFiniteIsNotLeftOut() throws {
      var random = SeededNumbers(state: 12)
      var values = try Self.matrix(64, 32, share: 0.2, &random).array(Float.self)
      values[5 * 32 + 3] = .infinity
      values[9 * 32 + 20] = .nan
      let w = try Tensor(values, shape: [64, 32])
      let packed = try #require(try PackedBlocks(w))
      let x = try Tensor.filled(1, shape: [1, 64], dtype: .f32)
      let (got, want) = (try #require(try packed.product(x)), try Tensor.product(x, w))
      #expect(try got.bitEqual(want))
      for odd in [Float.nan, .infinity, -.infinity] {
        var row = [Float](repeating: 1, count: 64)
        row[63] = odd
        #expect(try packed.product(Tensor(row, shape: [1, 64])) == nil)
      }
    }

    @Test func whatIsNoMatrixOfFloatsIsNotPacked() throws {
      var random = SeededNumbers(state: 13)
      #expect(try PackedBlocks(Self.matrix(4096, 1, share: 0, &random)) == nil)
      #expect(try PackedBlocks(Tensor.filled(0, shape: [4096], dtype: .f32)) == nil)
      #expect(try PackedBlocks(Tensor.filled(0, shape: [0, 64], dtype: .f32)) == nil)
      #expect(try PackedBlocks(Tensor.filled(0, shape: [64, 64], dtype: .f64)) == nil)
      let packed = try #require(try PackedBlocks(Self.matrix(200, 64, share: 0.1, &random)))
      #expect(try packed.product(Tensor.filled(0, shape: [1, 199], dtype: .f32)) == nil)
      #expect(try packed.product(Tensor.filled(0, shape: [1, 200], dtype: .f64)) == nil)
      #expect(try packed.product(Tensor.filled(0, shape: [0, 200], dtype: .f32))?.shape == [0, 64])
    }

    /// Of 3 rows of 20 columns, 6 blocks: the last of each row has 4.
    @Test func theShareCountsBlocks() throws {
      var values = [Float](repeating: 0, count: 60)
      #expect(try PackedBlocks.share(of: Tensor(values, shape: [3, 20])) == 0)
      (values[15], values[59]) = (1, -1)
      #expect(try PackedBlocks.share(of: Tensor(values, shape: [3, 20])) == 2.0 / 6)
      values[16] = 1
      #expect(try PackedBlocks.share(of: Tensor(values, shape: [3, 20])) == 3.0 / 6)
      #expect(try PackedBlocks.share(of: Tensor(values)) == nil)
    }
  }
}
