/// Pieces set in lines.
struct FormatLines {
  struct Line {
    let pieces: Range<Int>
    var text: String
    let hasEmptyLineBefore: Bool
    /// Of its widest part: a text between `"""` has lines of its own.
    var width: Int { text.split(separator: "\n").map(\.count).max() ?? 0 }
  }

  private(set) var lines: [Line] = []

  init(_ pieces: FormatPieces) { set(pieces.pieces) }

  var text: String {
    lines.map { ($0.hasEmptyLineBefore ? "\n" : "") + $0.text + "\n" }.joined()
  }

  private mutating func set(_ pieces: [FormatPiece]) {
    // How far the line of each open bracket is indented.
    var open: [Int] = []
    var indent = 0
    var start = 0
    var text = ""
    for (index, piece) in pieces.enumerated() {
      if index == 0 || piece.breaks > 0 {
        if index > 0 {
          lines.append(Line(pieces: start..<index, text: text, hasEmptyLineBefore: pieces[start].breaks > 1))
        }
        start = index
        indent = FormatLines.indentation(pieces, index, open)
        text = String(repeating: " ", count: indent)
      } else {
        text += FormatSpacing.between(pieces[index - 1], piece, pieces.dropFirst(index + 1).first)
      }
      text += piece.text
      if piece.opens { open.append(indent) }
      if piece.closes { _ = open.popLast() }
    }
    if !pieces.isEmpty {
      lines.append(
        Line(pieces: start..<pieces.count, text: text, hasEmptyLineBefore: pieces[start].breaks > 1))
    }
  }

  private static func indentation(_ pieces: [FormatPiece], _ index: Int, _ open: [Int]) -> Int {
    let piece = pieces[index]
    if piece.closes { return open.last ?? 0 }
    let base = open.last.map { $0 + 2 } ?? 0
    guard let opener = opener(pieces, index) else { return base + (continues(pieces, index) ? 2 : 0) }
    return base + (opener.isBlock && continues(pieces, index) ? 2 : 0)
  }

  /// The innermost bracket around a piece.
  private static func opener(_ pieces: [FormatPiece], _ index: Int) -> FormatPiece? {
    var place = index - 1
    while place >= 0 {
      if pieces[place].closes, pieces[place].partner >= 0 {
        place = pieces[place].partner
      } else if pieces[place].opens {
        return pieces[place]
      }
      place -= 1
    }
    return nil
  }

  /// Whether a line goes on with what the line before began.
  private static func continues(_ pieces: [FormatPiece], _ index: Int) -> Bool {
    // A comment belongs to what follows it.
    guard let place = pieces[index...].firstIndex(where: { $0.role.isToken }) else { return false }
    if [.pipe, .dot].contains(pieces[place].kind) { return true }
    guard let before = pieces[..<index].last(where: { $0.role.isToken }) else { return false }
    return before.kind.continuesLine
  }
}

/// What stands between two pieces of one line.
enum FormatSpacing {
  static func between(_ a: FormatPiece, _ b: FormatPiece, _ next: FormatPiece?) -> String {
    if b.role.isComment { return "  " }
    if a.opens { return a.isBlock ? " " : "" }
    if b.closes { return b.isBlock ? " " : "" }
    switch b.kind {
    case .comma, .semicolon, .colon: return ""
    case .dot, .dots, .closedDots:
      return a.kind.isWord && !a.kind.endsOperand || a.kind == .comma || isBinary(a) && a.kind != .dots
        ? " " : ""
    case .leftParenthesis, .leftBracket: return callsOrIndexes(a) ? "" : spaced(a)
    case .caret: return next?.isPrefix ?? false ? " " : ""
    default: return spaced(a, before: b)
    }
  }

  /// Whether a `(` or `[` behind a piece calls or indexes it.
  private static func callsOrIndexes(_ a: FormatPiece) -> Bool {
    a.kind.endsOperand || a.kind == .stringOpen
  }

  private static func spaced(_ a: FormatPiece, before b: FormatPiece? = nil) -> String {
    if a.isPrefix { return "" }
    switch a.kind {
    case .dot, .dots, .closedDots, .spread: return ""
    case .caret: return b?.isPrefix ?? false ? " " : ""
    default: return " "
    }
  }

  private static func isBinary(_ a: FormatPiece) -> Bool { a.kind.continuesLine && !a.isPrefix }
}
