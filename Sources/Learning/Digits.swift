import Engine

#if canImport(Glibc)
  import Glibc
#endif

/// Digits drawn from strokes, 28 × 28: each in one of several ways of writing, its points shaken, the whole turned,
/// slanted, stretched and shifted, with pens of different widths.
package enum Digits {
  package static let side = 28

  /// Numbers a picture is drawn from: shakes of points, then one for each kind of change.
  private static let shakes = 64
  private static let changes = 8

  /// `n` pictures as bytes, one row each, with their digits. The first rows of a longer set are those of a shorter.
  ///
  /// - Throws: `DataError.badValue` for a negative number; `outOfMemory`.
  package static func dataset(count: Int, seed: Int) throws -> Dataset {
    guard count >= 0 else { throw DataError.badValue("the number of digits is not negative") }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: side * side)
    guard !overflow else { throw EngineError.outOfMemory(bytes: Int.max) }
    let pictures = try Tensor.uninitialized(shape: [count, side * side], dtype: .u8)
    let key = RandomKey(seed: seed)
    let labels = try Tensor.randomIntegers(low: 0, high: 10, shape: [count], key: key.folded(0))
    // In blocks, so that the random numbers take little room beside the pictures.
    let block = 1024
    var parts: [Tensor] = []
    for start in stride(from: 0, to: count, by: block) {
      let rows = min(block, count - start)
      parts.append(try drawn(labels.rows(start..<start + rows), key: key.folded(1 + start / block)))
    }
    let features = parts.isEmpty ? pictures : try Tensor.concatenated(parts, axis: 0)
    assert(features.byteCount == bytes)
    return try Dataset(name: "digits", features: features, scale: 1 / 255, labels: labels, classes: 10)
  }

  private static func drawn(_ labels: Tensor, key: RandomKey) throws -> Tensor {
    let count = labels.count
    let shaken = try Tensor.normal(shape: [count, shakes + changes], key: key.folded(0), dtype: .f32)
    let changed = try Tensor.uniform(shape: [count, changes], key: key.folded(1), dtype: .f32)
    let size = side * side
    return try Tensor(unsafeUninitialized: UInt8.self, shape: [count, size]) { pixels in
      let (normal, even) = (try shaken.array(Float.self), try changed.array(Float.self))
      let digits = try labels.array(Int.self)
      // Each part of the work writes rows of its own.
      nonisolated(unsafe) let pixels = pixels
      WorkerPool.parallel(count: count, grain: 16) { rows in
        for row in rows {
          let width = shakes + changes
          draw(
            digits[row], normal[(row * width)..<((row + 1) * width)],
            even[(row * changes)..<((row + 1) * changes)],
            UnsafeMutableBufferPointer(rebasing: pixels[(row * size)..<((row + 1) * size)]))
        }
      }
    }
  }

  private static func draw(
    _ digit: Int, _ normal: ArraySlice<Float>, _ even: ArraySlice<Float>,
    _ pixels: UnsafeMutableBufferPointer<UInt8>
  ) {
    let ways = Glyphs.variants[digit]
    let change = even.startIndex
    let strokes = ways[min(ways.count - 1, Int(even[change] * Float(ways.count)))]
    let place = Placement(normal.suffix(changes), even)
    // The pen's half width, in pixels.
    let radius = 0.7 + 1.0 * even[change + 1]
    var canvas = Canvas()
    var shake = normal.startIndex
    for stroke in strokes {
      let shaken = stroke.points.map { point in
        let moved = point + 0.045 * Glyphs.Point(normal[shake], normal[shake + 1])
        shake += 2
        return place.pixel(moved)
      }
      canvas.draw(stroke.isCurved ? curve(through: shaken) : shaken)
    }
    canvas.ink(into: pixels, radius: radius)
  }

  /// Where on the picture a point of the unit square comes to lie.
  private struct Placement {
    private let right: Glyphs.Point
    private let down: Glyphs.Point
    private let centre: Glyphs.Point

    init(_ normal: ArraySlice<Float>, _ even: ArraySlice<Float>) {
      let (n, e) = (normal.startIndex, even.startIndex)
      let turn = 0.14 * max(-2.5, min(2.5, normal[n]))
      let slant = 0.26 * max(-2.5, min(2.5, normal[n + 1]))
      let width = 20 * (0.55 + 0.42 * even[e + 2])
      let height = 20 * (0.8 + 0.22 * even[e + 3])
      let (c, s) = (cos(turn), sin(turn))
      right = Glyphs.Point(c, s) * width
      down = Glyphs.Point(-s - slant * c, c - slant * s) * height
      centre = Glyphs.Point(13.5 + 3.4 * (even[e + 4] - 0.5), 13.5 + 3.4 * (even[e + 5] - 0.5))
    }

    func pixel(_ point: Glyphs.Point) -> Glyphs.Point {
      centre + right * (point.x - 0.5) + down * (point.y - 0.5)
    }
  }

  /// A Catmull–Rom spline: it passes every point.
  private static func curve(through points: [Glyphs.Point]) -> [Glyphs.Point] {
    guard points.count > 2, let first = points.first, let last = points.last else { return points }
    let steps = 5
    var result = [first]
    for index in 0..<(points.count - 1) {
      let a = index > 0 ? points[index - 1] : first
      let (b, c) = (points[index], points[index + 1])
      let d = index + 2 < points.count ? points[index + 2] : last
      for step in 1...steps {
        let t = Float(step) / Float(steps)
        let linear = b * 2 + (c - a) * t
        let square = (a * 2 - b * 5 + c * 4 - d) * (t * t)
        let cubic = (b * 3 - a - c * 3 + d) * (t * t * t)
        result.append((linear + square + cubic) * 0.5)
      }
    }
    return result
  }
}

/// The distance of each pixel to the nearest stroke.
private struct Canvas {
  private var squares = [Float](repeating: 1_000, count: Digits.side * Digits.side)
  /// No pen reaches farther, in pixels.
  private static let reach: Float = 2.6

  mutating func draw(_ points: [Glyphs.Point]) {
    for (a, b) in zip(points, points.dropFirst()) { segment(a, b) }
  }

  private mutating func segment(_ a: Glyphs.Point, _ b: Glyphs.Point) {
    func range(_ low: Float, _ high: Float) -> ClosedRange<Int>? {
      let first = max(0, Int((low - Canvas.reach).rounded(.up)))
      let last = min(Digits.side - 1, Int((high + Canvas.reach).rounded(.down)))
      return first <= last ? first...last : nil
    }
    guard let columns = range(min(a.x, b.x), max(a.x, b.x)), let rows = range(min(a.y, b.y), max(a.y, b.y))
    else {
      return
    }
    let along = b - a
    let length = max((along * along).sum(), 1e-9)
    for row in rows {
      for column in columns {
        let to = Glyphs.Point(Float(column), Float(row)) - a
        let t = max(0, min(1, (to * along).sum() / length))
        let gap = to - along * t
        let place = row &* Digits.side &+ column
        squares[place] = min(squares[place], (gap * gap).sum())
      }
    }
  }

  /// Ink where the pen was, fading over one pixel at its edge.
  func ink(into pixels: UnsafeMutableBufferPointer<UInt8>, radius: Float) {
    for place in squares.indices {
      let shade = max(0, min(1, radius + 0.5 - squares[place].squareRoot()))
      pixels[place] = UInt8((255 * shade).rounded())
    }
  }
}
