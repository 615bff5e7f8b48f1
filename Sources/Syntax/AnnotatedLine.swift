/// A stretch of one line, in bytes of that line, with a few words.
struct SourceMark {
  let start: Int
  let end: Int
  let text: String
  let isPrimary: Bool
}

/// A line of source cut to a width, and the rows under it that underline and explain.
///
/// The words of the mark furthest right stand beside its underline, the others in rows of their own under their
/// mark's first column, from right to left:
///
///     let y = x @ w
///             ‾ ‾ ‾ w: f32[100×10], from line 8
///             x: f32[32×784], from line 5
struct AnnotatedLine {
  let text: String
  private let marks: [Placed]
  private let width: Int

  private struct Placed {
    let start: Int
    let end: Int
    let text: String
    let isPrimary: Bool
  }

  init(_ line: String, _ marks: [SourceMark], width: Int) {
    let layout = LineLayout(line)
    let all = marks.map { mark in
      let start = layout.column(ofByte: mark.start)
      let end = mark.end > mark.start ? AnnotatedLine.lastColumn(layout, mark) : start + 1
      return Placed(start: start, end: max(start + 1, end), text: mark.text, isPrimary: mark.isPrimary)
    }
    let window = AnnotatedLine.window(layout, all.first { $0.isPrimary } ?? all.first, width)
    text = AnnotatedLine.cut(layout, window)
    self.marks = all.compactMap { AnnotatedLine.moved($0, into: window) }.sorted { $0.start < $1.start }
    self.width = width
  }

  private static func lastColumn(_ layout: LineLayout, _ mark: SourceMark) -> Int {
    min(layout.column(ofByte: mark.end), layout.width)
  }

  // MARK: Cutting

  /// The columns of the line that are shown.
  private static func window(_ layout: LineLayout, _ mark: Placed?, _ width: Int) -> Range<Int> {
    guard layout.width > width else { return 0..<max(layout.width, width) }
    let focus = mark.map { max(0, $0.start - max(0, width - min($0.end - $0.start, width)) / 2) } ?? 0
    let start = min(focus, layout.width + 1 - width)
    return start..<(start + width)
  }

  private static func cut(_ layout: LineLayout, _ window: Range<Int>) -> String {
    let cutsLeft = window.lowerBound > 0
    let cutsRight = layout.width > window.upperBound
    let inner = layout.text(
      from: window.lowerBound + (cutsLeft ? 1 : 0), to: window.upperBound - (cutsRight ? 1 : 0))
    // A wide character at the cut leaves a column free.
    let shown = layout.cells.first { $0.column >= window.lowerBound + (cutsLeft ? 1 : 0) }?.column ?? 0
    let gap = cutsLeft ? max(0, shown - window.lowerBound - 1) : 0
    var text = (cutsLeft ? "…" + String(repeating: " ", count: gap) : "") + inner + (cutsRight ? "…" : "")
    while let last = text.last, last == " " { text.removeLast() }
    return text
  }

  /// A mark as it stands in the window; `nil` outside it.
  private static func moved(_ mark: Placed, into window: Range<Int>) -> Placed? {
    let start = mark.start - window.lowerBound
    let end = min(mark.end - window.lowerBound, window.count)
    guard end > 0, start < window.count || start == window.count && mark.end == mark.start + 1 else {
      return nil
    }
    let first = max(0, start)
    return Placed(start: first, end: max(end, first + 1), text: mark.text, isPrimary: mark.isPrimary)
  }

  // MARK: Rows

  func rows(_ paint: Paint) -> [String] {
    guard !marks.isEmpty else { return [] }
    var pending = marks.filter { !$0.text.isEmpty }
    var underline = underlines()
    if let last = pending.last, last.end >= underline.count, fits(last.text, at: underline.count + 1) {
      pending.removeLast()
      underline.append(Cell(text: " ", style: nil))
      underline += cells(last)
    }
    var rows = [painted(underline, paint)]
    while let mark = pending.popLast() {
      rows.append(painted(row(mark, under: pending), paint))
    }
    return rows
  }

  private struct Cell {
    var text: Character
    var style: Paint.Style?
  }

  private func underlines() -> [Cell] {
    var row = [Cell](repeating: Cell(text: " ", style: nil), count: marks.map(\.end).max() ?? 0)
    // The first label is drawn last, over the others.
    for mark in marks.sorted(by: { !$0.isPrimary && $1.isPrimary }) {
      for column in mark.start..<mark.end {
        row[column] = Cell(text: "‾", style: mark.isPrimary ? .primary : .secondary)
      }
    }
    return row
  }

  /// A mark's words under it, with lines down to the words still to come.
  private func row(_ mark: Placed, under pending: [Placed]) -> [Cell] {
    let start = fits(mark.text, at: mark.start) ? mark.start : max(0, width - DisplayWidth.of(mark.text))
    var row = [Cell](repeating: Cell(text: " ", style: nil), count: start)
    for other in pending where other.start < start {
      row[other.start] = Cell(text: "│", style: other.isPrimary ? .primary : .secondary)
    }
    return row + cells(mark)
  }

  private func cells(_ mark: Placed) -> [Cell] {
    mark.text.map { Cell(text: $0, style: mark.isPrimary ? .primary : .secondary) }
  }

  private func fits(_ text: String, at column: Int) -> Bool { column + DisplayWidth.of(text) <= width }

  private func painted(_ row: [Cell], _ paint: Paint) -> String {
    var result = ""
    var run = ""
    var style: Paint.Style?
    func flush() { result += style.map { paint($0, run) } ?? run }
    for cell in row {
      if cell.style != style {
        flush()
        (run, style) = ("", cell.style)
      }
      run.append(cell.text)
    }
    flush()
    return result
  }
}
