import Syntax

/// Rows as they stand in the terminal, and where the cursor is.
struct Frame: Equatable {
  struct Row: Equatable {
    /// With escape sequences.
    var text = ""
    /// Columns that are seen.
    var width = 0
  }

  var rows: [Row] = [Row()]
  var cursorRow = 0
  var cursorColumn = 0
}

/// Lays an input out in rows of a window.
struct FrameLayout {
  private let columns: Int
  private let colour: Bool
  private var frame = Frame()
  private var ink = Ink.plain

  private init(columns: Int, colour: Bool) { (self.columns, self.colour) = (max(1, columns), colour) }

  /// What is to be seen of an input.
  struct Content {
    var prompt = ""
    var line = LineText()
    /// An ink for each scalar of the line; plain where there are fewer.
    var inks: [Ink] = []
    /// What is suggested after the line.
    var suggestion = ""
    /// Lines under the input.
    var below: [[InkedText]] = []
  }

  /// - Parameter height: rows of the window; `nil` lays out everything, however tall.
  static func frame(_ content: Content, columns: Int, height: Int?, colour: Bool) -> Frame {
    var layout = FrameLayout(columns: columns, colour: colour)
    layout.put(content)
    layout.endRow()
    guard let height else { return layout.frame }
    var frame = layout.frame
    let below = Array(content.below.prefix(max(0, height / 2)))
    let room = max(1, height - below.count)
    if frame.rows.count > room {
      let top = max(0, min(frame.cursorRow - room / 2, frame.rows.count - room))
      frame.rows = Array(frame.rows[top..<top + room])
      frame.cursorRow -= top
    }
    for line in below { frame.rows.append(row(line, columns: columns, colour: colour)) }
    return frame
  }

  /// One row of text in inks, cut where the window ends.
  static func row(_ parts: [InkedText], columns: Int, colour: Bool) -> Frame.Row {
    var layout = FrameLayout(columns: columns, colour: colour)
    for part in parts {
      for character in part.text {
        let width = layout.width(character)
        guard layout.column + width <= columns else { break }
        layout.append(character, width, part.ink)
      }
    }
    layout.endRow()
    return layout.frame.rows[0]
  }

  private var column: Int { frame.rows[frame.rows.count - 1].width }

  private mutating func put(_ content: Content) {
    // In a window this narrow the prompt would leave no room.
    let prompt = DisplayWidth.of(content.prompt) * 2 <= columns ? content.prompt : "> "
    put(prompt, .prompt)
    let indent = FrameLayout.continuation(prompt)
    var place = 0
    var hasCursor = false
    for character in content.line.string {
      let end = place + character.unicodeScalars.count
      let width = character == "\n" ? 0 : width(character)
      if column + width > columns { breakRow() }
      if !hasCursor, content.line.cursor < end {
        markCursor()
        hasCursor = true
      }
      if character == "\n" {
        breakRow()
        put(indent, .hint)
      } else {
        append(character, width, place < content.inks.count ? content.inks[place] : .plain)
      }
      place = end
    }
    if !hasCursor {
      if column >= columns { breakRow() }
      markCursor()
    }
    putSuggestion(content.suggestion)
  }

  /// `In [12]: ` is followed by `   ...: `.
  private static func continuation(_ prompt: String) -> String {
    let width = DisplayWidth.of(prompt)
    return width < 5
      ? String(repeating: " ", count: width) : String(repeating: " ", count: width - 5) + "...: "
  }

  /// The suggestion's first row, as far as there is room.
  private mutating func putSuggestion(_ suggestion: String) {
    for character in suggestion {
      let isEnd = character == "\n"
      let shown: Character = isEnd ? "…" : character
      let width = width(shown)
      guard column + width < columns else { return }
      append(shown, width, .suggestion)
      if isEnd { return }
    }
  }

  private mutating func put(_ text: String, _ ink: Ink) {
    for character in text where column + width(character) <= columns {
      append(character, width(character), ink)
    }
  }

  private mutating func append(_ character: Character, _ width: Int, _ ink: Ink) {
    let last = frame.rows.count - 1
    if ink != self.ink {
      if !self.ink.code(colour: colour).isEmpty { frame.rows[last].text += Ink.reset }
      frame.rows[last].text += ink.code(colour: colour)
      self.ink = ink
    }
    frame.rows[last].width += width
    switch character {
    case "\t": frame.rows[last].text += "  ".prefix(width)
    case _ where FrameLayout.isControl(character): frame.rows[last].text += "�"
    case _ where width > columns || DisplayWidth.of(character) > columns: frame.rows[last].text += "…"
    default:
      frame.rows[last].text.append(character)
      // Terminals do not agree on how wide joined characters are: the next one is put where it belongs.
      if FrameLayout.isJoined(character) { frame.rows[last].text += "\u{1b}[\(frame.rows[last].width + 1)G" }
    }
  }

  private static func isJoined(_ character: Character) -> Bool {
    guard character.utf8.count > 4 else { return false }
    return character.unicodeScalars.contains {
      $0.value == 0x200d || $0.value == 0xfe0f || (0x1f1e6...0x1f1ff).contains($0.value)
    }
  }

  private func width(_ character: Character) -> Int {
    if character == "\t" { return min(2, columns) }
    return FrameLayout.isControl(character) ? 1 : min(columns, DisplayWidth.of(character))
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  private mutating func markCursor() {
    frame.cursorRow = frame.rows.count - 1
    frame.cursorColumn = column
  }

  private mutating func breakRow() {
    endRow()
    frame.rows.append(Frame.Row())
  }

  private mutating func endRow() {
    if !ink.code(colour: colour).isEmpty { frame.rows[frame.rows.count - 1].text += Ink.reset }
    ink = .plain
  }
}
