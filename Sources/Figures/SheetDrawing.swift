/// Lays a sheet out on a page: figures side by side, the table and the remarks under them.
struct SheetDrawing {
  let sheet: Sheet
  let width: Double
  let height: Double
  private let figures: [FigureDrawing]
  private let tableTop: Double
  private static let rowHeight = 20.0
  private static let textSize = 12.0

  init(_ sheet: Sheet) {
    self.sheet = sheet
    let across = min(2, max(1, sheet.figures.count))
    let size = sheet.figures.count > 1 ? (width: 470.0, height: 380.0) : (width: 640.0, height: 420.0)
    let hasLegend = sheet.table?.isLegend ?? false
    figures = sheet.figures.enumerated().map { index, figure in
      let place = (column: Double(index % across), row: Double(index / across))
      let frame = Frame(
        x: place.column * size.width, y: place.row * size.height, width: size.width, height: size.height)
      return FigureDrawing(figure, in: frame, showsLegend: !hasLegend)
    }
    let rows = (sheet.figures.count + across - 1) / across
    tableTop = Double(rows) * size.height
    let tableHeight = sheet.table.map { Double($0.rowCount + 1) * SheetDrawing.rowHeight + 10 } ?? 0
    let notesHeight = Double(sheet.notes.count) * SheetDrawing.rowHeight
    let rest = tableHeight + notesHeight
    width = max(Double(across) * size.width, sheet.table.map { SheetDrawing.width(of: $0) + 40 } ?? 0)
    height = max(40, tableTop + rest + (rest > 0 ? 12 : 0))
  }

  func draw(on canvas: inout some Canvas) {
    for figure in figures { figure.draw(on: &canvas) }
    var y = tableTop + 16
    if let table = sheet.table {
      draw(table, at: y, on: &canvas)
      y += Double(table.rowCount + 1) * SheetDrawing.rowHeight + 10
    }
    for note in sheet.notes {
      let text = Legend.shortened(note, to: width - 28, size: SheetDrawing.textSize)
      canvas.text(text, at: Point(14, y), TextStyle(size: SheetDrawing.textSize, ink: .muted))
      y += SheetDrawing.rowHeight
    }
  }

  // MARK: The table

  private static func widths(_ table: Table) -> [Double] {
    table.columns.map { column in
      ([column.heading] + column.cells).map { StrokeFont.width($0, size: textSize) }.max() ?? 0
    }
  }

  private static func width(of table: Table) -> Double {
    widths(table).reduce(14 + (table.isLegend ? 28 : 0)) { $0 + $1 + 24 }
  }

  private func draw(_ table: Table, at top: Double, on canvas: inout some Canvas) {
    let widths = SheetDrawing.widths(table)
    if table.isLegend {
      for row in 0..<table.rowCount {
        Legend.sample(row, at: Point(14, top + Double(row + 1) * SheetDrawing.rowHeight - 4), on: &canvas)
      }
    }
    var x = table.isLegend ? 42.0 : 14
    for (column, width) in zip(table.columns, widths) {
      let edge = column.isNumeric ? x + width : x
      var style = TextStyle(
        size: SheetDrawing.textSize, anchor: column.isNumeric ? .end : .start, ink: .muted)
      canvas.text(column.heading, at: Point(edge, top), style)
      style.ink = .ink
      for (row, cell) in column.cells.enumerated() {
        canvas.text(cell, at: Point(edge, top + Double(row + 1) * SheetDrawing.rowHeight), style)
      }
      x += width + 24
    }
    let line = top + 6
    canvas.polyline([Point(14, line), Point(x - 24, line)], Stroke(ink: .grid))
  }
}
