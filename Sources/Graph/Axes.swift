import Engine

/// Arithmetic of axes and shapes that the families share.
enum Axes {
  /// Axes counted from the front, in ascending order; nil means all.
  ///
  /// - Throws: `badAxis` for an axis that does not exist, `badValue` for one named twice.
  static func normalized(_ axes: [Int]?, rank: Int) throws -> [Int] {
    guard let axes else { return Array(0..<rank) }
    let result = try axes.map { try normalized($0, rank: rank) }.sorted()
    for (axis, next) in zip(result, result.dropFirst()) where axis == next {
      throw EngineError.badValue("axis \(axis) is named twice")
    }
    return result
  }

  static func normalized(_ axis: Int, rank: Int) throws -> Int {
    let result = axis < 0 ? axis &+ rank : axis
    guard result >= 0, result < rank else { throw EngineError.badAxis(axis: axis, rank: rank) }
    return result
  }

  /// The shape with the axes reduced to size 1.
  static func kept(_ shape: [Int], _ axes: [Int]?) throws -> [Int] {
    guard let axes else { return Array(repeating: 1, count: shape.count) }
    var result = shape
    for axis in try normalized(axes, rank: shape.count) { result[axis] = 1 }
    return result
  }

  /// How many elements go into each result of a reduction.
  static func reducedCount(_ shape: [Int], _ axes: [Int]?) throws -> Int {
    try normalized(axes, rank: shape.count).reduce(1) { $0 &* shape[$1] }
  }

  /// The product of the sizes; nil when no integer holds it.
  static func count(_ shape: [Int]) -> Int? {
    var result = 1
    for size in shape {
      let (product, overflow) = result.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      result = product
    }
    return result
  }

  /// The shape that two shapes broadcast to.
  static func broadcast(_ a: [Int], _ b: [Int], operation: String) throws -> [Int] {
    let rank = max(a.count, b.count)
    let long = Array(repeating: 1, count: rank - a.count) + a
    let other = Array(repeating: 1, count: rank - b.count) + b
    return try zip(long, other).map { left, right in
      if left == right || right == 1 { return left }
      if left == 1 { return right }
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: operation, lhs: a, rhs: b,
          reason: "the left has \(left) where the right has \(right): they must be equal, or one of them 1"))
    }
  }

  /// The order of axes that moves one axis to the end.
  static func movingToEnd(_ axis: Int, rank: Int) -> [Int] {
    (0..<rank).filter { $0 != axis } + [axis]
  }

  /// The order that undoes an order.
  static func inverse(_ order: [Int]) -> [Int] {
    var result = order
    for (place, axis) in order.enumerated() { result[axis] = place }
    return result
  }
}
