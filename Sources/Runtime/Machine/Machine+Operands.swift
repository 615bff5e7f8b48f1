import CRuntime
import Syntax

/// Messages about two operands, in the words the program has for them.
extension Machine {
  /// The head shows the expression, the notes call the operands what the program calls them, and a variable that would
  /// fit is offered.
  func nameOperands(
    in diagnostic: inout Diagnostic, _ failure: Failure, _ prototype: Prototype, _ frame: Frame, _ pc: Int
  ) {
    guard failure.code == .shapeMismatch, failure.labelsOperands else { return }
    if diagnostic.message.hasPrefix("shapes do not match") {
      diagnostic.message =
        "shapes do not match in `\(excerpt(prototype.source, prototype.spans[pc], limit: 48))`"
    }
    guard let texts = nameNotes(in: &diagnostic, failure, prototype, pc),
      let operands = prototype.operands[pc]
    else { return }
    let values = operandValues(prototype.code[pc], frame, count: 2)
    if let help = fittingVariable(operands, texts, values, prototype.code[pc].op) {
      diagnostic.help.insert(help, at: 0)
    }
  }

  /// In notes, "the left" and "the right" become what the program writes there.
  /// - Returns: both texts; nil where they say no more.
  @discardableResult
  func nameNotes(
    in diagnostic: inout Diagnostic, _ failure: Failure, _ prototype: Prototype, _ pc: Int
  ) -> [String]? {
    guard failure.code == .shapeMismatch, failure.labelsOperands, let operands = prototype.operands[pc],
      operands.count == 2
    else { return nil }
    let texts = operands.map { excerpt(prototype.source, $0.span, limit: 24) }
    guard texts[0] != texts[1], !texts.contains(where: { $0.hasSuffix("…") }) else { return nil }
    diagnostic.notes = diagnostic.notes.map { note in
      note.replacing("the left", with: texts[0]).replacing("the right", with: texts[1])
    }
    return texts
  }

  /// A sum with a literal on its left may be computed the other way round; its message keeps the order of the text.
  func straighten(
    _ diagnostic: inout Diagnostic, _ failure: Failure, _ prototype: Prototype, _ frame: Frame, _ pc: Int
  ) {
    let signs: [Opcode: BinaryOperator] = [.addConstant: .add, .multiplyConstant: .multiply]
    guard failure.code == .wrongType, let sign = signs[prototype.code[pc].op],
      let operands = prototype.operands[pc], operands.count == 2,
      operands[0].span.start > operands[1].span.start
    else { return }
    let values = operandValues(prototype.code[pc], frame, count: 2)
    let unsupported = Failure.unsupportedOperands(sign, values[0], values[1])
    if unsupported.message == failure.message {
      diagnostic.message = Failure.unsupportedOperands(sign, values[1], values[0]).message
    }
  }

  /// A value that is called and bears a library function's name: says which is which.
  func noteShadowing(in diagnostic: inout Diagnostic, _ failure: Failure, _ callee: Operand?) {
    guard failure.code == .notCallable, let name = callee?.name, let span = callee?.span,
      diagnostic.labels.first?.span == span, sessionScope?.parent?.existing(name) != nil
    else { return }
    diagnostic.notes.append("`\(name)` is bound here; it hides the function of the standard library")
    diagnostic.help.append("std.\(name)(…) calls that, whatever `\(name)` is")
  }

  /// A condition that is no boolean: the comparison to write holds its text.
  func quoteCondition(
    in diagnostic: inout Diagnostic, _ failure: Failure, _ prototype: Prototype, _ pc: Int
  ) {
    // A function that was called has its condition elsewhere.
    let calls: [Opcode] = [.call, .callGlobal, .callNamed]
    guard failure.code == .notBoolean, !calls.contains(prototype.code[pc].op),
      let label = diagnostic.labels.first
    else { return }
    let text = excerpt(prototype.source, label.span, limit: 40)
    guard !text.hasSuffix("…") else { return }
    diagnostic.help = diagnostic.help.map { $0.replacing("…", with: text) }
  }

  /// `y = 3` where nothing is called y: the help is the line to write.
  func quoteAssignment(
    in diagnostic: inout Diagnostic, _ failure: Failure, _ prototype: Prototype, _ pc: Int
  ) {
    guard [.assignToUnknown, .assignToConstant].contains(failure.code), prototype.code[pc].op == .setGlobal,
      let value = prototype.operands[pc]?.first
    else { return }
    let text = excerpt(prototype.source, value.span, limit: 40)
    guard !text.hasSuffix("…") else { return }
    diagnostic.help = diagnostic.help.map { help in
      help.hasPrefix("var ") && help.hasSuffix(" … makes a variable")
        ? help.replacing("… makes a variable", with: text) : help
    }
  }

  /// A `for` over a number: the range to write counts to what the program calls it.
  func quoteCount(
    in diagnostic: inout Diagnostic, _ failure: Failure, _ prototype: Prototype, _ pc: Int
  ) {
    guard failure.code == .notIterable, let name = prototype.operands[pc]?.first?.name else { return }
    diagnostic.help = diagnostic.help.map { help in
      help.hasPrefix("0..") ? "0..\(name) counts from 0 to \(name), without \(name)" : help
    }
  }

  /// Labels a related place of the same source, and tells of one in another.
  func point(to related: Failure.Related?, in diagnostic: inout Diagnostic) {
    guard let related else { return }
    if related.source === diagnostic.source {
      diagnostic.labels.append(Label(related.span, related.text))
    } else {
      let line = related.source.line(at: Int(related.span.start))
      diagnostic.notes.append("\(related.text): \(related.source.name), line \(line)")
    }
  }

  /// A stretch of source on one line, cut where it is long.
  private func excerpt(_ source: Source, _ span: Span, limit: Int) -> String {
    let words = source[span].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > limit ? words.prefix(limit - 1) + "…" : words
  }

  /// "did you mean `x @ v`? v is f32[784×10]", where a variable of the session fits in place of a named operand.
  private func fittingVariable(
    _ operands: [Operand], _ texts: [String], _ values: [Value], _ opcode: Opcode
  ) -> String? {
    guard values.count == 2, let sign = Machine.signs[opcode], let scope = sessionScope,
      let left = shape(of: values[0]), let right = shape(of: values[1])
    else { return nil }
    let variables = scope.bindings.compactMap { name, value in shape(of: value).map { (name, value, $0) } }
    for (name, value, found) in variables
    where operands[1].name != nil && name != texts[0] && fits(left, found, right, opcode) {
      return "did you mean `\(texts[0]) \(sign) \(name)`? \(name) is \(summary(of: value))"
    }
    for (name, value, found) in variables
    where operands[0].name != nil && name != texts[1] && fits(found, right, left, opcode) {
      return "did you mean `\(name) \(sign) \(texts[1])`? \(name) is \(summary(of: value))"
    }
    return nil
  }

  private static let signs: [Opcode: String] = [
    .add: "+", .subtract: "-", .multiply: "*", .divide: "/", .matrixMultiply: "@",
  ]

  private func shape(of value: Value) -> [Int]? {
    guard case .object(let object) = value, object.isNumeric,
      case .list(let list)? = try? object.field("shape", self), !list.isEmpty
    else { return nil }
    return list.compactMap { if case .int(let number) = $0 { number } else { nil as Int? } }
  }

  /// Whether shapes fit an operator, the new one having as many axes as the `old` one in whose place it stands.
  private func fits(_ left: [Int], _ right: [Int], _ old: [Int], _ opcode: Opcode) -> Bool {
    guard left.count == old.count || right.count == old.count else { return false }
    guard opcode == .matrixMultiply else { return left == right }
    guard left.count <= 2, right.count <= 2 else { return false }
    return left.last == (right.count == 1 ? right.last : right[right.count - 2])
  }
}
