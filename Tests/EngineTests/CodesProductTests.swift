import CEngine
import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Products of rounded floats with codes, on every processor path.
  @Suite struct CodesProductTests {
    private static func onEveryPath(_ body: () throws -> Tensor) throws -> [Tensor] {
      let before = maas_cpu_path()
      defer { _ = maas_select_cpu_path(before) }
      return try (0..<3).compactMap { maas_select_cpu_path(Int32($0)) == 0 ? try body() : nil }
    }

    /// The arithmetic in f64 and whole numbers, element by element.
    private static func reference(
      _ x: [Float], _ codes: [Int8], _ scales: [Float], _ bias: [Float], k: Int, n: Int, scale: Float,
      zero: Int
    ) -> [Double] {
      let m = x.count / k
      return (0..<m * n).map { place in
        let (i, j) = (place / n, place % n)
        let sum = (0..<k).reduce(0) { sum, p in
          let code = min(255, max(0, Int((x[i * k + p] / scale).rounded(.toNearestOrEven)) + zero))
          return sum + (code - zero) * Int(codes[p * n + j])
        }
        return Double(sum) * Double(scale) * Double(scales[j]) + Double(bias[j])
      }
    }

    @Test func everyPathHasTheBitsOfTheReference() throws {
      var random = SeededNumbers(state: 5)
      for (m, k, n) in [
        (1, 1, 1), (1, 784, 128), (3, 5, 17), (4, 4, 16), (9, 300, 100), (64, 130, 65), (2, 0, 3),
        (9, 0, 3), (70, 1_100, 50), (13, 515, 33),
      ] {
        let x = (0..<m * k).map { _ in Float.random(in: -3...4, using: &random) }
        let codes = (0..<k * n).map { _ in Int8.random(in: -127...127, using: &random) }
        let scales = (0..<n).map { _ in Float.random(in: 0.001...0.01, using: &random) }
        let bias = (0..<n).map { _ in Float.random(in: -1...1, using: &random) }
        let packed = try PackedCodes(Tensor(codes, shape: [k, n]), scales: Tensor(scales))
        for rounding in [(scale: Float(0.03), zero: 100), nil] {
          let results = try Self.onEveryPath {
            try packed.product(Tensor(x, shape: [m, k]), rounding: rounding, bias: Tensor(bias))
          }
          #expect(results.count >= 1)
          for other in results.dropFirst() { #expect(try other.bitEqual(results[0])) }
          guard let rounding, k > 0 else { continue }
          let wanted = Self.reference(
            x, codes, scales, bias, k: k, n: n, scale: rounding.scale, zero: rounding.zero)
          for (got, want) in zip(try results[0].array(Double.self), wanted) {
            #expect(abs(got - want) <= 1e-6 * max(1, abs(want)))
          }
        }
      }
    }

    /// Groups of zeros may be left out, in one row, in all of a few, at the ends, and everywhere.
    @Test func zerosCountForNothing() throws {
      var random = SeededNumbers(state: 7)
      for (m, k, n) in [(1, 784, 128), (1, 83, 7), (3, 270, 70), (7, 130, 33), (1, 64, 5)] {
        for share in [0, 0.1, 0.9] {
          let x = (0..<m * k).map { _ in
            Double.random(in: 0..<1, using: &random) < share ? Float.random(in: 0...1, using: &random) : 0
          }
          let codes = (0..<k * n).map { _ in Int8.random(in: -127...127, using: &random) }
          let scales = [Float](repeating: 0.01, count: n)
          let bias = (0..<n).map { _ in Float.random(in: -1...1, using: &random) }
          let packed = try PackedCodes(Tensor(codes, shape: [k, n]), scales: Tensor(scales))
          for rounding in [(scale: Float(1) / 255, zero: 0), (scale: Float(1) / 100, zero: 37)] {
            let wanted = Self.reference(
              x, codes, scales, bias, k: k, n: n, scale: rounding.scale, zero: rounding.zero)
            for result in try Self.onEveryPath({
              try packed.product(Tensor(x, shape: [m, k]), rounding: rounding, bias: Tensor(bias))
            }) {
              for (got, want) in zip(try result.array(Double.self), wanted) {
                #expect(abs(got - want) <= 1e-6 * max(1, abs(want)))
              }
            }
          }
        }
      }
    }

    /// Half-way between two codes, and the neighbouring floats: the code is that of the rounded quotient.
    @Test func numbersNearAHalfRoundAsTheirQuotient() throws {
      for scale in [0.0337, 1 / 255, 3, 1e-21, 7e-20, 9e19] as [Float] {
        let halves: [Float] = (-60...259).map { (Float($0) + 0.5) * scale }
        let x = halves.flatMap { [$0.nextDown.nextDown, $0.nextDown, $0, $0.nextUp, $0.nextUp.nextUp] }
        let packed = try PackedCodes(Tensor([1] as [Int8], shape: [1, 1]), scales: Tensor([1] as [Float]))
        // Many in a row are rounded together, one in a row by itself: both ways go through the codes' sums.
        let wide = try PackedCodes(
          Tensor([Int8](repeating: 1, count: x.count), shape: [x.count, 1]), scales: Tensor([1] as [Float]))
        let codes: [Float] = x.map { min(255, max(0, ($0 / scale).rounded(.toNearestOrEven) + 40)) }
        let sum = codes.reduce(0, +) - 40 * Float(x.count)
        for (each, all) in zip(
          try Self.onEveryPath {
            try packed.product(Tensor(x, shape: [x.count, 1]), rounding: (scale, 40), bias: nil)
          },
          try Self.onEveryPath {
            try wide.product(Tensor(x, shape: [1, x.count]), rounding: (scale, 40), bias: nil)
          })
        {
          #expect(try each.array(Float.self) == codes.map { ($0 - 40) * scale })
          #expect(try all.array(Float.self) == [sum * scale])
        }
      }
    }

    /// As `relu` does afterwards, with NaN where a row is not finite.
    @Test func whatIsBelowZeroIsZeroWhereThatIsWanted() throws {
      var random = SeededNumbers(state: 6)
      for (m, k, n) in [(1, 20, 10), (3, 33, 17), (9, 128, 40), (70, 64, 10)] {
        var x = (0..<m * k).map { _ in Float.random(in: -3...4, using: &random) }
        if m > 1 { x[k] = .nan }
        let codes = (0..<k * n).map { _ in Int8.random(in: -128...127, using: &random) }
        let packed = try PackedCodes(Tensor(codes, shape: [k, n]), scales: Tensor([0.01] as [Float]))
        let bias = try Tensor((0..<n).map { _ in Float.random(in: -1...1, using: &random) })
        let input = try Tensor(x, shape: [m, k])
        for rounding in [(scale: Float(0.03), zero: 100), nil] {
          let results = try Self.onEveryPath {
            try packed.product(input, rounding: rounding, bias: bias, rectifies: true)
          }
          let wanted = try Tensor.unary(.relu, packed.product(input, rounding: rounding, bias: bias))
          for result in results { #expect(try result.bitEqual(wanted)) }
        }
      }
    }

    /// Far beyond every code, also where the quotient would overflow.
    @Test func whatIsFarAwayIsTheLastCode() throws {
      let packed = try PackedCodes(Tensor([1] as [Int8], shape: [1, 1]), scales: Tensor([1] as [Float]))
      for scale in [Float(2e-38), 1e-19, 0.01, 1, 1e30, 1e38] {
        for x in [Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude] {
          let code = min(255, max(0, (Double(x) / Double(scale)).rounded() + 7))
          let wanted = Float(code - 7) * scale
          for result in try Self.onEveryPath({
            try packed.product(Tensor([x], shape: [1, 1]), rounding: (scale, 7), bias: nil)
          }) { #expect(try result.array(Float.self) == [wanted], "\(x) by \(scale)") }
        }
      }
    }

    /// 255 times 127, and times -128, 1200 and 65,000 times over: nothing saturates on the way.
    @Test func nothingSaturates() throws {
      for k in [1_200, PackedCodes.longest] {
        for code in [Int8(127), -128] {
          let codes = try Tensor([Int8](repeating: code, count: k), shape: [k, 1])
          let packed = try PackedCodes(codes, scales: Tensor([1] as [Float]))
          let x = try Tensor.filled(255, shape: [1, k], dtype: .f32)
          for result in try Self.onEveryPath({ try packed.product(x, rounding: (1, 0), bias: nil) }) {
            #expect(try result.double(at: 0) == Double(Float(255 * k * Int(code))))
          }
          // With the code of zero at the top every input is below it.
          let low = try Tensor.filled(-300, shape: [1, k], dtype: .f32)
          for result in try Self.onEveryPath({ try packed.product(low, rounding: (1, 255), bias: nil) }) {
            #expect(try result.double(at: 0) == Double(Float(-255 * k * Int(code))))
          }
        }
      }
    }

    @Test func zeroIsExactAndWhatIsNotFiniteShows() throws {
      let packed = try PackedCodes(
        Tensor([7, -9] as [Int8], shape: [2, 1]), scales: Tensor([0.5] as [Float]))
      let rows: [Float] = [0, 0, .nan, 1, 1, .infinity, Float(bitPattern: 71_362), 0]
      let x = try Tensor(rows, shape: [4, 2])
      for rounding in [(scale: Float(0.1), zero: 37), nil] {
        for result in try Self.onEveryPath({ try packed.product(x, rounding: rounding, bias: nil) }) {
          let values = try result.array(Float.self)
          #expect(values[0] == 0 && values[1].isNaN && values[2].isNaN && values[3] == 0)
        }
      }
    }

    @Test func whatDoesNotFitIsRefused() throws {
      let codes = try Tensor([1, 2] as [Int8], shape: [2, 1])
      #expect(throws: EngineError.self) { try PackedCodes(codes, scales: Tensor([1, 2] as [Float])) }
      let packed = try PackedCodes(codes, scales: Tensor([1] as [Float]))
      let x = try Tensor([1, 2, 3] as [Float], shape: [1, 3])
      #expect(throws: EngineError.self) { try packed.product(x, rounding: nil, bias: nil) }
      let fitting = try Tensor([1, 2] as [Float], shape: [1, 2])
      #expect(throws: EngineError.self) { try packed.product(fitting, rounding: (0, 0), bias: nil) }
      #expect(throws: EngineError.self) { try packed.product(fitting, rounding: (1, 256), bias: nil) }
      #expect(throws: EngineError.self) { try packed.product(fitting, rounding: (1, 0), bias: x) }
    }
  }
}
