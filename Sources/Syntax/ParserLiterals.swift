/// The values of numbers and strings.
extension Parser {
  mutating func number() throws(Stop) -> Expression {
    let token = token
    let digits = source.bytes[Int(token.start)..<Int(token.end)]
    let isHexadecimal = digits.count > 2 && digits[digits.startIndex + 1] | 0x20 == UInt8(ascii: "x")
    let form: Expression.Form
    if isHexadecimal || digits.allSatisfy({ Lexer.isDigit($0) || $0 == UInt8(ascii: "_") }) {
      guard let value = Parser.magnitude(digits, isHexadecimal), value <= UInt64(Int.max) else {
        throw failLargeInteger(digits, isHexadecimal)
      }
      form = .integer(Int(value))
    } else {
      let plain = String(decoding: digits.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
      guard let value = Double(plain), value.isFinite else { throw failLargeFloat() }
      form = .float(value)
    }
    height += 1
    advance()
    return Expression(form, token.span)
  }

  /// The value of an integer literal; `nil` beyond 64 bits.
  private static func magnitude(_ digits: ArraySlice<UInt8>, _ isHexadecimal: Bool) -> UInt64? {
    let radix: UInt64 = isHexadecimal ? 16 : 10
    var value: UInt64 = 0
    for byte in isHexadecimal ? digits.dropFirst(2) : digits where byte != UInt8(ascii: "_") {
      let digit = byte <= 0x39 ? UInt64(byte &- 0x30) : UInt64((byte | 0x20) &- 0x57)
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(digit)
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// `-9223372036854775808`, whose digits alone are beyond an integer.
  mutating func smallestInteger() -> Expression? {
    guard kind(1) == .number else { return nil }
    let number = tokens[next + 1]
    guard number.end - number.start >= 19 else { return nil }
    switch kind(2) {
    case .dot: return nil
    case .caret, .leftBracket, .leftParenthesis:
      if ignoresLines || !tokens[next + 2].startsLine { return nil }
    default: break
    }
    let digits = source.bytes[Int(number.start)..<Int(number.end)]
    guard digits.allSatisfy({ Lexer.isDigit($0) || $0 == UInt8(ascii: "_") }),
      Parser.magnitude(digits, false) == Int.min.magnitude.asUInt64
    else { return nil }
    let whole = token.span.union(number.span)
    advance()
    advance()
    height += 1
    return Expression(.integer(Int.min), whole)
  }

  // MARK: Strings

  mutating func plainString() throws(Stop) -> Expression {
    let span = token.span
    let value = try stringValue()
    height += 1
    return Expression(.string(value.isEmpty ? [] : [.text(value)]), span)
  }

  /// Reads a string without interpolation.
  mutating func stringValue() throws(Stop) -> String {
    let string = token
    guard kind == .rawString else {
      let value = try unescaped(Int(string.start) + 1, Int(string.end) - 1)
      advance()
      return value
    }
    advance()
    var start = Int(string.start) + 3
    let bytes = source.bytes
    if bytes[start] == 0x0d, bytes[start + 1] == 0x0a { start += 1 }
    if bytes[start] == 0x0a { start += 1 }
    return source[Span(start, Int(string.end) - 3)]
  }

  mutating func interpolatedString() throws(Stop) -> Expression {
    let start = token.start
    advance()
    var parts: [StringPart] = []
    while true {
      switch kind {
      case .stringText:
        parts.append(.text(try unescaped(Int(token.start), Int(token.end))))
        advance()
      case .interpolationOpen:
        openBracket(.interpolation)
        if isAtClosing { throw failEmptyInterpolation() }
        parts.append(.expression(try expression()))
        try closeBracket()
      case .stringClose:
        advance()
        try grow()
        return Expression(.string(parts), span(from: start))
      default: throw failOperand()
      }
    }
  }

  /// The text between two bytes of a string, its escapes resolved.
  private mutating func unescaped(_ start: Int, _ end: Int) throws(Stop) -> String {
    guard let first = source.bytes[start..<end].firstIndex(of: UInt8(ascii: "\\")) else {
      return source[Span(start, end)]
    }
    var result = Array(source.bytes[start..<first])
    var place = first
    while place < end {
      guard source.bytes[place] == UInt8(ascii: "\\"), place + 1 < end else {
        result.append(source.bytes[place])
        place += 1
        continue
      }
      let escape = source.bytes[place + 1]
      if escape == UInt8(ascii: "u") {
        let (scalar, after) = try unicodeEscape(place, end)
        result.append(contentsOf: String(scalar).utf8)
        place = after
      } else {
        guard let byte = Parser.escapes[escape] else { throw failEscape(place) }
        result.append(byte)
        place += 2
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The character of `\u{3b7}` at a byte, and the byte after it.
  private mutating func unicodeEscape(_ place: Int, _ end: Int) throws(Stop) -> (Unicode.Scalar, Int) {
    guard place + 2 < end, source.bytes[place + 2] == UInt8(ascii: "{"),
      let closing = source.bytes[(place + 3)..<end].firstIndex(of: UInt8(ascii: "}"))
    else { throw failUnicodeEscape(place, min(place + 2, end)) }
    let digits = source.bytes[(place + 3)..<closing]
    guard (1...8).contains(digits.count), digits.allSatisfy(Lexer.isHexDigit),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(value)
    else { throw failUnicodeEscape(place, closing + 1) }
    return (scalar, closing + 1)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 0x0a, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "0"): 0,
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""),
    UInt8(ascii: "'"): UInt8(ascii: "'"),
  ]
}

extension UInt {
  fileprivate var asUInt64: UInt64 { UInt64(self) }
}
