/// A page of pixels or of elements that figures are drawn on; x to the right, y downwards, in points.
protocol Canvas {
  mutating func polyline(_ points: [Point], _ stroke: Stroke)
  mutating func discs(_ centres: [Point], radius: Double, _ ink: Ink, opacity: Double)
  mutating func rectangle(_ frame: Frame, _ ink: Ink, opacity: Double)
  mutating func text(_ string: String, at place: Point, _ style: TextStyle)
  mutating func image(_ bitmap: Bitmap, in frame: Frame)
}

struct Stroke {
  var ink: Ink
  var width = 1.0
  var opacity = 1.0
  /// Lengths of dash and gap in turn; empty for a whole line.
  var dashes: [Double] = []
}

struct TextStyle {
  enum Anchor { case start, middle, end }
  var size = 12.0
  var anchor = Anchor.start
  var ink = Ink.ink
  /// Turned to read upwards.
  var isTurned = false
  var isBold = false
}

/// A colour by its part, so that a page can be light or dark.
enum Ink: Hashable {
  case ink, muted, grid, page
  case series(Int)
  /// Low 0 to high 255.
  case level(UInt8)
  case ramp(UInt8)

  var colours: (light: Colour, dark: Colour) {
    switch self {
    case .ink: (Colour(0x1f2328), Colour(0xe6edf3))
    case .muted: (Colour(0x59636e), Colour(0x9198a1))
    case .grid: (Colour(0xe3e7eb), Colour(0x2a313a))
    case .page: (Colour(0xffffff), Colour(0x0d1117))
    case .series(let index): Palette.series(index)
    case .level(let level): Palette.level(Double(level) / 255)
    case .ramp(let level): (Palette.ramp(Double(level) / 255), Palette.ramp(Double(level) / 255))
    }
  }
}

/// How the series of a figure are told apart.
enum SeriesStyle {
  static func ink(_ index: Int) -> Ink { .series(index % Palette.series.count) }

  /// Beyond the colours there are, lines are dashed.
  static func dashes(_ index: Int) -> [Double] {
    switch index / Palette.series.count % 3 {
    case 0: []
    case 1: [5, 3]
    default: [1.5, 2.5]
    }
  }

  /// a, b, … z, A, … Z; then all the same.
  static func letter(_ index: Int) -> Character {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return index >= 0 && index < letters.count ? letters[index] : "*"
  }
}
