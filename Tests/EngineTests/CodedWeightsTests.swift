import CEngine
import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Products of floats with codes of 4 bits, on every processor path.
  @Suite struct CodedWeightsTests {
    @Test(arguments: [false, true]) func everyPathHasTheBitsOfTheFloats(withZeros: Bool) throws {
      var random = SeededNumbers(state: 21)
      let (path, threads) = (maas_cpu_path(), maas_thread_count())
      defer {
        _ = maas_select_cpu_path(path)
        maas_set_thread_count(threads)
      }
      for (k, n, group) in [
        (1, 1, 1), (8, 16, 8), (77, 20, 77), (50, 33, 16), (784, 130, 784), (300, 100, 25), (600, 40, 20),
        (1100, 16, 64),
      ] {
        let groups = (k - 1) / group + 1
        let codes = try Tensor(
          (0..<k * n).map { _ in Int8.random(in: -8...7, using: &random) }, shape: [k, n])
        let scales = try Tensor(
          (0..<groups * n).map { _ in Float.random(in: 0.001...1, using: &random) }, shape: [groups, n])
        let zeros = try Tensor(
          (0..<groups * n).map { _ in Float(Int.random(in: -8...7, using: &random)) }, shape: [groups, n])
        let rows = try Tensor((0..<k).map { $0 / group })
        var floats = try codes.converted(to: .f32)
        if withZeros { floats = try Tensor.binary(.subtract, floats, zeros.taken(rows, axis: 0)) }
        floats = try Tensor.binary(.multiply, floats, scales.taken(rows, axis: 0))
        let packed = try #require(
          try PackedCodedWeights(codes, scales: scales, zeros: withZeros ? zeros : nil, group: group))
        for m in [1, 2, 4, 7, 16] {
          var x = (0..<m * k).map { _ in Float.random(in: -2...2, using: &random) }
          if m == 7 { x[0] = .infinity }
          let input = try Tensor(x, shape: [m, k])
          for path in 0..<3 where maas_select_cpu_path(Int32(path)) == 0 {
            for threads in [1, 3] {
              maas_set_thread_count(Int32(threads))
              let whole = try Tensor.product(input, floats)
              // A single column is added up in lanes.
              if n > 1 { #expect(try packed.product(input)?.bitEqual(whole) == true, "\(m)×\(k)×\(n)") }
            }
          }
        }
      }
    }

    @Test func whatDoesNotFitIsRefused() throws {
      let small = try Tensor.filled(1, shape: [16, 16], dtype: .i8)
      let one = try Tensor.filled(1, shape: [1, 16], dtype: .f32)
      #expect(try PackedCodedWeights(small, scales: one, zeros: nil, group: 16) != nil)
      #expect(throws: EngineError.self) { try PackedCodedWeights(small, scales: one, zeros: nil, group: 8) }
      #expect(throws: EngineError.self) { try PackedCodedWeights(small, scales: one, zeros: nil, group: 0) }
      #expect(throws: EngineError.self) { try PackedCodedWeights(one, scales: one, zeros: nil, group: 1) }
      let large = try Tensor.filled(1, shape: [1024, 512], dtype: .i8)
      let scales = try Tensor.filled(0.5, shape: [1, 512], dtype: .f32)
      let packed = try #require(try PackedCodedWeights(large, scales: scales, zeros: nil, group: .max))
      #expect(try packed.product(Tensor.filled(1, shape: [1, 1023], dtype: .f32)) == nil)
      #expect(try packed.product(Tensor.filled(2, shape: [1024], dtype: .f32))?.double(at: 5) == 1024)
    }
  }
}
