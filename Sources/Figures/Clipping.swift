/// Lines cut to a rectangle, so that no renderer meets a coordinate far outside its page.
enum Clipping {
  /// The part of a segment within a rectangle (Liang and Barsky, 1984); `nil` where it misses it.
  static func segment(_ a: Point, _ b: Point, in frame: Frame) -> (Point, Point)? {
    // Coordinates of the size of 1e300 would make the differences below infinite.
    let limit = 1e9
    let a = Point(min(limit, max(-limit, a.x)), min(limit, max(-limit, a.y)))
    let b = Point(min(limit, max(-limit, b.x)), min(limit, max(-limit, b.y)))
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    var (start, end) = (0.0, 1.0)
    for (direction, room) in [
      (-dx, a.x - frame.x), (dx, frame.maxX - a.x), (-dy, a.y - frame.y), (dy, frame.maxY - a.y),
    ] {
      if direction == 0 {
        if room < 0 { return nil }
      } else if direction < 0 {
        start = max(start, room / direction)
      } else {
        end = min(end, room / direction)
      }
    }
    guard start <= end else { return nil }
    return (
      start == 0 ? a : Point(a.x + start * dx, a.y + start * dy),
      end == 1 ? b : Point(a.x + end * dx, a.y + end * dy)
    )
  }

  /// A polyline cut into the parts within a rectangle; `nil` points are gaps.
  static func polyline(_ points: [Point?], in frame: Frame) -> [[Point]] {
    var parts: [[Point]] = []
    var part: [Point] = []
    func finish() {
      if part.count > 1 { parts.append(part) }
      part = []
    }
    var previous: Point?
    for point in points {
      guard let point, let last = previous else {
        finish()
        previous = point
        continue
      }
      if let (a, b) = segment(last, point, in: frame) {
        if part.last != a {
          finish()
          part = [a]
        }
        if b != a || part.count == 1 { part.append(b) }
        if b != point { finish() }
      } else {
        finish()
      }
      previous = point
    }
    finish()
    return parts
  }
}

/// A rectangle; y grows downwards.
package struct Frame: Sendable, Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var maxX: Double { x + width }
  var maxY: Double { y + height }
  var midX: Double { x + width / 2 }
  var midY: Double { y + height / 2 }

  func contains(_ point: Point) -> Bool {
    point.x >= x && point.x <= maxX && point.y >= y && point.y <= maxY
  }
}
