import Syntax

/// Columns of text under headings, no wider than the window.
package struct TextTable {
  private let rows: [[String]]
  /// Columns of numbers, which stand at the right so that their digits line up.
  private let numeric: Set<Int>

  package init(_ headings: [String], _ rows: [[String]], numeric: Set<Int> = []) {
    (self.rows, self.numeric) = ([headings] + rows, numeric)
  }

  package func text(width: Int) -> String {
    let columns = rows.map(\.count).max() ?? 0
    var widths = (0..<columns).map { column in
      rows.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
    }
    // The widest column gives way first.
    while widths.reduce(0, +) + 2 * (columns - 1) >= width, let widest = widths.max(), widest > 8,
      let place = widths.firstIndex(of: widest)
    {
      widths[place] -= 1
    }
    return rows.map { row in
      var line = row.enumerated().map { column, cell in
        TextTable.fitted(cell, widths[column], right: numeric.contains(column))
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  private static func fitted(_ cell: String, _ width: Int, right: Bool) -> String {
    var text = cell
    if DisplayWidth.of(text) > width {
      while DisplayWidth.of(text) >= width, !text.isEmpty { text.removeLast() }
      text += "…"
    }
    let blanks = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
    return right ? blanks + text : text + blanks
  }
}
