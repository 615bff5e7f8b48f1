/// The operators, each one row: symbol, precedence, associativity. The parser and the formatter read this table.

public enum UnaryOperator: String, Sendable, CaseIterable {
  case negate = "-"
  case not = "not"
}

public enum BinaryOperator: String, Sendable, CaseIterable {
  case power = "^"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case matrixMultiply = "@"
  case add = "+"
  case subtract = "-"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case contains = "in"
  case and = "and"
  case or = "or"

  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contains: true
    default: false
    }
  }
}

/// How tightly forms bind; a higher level binds tighter.
package enum Precedence: Int, Comparable, Sendable {
  case explain, lambda, pipe, or, and, not, comparison, range, sum, product, negation, power, postfix

  package static func < (a: Precedence, b: Precedence) -> Bool { a.rawValue < b.rawValue }
}

extension BinaryOperator {
  package var precedence: Precedence {
    switch self {
    case .power: .power
    case .multiply, .divide, .floorDivide, .remainder, .matrixMultiply: .product
    case .add, .subtract: .sum
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contains: .comparison
    case .and: .and
    case .or: .or
    }
  }
}
