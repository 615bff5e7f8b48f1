/// Names of series beside a piece of their line, or one of their points, in as many rows as they need.
struct Legend {
  private let entries: [(name: String, number: Int, place: Point)]
  let height: Double
  private static let size = 12.0

  /// The series that are points.
  private let clouds: Set<Int>

  /// - Parameter names: by the series' numbers; those without a name are left out.
  init(_ names: [String], clouds: Set<Int>, width: Double) {
    self.clouds = clouds
    var (x, row) = (0.0, 0)
    var entries: [(name: String, number: Int, place: Point)] = []
    for (number, name) in names.enumerated() where !name.isEmpty {
      let name = Legend.shortened(name, to: max(40, width - 40), size: Legend.size)
      let needed = 26 + StrokeFont.width(name, size: Legend.size) + 16
      if x > 0, x + needed > width { (x, row) = (0, row + 1) }
      entries.append((name, number, Point(x, Double(row) * 18)))
      x += needed
    }
    self.entries = entries
    height = entries.isEmpty ? 0 : Double(row + 1) * 18 + 4
  }

  func draw(at corner: Point, on canvas: inout some Canvas) {
    for entry in entries {
      let (x, y) = (corner.x + entry.place.x, corner.y + entry.place.y + 8)
      if clouds.contains(entry.number) {
        canvas.discs([Point(x + 12, y)], radius: 4, SeriesStyle.ink(entry.number), opacity: 1)
      } else {
        Legend.sample(entry.number, at: Point(x, y), on: &canvas)
      }
      canvas.text(entry.name, at: Point(x + 26, y + 4), TextStyle(size: Legend.size))
    }
  }

  /// A short piece of a series' line.
  static func sample(_ number: Int, at place: Point, on canvas: inout some Canvas) {
    let stroke = Stroke(ink: SeriesStyle.ink(number), width: 2.4, dashes: SeriesStyle.dashes(number))
    canvas.polyline([place, Point(place.x + 20, place.y)], stroke)
  }

  /// A text cut with `…` where it is too wide.
  static func shortened(_ text: String, to width: Double, size: Double) -> String {
    let text = text.contains("\n") ? text.replacingBreaks : text
    guard StrokeFont.width(text, size: size) > width else { return text }
    var (kept, used) = ("", StrokeFont.width("…", size: size))
    for character in text {
      used += StrokeFont.width(String(character), size: size)
      if used > width { break }
      kept.append(character)
    }
    return kept + "…"
  }
}

extension String {
  /// On one line.
  var replacingBreaks: String { String(map { $0.isNewline ? " " : $0 }) }
}
