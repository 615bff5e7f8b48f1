/// A picture as a value: marks over two axes. It knows nothing of where its numbers come from.
package struct Figure: Sendable {
  package var title: String
  package var x: Axis
  package var y: Axis
  /// Drawn in order: later marks lie over earlier ones.
  package var marks: [Mark]

  package init(title: String = "", x: Axis = Axis(), y: Axis = Axis(), marks: [Mark] = []) {
    (self.title, self.x, self.y, self.marks) = (title, x, y, marks)
  }
}

/// One direction of a figure.
package struct Axis: Sendable {
  package enum Scale: Sendable { case linear, log }

  package var label: String
  package var scale: Scale
  /// What the axis shows; `nil` fits it to the data. Ends that are no finite numbers count as not given.
  package var range: ClosedRange<Double>?
  /// Whether small values are on top: the rows of a matrix.
  package var isReversed: Bool

  package init(
    _ label: String = "", scale: Scale = .linear, range: ClosedRange<Double>? = nil, isReversed: Bool = false
  ) {
    (self.label, self.scale, self.range, self.isReversed) = (label, scale, range, isReversed)
  }
}

/// Something drawn between the axes.
package enum Mark: Sendable {
  /// Points joined by lines; one that is no finite number leaves a gap.
  case line(Series)
  case points(Series)
  case bars(Bars)
  /// Lines of equal height of a field.
  case contours(Field, levels: [Double])
  case bitmap(Bitmap)
}

/// Points under a name. The shorter of the two lists decides how many there are.
package struct Series: Sendable {
  package var name: String
  package var x: [Double]
  package var y: [Double]
  /// Whether a mark shows where it starts and where it ends: the path of a descent.
  package var isPath: Bool

  package init(_ name: String = "", x: [Double], y: [Double], isPath: Bool = false) {
    (self.name, self.x, self.y, self.isPath) = (name, x, y, isPath)
  }

  package var count: Int { min(x.count, y.count) }
}

/// Bars from zero, each between two edges: one edge more than there are heights.
package struct Bars: Sendable {
  package var name: String
  package var edges: [Double]
  package var heights: [Double]

  package init(_ name: String = "", edges: [Double], heights: [Double]) {
    (self.name, self.edges, self.heights) = (name, edges, heights)
  }

  package var count: Int { max(0, min(heights.count, edges.count - 1)) }
}

/// Values on a regular grid, row by row, the first row at the lower end of `y`.
package struct Field: Sendable {
  package let columns: Int
  package let rows: Int
  package let values: [Double]
  package let x: ClosedRange<Double>
  package let y: ClosedRange<Double>

  /// - Returns: `nil` unless there are as many values as the grid has points and the ranges are finite.
  package init?(columns: Int, rows: Int, values: [Double], x: ClosedRange<Double>, y: ClosedRange<Double>) {
    let (count, overflow) = columns.multipliedReportingOverflow(by: rows)
    guard !overflow, columns > 0, rows > 0, values.count == count, x.isFinite, y.isFinite else { return nil }
    (self.columns, self.rows, self.values, self.x, self.y) = (columns, rows, values, x, y)
  }
}

/// Rows of cells, the first row on top: a matrix of values, or colours.
package struct Bitmap: Sendable {
  package enum Cells: Sendable {
    /// Shown on a scale from the first to the second end of `range`.
    case values([Double], range: ClosedRange<Double>)
    case colours([Colour])
  }

  package let columns: Int
  package let rows: Int
  package let cells: Cells
  /// A picture of things, dark to light, rather than of numbers, which have a colour scale.
  package let isPicture: Bool

  /// - Returns: `nil` unless there are as many cells as rows and columns say.
  package init?(columns: Int, rows: Int, cells: Cells, isPicture: Bool) {
    let (count, overflow) = columns.multipliedReportingOverflow(by: rows)
    guard !overflow, columns > 0, rows > 0 else { return nil }
    switch cells {
    case .values(let values, _): guard values.count == count else { return nil }
    case .colours(let colours): guard colours.count == count else { return nil }
    }
    (self.columns, self.rows, self.cells, self.isPicture) = (columns, rows, cells, isPicture)
  }

  /// How bright a cell is, 0 to 1; `nil` where there is no finite value.
  func brightness(_ index: Int) -> Double? {
    switch cells {
    case .values(let values, let range):
      let value = values[index]
      return value.isFinite ? range.share(of: value) : nil
    case .colours(let colours): return colours[index].brightness
    }
  }
}

/// Figures side by side, with a table and remarks under them: what is shown and saved as one.
package struct Sheet: Sendable {
  package var figures: [Figure]
  package var table: Table?
  package var notes: [String]

  package init(_ figures: [Figure], table: Table? = nil, notes: [String] = []) {
    (self.figures, self.table, self.notes) = (figures, table, notes)
  }
}

/// Columns of text under headings.
package struct Table: Sendable {
  package struct Column: Sendable {
    package var heading: String
    package var cells: [String]
    /// Numbers stand at the right, so that their digits line up.
    package var isNumeric: Bool

    package init(_ heading: String, _ cells: [String], isNumeric: Bool) {
      (self.heading, self.cells, self.isNumeric) = (heading, cells, isNumeric)
    }
  }

  package var columns: [Column]
  /// Whether each row is about one series of the figures, in their order: it then takes the legend's place.
  package var isLegend: Bool

  package init(_ columns: [Column], isLegend: Bool = false) {
    (self.columns, self.isLegend) = (columns, isLegend)
  }

  var rowCount: Int { columns.map(\.cells.count).max() ?? 0 }
}
