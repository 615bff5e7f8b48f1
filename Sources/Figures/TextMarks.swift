/// The marks of a figure as dots and blocks.
extension TextFigure {
  mutating func drawMarks(letters: Bool) {
    var paths: [[Point?]] = []
    let hasPaths = figure.seriesNames.count > 0
    for mark in figure.marks {
      switch mark {
      case .line(let series):
        let places = places(of: series)
        drawLine(places, number: paths.count)
        paths.append(places)
      case .points(let series):
        let places = places(of: series)
        for place in places.compactMap({ $0 }) {
          grid.setDot(place, series: paths.count, colour: .series(paths.count))
        }
        paths.append(places)
      case .bars(let bars):
        draw(bars, number: paths.count)
        paths.append([])
      case .contours(let field, let levels):
        // Under paths half of many lines is enough, and easier to read.
        let shown =
          hasPaths && levels.count > 8
          ? Swift.stride(from: 1, to: levels.count, by: 2).map { levels[$0] } : levels
        for level in shown {
          for line in Contours.lines(of: field, at: level) { drawContour(line, isDotted: hasPaths) }
        }
      case .bitmap: break
      }
    }
    if letters { for (number, path) in paths.enumerated() { putLetter(number, along: path) } }
  }

  private func places(of series: Series) -> [Point?] {
    (0..<series.count).map { place(series.x[$0], series.y[$0]) }
  }

  private mutating func drawLine(_ places: [Point?], number: Int) {
    for part in Clipping.polyline(places, in: grid.frame) {
      for (a, b) in zip(part, part.dropFirst()) { grid.line(a, b, series: number, colour: .series(number)) }
    }
    for place in places.compactMap({ $0 }) where grid.frame.contains(place) {
      grid.setDot(place, series: number, colour: .series(number))
    }
  }

  /// Lines of equal height; dotted where paths run over them.
  private mutating func drawContour(_ line: [Point], isDotted: Bool) {
    let places = line.map { place($0.x, $0.y) }
    var (walked, next) = (0.0, 0.0)
    for part in Clipping.polyline(places, in: grid.frame) {
      for (a, b) in zip(part, part.dropFirst()) {
        guard isDotted else {
          grid.line(a, b, series: nil, colour: .faint)
          continue
        }
        let length = ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
        while next < walked + length {
          let share = (next - walked) / length
          let place = Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)
          grid.setDot(place, series: nil, colour: .faint)
          next += 4
        }
        walked += length
      }
    }
  }

  /// Puts a series' letter near its end: where nothing else is drawn, or else wherever no letter stands yet.
  private mutating func putLetter(_ number: Int, along path: [Point?]) {
    let own: UInt64 = 1 << UInt64(number & 63)
    var second: (column: Int, row: Int)?
    for place in path.reversed() {
      guard let place, let cell = grid.cell(at: place), !cell.isTaken else { continue }
      if cell.owners == own {
        grid.put(SeriesStyle.letter(number), column: cell.column, row: cell.row, colour: .series(number))
        return
      }
      if second == nil { second = (cell.column, cell.row) }
    }
    if let second {
      grid.put(SeriesStyle.letter(number), column: second.column, row: second.row, colour: .series(number))
    }
  }

  // MARK: Bars

  /// Bars of eighths of a character.
  private mutating func draw(_ bars: Bars, number: Int) {
    let zero = axes.y.position(0) ?? 0
    var columns = [Double?](repeating: nil, count: grid.columns)
    for index in 0..<bars.count {
      guard let a = axes.x.position(bars.edges[index]), let b = axes.x.position(bars.edges[index + 1]),
        let height = axes.y.position(bars.heights[index]), min(a, b) < 1, max(a, b) > 0
      else { continue }
      let width = Double(grid.columns)
      let first = max(0, Int((max(0, min(a, b)) * width).rounded()))
      let last = min(grid.columns, max(first + 1, Int((min(1, max(a, b)) * width).rounded())))
      guard first < last else { continue }
      for column in first..<last {
        // Of several bars in one column the furthest from zero is seen.
        if let other = columns[column], abs(other - zero) > abs(height - zero) { continue }
        columns[column] = height
      }
    }
    for (column, height) in columns.enumerated() {
      if let height { draw(barFrom: zero, to: height, column: column, number: number) }
    }
  }

  private mutating func draw(barFrom zero: Double, to height: Double, column: Int, number: Int) {
    let eighths = Double(8 * grid.rows)
    func level(_ share: Double) -> Int { Int((min(1, max(0, share)) * eighths).rounded()) }
    let (low, high) = (level(min(zero, height)), level(max(zero, height)))
    let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    for row in 0..<grid.rows {
      let floor = 8 * (grid.rows - 1 - row)
      let (bottom, top) = (min(8, max(0, low - floor)), min(8, max(0, high - floor)))
      guard top > bottom else { continue }
      // There are no characters for the upper parts but a half.
      let character: Character = bottom == 0 ? blocks[top] : bottom <= 2 ? "█" : bottom <= 6 ? "▀" : "▔"
      grid.put(character, column: column, row: row, colour: .series(number))
    }
  }
}
