#if canImport(Glibc)
  import Glibc
#endif

/// Heights worth a line.
package enum ContourLevels {
  /// About `count` round levels that spread over a field.
  ///
  /// Even steps where the heights are spread evenly. Where most of a field is low and a few places tower, as
  /// in Rosenbrock's valley, steps that grow by a factor, from the field's lowest place.
  package static func suggested(for values: [Double], count: Int) -> [Double] {
    var finite = values.filter(\.isFinite)
    guard count > 0, !finite.isEmpty else { return [] }
    finite.sort()
    guard let low = finite.first, let high = finite.last, low < high else { return [] }
    let middle = finite[finite.count / 2]
    let range = low...high
    if range.position(of: middle) < 0.2, (high - low).isFinite {
      let near = finite[finite.count / 50]
      let levels = growing(from: low, near: near - low, far: high - low, count: count)
      if levels.count > 2 { return levels }
    }
    return even(range, count: count)
  }

  private static func even(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    Ticks.linear(range, count: count + 2).map(\.value).filter {
      $0 > range.lowerBound && $0 < range.upperBound
    }
  }

  /// `low` plus heights that grow by one factor, a round one where the lowest place is near zero.
  private static func growing(from low: Double, near: Double, far: Double, count: Int) -> [Double] {
    let start = max(near, far * 1e-6)
    guard start > 0, far > start, far.isFinite else { return [] }
    let decades = log10(far / start)
    // 1, 10, … or 1, 3, 10, … or 1, 2, 5, 10, …: whatever comes closest to the count.
    let choices: [[Double]] = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]
    let factors = choices.min {
      abs(Double($0.count) * decades - Double(count)) < abs(Double($1.count) * decades - Double(count))
    }
    let isNearZero = abs(low) < start / 10
    var levels: [Double] = []
    for exponent in Int(floor(log10(start)))...Int(ceil(log10(far))) {
      for factor in factors ?? [1] {
        let height = factor * pow(10, Double(exponent))
        if height >= start, height < far { levels.append(isNearZero ? height : low + height) }
      }
    }
    return thinned(levels, to: count * 3 / 2)
  }

  private static func thinned(_ levels: [Double], to count: Int) -> [Double] {
    guard levels.count > count, count > 0 else { return levels }
    let stride = (levels.count + count - 1) / count
    return levels.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
  }
}
