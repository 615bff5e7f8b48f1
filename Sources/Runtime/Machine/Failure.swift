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
  /// A place that has to do with it: where what cannot be assigned was bound.
  package var related: Related?
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

  /// A place in some source, and what is to be said of it.
  package struct Related: Sendable {
    let source: Source
    let span: Span
    let text: String
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
      case (.list, .list): failure.help.append("concat([xs, ys]) makes one list of two")
      case (.list, _), (_, .list): failure.help.append("append(list, value) makes a longer list")
      default: break
      }
    }
    if case .text = lhs, op == .remainder { failure.help.append("put values into text with \"\\(value)\"") }
    if case .text = lhs, op == .multiply, case .int = rhs {
      failure.help.append("join([text for _ in 0..n], \"\") repeats a text")
    }
    return failure
  }

  /// Something assigned that is no `var`; `bound` is where it was bound.
  static func constantAssigned(_ name: String, bound: (span: Span, source: Source)?) -> Failure {
    var failure = Failure(.assignToConstant, "`\(name)` cannot be assigned: it is not a `var`")
    if let bound, !bound.span.isEmpty {
      failure.related = Related(source: bound.source, span: bound.span, text: "bound here")
    }
    let line = bound.map { $0.source.lineText($0.source.line(at: Int($0.span.start))) } ?? ""
    let text = line.drop { $0 == " " }
    if text.hasPrefix("let "), text.utf8.count < 60, !text.contains(where: { ";#{".contains($0) }) {
      failure.help.append("var \(text.dropFirst(4))")
    } else {
      failure.help.append("var \(name) = … makes a variable that can change")
    }
    return failure
  }

  /// Something assigned that has not been bound, or that is the library's.
  package static func unknownAssigned(_ name: String, isLibrary: Bool, known: [String]) -> Failure {
    if isLibrary {
      return Failure(
        .assignToConstant, "`\(name)` is the standard library's and cannot be assigned",
        help: ["var \(name) = … makes a variable of your own"])
    }
    var failure = Failure(
      .assignToUnknown, "nothing is called `\(name)` here, so it cannot be assigned",
      help: ["var \(name) = … makes a variable"])
    if let near = Spelling.nearest(name, in: known) { failure.help.append("did you mean `\(near)`?") }
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
