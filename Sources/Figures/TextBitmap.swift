/// A bitmap as blocks: two cells above each other in one character, or one cell over several where there is
/// room.
struct TextBitmap {
  private let figure: Figure
  private let bitmap: Bitmap
  private let options: TextOptions

  init?(_ figure: Figure, _ options: TextOptions) {
    guard figure.marks.count == 1, case .bitmap(let bitmap) = figure.marks[0] else { return nil }
    (self.figure, self.bitmap, self.options) = (figure, bitmap, options)
  }

  var lines: [String] {
    let gutter = figure.isPicture ? 0 : String(max(0, bitmap.rows - 1)).count + 2
    let room = max(4, options.width - gutter)
    let small = bitmap.reduced(columns: room, rows: 2 * options.height)
    let isRoomy = bitmap.columns * 2 <= room && bitmap.rows <= options.height
    var body = isRoomy ? wide(bitmap, times: min(4, max(2, room / 2 / bitmap.columns))) : halves(small)
    if !figure.isPicture { body = framed(body, shown: isRoomy ? bitmap : small, isRoomy, gutter) }
    let title =
      figure.title.isEmpty ? [] : [String(repeating: " ", count: gutter) + figure.title.replacingBreaks]
    return title + body + scale(gutter)
  }

  /// Characters and the brightness of their upper and lower half.
  private static let shades: [(character: Character, upper: Double, lower: Double)] = [
    (" ", 0, 0), ("░", 0.25, 0.25), ("▒", 0.5, 0.5), ("▓", 0.75, 0.75), ("█", 1, 1), ("▀", 1, 0), ("▄", 0, 1),
  ]

  private func cell(_ upper: Int, _ lower: Int?, of bitmap: Bitmap) -> String {
    if options.colour {
      let (a, b) = (colour(bitmap, upper), lower.map { colour(bitmap, $0) })
      return TextColour.halves(a, b ?? Colour(0, 0, 0)).code + "▀"
    }
    let a = bitmap.brightness(upper)
    let b = lower.map { bitmap.brightness($0) } ?? 0
    guard a != nil || b != nil else { return "?" }
    let (top, bottom) = (a ?? 0, b ?? 0)
    let best = TextBitmap.shades.min { distance($0, top, bottom) < distance($1, top, bottom) }
    return String(best?.character ?? " ")
  }

  private func distance(
    _ shade: (character: Character, upper: Double, lower: Double), _ a: Double, _ b: Double
  ) -> Double {
    (shade.upper - a) * (shade.upper - a) + (shade.lower - b) * (shade.lower - b)
  }

  private func colour(_ bitmap: Bitmap, _ index: Int) -> Colour {
    BitmapColours.colour(bitmap, index) ?? BitmapColours.missing
  }

  private func halves(_ bitmap: Bitmap) -> [String] {
    stride(from: 0, to: bitmap.rows, by: 2).map { row in
      let cells = (0..<bitmap.columns).map { column in
        let index = row * bitmap.columns + column
        return cell(index, row + 1 < bitmap.rows ? index + bitmap.columns : nil, of: bitmap)
      }
      return cells.joined() + (options.colour ? TextColour.reset : "")
    }
  }

  private func wide(_ bitmap: Bitmap, times: Int) -> [String] {
    (0..<bitmap.rows).map { row in
      let cells = (0..<bitmap.columns).map { column in
        let index = row * bitmap.columns + column
        return String(repeating: cell(index, index, of: bitmap), count: times)
      }
      return cells.joined() + (options.colour ? TextColour.reset : "")
    }
  }

  /// With the numbers of rows and columns.
  private func framed(_ body: [String], shown: Bitmap, _ isRoomy: Bool, _ gutter: Int) -> [String] {
    let perRow = Double(bitmap.rows) / Double(max(1, body.count))
    let every = max(1, (body.count + 11) / 12)
    var lines = body.enumerated().map { index, line in
      let label = index % every == 0 ? String(Int(Double(index) * perRow)) : ""
      return String(repeating: " ", count: max(0, gutter - 2 - label.count)) + label + " │" + line
    }
    let width =
      isRoomy ? bitmap.columns * min(4, max(2, (options.width - gutter) / 2 / bitmap.columns)) : shown.columns
    let perColumn = Double(bitmap.columns) / Double(max(1, width))
    var labels = [Character](repeating: " ", count: gutter + width + 8)
    var end = 0
    for tick in Ticks.linear(0...Double(max(1, bitmap.columns - 1)), count: max(2, width / 6)) {
      guard tick.value == tick.value.rounded(), tick.value >= 0, tick.value < Double(bitmap.columns) else {
        continue
      }
      let start = gutter + Int((tick.value / perColumn).rounded(.down))
      guard start >= end, start + tick.label.count <= labels.count else { continue }
      for (offset, character) in tick.label.enumerated() { labels[start + offset] = character }
      end = start + tick.label.count + 1
    }
    while labels.last == " " { labels.removeLast() }
    lines.append(String(repeating: " ", count: gutter - 1) + "└" + String(repeating: "─", count: width))
    lines.append(String(labels))
    return lines
  }

  /// What the shades stand for.
  private func scale(_ gutter: Int) -> [String] {
    guard let (_, range) = figure.scaledBitmap else { return [] }
    let indent = String(repeating: " ", count: gutter)
    let (low, high) = (NumberText.short(range.lowerBound), NumberText.short(range.upperBound))
    if options.colour {
      let bar = (0..<24).map { step -> String in
        let colour = Palette.ramp(Double(step) / 23)
        return TextColour.halves(colour, colour).code + "▀"
      }
      return ["\(indent)\(low) \(bar.joined())\(TextColour.reset) \(high)"]
    }
    return ["\(indent)\(low) ·░▒▓█ \(high)"]
  }
}
