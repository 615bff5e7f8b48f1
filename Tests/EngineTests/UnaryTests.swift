import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct UnaryTests {
    static func reference(_ k: UnaryKernel, _ x: Double) -> Double {
      switch k {
      case .negate: -x
      case .absolute: abs(x)
      case .sign: x > 0 ? 1 : x < 0 ? -1 : x
      case .exp: Foundation.exp(x)
      case .expm1: Foundation.expm1(x)
      case .log: Foundation.log(x)
      case .log1p: Foundation.log1p(x)
      case .sqrt: x.squareRoot()
      case .reciprocal: 1 / x
      case .square: x * x
      case .sin: Foundation.sin(x)
      case .cos: Foundation.cos(x)
      case .tan: Foundation.tan(x)
      case .asin: Foundation.asin(x)
      case .acos: Foundation.acos(x)
      case .atan: Foundation.atan(x)
      case .sinh: Foundation.sinh(x)
      case .cosh: Foundation.cosh(x)
      case .tanh: Foundation.tanh(x)
      case .sigmoid: x < 0 ? Foundation.exp(x) / (1 + Foundation.exp(x)) : 1 / (1 + Foundation.exp(-x))
      case .relu: x.isNaN ? x : max(x, 0)
      case .softplus: max(x, 0) + Foundation.log1p(Foundation.exp(-abs(x)))
      case .erf: Foundation.erf(x)
      case .floor: x.rounded(.down)
      case .ceil: x.rounded(.up)
      case .round: x.rounded(.toNearestOrEven)
      case .not: x == 0 ? 1 : 0
      case .isnan: x.isNaN ? 1 : 0
      case .isfinite: x.isFinite ? 1 : 0
      }
    }

    static let edges: [Double] = [
      0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, .infinity, -.infinity, .nan, 1e-8, -1e-8, 1e-30, 1e-40,
      -1e-42, 1e38,
      -1e38, 88.5, 88.8, 89, -87.5, -100, -103.9, -104.1, 200, -200, 0.70710677, 1.4142135, 3e-39, 9.1, 20,
      -20,
    ]

    @Test(arguments: UnaryKernel.allCases) func f32WithinFourUlps(_ k: UnaryKernel) throws {
      let magnitudes = numbers(2000, seed: 7, in: -44...88).map { Foundation.exp($0) }
      let signed = zip(magnitudes, numbers(2000, seed: 8)).map { $1 < 0 ? -$0 : $0 }
      let inputs = (Self.edges + numbers(5001, seed: 1, in: -110...110) + numbers(3003, seed: 2) + signed).map
      {
        Double(Float($0))
      }
      for path in processorPaths {
        let result = try on(path) { try Tensor.unary(k, tensor(inputs, nil, .f32)) }
        let got = try result.array(Float.self)
        for (x, y) in zip(inputs, got) {
          #expect(ulps(y, Self.reference(k, x)) <= 4, "\(k)(\(x)) is \(y) on \(path)")
        }
      }
    }

    @Test(arguments: UnaryKernel.allCases) func f64(_ k: UnaryKernel) throws {
      let inputs = Self.edges + numbers(1001, seed: 3, in: -110...110) + numbers(1000, seed: 4)
      for path in processorPaths {
        let got = try on(path) { try Tensor.unary(k, tensor(inputs)) }.array(Double.self)
        for (x, y) in zip(inputs, got) {
          #expect(ulps(y, Self.reference(k, x)) <= 2, "\(k)(\(x)) is \(y) on \(path)")
        }
      }
    }

    @Test func integersWrapOrBecomeFloats() throws {
      let x = try Tensor([Int8(-128), -3, 0, 127])
      #expect(try Tensor.unary(.negate, x).array(Int.self) == [-128, 3, 0, -127])
      #expect(try Tensor.unary(.absolute, x).array(Int.self) == [-128, 3, 0, 127])
      #expect(try Tensor.unary(.square, x).array(Int.self) == [0, 9, 0, 1])
      #expect(try Tensor.unary(.sign, x).array(Int.self) == [-1, -1, 0, 1])
      #expect(try Tensor.unary(.relu, x).array(Int.self) == [0, 0, 0, 127])
      #expect(try Tensor.unary(.negate, Tensor(scalar: Int.min)).int(at: 0) == Int.min)
      #expect(try Tensor.unary(.exp, x).dtype == .f32)
      #expect(try Tensor.unary(.exp, Tensor(scalar: 2)).dtype == .f64)
      #expect(try Tensor.unary(.floor, x).bitEqual(x))
      #expect(try Tensor.unary(.not, x).array(Bool.self) == [false, false, true, false])
      #expect(try Tensor.unary(.isfinite, x).array(Bool.self) == [true, true, true, true])
      #expect(try Tensor.unary(.not, Tensor([true, false])).array(Bool.self) == [false, true])
    }

    @Test(arguments: UnaryKernel.allCases) func anyPlaceAndThreadGiveTheSameBits(_ k: UnaryKernel) throws {
      let whole = try tensor(numbers(100_003, seed: 5), nil, .f32)
      let expected = try with(threads: 1) { try Tensor.unary(k, whole) }
      for threads in 2...3 {
        #expect(try with(threads: threads) { try Tensor.unary(k, whole) }.bitEqual(expected))
      }
      let late = try Tensor.unary(k, whole.rows(100_000..<100_003))
      #expect(try late.bitEqual(expected.rows(100_000..<100_003)))
    }

    @Test func emptyAndScalar() throws {
      #expect(try Tensor.unary(.exp, tensor([], [0, 3])).shape == [0, 3])
      #expect(try Tensor.unary(.exp, Tensor(scalar: 0.0)).scalarDouble == 1)
    }
  }
}
