/// Brings frames onto the terminal, one over the other: only rows that differ are written.
struct FrameScreen {
  private var shown: Frame?
  private var columns = 80

  /// The bytes that turn what is shown into `frame`; the cursor ends where the frame has it.
  mutating func draw(_ frame: Frame, columns: Int) -> String {
    var text = ""
    var row = 0
    let old = shown?.rows ?? []
    if let shown, shown.cursorRow > 0 { text += "\u{1b}[\(shown.cursorRow)A" }
    for (index, new) in frame.rows.enumerated() {
      if index < old.count, old[index] == new { continue }
      text += FrameScreen.down(index - row)
      row = index
      text += "\r" + new.text
      // Behind a full row, the rest of the line would be its last column.
      if index < old.count, new.width < columns { text += "\u{1b}[K" }
    }
    if old.count > frame.rows.count {
      text += FrameScreen.down(frame.rows.count - row) + "\r\u{1b}[J"
      row = frame.rows.count
    }
    if row > frame.cursorRow { text += "\u{1b}[\(row - frame.cursorRow)A" }
    if row < frame.cursorRow { text += FrameScreen.down(frame.cursorRow - row) }
    text += "\r" + (frame.cursorColumn > 0 ? "\u{1b}[\(min(frame.cursorColumn, columns - 1))C" : "")
    if frame == shown { text = "" }
    shown = frame
    self.columns = columns
    return text
  }

  private static func down(_ count: Int) -> String { String(repeating: "\r\n", count: max(0, count)) }

  /// Goes below everything and forgets it: what follows is another's.
  mutating func leave() -> String {
    guard let frame = shown else { return "" }
    shown = nil
    return FrameScreen.down(frame.rows.count - 1 - frame.cursorRow) + "\r\n"
  }

  /// What was shown is on the screen no more, or nobody knows where: the next frame starts where the cursor is.
  mutating func forget() { shown = nil }

  /// The window has another width: takes away what was shown.
  /// - Parameter reflows: whether the terminal breaks rows anew that have become too long.
  mutating func resize(reflows: Bool, columns new: Int) -> String {
    guard let frame = shown else { return "" }
    shown = nil
    var above = frame.cursorRow
    if reflows, new < columns, new > 0 {
      above = frame.rows[..<frame.cursorRow].reduce(0) { $0 + max(1, ($1.width + new - 1) / new) }
      above += frame.cursorColumn / new
    }
    return (above > 0 ? "\u{1b}[\(above)A" : "") + "\r\u{1b}[J"
  }
}
