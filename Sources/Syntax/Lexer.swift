/// Reads a source's bytes into tokens, without recursion and in one pass.
///
/// The first thing that cannot be read becomes a token of its own, where reading stops: so the parser reports
/// whatever comes first, be it a sign or a sentence.
package struct Lexer {
  let source: Source
  let bytes: [UInt8]
  var position = 0
  var startsLine = true
  /// The opening brackets not closed yet, as indices of tokens.
  var open: [Int32] = []
  /// The strings whose interpolation is being read, as indices of their `stringOpen`.
  var strings: [Int32] = []

  package private(set) var tokens: [Token] = []
  /// The comments that have a line to themselves, in order.
  package private(set) var comments: [Span] = []
  package private(set) var failure: Diagnostic?

  package init(_ source: Source) {
    self.source = source
    bytes = source.bytes
    tokens.reserveCapacity(bytes.count / 4 + 8)
    // Spans are 32 bits wide.
    if bytes.count > 0x7fff_0000 {
      fail(Diagnostic(.badValue, "a source of more than 2 GB cannot be read", source: source))
    }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    while failure == nil {
      skipSpace()
      guard position < bytes.count else { break }
      readToken()
    }
    add(.end, from: failure == nil ? bytes.count : position)
  }

  /// The byte `ahead` of the position; 0 past the end.
  @inline(__always)
  func byte(_ ahead: Int = 0) -> UInt8 {
    let place = position &+ ahead
    return place < bytes.count ? bytes[place] : 0
  }

  /// Adds a token that reaches from `start` to `end`, or to the position.
  mutating func add(_ kind: TokenKind, from start: Int, to end: Int? = nil) {
    let token = Token(
      kind: kind, startsLine: startsLine, start: Int32(clamping: start), end: Int32(clamping: end ?? position)
    )
    tokens.append(token)
    startsLine = false
  }

  mutating func take(_ kind: TokenKind, _ length: Int) {
    let start = position
    position += length
    add(kind, from: start)
  }

  /// Ends the reading here.
  mutating func fail(_ diagnostic: Diagnostic) {
    failure = diagnostic
    let start = diagnostic.labels.first.map { Int($0.span.start) } ?? position
    add(.failure, from: start, to: max(start, position))
  }

  /// Passes over blanks, line breaks and comments.
  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0d, 0x0b, 0x0c: position += 1
      case 0x0a:
        startsLine = true
        position += 1
      case UInt8(ascii: "#"): skipComment()
      case 0xc2 where byte(1) == 0xa0: position += 2
      default: return
      }
    }
  }

  private mutating func skipComment() {
    let start = position
    while position < bytes.count, bytes[position] != 0x0a { position += 1 }
    if startsLine { comments.append(Span(start, position)) }
  }

  private mutating func readToken() {
    let first = bytes[position]
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): readNumber()
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      readName()
    case UInt8(ascii: "\""): readString()
    case UInt8(ascii: "("): openBracket(.leftParenthesis)
    case UInt8(ascii: "["): openBracket(.leftBracket)
    case UInt8(ascii: "{"): openBracket(.leftBrace)
    case UInt8(ascii: ")"): closeBracket(.rightParenthesis)
    case UInt8(ascii: "]"): closeBracket(.rightBracket)
    case UInt8(ascii: "}"): closeBracket(.rightBrace)
    case UInt8(ascii: "'"): failAtQuote()
    case 0x80...0xff:
      if let (scalar, _) = scalar(at: position), scalar.properties.isXIDStart {
        readName()
      } else {
        failAtSign()
      }
    default: if !readSign(first) { failAtSign() }
    }
  }

  // MARK: Names

  private mutating func readName() {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte < 0x80 {
        guard Lexer.isNameByte(byte) else { break }
        position += 1
      } else {
        guard let (scalar, length) = scalar(at: position), Lexer.continuesName(scalar) else { break }
        position += length
      }
    }
    add(word(start, position) ?? .name, from: start)
  }

  @inline(__always)
  static func isNameByte(_ byte: UInt8) -> Bool {
    (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte == 0x5f || isDigit(byte)
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// Letters, digits and marks, and the lowered digits of `x₁`.
  static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isXIDContinue || (0x2080...0x2089).contains(scalar.value)
  }

  private static let packedWords: [UInt64: TokenKind] = Dictionary(
    uniqueKeysWithValues: TokenKind.words.map { (pack($0.key.utf8), $0.value) })

  private static func pack(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The reserved word in a stretch of bytes; each has 2 to 8 letters.
  private func word(_ start: Int, _ end: Int) -> TokenKind? {
    guard end - start >= 2, end - start <= 8, bytes[start] >= UInt8(ascii: "a") else { return nil }
    var packed: UInt64 = 0
    for place in start..<end { packed = packed << 8 | UInt64(bytes[place]) }
    return Lexer.packedWords[packed]
  }

  /// The Unicode scalar that starts at a byte and its length there.
  func scalar(at place: Int) -> (Unicode.Scalar, Int)? {
    var decoder = UTF8()
    var iterator = bytes[place..<min(place + 4, bytes.count)].makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  // MARK: Brackets

  mutating func openBracket(_ kind: TokenKind, length: Int = 1) {
    open.append(Int32(clamping: tokens.count))
    take(kind, length)
  }

  /// Closes the innermost bracket if it is of this kind; a stray one is the parser's to report.
  private mutating func closeBracket(_ kind: TokenKind) {
    guard let last = open.last.map(Int.init) else { return take(kind, 1) }
    if tokens[last].kind == .interpolationOpen, kind == .rightParenthesis {
      open.removeLast()
      tokens[last].partner = Int32(clamping: tokens.count)
      take(.interpolationClose, 1)
      return readStringRest()
    }
    if tokens[last].kind.closing == kind {
      open.removeLast()
      tokens[last].partner = Int32(clamping: tokens.count)
    }
    take(kind, 1)
  }
}

extension TokenKind {
  /// What closes this opening bracket.
  var closing: TokenKind? {
    switch self {
    case .leftParenthesis: .rightParenthesis
    case .leftBracket: .rightBracket
    case .leftBrace: .rightBrace
    case .interpolationOpen: .interpolationClose
    default: nil
    }
  }
}
