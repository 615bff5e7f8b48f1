/// Lays a figure out on a page: title, legend, axes, then the marks between them.
struct FigureDrawing {
  let figure: Figure
  let outer: Frame
  /// Where the marks lie.
  private(set) var plot: Frame
  private let axes: FittedAxes
  private let xTicks: [Tick]
  private let yTicks: [Tick]
  private let legend: Legend
  private let tickSize = 11.0

  /// - Parameter showsLegend: whether names of series are written above the figure.
  init(_ figure: Figure, in outer: Frame, showsLegend: Bool) {
    self.figure = figure
    self.outer = outer
    axes = FittedAxes(figure)
    let isPicture = figure.isPicture
    yTicks = isPicture ? [] : FigureDrawing.inside(axes.y.ticks(max(2, Int(outer.height / 55))), axes.y)
    let wide = yTicks.map { StrokeFont.width($0.label, size: 11) }.max() ?? 0
    legend = Legend(
      showsLegend ? figure.seriesNames : [],
      clouds: Set(figure.numberedSeries.filter(\.isCloud).map(\.number)), width: outer.width - 24)
    let left = isPicture ? 12 : 14 + wide + (figure.y.label.isEmpty ? 0 : 18)
    let right = figure.scaledBitmap == nil ? 16 : 78.0
    let top = (figure.title.isEmpty ? 12 : 32) + legend.height
    let bottom = (isPicture ? 12 : 26.0) + (figure.x.label.isEmpty ? 0 : 17)
    plot = Frame(
      x: outer.x + left, y: outer.y + top, width: max(20, outer.width - left - right),
      height: max(20, outer.height - top - bottom))
    plot = FigureDrawing.shaped(plot, figure)
    let most = max(2, Int(plot.width / 70))
    xTicks = isPicture ? [] : FigureDrawing.inside(axes.x.ticks(most), axes.x)
  }

  private static func inside(_ ticks: [Tick], _ scale: AxisScale) -> [Tick] {
    ticks.filter { tick in scale.position(tick.value).map { $0 > -1e-6 && $0 < 1 + 1e-6 } ?? false }
  }

  /// Cells of bitmaps are square unless that would make a sliver of them.
  private static func shaped(_ frame: Frame, _ figure: Figure) -> Frame {
    for case .bitmap(let bitmap) in figure.marks {
      let ratio = Double(bitmap.columns) / Double(bitmap.rows)
      guard ratio > 0.2, ratio < 5 || bitmap.isPicture else { return frame }
      let scale = min(frame.width / Double(bitmap.columns), frame.height / Double(bitmap.rows))
      let (width, height) = (Double(bitmap.columns) * scale, Double(bitmap.rows) * scale)
      let x = bitmap.isPicture ? frame.midX - width / 2 : frame.x
      return Frame(x: x, y: frame.y + (frame.height - height) / 2, width: width, height: height)
    }
    return frame
  }

  func draw(on canvas: inout some Canvas) {
    drawTitle(on: &canvas)
    legend.draw(at: Point(outer.x + 12, outer.y + (figure.title.isEmpty ? 12 : 32)), on: &canvas)
    let fills = figure.marks.contains { if case .bitmap = $0 { true } else { false } }
    if !fills { drawGrid(on: &canvas) }
    drawMarks(on: &canvas)
    if !figure.isPicture { drawAxes(on: &canvas) }
    drawScale(on: &canvas)
  }

  private func drawTitle(on canvas: inout some Canvas) {
    guard !figure.title.isEmpty else { return }
    let title = Legend.shortened(figure.title, to: outer.width - 24, size: 14)
    canvas.text(title, at: Point(outer.x + 12, outer.y + 22), TextStyle(size: 14, isBold: true))
  }

  // MARK: Axes

  func place(x: Double) -> Double? {
    axes.x.position(x).map { plot.x + (figure.x.isReversed ? 1 - $0 : $0) * plot.width }
  }

  func place(y: Double) -> Double? {
    axes.y.position(y).map { plot.y + (figure.y.isReversed ? $0 : 1 - $0) * plot.height }
  }

  func place(_ x: Double, _ y: Double) -> Point? {
    guard let x = place(x: x), let y = place(y: y) else { return nil }
    return Point(x, y)
  }

  private func drawGrid(on canvas: inout some Canvas) {
    for tick in xTicks {
      guard let x = place(x: tick.value) else { continue }
      canvas.polyline([Point(x, plot.y), Point(x, plot.maxY)], Stroke(ink: .grid))
    }
    for tick in yTicks {
      guard let y = place(y: tick.value) else { continue }
      canvas.polyline([Point(plot.x, y), Point(plot.maxX, y)], Stroke(ink: .grid))
    }
  }

  private func drawAxes(on canvas: inout some Canvas) {
    let corner = Point(plot.x, plot.maxY)
    canvas.polyline([Point(plot.x, plot.y), corner, Point(plot.maxX, plot.maxY)], Stroke(ink: .muted))
    var end = -Double.infinity
    for tick in xTicks {
      guard let x = place(x: tick.value) else { continue }
      let half = StrokeFont.width(tick.label, size: tickSize) / 2
      guard x - half > end + 4 else { continue }
      end = x + half
      canvas.polyline([Point(x, plot.maxY), Point(x, plot.maxY + 4)], Stroke(ink: .muted))
      canvas.text(
        tick.label, at: Point(x, plot.maxY + 16), TextStyle(size: tickSize, anchor: .middle, ink: .muted))
    }
    for tick in yTicks {
      guard let y = place(y: tick.value) else { continue }
      canvas.polyline([Point(plot.x - 4, y), Point(plot.x, y)], Stroke(ink: .muted))
      canvas.text(
        tick.label, at: Point(plot.x - 7, y + 3.8), TextStyle(size: tickSize, anchor: .end, ink: .muted))
    }
    if !figure.x.label.isEmpty {
      let label = Legend.shortened(figure.x.label, to: plot.width, size: 12)
      canvas.text(label, at: Point(plot.midX, plot.maxY + 33), TextStyle(anchor: .middle))
    }
    if !figure.y.label.isEmpty {
      let label = Legend.shortened(figure.y.label, to: plot.height, size: 12)
      canvas.text(label, at: Point(outer.x + 14, plot.midY), TextStyle(anchor: .middle, isTurned: true))
    }
  }

  /// The colours of a matrix and what they stand for.
  private func drawScale(on canvas: inout some Canvas) {
    guard let (_, range) = figure.scaledBitmap else { return }
    let bar = Frame(x: plot.maxX + 14, y: plot.y, width: 12, height: plot.height)
    let steps = 64
    for step in 0..<steps {
      let height = bar.height / Double(steps)
      let y = bar.maxY - Double(step + 1) * height
      // A little overlap, so that no seams show.
      let part = Frame(x: bar.x, y: max(bar.y, y - 0.5), width: bar.width, height: height + 0.5)
      canvas.rectangle(part, .ramp(UInt8(step * 255 / (steps - 1))), opacity: 1)
    }
    let scale = AxisScale(Axis(range: range), extent: range, margin: 0)
    for tick in FigureDrawing.inside(scale.ticks(max(2, Int(bar.height / 45))), scale) {
      guard let share = scale.position(tick.value) else { continue }
      let y = bar.maxY - share * bar.height
      canvas.polyline([Point(bar.maxX, y), Point(bar.maxX + 3, y)], Stroke(ink: .muted))
      canvas.text(tick.label, at: Point(bar.maxX + 6, y + 3.8), TextStyle(size: tickSize, ink: .muted))
    }
  }
}
