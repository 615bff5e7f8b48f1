/// The marks of a figure on a page.
extension FigureDrawing {
  func drawMarks(on canvas: inout some Canvas) {
    var series = 0
    for mark in figure.marks {
      switch mark {
      case .line(let line):
        draw(line, number: series, on: &canvas)
        series += 1
      case .points(let points):
        let places = places(of: points).compactMap { $0 }.filter(plot.contains)
        let kept = Decimation.cloud(places, cell: 0.75)
        let radius = kept.count > 2000 ? 1.2 : kept.count > 300 ? 2 : 3.0
        canvas.discs(kept, radius: radius, SeriesStyle.ink(series), opacity: kept.count > 300 ? 0.6 : 0.8)
        series += 1
      case .bars(let bars):
        draw(bars, number: series, on: &canvas)
        series += 1
      case .contours(let field, let levels): draw(field, levels, on: &canvas)
      case .bitmap(let bitmap): draw(bitmap, on: &canvas)
      }
    }
    drawPathEnds(on: &canvas)
  }

  /// Where paths begin and end, above every line: one that goes on where another has ended must not hide that.
  private func drawPathEnds(on canvas: inout some Canvas) {
    for (number, series, isCloud) in figure.numberedSeries where series.isPath && !isCloud {
      let visible = places(of: series).compactMap { $0 }.filter(plot.contains)
      guard let first = visible.first, let last = visible.last else { continue }
      let ink = SeriesStyle.ink(number)
      canvas.discs([first], radius: 4, .page, opacity: 1)
      canvas.discs([first], radius: 2.8, ink, opacity: 1)
      canvas.discs([last], radius: 5, .page, opacity: 1)
      canvas.discs([last], radius: 4, ink, opacity: 1)
    }
  }

  private func places(of series: Series) -> [Point?] {
    (0..<series.count).map { place(series.x[$0], series.y[$0]) }
  }

  private func draw(_ series: Series, number: Int, on canvas: inout some Canvas) {
    let places = places(of: series)
    let stroke = Stroke(ink: SeriesStyle.ink(number), width: 1.8, dashes: SeriesStyle.dashes(number))
    for part in Clipping.polyline(places, in: plot) {
      canvas.polyline(Decimation.polyline(part, column: 1), stroke)
    }
    drawLonePoints(places, stroke.ink, on: &canvas)
  }

  /// A point between two gaps has no line to show it.
  private func drawLonePoints(_ places: [Point?], _ ink: Ink, on canvas: inout some Canvas) {
    let lone = places.indices.compactMap { index -> Point? in
      guard let point = places[index], plot.contains(point) else { return nil }
      if index > 0, places[index - 1] != nil { return nil }
      if index + 1 < places.count, places[index + 1] != nil { return nil }
      return point
    }
    if !lone.isEmpty { canvas.discs(Decimation.cloud(lone, cell: 0.75), radius: 2.5, ink, opacity: 1) }
  }

  private func draw(_ bars: Bars, number: Int, on canvas: inout some Canvas) {
    let floor = place(y: 0) ?? plot.maxY
    for index in 0..<bars.count {
      guard let a = place(x: bars.edges[index]), let b = place(x: bars.edges[index + 1]) else { continue }
      guard let top = place(y: bars.heights[index]) else { continue }
      let (left, right) = (max(plot.x, min(a, b)), min(plot.maxX, max(a, b)))
      let (upper, lower) = (max(plot.y, min(top, floor)), min(plot.maxY, max(top, floor)))
      guard right > left, lower > upper else { continue }
      let gap = min(0.75, (right - left) / 8)
      let frame = Frame(x: left + gap, y: upper, width: right - left - 2 * gap, height: lower - upper)
      canvas.rectangle(frame, SeriesStyle.ink(number), opacity: 0.75)
    }
  }

  private func draw(_ bitmap: Bitmap, on canvas: inout some Canvas) {
    guard let a = place(-0.5, -0.5),
      let b = place(Double(bitmap.columns) - 0.5, Double(bitmap.rows) - 0.5)
    else { return }
    let frame = Frame(x: min(a.x, b.x), y: min(a.y, b.y), width: abs(b.x - a.x), height: abs(b.y - a.y))
    canvas.image(bitmap, in: frame)
  }

  // MARK: Lines of equal height

  private func draw(_ field: Field, _ levels: [Double], on canvas: inout some Canvas) {
    var taken: [Frame] = []
    var labels: [(text: String, place: Point)] = []
    for (index, level) in levels.enumerated() {
      let share = UInt8(levels.count > 1 ? index * 255 / (levels.count - 1) : 0)
      var longest: [Point] = []
      for line in Contours.lines(of: field, at: level) {
        for part in Clipping.polyline(line.map { place($0.x, $0.y) }, in: plot) {
          let part = Decimation.polyline(part, column: 1)
          canvas.polyline(part, Stroke(ink: .level(share), width: 1.1))
          if part.count > longest.count { longest = part }
        }
      }
      let text = NumberText.short(level)
      if let place = labelPlace(text, on: longest, taken: &taken) { labels.append((text, place)) }
    }
    for (text, place) in labels {
      let width = StrokeFont.width(text, size: 9.5) + 4
      canvas.rectangle(
        Frame(x: place.x - width / 2, y: place.y - 5, width: width, height: 10), .page, opacity: 1)
      canvas.text(text, at: Point(place.x, place.y + 3), TextStyle(size: 9.5, anchor: .middle, ink: .muted))
    }
  }

  /// A place on a line for its height, with room around it.
  private func labelPlace(_ text: String, on line: [Point], taken: inout [Frame]) -> Point? {
    let width = StrokeFont.width(text, size: 9.5) + 8
    guard line.count > 12 else { return nil }
    for share in [0.5, 0.35, 0.65, 0.2, 0.8] {
      let place = line[min(line.count - 1, Int(Double(line.count) * share))]
      let frame = Frame(x: place.x - width / 2, y: place.y - 8, width: width, height: 16)
      guard frame.x > plot.x, frame.maxX < plot.maxX, frame.y > plot.y, frame.maxY < plot.maxY else {
        continue
      }
      let isFree = taken.allSatisfy {
        $0.maxX < frame.x || frame.maxX < $0.x || $0.maxY < frame.y || frame.maxY < $0.y
      }
      guard isFree else { continue }
      taken.append(frame)
      return place
    }
    return nil
  }
}
