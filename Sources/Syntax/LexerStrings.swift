/// Strings: `"… \(expr) …"` on one line, `"""…"""` as it stands over many.
extension Lexer {
  mutating func readString() {
    if byte(1) == Quote.double, byte(2) == Quote.double { return readRawString() }
    let start = position
    position += 1
    switch passStringText() {
    case .quote:
      position += 1
      add(.string, from: start)
    case .interpolation:
      strings.append(Int32(clamping: tokens.count))
      add(.stringOpen, from: start, to: start + 1)
      addInterpolation(after: start + 1)
    case .lineEnd: failAtOpenString(start)
    }
  }

  /// Reads on after an interpolation's `)`.
  mutating func readStringRest() {
    guard let opening = strings.last else { return }
    let start = position
    switch passStringText() {
    case .quote:
      strings.removeLast()
      if position > start { add(.stringText, from: start) }
      take(.stringClose, 1)
    case .interpolation: addInterpolation(after: start)
    case .lineEnd: failAtOpenString(Int(tokens[Int(opening)].start))
    }
  }

  private mutating func addInterpolation(after start: Int) {
    if position > start { add(.stringText, from: start) }
    openBracket(.interpolationOpen, length: 2)
  }

  private enum Stop { case quote, interpolation, lineEnd }

  /// Moves to what ends a piece of text.
  private mutating func passStringText() -> Stop {
    while position < bytes.count {
      switch bytes[position] {
      case Quote.double: return .quote
      case 0x0a: return .lineEnd
      case UInt8(ascii: "\\"):
        if byte(1) == UInt8(ascii: "(") { return .interpolation }
        // The escaped character is passed too, unless it is the line's end.
        position += byte(1) == 0x0a ? 1 : 2
      default: position += 1
      }
    }
    position = bytes.count
    return .lineEnd
  }

  private mutating func readRawString() {
    let start = position
    position += 3
    while position < bytes.count {
      if bytes[position] == Quote.double, byte(1) == Quote.double, byte(2) == Quote.double {
        position += 3
        return add(.rawString, from: start)
      }
      position += 1
    }
    let end = lastVisible()
    fail(
      Diagnostic(
        .unclosed, "this `\"\"\"` is never closed", source: source,
        labels: [Label(Span(start, start + 3)), Label(Span(end, end), "the text ends here")],
        help: ["close it with `\"\"\"`"]))
  }

  private mutating func failAtOpenString(_ start: Int) {
    var end = position
    if end > start + 1, bytes[end - 1] == 0x0d { end -= 1 }
    fail(
      Diagnostic(
        .unclosed, "this string is never closed", source: source,
        labels: [Label(Span(start, start + 1)), Label(Span(end, end), "the line ends here")],
        help: ["close it with `\"`; a text over several lines stands between `\"\"\"` and `\"\"\"`"]))
  }

  /// The end of the text, blank space aside.
  func lastVisible() -> Int {
    var end = bytes.count
    while end > 0, bytes[end - 1] <= 0x20 { end -= 1 }
    return end
  }

  /// `'single quotes'` of Python, `A'` of MATLAB and Julia, a stray `'`.
  mutating func failAtQuote() {
    let start = position
    if let last = tokens.last, Int(last.end) == start, last.kind.endsOperand, last.kind != .string {
      let owner = last.kind == .name ? text(Int(last.start), Int(last.end)) : "(…)"
      position += 1
      return fail(
        Diagnostic(
          .foreignIdiom, "`'` for the transpose is MATLAB; maas writes `.T`", source: source,
          labels: [Label(Span(start, start + 1))], help: ["\(owner).T"]))
    }
    position += 1
    var content: [UInt8] = []
    while position < bytes.count, bytes[position] != 0x0a, bytes[position] != UInt8(ascii: "'") {
      if bytes[position] == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "'") { position += 1 }
      if bytes[position] == Quote.double { content.append(UInt8(ascii: "\\")) }
      content.append(bytes[position])
      position += 1
    }
    let closed = byte() == UInt8(ascii: "'")
    if closed { position += 1 }
    fail(
      Diagnostic(
        .foreignIdiom, "strings stand between double quotes", source: source,
        labels: [Label(Span(start, closed ? position : start + 1))],
        help: closed ? ["\"\(String(decoding: content, as: UTF8.self))\""] : []))
  }

  private enum Quote { static let double = UInt8(ascii: "\"") }
}
