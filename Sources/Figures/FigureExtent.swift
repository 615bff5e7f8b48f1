/// What a figure's marks reach over, and the axes that show it.
struct FittedAxes {
  let x: AxisScale
  let y: AxisScale

  init(_ figure: Figure) {
    var (x, y) = (Extent(), Extent())
    let (logX, logY) = (figure.x.scale == .log, figure.y.scale == .log)
    var (fillsX, fillsY) = (false, false)
    for mark in figure.marks {
      switch mark {
      case .line(let series), .points(let series):
        for index in 0..<series.count {
          let (a, b) = (series.x[index], series.y[index])
          // A point counts only where it is drawn.
          guard a.isFinite, b.isFinite, !logX || a > 0, !logY || b > 0 else { continue }
          x.add(a)
          y.add(b)
        }
      case .bars(let bars):
        guard bars.count > 0 else { continue }
        for edge in bars.edges { x.add(edge, positiveOnly: logX) }
        for height in bars.heights.prefix(bars.count) { y.add(height, positiveOnly: logY) }
        y.add(0, positiveOnly: logY)
        fillsX = true
      case .contours(let field, _):
        x.add(field.x)
        y.add(field.y)
        (fillsX, fillsY) = (true, true)
      case .bitmap(let bitmap):
        x.add(-0.5...(Double(bitmap.columns) - 0.5))
        y.add(-0.5...(Double(bitmap.rows) - 0.5))
        (fillsX, fillsY) = (true, true)
      }
    }
    self.x = AxisScale(figure.x, extent: x.range, margin: fillsX ? 0 : 0.02)
    let standsOnZero = y.range?.lowerBound == 0 && fillsX && !fillsY
    var axis = figure.y
    // Bars stand on the axis, with room above them.
    if standsOnZero, axis.range == nil, !logY, let top = y.range?.upperBound, top > 0 {
      axis.range = 0...top * 1.05
    }
    self.y = AxisScale(axis, extent: y.range, margin: fillsY ? 0 : 0.05)
  }
}

extension Figure {
  /// The names of the series, in the order of their numbers.
  var seriesNames: [String] {
    marks.compactMap { mark in
      switch mark {
      case .line(let series), .points(let series): series.name
      case .bars(let bars): bars.name
      case .contours, .bitmap: nil
      }
    }
  }

  /// The lines and the sets of points by their numbers.
  var numberedSeries: [(number: Int, series: Series, isCloud: Bool)] {
    var (found, number) = ([(Int, Series, Bool)](), 0)
    for mark in marks {
      switch mark {
      case .line(let series): found.append((number, series, false))
      case .points(let series): found.append((number, series, true))
      case .bars: break
      case .contours, .bitmap: continue
      }
      number += 1
    }
    return found
  }

  /// What it shows, in a few words.
  package var contents: String {
    let (count, names) = (seriesNames.count, marks.first)
    switch names {
    case .bars?: return "bars"
    case .bitmap(let bitmap)?: return "\(bitmap.rows) × \(bitmap.columns) cells"
    case .contours?:
      return count == 0 ? "contours" : count == 1 ? "contours and a path" : "contours and \(count) paths"
    default: return count == 1 ? "one series" : "\(count) series"
    }
  }

  /// Whether the figure is a picture alone, which needs no axes.
  var isPicture: Bool {
    if marks.count == 1, case .bitmap(let bitmap) = marks[0] { return bitmap.isPicture }
    return false
  }

  /// The matrix whose colours need a scale beside it.
  var scaledBitmap: (bitmap: Bitmap, range: ClosedRange<Double>)? {
    for case .bitmap(let bitmap) in marks where !bitmap.isPicture {
      if case .values(_, let range) = bitmap.cells { return (bitmap, range) }
    }
    return nil
  }
}
