/// A figure as lines of text: axes around a field of Braille dots.
struct TextFigure {
  let figure: Figure
  let axes: FittedAxes
  let options: TextOptions
  var grid: DotGrid
  private let yTicks: [Int: String]
  private let gutter: Int

  init(_ figure: Figure, _ options: TextOptions) {
    self.figure = figure
    self.options = options
    axes = FittedAxes(figure)
    let rows = options.height
    var labels: [Int: String] = [:]
    for tick in axes.y.ticks(max(2, rows / 3)) {
      guard let share = axes.y.position(tick.value), share > -1e-6, share < 1 + 1e-6 else { continue }
      let place = (figure.y.isReversed ? share : 1 - share) * Double(4 * rows - 1)
      labels[max(0, min(rows - 1, Int(place) / 4))] = tick.label
    }
    yTicks = labels
    gutter = labels.values.map(\.count).max() ?? 0
    grid = DotGrid(columns: max(8, options.width - gutter - 2), rows: rows)
  }

  mutating func lines(showsLegend: Bool) -> [String] {
    drawMarks(letters: figure.seriesNames.count > 1)
    var lines = figure.title.isEmpty ? [] : [pad("", gutter + 2) + figure.title.replacingBreaks]
    if !figure.y.label.isEmpty { lines.append(pad("", gutter + 2) + figure.y.label.replacingBreaks) }
    for row in 0..<grid.rows {
      let label = yTicks[row]
      let edge = label == nil ? " │" : " ┤"
      lines.append(pad(label ?? "", gutter) + edge + grid.text(row: row, colour: options.colour))
    }
    lines += bottom
    if showsLegend { lines += legend }
    return lines
  }

  /// The line of the x axis, its numbers, its name.
  private var bottom: [String] {
    var line = [Character](repeating: "─", count: grid.columns)
    var labels = [Character](repeating: " ", count: grid.columns + gutter + 8)
    var end = 0
    for tick in axes.x.ticks(max(2, grid.columns / 10)) {
      guard let share = axes.x.position(tick.value), share > -1e-6, share < 1 + 1e-6 else { continue }
      let column = max(0, min(grid.columns - 1, Int((share * Double(2 * grid.columns - 1)) / 2)))
      let start = max(0, column + gutter + 2 - (tick.label.count - 1) / 2)
      guard start >= end, start + tick.label.count <= labels.count else { continue }
      for (offset, character) in tick.label.enumerated() { labels[start + offset] = character }
      end = start + tick.label.count + 1
      line[column] = "┬"
    }
    while labels.last == " " { labels.removeLast() }
    var lines = [pad("", gutter) + " └" + String(line), String(labels)]
    if !figure.x.label.isEmpty {
      let label = figure.x.label.replacingBreaks
      lines.append(pad("", gutter + 2 + max(0, (grid.columns - label.count) / 2)) + label)
    }
    return lines
  }

  /// Letters and names, as many on a line as fit.
  private var legend: [String] {
    let names = figure.seriesNames
    let entries = names.enumerated().filter { !$0.element.isEmpty }.map { index, name in
      (index, names.count > 1 ? "\(SeriesStyle.letter(index)) \(name.replacingBreaks)" : name.replacingBreaks)
    }
    var (lines, line, used) = ([String](), "", 0)
    for (index, entry) in entries {
      if used > 0, used + entry.count + 3 > grid.columns { (lines, line, used) = (lines + [line], "", 0) }
      let shown = options.colour ? TextColour.series(index).code + entry + TextColour.reset : entry
      line += used > 0 ? "   " + shown : pad("", gutter + 2) + shown
      used += entry.count + 3
    }
    if used > 0 { lines.append(line) }
    return lines
  }

  private func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Where a value is drawn, in dots.
  func place(_ x: Double, _ y: Double) -> Point? {
    guard let along = axes.x.position(x), let up = axes.y.position(y) else { return nil }
    let frame = grid.frame
    return Point(
      (figure.x.isReversed ? 1 - along : along) * frame.width,
      (figure.y.isReversed ? up : 1 - up) * frame.height)
  }
}

/// How wide and high text may be, in characters, and whether a terminal's colours may be used.
package struct TextOptions: Sendable {
  package var width: Int
  /// The height of the field between a figure's axes.
  package var height: Int
  package var colour: Bool

  /// Sizes are brought within what can be read.
  package init(width: Int = 80, height: Int = 18, colour: Bool = false) {
    self.width = min(400, max(24, width))
    self.height = min(200, max(4, height))
    self.colour = colour
  }
}
