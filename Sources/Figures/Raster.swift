/// Pixels in rows, three bytes each.
struct Raster {
  let width: Int
  let height: Int
  var bytes: [UInt8]

  /// No page is larger than this on a side.
  static let limit = 16_384

  init(width: Int, height: Int, fill: Colour) {
    self.width = max(1, min(Raster.limit, width))
    self.height = max(1, min(Raster.limit, height))
    bytes = [UInt8](repeating: 0, count: self.width * self.height * 3)
    for index in 0..<(self.width * self.height) { set(index, fill) }
  }

  mutating func set(_ index: Int, _ colour: Colour) {
    bytes[3 * index] = colour.red
    bytes[3 * index + 1] = colour.green
    bytes[3 * index + 2] = colour.blue
  }

  /// Lays a colour over a pixel. The place must be on the page.
  mutating func blend(_ x: Int, _ y: Int, _ colour: Colour, _ cover: Double) {
    guard x >= 0, y >= 0, x < width, y < height, cover > 0 else { return }
    let index = (y * width + x) * 3
    let share = min(1, cover)
    func mix(_ offset: Int, _ value: UInt8) {
      let old = Double(bytes[index + offset])
      bytes[index + offset] = UInt8(min(255, max(0, (old + (Double(value) - old) * share).rounded())))
    }
    mix(0, colour.red)
    mix(1, colour.green)
    mix(2, colour.blue)
  }
}

/// How much of each pixel a shape covers: parts of one stroke that cross do not darken each other.
struct Coverage {
  let width: Int
  let height: Int
  private var cover: [UInt8]
  private var rows: Range<Int>
  private var left: Int
  private var right: Int

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    cover = [UInt8](repeating: 0, count: width * height)
    (rows, left, right) = (0..<0, width, 0)
  }

  /// Adds a line of some width with round ends.
  mutating func addSegment(_ a: Point, _ b: Point, radius: Double) {
    let reach = radius + 0.5
    guard let bounds = pixels(Swift.min(a.x, b.x) - reach, Swift.max(a.x, b.x) + reach, width),
      let lines = pixels(Swift.min(a.y, b.y) - reach, Swift.max(a.y, b.y) + reach, height)
    else { return }
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = dx * dx + dy * dy
    touch(lines, bounds)
    for y in lines {
      let part = dy == 0 ? bounds : span(y, a, b, reach, bounds)
      for x in part {
        let (px, py) = (Double(x) + 0.5 - a.x, Double(y) + 0.5 - a.y)
        let t = length > 0 ? Swift.max(0, Swift.min(1, (px * dx + py * dy) / length)) : 0
        let (ex, ey) = (px - t * dx, py - t * dy)
        add(x, y, reach - (ex * ex + ey * ey).squareRoot())
      }
    }
  }

  /// The pixels of a row that a slanted line may touch.
  private func span(_ y: Int, _ a: Point, _ b: Point, _ reach: Double, _ bounds: Range<Int>) -> Range<Int> {
    let slope = (b.x - a.x) / (b.y - a.y)
    let (top, bottom) = (Double(y) - reach, Double(y) + 1 + reach)
    let (low, high) = (Swift.min(a.y, b.y), Swift.max(a.y, b.y))
    let from = a.x + (Swift.max(low, Swift.min(high, top)) - a.y) * slope
    let to = a.x + (Swift.max(low, Swift.min(high, bottom)) - a.y) * slope
    guard let part = pixels(Swift.min(from, to) - reach - 1, Swift.max(from, to) + reach + 1, width) else {
      return 0..<0
    }
    return part.clamped(to: bounds)
  }

  private func pixels(_ from: Double, _ to: Double, _ limit: Int) -> Range<Int>? {
    guard from < Double(limit), to > 0, from <= to else { return nil }
    let first = from > 0 ? Int(from) : 0
    let last = to < Double(limit) ? Int(to.rounded(.up)) : limit
    return first < last ? first..<last : nil
  }

  private mutating func touch(_ lines: Range<Int>, _ bounds: Range<Int>) {
    rows =
      rows.isEmpty
      ? lines : Swift.min(rows.lowerBound, lines.lowerBound)..<Swift.max(rows.upperBound, lines.upperBound)
    left = Swift.min(left, bounds.lowerBound)
    right = Swift.max(right, bounds.upperBound)
  }

  private mutating func add(_ x: Int, _ y: Int, _ share: Double) {
    guard share > 0 else { return }
    let value = UInt8(Swift.min(255, share * 255))
    let index = y * width + x
    if value > cover[index] { cover[index] = value }
  }

  mutating func addDisc(_ centre: Point, radius: Double) { addSegment(centre, centre, radius: radius) }

  /// Lays a colour over the page wherever something is covered, and starts anew.
  mutating func paint(on raster: inout Raster, _ colour: Colour, opacity: Double) {
    guard !rows.isEmpty, left < right else { return }
    for y in rows {
      for x in left..<right where cover[y * width + x] > 0 {
        raster.blend(x, y, colour, Double(cover[y * width + x]) / 255 * opacity)
        cover[y * width + x] = 0
      }
    }
    (rows, left, right) = (0..<0, width, 0)
  }
}
