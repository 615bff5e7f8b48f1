extension Sheet {
  /// The sheet as text: each figure in characters, then the table and the remarks.
  package func text(_ options: TextOptions = TextOptions()) -> String {
    let hasLegend = table?.isLegend ?? false
    var blocks = figures.enumerated().map { index, figure in
      // The first of several is the one to look at.
      var options = options
      if index > 0 { options.height = max(6, options.height / 2) }
      if let bitmap = TextBitmap(figure, options) { return bitmap.lines }
      var drawing = TextFigure(figure, options)
      return drawing.lines(showsLegend: !hasLegend)
    }
    if let table { blocks.append(table.lines(colour: options.colour)) }
    if !notes.isEmpty { blocks.append(notes.map(\.replacingBreaks)) }
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n")
  }
}

extension Table {
  /// Headings over columns; a table that is a legend starts each row with the letter of its series.
  func lines(colour: Bool) -> [String] {
    var shown = columns.map { column -> [String] in
      let cells = ([column.heading] + column.cells).map(\.replacingBreaks)
      let width = cells.map(\.count).max() ?? 0
      return cells.map { cell in
        let blanks = String(repeating: " ", count: width - cell.count)
        return column.isNumeric ? blanks + cell : cell + blanks
      }
    }
    if isLegend {
      let letters = (0..<rowCount).map { row -> String in
        let letter = String(SeriesStyle.letter(row))
        return colour ? TextColour.series(row).code + letter + TextColour.reset : letter
      }
      shown.insert([" "] + letters, at: 0)
    }
    return (0...rowCount).map { row in
      var line = shown.map { row < $0.count ? $0[row] : "" }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
