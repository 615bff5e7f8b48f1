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
    guard let operands = prototype.operands[pc], operands.count == 2 else { return }
    let texts = operands.map { excerpt(prototype.source, $0.span, limit: 24) }
    guard texts[0] != texts[1], !texts.contains(where: { $0.hasSuffix("…") }) else { return }
    diagnostic.notes = diagnostic.notes.map { note in
      note.replacing("the left", with: texts[0]).replacing("the right", with: texts[1])
    }
    let values = operandValues(prototype.code[pc], frame, count: 2)
    if let help = fittingVariable(operands, texts, values, prototype.code[pc].op) {
      diagnostic.help.insert(help, at: 0)
    }
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
    guard failure.code == .notCallable, let name = callee?.name,
      sessionScope?.parent?.existing(name) != nil
    else { return }
    diagnostic.notes.append("`\(name)` is bound here; it hides the function of the standard library")
    diagnostic.help.append("std.\(name)(…) calls that, whatever `\(name)` is")
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
