import Syntax

/// What went wrong in a running program, in words but without a place: the machine adds the span.
package struct Failure: Error {
  package var code: ErrorCode
  package var message: String
  package var notes: [String]
  package var help: [String]
  /// The argument of the call (by position) that is to blame, so that the span can point at it.
  package var argument: Int?
  /// Whether each operand deserves a label with its name, shape and line of origin.
  package var labelsOperands: Bool
  /// The name that was meant.
  package var misspelling: Misspelling?
  /// What `error(v)` raised.
  package nonisolated(unsafe) var payload: Value?
  /// Whether nothing went wrong, except that a rehearsal has no data to go by.
  package private(set) var isAboutUnknown = false

  /// A value is asked for that a rehearsal does not have.
  package static var unknown: Failure {
    var failure = Failure(.badValue, "this is not known before the program runs")
    failure.isAboutUnknown = true
    return failure
  }

  package init(
    _ code: ErrorCode, _ message: String, notes: [String] = [], help: [String] = [], argument: Int? = nil,
    labelsOperands: Bool = false
  ) {
    self.code = code
    self.message = message
    self.notes = notes
    self.help = help
    self.argument = argument
    self.labelsOperands = labelsOperands
  }

  package static func unsupportedOperands(_ op: BinaryOperator, _ lhs: Value, _ rhs: Value) -> Failure {
    var failure = Failure(
      .wrongType, "`\(op.rawValue)` does not take \(article(lhs.kind)) and \(article(rhs.kind))",
      labelsOperands: true)
    if op == .add {
      switch (lhs, rhs) {
      case (.text, _), (_, .text): failure.help.append("put values into text with \"\\(value)\"")
      case (.list, _), (_, .list): failure.help.append("append(list, value) makes a longer list")
      default: break
      }
    }
    return failure
  }

  /// "a tensor", "an optimizer", "none"
  package static func article(_ kind: String) -> String {
    guard kind != "none", let first = kind.first else { return kind }
    return "aeiou".contains(first) ? "an \(kind)" : "a \(kind)"
  }
}

/// A failure with its place: what travels up through frames once the machine has seen it.
package struct Raised: Error {
  package var diagnostic: Diagnostic
  package nonisolated(unsafe) var payload: Value?
}
