/// Numbers: `42`, `1_000`, `0xff`, `1.5`, `1e-3`. Only their form is read here; the parser knows their values.
extension Lexer {
  mutating func readNumber() {
    let start = position
    if byte() == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x") {
      position += 2
      guard readDigits(Lexer.isHexDigit) else {
        return failAtNumber(start, "a hexadecimal number needs digits after `0x`", help: "0xff")
      }
    } else {
      guard readDigits(Lexer.isDigit) else { return failAtUnderscore(start) }
      guard readFraction(start), readExponent(start) else { return }
    }
    if Lexer.isNameByte(byte()) || byte() >= 0x80 && scalar(at: position)?.0.properties.isXIDStart == true {
      return failAtSuffix(start)
    }
    add(.number, from: start)
  }

  /// Reads digits with single underscores between them; false where an underscore has no digit on both sides.
  private mutating func readDigits(_ isDigit: (UInt8) -> Bool) -> Bool {
    var last: UInt8 = UInt8(ascii: "_")
    while isDigit(byte()) || byte() == UInt8(ascii: "_") {
      if byte() == UInt8(ascii: "_"), last == UInt8(ascii: "_") { return false }
      last = byte()
      position += 1
    }
    return last != UInt8(ascii: "_")
  }

  /// Reads `.5`; false after a failure.
  private mutating func readFraction(_ start: Int) -> Bool {
    guard byte() == UInt8(ascii: ".") else { return true }
    let second = byte(1)
    if Lexer.isDigit(second) {
      position += 1
      guard readDigits(Lexer.isDigit) else {
        failAtUnderscore(start)
        return false
      }
      guard byte() == UInt8(ascii: "."), Lexer.isDigit(byte(1)) else { return true }
      position += 1
      while Lexer.isDigit(byte()) || byte() == UInt8(ascii: ".") { position += 1 }
      failAtNumber(start, "a number has one point at most", help: nil)
      return false
    }
    switch second {
    case 0, 0x09, 0x0a, 0x0d, 0x20, UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"),
      UInt8(ascii: ","),
      UInt8(ascii: ";"), UInt8(ascii: "#"):
      let digits = text(start, position)
      position += 1
      failAtNumber(start, "a point needs a digit after it", help: "\(digits).0")
      return false
    default: return true
    }
  }

  /// Reads `e-3`; false after a failure.
  private mutating func readExponent(_ start: Int) -> Bool {
    guard byte() | 0x20 == UInt8(ascii: "e") else { return true }
    let signed = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
    let mantissa = text(start, position)
    if Lexer.isDigit(byte(signed ? 2 : 1)) {
      position += signed ? 2 : 1
      guard readDigits(Lexer.isDigit) else {
        failAtUnderscore(start)
        return false
      }
      return true
    }
    guard signed || !Lexer.isNameByte(byte(1)) else { return true }
    position += signed ? 2 : 1
    failAtNumber(start, "an exponent needs digits", help: "\(mantissa)e3")
    return false
  }

  static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
  }

  // MARK: What is wrong

  private mutating func failAtNumber(_ start: Int, _ message: String, help: String?) {
    fail(
      Diagnostic(
        .badNumber, message, source: source, labels: [Label(Span(start, position))],
        help: help.map { [$0] } ?? []))
  }

  private mutating func failAtUnderscore(_ start: Int) {
    while Lexer.isNameByte(byte()) { position += 1 }
    let plain = text(start, position).filter { $0 != "_" }
    failAtNumber(start, "an underscore in a number stands between two digits", help: plain)
  }

  /// `2x`, `0b101`, `3j`.
  private mutating func failAtSuffix(_ start: Int) {
    let digits = text(start, position)
    while Lexer.isNameByte(byte()) || byte() >= 0x80 { position += 1 }
    let whole = text(start, position)
    let radix = whole.hasPrefix("0b") ? 2 : whole.hasPrefix("0o") ? 8 : 0
    if radix > 0, let value = Int(whole.dropFirst(2).filter { $0 != "_" }, radix: radix) {
      return failAtNumber(start, "numbers are decimal, or hexadecimal after `0x`", help: "\(value)")
    }
    let suffix = whole.dropFirst(digits.count)
    failAtNumber(start, "`\(suffix)` directly after a number", help: "\(digits) * \(suffix)")
  }

  /// `.5`, `pair.0`.
  mutating func failAtBareFraction() {
    let start = position
    position += 1
    while Lexer.isDigit(byte()) { position += 1 }
    let digits = text(start + 1, position)
    if let last = tokens.last, Int(last.end) == start, last.kind != .number, last.kind.endsOperand {
      let owner = last.kind == .name ? text(Int(last.start), Int(last.end)) : "x"
      return fail(
        Diagnostic(
          .foreignIdiom, "`.\(digits)` is Swift; maas takes an element by its index", source: source,
          labels: [Label(Span(start, position))], help: ["\(owner)[\(digits)]"]))
    }
    failAtNumber(start, "a number begins with a digit", help: "0.\(digits)")
  }

  func text(_ start: Int, _ end: Int) -> String { source[Span(start, end)] }
}

extension TokenKind {
  /// An operand may end with this, so that what follows directly belongs to it.
  var endsOperand: Bool {
    switch self {
    case .name, .number, .string, .rawString, .stringClose, .rightParenthesis, .rightBracket, .rightBrace,
      .true,
      .false, .none:
      true
    default: false
    }
  }
}
