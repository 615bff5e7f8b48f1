/// A terminal emulator as far as prompts need one: what stands on the screen after the bytes a program wrote.
///
/// It knows wide characters, the pending wrap behind a full row, scrolling, the inks of cells, and it breaks rows anew
/// when the window narrows, as most terminals do. What it does not know fails the test that meets it.
struct TerminalScreen {
  struct Cell: Equatable {
    /// Empty for the second column of a wide character.
    var text: String = " "
    /// The SGR parameters in force: `2` is faint, `7` reversed, `32` green.
    var ink: [Int] = []
  }

  private(set) var columns: Int
  private(set) var height: Int
  private(set) var rows: [[Cell]]
  /// Whether a row goes on in the next one.
  private var isWrapped: [Bool]
  private(set) var scrolledOff: [String] = []
  private(set) var row = 0
  private(set) var column = 0
  private var isWrapPending = false
  private var ink: [Int] = []
  private var pending: [UInt8] = []
  /// Sequences that are not understood.
  private(set) var unknown: [String] = []
  /// How often the program asked what the terminal is.
  private(set) var questions = 0
  private(set) var pictures: [String] = []
  private(set) var bells = 0

  init(columns: Int, rows: Int) {
    (self.columns, height) = (columns, rows)
    self.rows = Array(repeating: Array(repeating: Cell(), count: columns), count: rows)
    isWrapped = Array(repeating: false, count: rows)
  }

  // MARK: What is seen

  func text(_ row: Int) -> String {
    var text = rows[row].map(\.text).joined()
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The rows, without blank ones at the end.
  var text: String {
    var lines = (0..<height).map(text)
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Everything, what has scrolled off the top included.
  var wholeText: String { (scrolledOff + [text]).joined(separator: "\n") }

  /// The row of the cursor.
  var currentLine: String { text(row) }

  /// The inks of a text's first appearance, the lowest row first.
  func inks(of wanted: String) -> [[Int]] {
    for row in rows.reversed() {
      let line = row.map(\.text).joined()
      guard let range = line.firstRange(of: wanted) else { continue }
      let start = line.distance(from: line.startIndex, to: range.lowerBound)
      // Wide characters have an empty second cell, which has no character of its own.
      var (cells, seen) = ([Cell](), 0)
      for cell in row where !cell.text.isEmpty {
        if seen >= start, seen < start + wanted.count { cells.append(cell) }
        seen += cell.text.count
      }
      return cells.map(\.ink)
    }
    return []
  }

  // MARK: Bytes

  mutating func feed(_ bytes: some Sequence<UInt8>) {
    pending += bytes
    while let length = step() { pending.removeFirst(length) }
  }

  /// Takes one character or sequence from the front; its length, `nil` when it is not whole yet.
  private mutating func step() -> Int? {
    guard let first = pending.first else { return nil }
    switch first {
    case 0x1b: return escape()
    case 0x0d: (column, isWrapPending) = (0, false)
    case 0x0a: lineFeed()
    case 0x08: (column, isWrapPending) = (max(0, column - 1), false)
    case 0x07: bells += 1
    case 0x09: (column, isWrapPending) = (min(columns - 1, (column / 8 + 1) * 8), false)
    case ..<0x20: unknown.append("\\x\(String(first, radix: 16))")
    default:
      let length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4
      guard pending.count >= length else { return nil }
      put(String(decoding: pending[..<length], as: UTF8.self))
      return length
    }
    return 1
  }

  private mutating func escape() -> Int? {
    guard pending.count > 1 else { return nil }
    switch pending[1] {
    case UInt8(ascii: "["):
      guard let end = pending.dropFirst(2).firstIndex(where: { (0x40...0x7e).contains($0) }) else {
        return nil
      }
      control(String(decoding: pending[2..<end], as: UTF8.self), Character(Unicode.Scalar(pending[end])))
      return end + 1
    case UInt8(ascii: "_"), UInt8(ascii: "P"), UInt8(ascii: "]"):
      guard
        let end = pending.indices.dropFirst(2).first(where: {
          pending[$0] == 0x1b && $0 + 1 < pending.count && pending[$0 + 1] == 0x5c
        })
      else { return nil }
      let text = String(decoding: pending[1..<end], as: UTF8.self)
      if !text.contains("a=q") { pictures.append(text) }
      return end + 2
    default:
      unknown.append("ESC \(pending[1])")
      return 2
    }
  }

  private mutating func control(_ parameters: String, _ final: Character) {
    let numbers = parameters.split(separator: ";").compactMap { Int($0) }
    let count = max(1, numbers.first ?? 1)
    switch final {
    case "A": (row, isWrapPending) = (max(0, row - count), false)
    case "B": (row, isWrapPending) = (min(height - 1, row + count), false)
    case "C": (column, isWrapPending) = (min(columns - 1, column + count), false)
    case "D": (column, isWrapPending) = (max(0, column - count), false)
    case "G": (column, isWrapPending) = (min(columns - 1, count - 1), false)
    case "H":
      row = min(height - 1, count - 1)
      column = min(columns - 1, (numbers.count > 1 ? max(1, numbers[1]) : 1) - 1)
      isWrapPending = false
    case "J": eraseScreen(numbers.first ?? 0)
    case "K": eraseRow(numbers.first ?? 0)
    case "m": setInk(parameters.isEmpty ? [0] : numbers)
    case "h", "l":
      if parameters != "?2004" && parameters != "?25" { unknown.append("CSI \(parameters)\(final)") }
    case "c": questions += 1
    default: unknown.append("CSI \(parameters)\(final)")
    }
  }

  private mutating func setInk(_ parameters: [Int]) {
    if parameters == [0] { ink = [] } else { ink += parameters }
  }

  private mutating func eraseRow(_ kind: Int) {
    let from = kind == 0 ? column : 0
    let to = kind == 1 ? column + 1 : columns
    for place in from..<to { rows[row][place] = Cell() }
    if kind != 1 { isWrapped[row] = false }
  }

  private mutating func eraseScreen(_ kind: Int) {
    if kind == 0 { eraseRow(0) }
    for place in (kind == 0 ? row + 1 : 0)..<height {
      rows[place] = Array(repeating: Cell(), count: columns)
      isWrapped[place] = false
    }
  }

  private mutating func lineFeed() {
    isWrapPending = false
    guard row == height - 1 else {
      row += 1
      return
    }
    scrolledOff.append(text(0))
    rows.removeFirst()
    isWrapped.removeFirst()
    rows.append(Array(repeating: Cell(), count: columns))
    isWrapped.append(false)
  }

  private mutating func put(_ character: String) {
    let width = TerminalScreen.width(character)
    if width == 0 {
      let place = isWrapPending ? column : max(0, column - 1)
      let target = rows[row][place].text.isEmpty ? max(0, place - 1) : place
      rows[row][target].text += character
      return
    }
    if isWrapPending || column + width > columns {
      isWrapped[row] = true
      column = 0
      lineFeed()
    }
    rows[row][column] = Cell(text: character, ink: ink)
    if width == 2, column + 1 < columns { rows[row][column + 1] = Cell(text: "", ink: ink) }
    column += width
    if column >= columns { (column, isWrapPending) = (columns - 1, true) }
  }

  private static func width(_ character: String) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x300..<0x370, 0x200b...0x200f, 0xfe00...0xfe0f: return 0
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff:
      return 2
    default: return 1
    }
  }

  // MARK: The window

  /// Rows that have become too long are broken anew; the cursor stays on its character.
  mutating func resize(columns new: Int, rows newHeight: Int) {
    var lines: [[Cell]] = [[]]
    var cursor = (line: 0, offset: 0)
    for place in 0..<height {
      if place == row { cursor = (lines.count - 1, lines[lines.count - 1].count + column) }
      lines[lines.count - 1] += rows[place]
      if !isWrapped[place] {
        if place < height - 1 { lines.append([]) }
      }
    }
    while let last = lines.last, lines.count - 1 > cursor.line, last.allSatisfy({ $0 == Cell() }) {
      lines.removeLast()
    }
    var (newRows, wraps) = ([[Cell]](), [Bool]())
    var place = (row: 0, column: 0)
    for (index, line) in lines.enumerated() {
      var cells = line
      let needed = index == cursor.line ? cursor.offset + 1 : 0
      while cells.count > needed, cells.last == Cell() { cells.removeLast() }
      var start = 0
      repeat {
        let end = min(cells.count, start + new)
        if index == cursor.line, cursor.offset >= start, cursor.offset < start + new {
          place = (newRows.count, cursor.offset - start)
        }
        newRows.append(Array(cells[start..<end]) + Array(repeating: Cell(), count: new - (end - start)))
        wraps.append(end < cells.count)
        start = end
      } while start < cells.count
    }
    while newRows.count > newHeight {
      scrolledOff.append(newRows.removeFirst().map(\.text).joined())
      wraps.removeFirst()
      place.row -= 1
    }
    while newRows.count < newHeight {
      newRows.append(Array(repeating: Cell(), count: new))
      wraps.append(false)
    }
    (rows, isWrapped, columns, height) = (newRows, wraps, new, newHeight)
    (row, column, isWrapPending) = (max(0, place.row), place.column, false)
  }
}
