/// Lays a script out in the one layout: two columns a level, one blank between words, at most one empty line, nothing
/// wider than 100 columns where a bracket or an operator lets it break. Line breaks the writer chose and all comments
/// stay.
///
/// It works on tokens, so that nothing it does not know of can get lost, and compares the trees before and after.
package struct Formatter {
  /// Lines wider than this are broken.
  static let width = 100

  /// - Throws: the source's first syntax error.
  package static func format(_ source: Source) throws(Diagnostic) -> String {
    let program = try Parser.parse(source)
    var result = source
    // A line that was broken may open the block around it: what is laid out once more does not change again.
    for _ in 0..<8 {
      let text = laidOut(result)
      if text == result.text { break }
      result = Source(name: source.name, text: text)
    }
    guard let again = try? Parser.parse(result), Printer.text(of: again) == Printer.text(of: program) else {
      throw Diagnostic(
        .unexpectedText, "this file cannot be laid out without changing its meaning, and is left as it is",
        source: source)
    }
    return result.text
  }

  private static func laidOut(_ source: Source) -> String {
    var pieces = FormatPieces(source, blocks: Parser.blocks(in: source))
    // Each round breaks every line that is still too wide at its outermost place.
    for _ in 0..<64 {
      guard pieces.breakWideLines() else { break }
    }
    return FormatLines(pieces).text
  }
}

extension Parser {
  /// The bytes at which the blocks of a source open.
  static func blocks(in source: Source) -> Set<Int32> {
    var parser = Parser(source)
    _ = try? parser.program()
    return parser.blocks
  }
}

/// A token, a whole string or a comment, and the line break before it.
struct FormatPiece {
  enum Role {
    case token
    /// A `#` comment, with a line of its own or behind code.
    case comment(own: Bool)
    case end
  }

  let kind: TokenKind
  let role: Role
  let text: String
  /// Line breaks before it: 0, 1, or 2 for an empty line.
  var breaks: Int
  /// A brace that opens or closes a block.
  var isBlock = false
  /// A sign before its only operand.
  var isPrefix = false
  /// For an opening bracket, the piece that closes it, and the other way round; -1 for others.
  var partner = -1

  var opens: Bool { role.isToken && [.leftParenthesis, .leftBracket, .leftBrace].contains(kind) }
  var closes: Bool { role.isToken && [.rightParenthesis, .rightBracket, .rightBrace].contains(kind) }
}

extension FormatPiece.Role {
  var isToken: Bool { if case .token = self { true } else { false } }
  var isComment: Bool { if case .comment = self { true } else { false } }
}

/// A source as pieces.
struct FormatPieces {
  private(set) var pieces: [FormatPiece] = []

  init(_ source: Source, blocks: Set<Int32>) {
    let tokens = Lexer(source).tokens
    var end = source.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      addGap(source, end, Int(token.start))
      if token.kind == .end { break }
      var last = index
      if token.kind == .stringOpen { last = FormatPieces.closing(tokens, index) }
      end = Int(tokens[last].end)
      add(token.kind, source[Span(Int(token.start), end)], isBlock: blocks.contains(token.start))
      index = last + 1
    }
    markPartners()
    openTallBlocks()
    joinChains()
  }

  /// A block of which any statement begins a line has its braces at the ends of lines.
  private mutating func openTallBlocks() {
    for open in pieces.indices
    where pieces[open].opens && pieces[open].isBlock && pieces[open].partner > open + 1 {
      let close = pieces[open].partner
      var index = open + 1
      var isTall = false
      while index <= close, !isTall {
        isTall = pieces[index].breaks > 0
        index = pieces[index].opens ? max(index, pieces[index].partner) : index + 1
      }
      guard isTall else { continue }
      let first = pieces[open + 1].role.isComment && pieces[open + 1].breaks == 0 ? open + 2 : open + 1
      pieces[first].breaks = max(1, pieces[first].breaks)
      pieces[close].breaks = max(1, pieces[close].breaks)
    }
  }

  /// Breaks counted in the gap before the piece to come.
  private var pending = 0

  private mutating func add(_ kind: TokenKind, _ text: String, isBlock: Bool) {
    var piece = FormatPiece(kind: kind, role: .token, text: text, breaks: pieces.isEmpty ? 0 : pending)
    piece.isBlock = isBlock && kind == .leftBrace
    let before = pieces.last { $0.role.isToken }
    let startsAnew = piece.breaks > 0 && !(before?.kind.continuesLine ?? true)
    piece.isPrefix =
      (kind == .minus || kind == .plus)
      && (startsAnew || !(before.map { $0.kind.endsOperand || $0.kind == .stringOpen } ?? false))
    pieces.append(piece)
    pending = 0
  }

  /// Comments and line breaks between two tokens.
  private mutating func addGap(_ source: Source, _ start: Int, _ end: Int) {
    var place = start
    while place < end {
      let byte = source.bytes[place]
      if byte == 0x0a { pending = min(2, pending + 1) }
      guard byte == UInt8(ascii: "#") else {
        place += 1
        continue
      }
      var stop = place
      while stop < end, source.bytes[stop] != 0x0a { stop += 1 }
      var text = source[Span(place, stop)]
      while let last = text.last, last.isWhitespace { text.removeLast() }
      let isOwn = pieces.isEmpty || pending > 0
      pieces.append(
        FormatPiece(kind: .end, role: .comment(own: isOwn), text: text, breaks: pieces.isEmpty ? 0 : pending))
      pending = 0
      place = stop
    }
  }

  private static func closing(_ tokens: [Token], _ open: Int) -> Int {
    var depth = 0
    for index in open..<tokens.count {
      if tokens[index].kind == .stringOpen { depth += 1 }
      if tokens[index].kind == .stringClose { depth -= 1 }
      if depth == 0 { return index }
    }
    return open
  }

  private mutating func markPartners() {
    var open: [Int] = []
    for index in pieces.indices {
      if pieces[index].opens { open.append(index) }
      if pieces[index].closes, let partner = open.popLast() {
        pieces[index].partner = partner
        pieces[partner].partner = index
        pieces[index].isBlock = pieces[partner].isBlock
      }
    }
  }

  /// `else` and `catch` stand on the line of the brace before them; no empty line stands just inside of a bracket.
  private mutating func joinChains() {
    for index in pieces.indices.dropFirst() {
      let before = pieces[index - 1]
      if pieces[index].kind == .else || pieces[index].kind == .catch, before.closes, before.isBlock {
        pieces[index].breaks = 0
      }
      if before.opens || pieces[index].closes { pieces[index].breaks = min(1, pieces[index].breaks) }
    }
  }

  // MARK: Wide lines

  /// - Returns: whether a line was broken.
  mutating func breakWideLines() -> Bool {
    var changed = false
    for line in FormatLines(self).lines.reversed() where line.width > Formatter.width {
      if breakBracket(in: line.pieces) || breakOperator(in: line.pieces) { changed = true }
    }
    openTallBlocks()
    return changed
  }

  /// Breaks the widest of the outermost brackets that begin and end in the line: each of its parts gets a line.
  private mutating func breakBracket(in line: Range<Int>) -> Bool {
    var best: (open: Int, size: Int)?
    var index = line.lowerBound
    while index < line.upperBound {
      let partner = pieces[index].opens ? pieces[index].partner : -1
      if partner > index, partner < line.upperBound {
        let size = pieces[index...partner].reduce(0) { $0 + $1.text.count }
        if partner > index + 1, size > best?.size ?? 0 { best = (index, size) }
        index = partner
      }
      index += 1
    }
    guard let open = best?.open else { return false }
    let close = pieces[open].partner
    var inner = open + 1
    pieces[inner].breaks = 1
    pieces[close].breaks = 1
    if pieces[open].isBlock { return true }
    while inner < close {
      if pieces[inner].opens { inner = max(inner, pieces[inner].partner) }
      if pieces[inner].kind == .comma, pieces[inner].role.isToken, inner + 1 < close {
        pieces[inner + 1].breaks = 1
      }
      inner += 1
    }
    return true
  }

  /// Breaks before every `|>` outside of brackets, or else after the last loose operator that still fits.
  private mutating func breakOperator(in line: Range<Int>) -> Bool {
    var depth = 0
    var pipes: [Int] = []
    var places: [(place: Int, looseness: Int)] = []
    var column = 0
    for index in line {
      let piece = pieces[index]
      if piece.closes { depth -= 1 }
      column += piece.text.count + 1
      if depth == 0, index > line.lowerBound, piece.role.isToken, !piece.isPrefix {
        if piece.kind == .pipe { pipes.append(index) }
        let isLoose = piece.kind.continuesLine && piece.kind != .caret && piece.kind != .comma
        if isLoose, piece.kind != .dots, piece.kind != .closedDots, piece.kind != .pipe,
          index + 1 < line.upperBound,
          column < Formatter.width, pieces[index + 1].role.isToken
        {
          places.append((index + 1, piece.kind.binary?.precedence.rawValue ?? Int.max))
        }
      }
      if piece.opens { depth += 1 }
    }
    if !pipes.isEmpty {
      for pipe in pipes { pieces[pipe].breaks = 1 }
      return true
    }
    let loosest = places.map(\.looseness).min()
    guard let place = places.last(where: { $0.looseness == loosest }) else { return false }
    pieces[place.place].breaks = 1
    return true
  }
}
