/// What a token is. Words and signs are closed sets; the last group are signs of other languages, kept so that the
/// parser can say what to write instead.
package enum TokenKind: UInt8, Sendable {
  case end
  /// The text cannot be read on from here; the reader's `failure` says why.
  case failure
  case number, name

  /// A whole `"…"` without interpolation; a whole `"""…"""`.
  case string, rawString
  /// The pieces of a string with interpolation, in order: `"`, text, `\(`, …, `)`, text, `"`.
  case stringOpen, stringText, interpolationOpen, interpolationClose, stringClose

  case `let`, `var`, fn, `if`, `else`, `for`, `in`, `while`, `break`, `continue`, `return`
  case `true`, `false`, none, and, or, not, `try`, `catch`, explain

  case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
  case comma, semicolon, colon, dot, dots, closedDots, spread
  case assign, arrow, pipe
  case plus, minus, star, slash, floorSlash, percent, at, caret
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case plusAssign, minusAssign, starAssign, slashAssign, floorSlashAssign, percentAssign, atAssign,
    caretAssign

  case doubleStar, doubleAmpersand, doubleBar, exclamation, doublePlus, colonAssign, thinArrow, question
  case dottedOperator, dottedCall, tilde, tildeEqual, tripleEqual, lessGreater, dollar, ampersand, bar
}

/// A token: its kind and the bytes it was read from.
package struct Token: Sendable {
  package let kind: TokenKind
  /// A line break stands between the token before and this one.
  package let startsLine: Bool
  package let start: Int32
  package let end: Int32
  /// For an opening bracket, the index of the token that closes it; -1 where nothing does.
  package internal(set) var partner: Int32 = -1

  package var span: Span { Span(Int(start), Int(end)) }
}

extension TokenKind {
  /// The reserved words.
  package static let words: [String: TokenKind] = [
    "let": .let, "var": .var, "fn": .fn, "if": .if, "else": .else, "for": .for, "in": .in, "while": .while,
    "break": .break, "continue": .continue, "return": .return, "true": .true, "false": .false, "none": .none,
    "and": .and, "or": .or, "not": .not, "try": .try, "catch": .catch, "explain": .explain,
  ]

  package var isWord: Bool { rawValue >= TokenKind.let.rawValue && rawValue <= TokenKind.explain.rawValue }

  /// The binary operator that stands for this sign or word, if one does.
  var binary: BinaryOperator? {
    switch self {
    case .caret: .power
    case .star: .multiply
    case .slash: .divide
    case .floorSlash: .floorDivide
    case .percent: .remainder
    case .at: .matrixMultiply
    case .plus: .add
    case .minus: .subtract
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .in: .contains
    case .and: .and
    case .or: .or
    default: nil
    }
  }

  /// The operator that `+=` and its like combine with.
  var combining: BinaryOperator? {
    switch self {
    case .plusAssign: .add
    case .minusAssign: .subtract
    case .starAssign: .multiply
    case .slashAssign: .divide
    case .floorSlashAssign: .floorDivide
    case .percentAssign: .remainder
    case .atAssign: .matrixMultiply
    case .caretAssign: .power
    default: nil
    }
  }

  /// A line that ends with this goes on in the next.
  var continuesLine: Bool {
    switch self {
    case .assign, .arrow, .comma, .pipe, .dots, .closedDots: true
    default: binary != nil || combining != nil
    }
  }
}
