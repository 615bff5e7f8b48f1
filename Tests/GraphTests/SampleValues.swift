@testable import Engine
@testable import Graph

/// A small repeatable source of numbers between 0 and 1 (Numerical Recipes' linear congruence).
struct Numbers {
  private var state: UInt64
  init(_ seed: UInt64 = 1) { state = seed }
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 33) / Double(1 << 31)
  }
  mutating func list(_ count: Int, _ low: Double = -1, _ high: Double = 1) -> [Double] {
    (0..<count).map { _ in low + (high - low) * next() }
  }
}

func tensor(_ values: [Double], _ shape: [Int]) throws -> Tensor {
  shape.isEmpty ? Tensor(scalar: values[0]) : try Tensor(values, shape: shape)
}

func size(_ shape: [Int]) -> Int { shape.reduce(1, *) }

extension Sample.Input {
  /// Whether the values can be moved a little, as central differences do.
  var isContinuous: Bool {
    switch domain {
    case .index, .truth, .fixed: false
    default: true
    }
  }

  func tensor(_ numbers: inout Numbers) throws -> Tensor {
    let count = size(shape)
    let apart = [0.31, -0.42, 0.77, -1.23, 1.62, -0.18, -0.88, 0.58, 1.36, -1.71, 0.21, -0.63]
    switch domain {
    case .any: return try GraphTests.tensor(numbers.list(count, -2, 2), shape)
    case .positive: return try GraphTests.tensor(numbers.list(count, 0.3, 3), shape)
    case .unit: return try GraphTests.tensor(numbers.list(count, -0.9, 0.9), shape)
    case .apart: return try GraphTests.tensor((0..<count).map { apart[$0 % 12] + 2 * Double($0 / 12) }, shape)
    case .values(let values), .fixed(let values):
      return try GraphTests.tensor((0..<count).map { values[$0 % values.count] }, shape)
    case .index(let bound):
      let places = (0..<count).map { _ in Int(numbers.next() * Double(bound)) }
      return shape.isEmpty ? Tensor(scalar: places[0]) : try Tensor(places, shape: shape)
    case .truth:
      let truths = (0..<count).map { $0 % 3 != 1 }
      return shape.isEmpty ? Tensor(scalar: truths[0]) : try Tensor(truths, shape: shape)
    }
  }
}
