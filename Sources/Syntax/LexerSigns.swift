/// Signs: the language's own, and those of others that are recognised to be translated.
extension Lexer {
  /// Reads the longest sign that starts here; false where none does.
  mutating func readSign(_ first: UInt8) -> Bool {
    let second = byte(1)
    switch first {
    case UInt8(ascii: ","): take(.comma, 1)
    case UInt8(ascii: ";"): take(.semicolon, 1)
    case UInt8(ascii: ":"): second == Sign.equals ? take(.colonAssign, 2) : take(.colon, 1)
    case UInt8(ascii: "."): readDots(second)
    case UInt8(ascii: "="): readEquals(second)
    case UInt8(ascii: "|"):
      second == Sign.greater ? take(.pipe, 2) : second == first ? take(.doubleBar, 2) : take(.bar, 1)
    case UInt8(ascii: "<"):
      if second == Sign.equals {
        take(.lessOrEqual, 2)
      } else {
        second == Sign.greater ? take(.lessGreater, 2) : take(.less, 1)
      }
    case UInt8(ascii: ">"): second == Sign.equals ? take(.greaterOrEqual, 2) : take(.greater, 1)
    case UInt8(ascii: "!"): second == Sign.equals ? take(.notEqual, 2) : take(.exclamation, 1)
    case UInt8(ascii: "&"): second == first ? take(.doubleAmpersand, 2) : take(.ampersand, 1)
    case UInt8(ascii: "?"): take(.question, 1)
    case UInt8(ascii: "~"): second == Sign.equals ? take(.tildeEqual, 2) : take(.tilde, 1)
    case UInt8(ascii: "$"): take(.dollar, 1)
    default: return readArithmetic(first, second)
    }
    return true
  }

  private mutating func readArithmetic(_ first: UInt8, _ second: UInt8) -> Bool {
    let assigns = second == Sign.equals && byte(2) != Sign.equals
    switch first {
    case UInt8(ascii: "+"):
      second == first ? take(.doublePlus, 2) : assigns ? take(.plusAssign, 2) : take(.plus, 1)
    case UInt8(ascii: "-"):
      second == Sign.greater ? take(.thinArrow, 2) : assigns ? take(.minusAssign, 2) : take(.minus, 1)
    case UInt8(ascii: "*"):
      second == first ? take(.doubleStar, 2) : assigns ? take(.starAssign, 2) : take(.star, 1)
    case UInt8(ascii: "/"):
      if second == first {
        byte(2) == Sign.equals && byte(3) != Sign.equals ? take(.floorSlashAssign, 3) : take(.floorSlash, 2)
      } else {
        assigns ? take(.slashAssign, 2) : take(.slash, 1)
      }
    case UInt8(ascii: "%"): assigns ? take(.percentAssign, 2) : take(.percent, 1)
    case UInt8(ascii: "@"): assigns ? take(.atAssign, 2) : take(.at, 1)
    case UInt8(ascii: "^"): assigns ? take(.caretAssign, 2) : take(.caret, 1)
    default: return false
    }
    return true
  }

  private mutating func readEquals(_ second: UInt8) {
    if second == Sign.greater { return take(.arrow, 2) }
    guard second == Sign.equals else { return take(.assign, 1) }
    byte(2) == Sign.equals ? take(.tripleEqual, 3) : take(.equal, 2)
  }

  private mutating func readDots(_ second: UInt8) {
    if second == UInt8(ascii: ".") {
      if byte(2) == UInt8(ascii: ".") { return take(.spread, 3) }
      // `..==` is a range's `..` before a comparison that is wrong in any case.
      return byte(2) == Sign.equals && byte(3) != Sign.equals ? take(.closedDots, 3) : take(.dots, 2)
    }
    if Lexer.isDigit(second) { return failAtBareFraction() }
    switch second {
    case UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "^"), UInt8(ascii: "+"), UInt8(ascii: "-"):
      take(.dottedOperator, 2)
    case UInt8(ascii: "("): take(.dottedCall, 1)
    default: take(.dot, 1)
    }
  }

  private enum Sign {
    static let equals = UInt8(ascii: "=")
    static let greater = UInt8(ascii: ">")
  }
}
