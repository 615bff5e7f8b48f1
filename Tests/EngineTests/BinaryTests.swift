import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct BinaryTests {
    static func reference(_ k: BinaryKernel, _ x: Double, _ y: Double) -> Double {
      switch k {
      case .add: return x + y
      case .subtract: return x - y
      case .multiply: return x * y
      case .divide: return x / y
      case .power: return Foundation.pow(x, y)
      case .maximum: return x.isNaN || y.isNaN ? .nan : max(x, y)
      case .minimum: return x.isNaN || y.isNaN ? .nan : min(x, y)
      case .floorDivide:
        // Python's: NaN from an infinite numerator, 0 or -1 over an infinite divisor.
        if y == 0 { return x / y }
        if !x.isFinite || y.isNaN { return .nan }
        if y.isInfinite { return x != 0 && (x < 0) != (y < 0) ? -1 : x / y }
        return ((x - remainder(x, y)) / y).rounded()
      case .remainder: return remainder(x, y)
      case .gate: return x > 0 ? y : 0
      case .equal: return x == y ? 1 : 0
      case .notEqual: return x != y ? 1 : 0
      case .less: return x < y ? 1 : 0
      case .lessOrEqual: return x <= y ? 1 : 0
      case .greater: return x > y ? 1 : 0
      case .greaterOrEqual: return x >= y ? 1 : 0
      case .and: return x != 0 && y != 0 ? 1 : 0
      case .or: return x != 0 || y != 0 ? 1 : 0
      }
    }

    static func remainder(_ x: Double, _ y: Double) -> Double {
      let m = fmod(x, y)
      return m != 0 && (m < 0) != (y < 0) ? m + y : m
    }

    /// Shapes that broadcast, from the fast paths to the strided one.
    static let pairs: [([Int], [Int])] = [
      ([], []), ([5], []), ([], [5]), ([7, 5], [7, 5]), ([7, 5], [5]), ([5], [7, 5]), ([7, 5], [7, 1]),
      ([7, 1], [7, 5]), ([7, 1], [1, 5]), ([3, 1, 4], [2, 1]), ([2, 3, 1, 5], [1, 3, 4, 1]), ([1], [1, 1]),
      ([0], [1]), ([3, 0], [1, 1]), ([2, 1, 3, 1, 2], [1, 4, 1, 2, 1]), ([64, 33], [33]),
      ([1, 33], [64, 33]),
    ]

    /// A broadcast by counting indices.
    static func expand(_ values: [Double], _ shape: [Int], to result: [Int]) -> [Double] {
      let count = result.reduce(1, *)
      return (0..<count).map { flat in
        var rest = flat
        var at = 0
        var stride = 1
        for (axis, extent) in result.enumerated().reversed() {
          let index = rest % extent
          rest /= extent
          let own = axis - (result.count - shape.count)
          guard own >= 0 else { continue }
          if shape[own] != 1 { at += index * stride }
          stride *= shape[own]
        }
        return values[at]
      }
    }

    @Test(arguments: BinaryKernel.allCases, [DType.f32, .f64]) func broadcasting(
      _ k: BinaryKernel, _ dtype: DType
    ) throws {
      for (index, (left, right)) in Self.pairs.enumerated() {
        let range = k == .power ? 0.1...3.0 : -3...3.0
        let a = try tensor(numbers(left.reduce(1, *), seed: UInt64(index), in: range), left, dtype)
        let b = try tensor(numbers(right.reduce(1, *), seed: UInt64(index) + 99), right, dtype)
        for path in processorPaths {
          let c = try on(path) { try Tensor.binary(k, a, b) }
          let x = try Self.expand(a.array(Double.self), left, to: c.shape)
          let y = try Self.expand(b.array(Double.self), right, to: c.shape)
          for i in 0..<c.count {
            let exact = Self.reference(k, x[i], y[i])
            let slack = k == .remainder || k == .floorDivide ? 8.0 : 1.0
            let error = try dtype == .f32 ? ulps(Float(c.double(at: i)), exact) : ulps(c.double(at: i), exact)
            #expect(
              try error <= slack || abs(c.double(at: i) - exact) < 1e-6 && slack > 1,
              "\(k) \(x[i]) \(y[i]) \(path)")
          }
        }
      }
    }

    @Test func doubleArithmeticIsExact() throws {
      let x = numbers(999, seed: 21)
      let y = numbers(999, seed: 22)
      for path in processorPaths {
        for k in [BinaryKernel.add, .subtract, .multiply, .divide] {
          let got = try on(path) { try Tensor.binary(k, tensor(x), tensor(y)) }.array(Double.self)
          #expect(got == zip(x, y).map { Self.reference(k, $0, $1) })
        }
      }
    }

    static let edges: [Double] = [
      0, -0.0, 1, -1, 2, -2.5, 0.5, .infinity, -.infinity, .nan, 3, 1e300, -1e-300,
    ]

    @Test(arguments: BinaryKernel.allCases) func edges(_ k: BinaryKernel) throws {
      for y in Self.edges {
        for path in processorPaths {
          let x = try tensor(Self.edges)
          let got = try on(path) { try Tensor.binary(k, x, Tensor(scalar: y)) }.array(Double.self)
          let each = try on(path) { try Tensor.binary(k, x, Tensor.filled(y, shape: [x.count], dtype: .f64)) }
          #expect(
            try each.array(Double.self).map(\.bitPattern) == got.map(\.bitPattern),
            "a lone exponent or divisor")
          for (x, z) in zip(Self.edges, got) {
            let exact = Self.reference(k, x, y)
            // The reference's quotient of numbers that differ by hundreds of orders is no integer.
            if k == .floorDivide && abs(exact) > 1e15 { continue }
            #expect(ulps(z, exact) <= 1, "\(k)(\(x), \(y)) is \(z), not \(exact), on \(path)")
          }
        }
      }
    }

    @Test func integersWrapFloorAndRefuse() throws {
      let big = try Tensor([Int.max, Int.min, -7, 7])
      #expect(
        try Tensor.binary(.add, big, Tensor(scalar: 1)).array(Int.self) == [Int.min, Int.min + 1, -6, 8])
      #expect(try Tensor.binary(.multiply, big, Tensor(scalar: 2)).array(Int.self) == [-2, 0, -14, 14])
      #expect(
        try Tensor.binary(.floorDivide, big, Tensor(scalar: -1)).array(Int.self) == [
          -Int.max, Int.min, 7, -7,
        ])
      #expect(try Tensor.binary(.remainder, big, Tensor(scalar: -1)).array(Int.self) == [0, 0, 0, 0])
      #expect(try Tensor.binary(.floorDivide, big, Tensor(scalar: 2)).array(Int.self).suffix(2) == [-4, 3])
      #expect(try Tensor.binary(.remainder, big, Tensor(scalar: 4)).array(Int.self).suffix(2) == [1, 3])
      #expect(try Tensor.binary(.remainder, big, Tensor(scalar: -4)).array(Int.self).suffix(2) == [-3, -1])
      #expect(
        try Tensor.binary(.power, Tensor([2, -3, 0]), Tensor([10, 3, 0])).array(Int.self) == [1024, -27, 1])
      #expect(
        try Tensor.binary(.power, Tensor(scalar: 3), Tensor(scalar: 41)).int(at: 0)
          == -420_491_770_248_316_829)
      let bytes = try Tensor([UInt8(250), 3])
      #expect(try Tensor.binary(.add, bytes, bytes).array(Int.self) == [244, 6])
      #expect(try Tensor.binary(.divide, bytes, bytes).dtype == .f32)
      #expect(try Tensor.binary(.divide, Tensor(scalar: 7), Tensor(scalar: 2)).scalarDouble == 3.5)
      #expect(try Tensor.binary(.add, Tensor([true, true]), Tensor(scalar: true)).array(Int.self) == [2, 2])
      guard case .divisionByZero = refusal({ _ = try Tensor.binary(.remainder, big, Tensor([1, 2, 0, 1])) })
      else {
        Issue.record("a zero divisor was accepted")
        return
      }
      guard case .badValue = refusal({ _ = try Tensor.binary(.power, big, Tensor(scalar: -1)) }) else {
        Issue.record("a negative power was accepted")
        return
      }
    }

    @Test func promotion() throws {
      for a in DType.allCases {
        for b in DType.allCases {
          let x = try tensor([1, 1], nil, a)
          let y = try tensor([1, 0], nil, b)
          #expect(DType.promote(a, b) == DType.promote(b, a))
          #expect(try Tensor.binary(.maximum, x, y).dtype == DType.promote(a, b))
          #expect(try Tensor.binary(.greater, x, y).array(Bool.self) == [false, true])
          #expect(try Tensor.binary(.and, x, y).array(Bool.self) == [true, false])
        }
      }
      #expect(DType.promote(.u8, .i8) == .i32)
      #expect(DType.promote(.i64, .f32) == .f32)
    }

    @Test func mismatchNamesTheAxis() throws {
      let a = try tensor(numbers(6, seed: 1), [2, 3])
      let error = refusal { _ = try Tensor.binary(.add, a, tensor([1, 2])) }
      guard case .shapeMismatch(let facts) = error else {
        Issue.record("accepted")
        return
      }
      #expect(facts.lhs == [2, 3] && facts.rhs == [2])
      #expect(
        facts.reason
          == "on the last axis the left has 3, the right has 2: they must be equal, or one of them 1")
    }

    @Test func selectBroadcasts() throws {
      let condition = try Tensor([true, false], shape: [2, 1])
      let a = try tensor([1, 2, 3], nil, .f32)
      let result = try Tensor.select(condition, a, Tensor(scalar: -1.0, dtype: .f32))
      #expect(try result.shape == [2, 3] && result.array(Double.self) == [1, 2, 3, -1, -1, -1])
      #expect(
        try Tensor.select(Tensor(scalar: false), a, Tensor(scalar: 9.0)).array(Double.self) == [9, 9, 9])
      #expect(
        try Tensor.select(Tensor([true, false, true]), Tensor(scalar: 1), Tensor([5, 6, 7])).array(Int.self)
          == [1, 6, 1])
    }

    @Test func threadsChangeNothing() throws {
      let a = try tensor(numbers(300_000, seed: 31), [300, 1000], .f32)
      for shape in [[300, 1000], [1000], [300, 1], []] {
        let b = try tensor(numbers(shape.reduce(1, *), seed: 32), shape, .f32)
        for k in [BinaryKernel.add, .power, .less] {
          let one = try with(threads: 1) { try Tensor.binary(k, a, b) }
          for threads in 2...3 {
            #expect(try with(threads: threads) { try Tensor.binary(k, a, b) }.bitEqual(one))
          }
        }
      }
    }
  }
}
