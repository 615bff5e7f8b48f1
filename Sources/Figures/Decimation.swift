/// Fewer points where more would not be seen.
enum Decimation {
  /// No polyline keeps more points than this.
  private static let limit = 20_000

  /// Of points that follow each other within one column of the page only the first, lowest, highest and last
  /// are kept (Jugel et al., "M4", 2014): the drawn line covers the same places.
  static func polyline(_ points: [Point], column: Double) -> [Point] {
    guard points.count > 8 else { return points }
    var kept: [Point] = []
    var start = 0
    while start < points.count {
      let place = (points[start].x / column).rounded(.down)
      var (low, high, end) = (start, start, start + 1)
      while end < points.count, (points[end].x / column).rounded(.down) == place {
        if points[end].y < points[low].y { low = end }
        if points[end].y > points[high].y { high = end }
        end += 1
      }
      var last = -1
      for index in [start, min(low, high), max(low, high), end - 1] where index > last {
        kept.append(points[index])
        last = index
      }
      start = end
    }
    guard kept.count > limit else { return kept }
    let stride = (kept.count + limit - 1) / limit
    return kept.enumerated().filter { $0.offset % stride == 0 || $0.offset == kept.count - 1 }.map(\.element)
  }

  /// One point of all those that fall on the same small square.
  static func cloud(_ points: [Point], cell: Double) -> [Point] {
    guard points.count > 256 else { return points }
    var seen: Set<SIMD2<Int32>> = []
    return points.filter { point in
      guard abs(point.x / cell) < 1e9, abs(point.y / cell) < 1e9 else { return false }
      return seen.insert(SIMD2(Int32((point.x / cell).rounded()), Int32((point.y / cell).rounded()))).inserted
    }
  }
}
