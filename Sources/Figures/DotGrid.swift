/// A field of characters whose cells hold 2 × 4 dots each (Unicode's Braille patterns), or a character.
struct DotGrid {
  let columns: Int
  let rows: Int
  private var dots: [UInt8]
  private var characters: [Character?]
  private var colours: [TextColour?]
  /// Which series have dots in a cell.
  private var owners: [UInt64]

  init(columns: Int, rows: Int) {
    (self.columns, self.rows) = (columns, rows)
    let count = columns * rows
    dots = [UInt8](repeating: 0, count: count)
    characters = [Character?](repeating: nil, count: count)
    colours = [TextColour?](repeating: nil, count: count)
    owners = [UInt64](repeating: 0, count: count)
  }

  /// The places of dots: from the first to the last.
  var frame: Frame { Frame(x: 0, y: 0, width: Double(2 * columns - 1), height: Double(4 * rows - 1)) }

  /// Sets the dot nearest to a place; one outside is left out.
  mutating func setDot(_ place: Point, series: Int?, colour: TextColour?) {
    guard place.x > -0.5, place.y > -0.5, place.x < Double(2 * columns) - 0.5,
      place.y < Double(4 * rows) - 0.5
    else {
      return
    }
    setDot(Int(place.x.rounded()), Int(place.y.rounded()), series, colour)
  }

  private mutating func setDot(_ x: Int, _ y: Int, _ series: Int?, _ colour: TextColour?) {
    guard x >= 0, y >= 0, x < 2 * columns, y < 4 * rows else { return }
    let index = y / 4 * columns + x / 2
    let bits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    dots[index] |= bits[y % 4 * 2 + x % 2]
    if let series { owners[index] |= 1 << UInt64(series & 63) }
    if let colour { colours[index] = colour }
  }

  /// All dots of a line whose ends lie within the frame.
  mutating func line(_ a: Point, _ b: Point, series: Int?, colour: TextColour?) {
    let steps = max(abs(b.x - a.x), abs(b.y - a.y)).rounded(.up)
    guard steps >= 1, steps < 1e5 else { return setDot(a, series: series, colour: colour) }
    for step in 0...Int(steps) {
      let share = Double(step) / steps
      setDot(Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share), series: series, colour: colour)
    }
  }

  mutating func put(_ character: Character, column: Int, row: Int, colour: TextColour? = nil) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    characters[row * columns + column] = character
    colours[row * columns + column] = colour
  }

  /// The cell of a place, and whether it is free for a letter; `nil` outside.
  func cell(at place: Point) -> (column: Int, row: Int, owners: UInt64, isTaken: Bool)? {
    guard place.x > -0.5, place.y > -0.5, place.x < Double(2 * columns) - 0.5,
      place.y < Double(4 * rows) - 0.5
    else {
      return nil
    }
    let (column, row) = (max(0, Int(place.x.rounded()) / 2), max(0, Int(place.y.rounded()) / 4))
    let index = row * columns + column
    return (column, row, owners[index], characters[index] != nil)
  }

  /// A row as text, without blanks at its end.
  func text(row: Int, colour: Bool) -> String {
    var text = ""
    var current: TextColour?
    var last = columns
    while last > 0, characters[row * columns + last - 1] == nil, dots[row * columns + last - 1] == 0 {
      last -= 1
    }
    for column in 0..<last {
      let index = row * columns + column
      if colour, colours[index] != current {
        text += colours[index]?.code ?? TextColour.reset
        current = colours[index]
      }
      if dots[index] == 0 || characters[index] != nil {
        text.append(characters[index] ?? " ")
      } else {
        text.unicodeScalars.append(Unicode.Scalar(UInt32(0x2800) + UInt32(dots[index])) ?? " ")
      }
    }
    return current == nil ? text : text + TextColour.reset
  }
}

/// Colours of a terminal.
enum TextColour: Equatable {
  case series(Int)
  case faint
  /// The upper and the lower half of a cell.
  case halves(Colour, Colour)

  static let reset = "\u{1b}[0m"

  /// The sequence that turns it on, whatever was on before.
  var code: String {
    switch self {
    case .series(let index):
      let codes = [94, 93, 92, 95, 33, 91, 35, 96]
      return "\u{1b}[0;\(codes[((index % codes.count) + codes.count) % codes.count])m"
    case .faint: return "\u{1b}[0;2m"
    case .halves(let upper, let lower):
      return
        "\u{1b}[0;38;2;\(upper.red);\(upper.green);\(upper.blue);48;2;\(lower.red);\(lower.green);\(lower.blue)m"
    }
  }
}
