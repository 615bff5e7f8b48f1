/// How many columns text takes in a terminal.
package enum DisplayWidth {
  /// The columns of a character: 2 for wide East Asian ones and emoji, 0 for a mark on its own, else 1.
  package static func of(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if first.value < 0x300 { return 1 }
    if character.unicodeScalars.contains(where: { $0.value == 0xfe0f }) { return 2 }
    if first.properties.isEmojiPresentation || isWide(first.value) { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return 1
    }
  }

  package static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

  /// East Asian Wide and Fullwidth (Unicode Standard Annex 11), in blocks.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
      0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
      0x16fe0...0x18dff, 0x1b000...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd:
      true
    default: false
    }
  }
}

/// A line of source as it is shown: which column each byte stands in.
struct LineLayout {
  private(set) var cells: [Cell] = []
  private(set) var width = 0
  private let byteCount: Int

  struct Cell {
    let text: Character
    /// The byte of the line it starts at.
    let byte: Int
    let column: Int
    let width: Int
  }

  /// Tabs go to the next multiple of four; characters that would move the cursor are shown as `�`.
  init(_ line: String) {
    var byte = 0
    byteCount = line.utf8.count
    cells.reserveCapacity(line.utf8.count)
    for character in line {
      if character == "\t" {
        let stop = (width / 4 + 1) * 4
        for column in width..<stop { cells.append(Cell(text: " ", byte: byte, column: column, width: 1)) }
        width = stop
      } else {
        let shown = LineLayout.isControl(character) ? "\u{fffd}" : character
        let columns = DisplayWidth.of(shown)
        cells.append(Cell(text: shown, byte: byte, column: width, width: columns))
        width += columns
      }
      byte += character.utf8.count
    }
  }

  /// The column at which the character that holds a byte starts; the width for a byte past the end.
  func column(ofByte byte: Int) -> Int {
    guard byte < byteCount else { return width }
    let after = cells.partitioningIndex { $0.byte > byte }
    guard after > 0 else { return 0 }
    // A tab's cells share its byte: the first one counts.
    let start = cells[after - 1].byte
    return cells[cells.partitioningIndex { $0.byte >= start }].column
  }

  static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: true
      // Marks that turn the direction of writing would show the line in another order.
      case .format: (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      default: false
      }
    }
  }

  /// The cells between two columns.
  func text(from start: Int, to end: Int) -> String {
    var result = ""
    for cell in cells where cell.column >= start && cell.column + cell.width <= end {
      result.append(cell.text)
    }
    return result
  }
}
