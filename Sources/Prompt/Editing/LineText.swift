import Syntax

/// A text being edited and the cursor in it. Places count Unicode scalars, as libedit does; moves keep characters
/// whole.
package struct LineText: Equatable, Sendable {
  package var scalars: [Unicode.Scalar]
  package var cursor: Int

  package init(_ scalars: [Unicode.Scalar] = [], cursor: Int? = nil) {
    self.scalars = scalars
    self.cursor = max(0, min(scalars.count, cursor ?? scalars.count))
  }

  package init(_ string: String, cursor: Int? = nil) {
    self.init(Array(string.unicodeScalars), cursor: cursor)
  }

  package var string: String { Self.string(scalars[...]) }
  package var beforeCursor: String { Self.string(scalars[..<cursor]) }
  package var isEmpty: Bool { scalars.isEmpty }
  package var cursorIsAtEnd: Bool { cursor == scalars.count }

  private static func string(_ part: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: part)
    return String(view)
  }

  package mutating func replace(_ range: Range<Int>, with text: String) {
    let new = Array(text.unicodeScalars)
    scalars.replaceSubrange(range, with: new)
    cursor = range.lowerBound + new.count
  }

  package mutating func insert(_ text: String) { replace(cursor..<cursor, with: text) }

  // MARK: Characters

  /// Where the character before the cursor begins; the cursor itself at the start.
  var previousCharacter: Int {
    // Characters are short: a stretch before the cursor is enough to find the last one's start.
    let start = max(0, cursor - 32)
    guard let last = Self.string(scalars[start..<cursor]).last else { return cursor }
    return cursor - last.unicodeScalars.count
  }

  /// Where the character at the cursor ends.
  var nextCharacter: Int {
    let end = min(scalars.count, cursor + 32)
    guard let first = Self.string(scalars[cursor..<end]).first else { return cursor }
    return cursor + first.unicodeScalars.count
  }

  mutating func deleteBackward() -> Bool {
    guard cursor > 0 else { return false }
    replace(previousCharacter..<cursor, with: "")
    return true
  }

  mutating func deleteForward() -> Bool {
    guard cursor < scalars.count else { return false }
    let place = cursor
    replace(place..<nextCharacter, with: "")
    return true
  }

  /// The end of the word at or after the cursor.
  var nextWord: Int {
    var place = cursor
    while place < scalars.count, !Self.isWord(scalars[place]) { place += 1 }
    while place < scalars.count, Self.isWord(scalars[place]) { place += 1 }
    return place
  }

  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  // MARK: Rows

  func rowStart(_ place: Int) -> Int {
    scalars[..<place].lastIndex(of: "\n").map { $0 + 1 } ?? 0
  }

  func rowEnd(_ place: Int) -> Int {
    scalars[place...].firstIndex(of: "\n") ?? scalars.count
  }

  /// Moves a row up in the same column; false in the first row.
  mutating func moveUp() -> Bool {
    let start = rowStart(cursor)
    guard start > 0 else { return false }
    moveTo(column: column(from: start), inRowAt: rowStart(start - 1))
    return true
  }

  /// Moves a row down in the same column; false in the last row.
  mutating func moveDown() -> Bool {
    let end = rowEnd(cursor)
    guard end < scalars.count else { return false }
    moveTo(column: column(from: rowStart(cursor)), inRowAt: end + 1)
    return true
  }

  private func column(from start: Int) -> Int {
    DisplayWidth.of(Self.string(scalars[start..<cursor]))
  }

  private mutating func moveTo(column: Int, inRowAt start: Int) {
    var (place, width) = (start, 0)
    for character in Self.string(scalars[start..<rowEnd(start)]) {
      let next = width + DisplayWidth.of(character)
      guard next <= column else { break }
      width = next
      place += character.unicodeScalars.count
    }
    cursor = place
  }

  /// The blanks the row at the cursor begins with, two more where it leaves a bracket open: how the next row starts.
  var indentation: String {
    let row = Self.string(scalars[rowStart(cursor)..<cursor])
    var (open, inString) = (0, false)
    for character in row {
      switch character {
      case "\"": inString.toggle()
      case "(", "[", "{": if !inString { open += 1 }
      case ")", "]", "}": if !inString { open = max(0, open - 1) }
      default: break
      }
    }
    return String(row.prefix { $0 == " " }) + (open > 0 ? "  " : "")
  }
}
