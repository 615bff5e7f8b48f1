import Syntax

/// Columns of text under headings, no wider than the window.
package struct TextTable {
  private let rows: [[String]]
  /// Columns of numbers, which stand at the right so that their digits line up.
  private let numeric: Set<Int>

  package init(_ headings: [String], _ rows: [[String]], numeric: Set<Int> = []) {
    (self.rows, self.numeric) = ([headings] + rows, numeric)
  }

  /// The table; where it is wider than the screen, it goes on below, with its first column again.
  package func folded(width: Int) -> String {
    let widths = widths
    guard widths.count > 2 else { return text(width: width) }
    var parts: [[Int]] = [[0]]
    var room = width - widths[0]
    for column in 1..<widths.count {
      if parts[parts.count - 1].count > 1, widths[column] + 2 >= room {
        parts.append([0])
        room = width - widths[0]
      }
      parts[parts.count - 1].append(column)
      room -= widths[column] + 2
    }
    return parts.map { part($0).text(width: width) }.joined(separator: "\n")
  }

  /// Some of the columns.
  private func part(_ columns: [Int]) -> TextTable {
    let rows = rows.map { row in columns.map { $0 < row.count ? row[$0] : "" } }
    let right = columns.indices.filter { numeric.contains(columns[$0]) }
    return TextTable(rows[0], Array(rows.dropFirst()), numeric: Set(right))
  }

  private var widths: [Int] {
    (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
    }
  }

  package func text(width: Int) -> String {
    var widths = widths
    let columns = widths.count
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
