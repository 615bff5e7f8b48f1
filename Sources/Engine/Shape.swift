/// Arithmetic on extents, none of which may trap.
enum Shape {
  /// The number of elements. Errors: a negative extent, or more bytes than can be counted.
  static func count(_ shape: [Int], _ dtype: DType) throws -> Int {
    var count = 1
    var overflow = false
    for extent in shape {
      if extent < 0 { throw EngineError.badShape(shape: shape, reason: "\(extent) is negative") }
      let (product, over) = count.multipliedReportingOverflow(by: extent)
      overflow = overflow || over
      count = product
    }
    // An empty tensor is empty, however large its other extents.
    if overflow, !shape.contains(0) { throw EngineError.outOfMemory(bytes: Int.max) }
    if shape.contains(0) { return 0 }
    let (bytes, over) = count.multipliedReportingOverflow(by: dtype.byteCount)
    if over || bytes > Int.max - 4096 { throw EngineError.outOfMemory(bytes: Int.max) }
    return count
  }

  /// The product of extents that are known to be sound.
  static func volume(_ extents: some Sequence<Int>) -> Int { extents.reduce(1, &*) }

  /// Elements from one index to the next, of each axis.
  static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] &* max(1, shape[axis + 1])
    }
    return strides
  }

  /// NumPy's rule: extents are equal from the right, or one of them is 1.
  static func broadcast(_ a: [Int], _ b: [Int], operation: String) throws -> [Int] {
    if a == b || b.isEmpty { return a }
    if a.isEmpty { return b }
    let rank = max(a.count, b.count)
    var shape = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
      let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
      guard x == y || x == 1 || y == 1 else {
        let name = axis == rank - 1 ? "last axis" : "axis \(axis - rank)"
        throw EngineError.shapeMismatch(
          ShapeMismatch(
            operation: operation, lhs: a, rhs: b,
            reason:
              "on the \(name) the left has \(x), the right has \(y): they must be equal, or one of them 1"))
      }
      shape[axis] = x == 1 ? y : x
    }
    return shape
  }

  /// Strides of `shape` seen as the wider `result`: 0 where an axis is repeated.
  static func strides(_ shape: [Int], broadcastTo result: [Int]) -> [Int] {
    let own = strides(shape)
    let missing = result.count - shape.count
    return result.indices.map { $0 < missing || shape[$0 - missing] == 1 ? 0 : own[$0 - missing] }
  }

  /// `axis` counted from the front. Errors: outside of the rank.
  static func axis(_ axis: Int, rank: Int) throws -> Int {
    guard axis < rank, axis >= -rank else { throw EngineError.badAxis(axis: axis, rank: rank) }
    return axis < 0 ? axis + rank : axis
  }

  static func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let all = try axes.map { try axis($0, rank: rank) }.sorted()
    for (a, b) in zip(all, all.dropFirst()) where a == b {
      throw EngineError.badValue("axis \(a) is named twice")
    }
    return all
  }
}
