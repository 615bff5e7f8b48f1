import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct RandomTests {
    /// The known answers published with the generator (Random123's kat_vectors, philox4x32 10).
    @Test func philoxKnownAnswers() {
      let ones = UInt32.max
      #expect(
        Philox.block(counter: [0, 0, 0, 0], key: [0, 0]) == [
          0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8,
        ])
      #expect(
        Philox.block(counter: [ones, ones, ones, ones], key: [ones, ones])
          == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
      #expect(
        Philox.block(
          counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0])
          == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test(arguments: [DType.f32, .f64]) func uniform(_ dtype: DType) throws {
      let n = 200_000
      let x = try Tensor.uniform(shape: [n], key: RandomKey(seed: 1), dtype: dtype).array(Double.self)
      #expect(x.allSatisfy { $0 >= 0 && $0 < 1 })
      let mean = x.reduce(0, +) / Double(n)
      #expect(abs(mean - 0.5) < 5 / sqrt(12 * Double(n)))
      // χ² of 100 bins: 99 ± 14.
      var bins = [Int](repeating: 0, count: 100)
      for v in x { bins[Int(v * 100)] += 1 }
      let chi = bins.map { pow(Double($0) - Double(n) / 100, 2) / (Double(n) / 100) }.reduce(0, +)
      #expect(chi > 40 && chi < 175)
      let serial = zip(x, x.dropFirst()).map { ($0 - 0.5) * ($1 - 0.5) }.reduce(0, +) / Double(n) * 12
      #expect(abs(serial) < 5 / sqrt(Double(n)))
    }

    @Test(arguments: [DType.f32, .f64]) func normal(_ dtype: DType) throws {
      let n = 200_000
      let x = try Tensor.normal(shape: [n], key: RandomKey(seed: 2), dtype: dtype).array(Double.self)
      let moments = (1...4).map { p in x.map { pow($0, Double(p)) }.reduce(0, +) / Double(n) }
      for (got, (want, deviation)) in zip(moments, [(0.0, 1.0), (1, sqrt(2)), (0, sqrt(15)), (3, sqrt(96))]) {
        #expect(abs(got - want) < 5 * deviation / sqrt(Double(n)))
      }
      let beyond = Double(x.filter { abs($0) > 2 }.count) / Double(n)
      #expect(abs(beyond - 0.0455) < 0.003)
      #expect(x.allSatisfy { $0.isFinite })
    }

    @Test func integers() throws {
      let x = try Tensor.randomIntegers(low: -2, high: 3, shape: [50_000], key: RandomKey(seed: 3)).array(
        Int.self)
      for value in -2..<3 { #expect(abs(x.filter { $0 == value }.count - 10_000) < 500) }
      #expect(x.allSatisfy { $0 >= -2 && $0 < 3 })
      let all = try Tensor.randomIntegers(low: .min, high: .max, shape: [1000], key: RandomKey(seed: 3))
        .array(Int.self)
      #expect(abs(all.filter { $0 < 0 }.count - 500) < 90)
      guard
        case .badValue = refusal({
          _ = try Tensor.randomIntegers(low: 3, high: 3, shape: [1], key: RandomKey(seed: 0))
        })
      else {
        Issue.record("accepted")
        return
      }
    }

    @Test func permutations() throws {
      let p = try Tensor.permutation(1000, key: RandomKey(seed: 4))
      #expect(try p.array(Int.self).sorted() == Array(0..<1000))
      #expect(try p.array(Int.self) != Array(0..<1000))
      #expect(try Tensor.permutation(0, key: RandomKey(seed: 4)).count == 0)
      // Each of the six orders of three comes as often.
      var counts: [[Int]: Int] = [:]
      for seed in 0..<6000 {
        counts[try Tensor.permutation(3, key: RandomKey(seed: seed)).array(Int.self), default: 0] += 1
      }
      #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 1000) < 150 })
    }

    @Test func pureFunctionsOfKeyAndPlace() throws {
      let key = RandomKey(seed: 5)
      for dtype in [DType.f32, .f64] {
        let short = try Tensor.normal(shape: [10], key: key, dtype: dtype)
        let long = try with(threads: 3) { try Tensor.normal(shape: [10_001], key: key, dtype: dtype) }
        #expect(
          try with(threads: 1) { try Tensor.normal(shape: [10_001], key: key, dtype: dtype) }.bitEqual(long))
        #expect(try long.rows(0..<10).bitEqual(short))
        let other = try Tensor.normal(shape: [10], key: key.folded(1), dtype: dtype)
        #expect(try !other.bitEqual(short))
      }
      #expect(key.folded(1) == RandomKey(seed: 5).folded(1))
      #expect(Set((0..<1000).map { key.folded($0) }).count == 1000)
      #expect(Set((-500..<500).map { RandomKey(seed: $0) }).count == 1000)
      guard case .unsupported = refusal({ _ = try Tensor.uniform(shape: [1], key: key, dtype: .i64) }) else {
        Issue.record("accepted")
        return
      }
    }
  }
}
