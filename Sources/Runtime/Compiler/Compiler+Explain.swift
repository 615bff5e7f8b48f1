import Syntax

/// An expression as `explain` shows it: its text, and where the names stand that numbers are put in for.
final class ExplainedLine {
  /// The name that takes the value; `nil` for a bare expression.
  let name: String?
  /// Of an expression that is one call: how many arguments lie before the leaves.
  var argumentCount: Int?
  private let bytes: [UInt8]
  private let leaves: [Range<Int>]

  init(_ expression: Expression, name: String?, leaves: [Expression], source: Source) {
    self.name = name
    bytes = Array(source[expression.span].utf8)
    let start = Int(expression.span.start)
    self.leaves = leaves.map { Int($0.span.start) - start..<Int($0.span.end) - start }
  }

  /// The expression as written, on one line.
  var symbols: String { ExplainedLine.oneLine(bytes) }

  /// The expression with values in place of its names; readable back as the same expression.
  func substituted(_ values: [String]) -> String {
    var text: [UInt8] = []
    var end = 0
    for (leaf, value) in zip(leaves, values) {
      text += bytes[end..<leaf.lowerBound]
      let needsParentheses =
        value.hasPrefix("-") && bindsTighter(before: leaf.lowerBound, after: leaf.upperBound)
      text += Array((needsParentheses ? "(\(value))" : value).utf8)
      end = leaf.upperBound
    }
    return ExplainedLine.oneLine(text + bytes[end...])
  }

  /// Whether a sign at a place would be read with its neighbours: `-x`, `x^2`.
  private func bindsTighter(before: Int, after: Int) -> Bool {
    if before > 0, bytes[before - 1] == UInt8(ascii: "-") { return true }
    let next = bytes[after...].first { $0 != UInt8(ascii: " ") }
    return next == UInt8(ascii: "^") || next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
  }

  private static func oneLine(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

extension Compiler {
  /// `explain E, at: …`: E's value, the place asked for, and the values of the names in E.
  func explanation(_ value: Expression, _ arguments: [Argument], into target: Int, at span: Span) throws {
    for argument in arguments where argument.label?.text != "at" {
      throw Diagnostic(
        .unknownArgument, "`explain` takes `at:` and nothing else", source: source,
        labels: [Label(argument.span)], help: ["explain run[2], at: \"dense1.weight[3, 17]\""])
    }
    let call = Compiler.plainCall(value)
    try function.temporarily {
      let start = try function.allocate(at: span)
      try expression(call?.callee ?? value, into: start)
      let place = try function.allocate(at: span)
      if let at = arguments.last {
        try expression(at.value, into: place)
      } else {
        function.emit(.none, place, at: span)
      }
      for argument in call?.arguments ?? [] {
        try expression(argument, into: try function.allocate(at: argument.span))
      }
      let leaves = Compiler.leaves(of: value)
      for leaf in leaves { try expression(leaf, into: try function.allocate(at: leaf.span)) }
      let line = ExplainedLine(value, name: nil, leaves: leaves, source: source)
      line.argumentCount = call?.arguments.count
      function.lines.append(line)
      function.emit(.explain, start, leaves.count, function.lines.count - 1, at: span)
      function.emit(.take, target, start, at: span)
    }
  }

  /// A call whose function may know more of its working than its value, `grad(f)(x)`: the machine then makes it.
  private static func plainCall(_ value: Expression) -> (callee: Expression, arguments: [Expression])? {
    switch value.form {
    case .group(let inner): return plainCall(inner)
    case .call(let callee, let arguments):
      guard isComputed(callee), arguments.allSatisfy({ $0.label == nil }) else { return nil }
      return (callee, arguments.map(\.value))
    case .pipe(let first, let callee):
      guard isComputed(callee) else { return nil }
      return (callee, [first])
    default: return nil
    }
  }

  /// Whether a callee may be what a call like `grad(f)` gave.
  private static func isComputed(_ callee: Expression) -> Bool {
    switch callee.form {
    case .name(let name): !exactConstructors.contains(name)
    case .group: true
    case .call: true
    default: false
    }
  }

  /// A statement of a rule that keeps account: its line, its value and the values it used go to the trace.
  /// - Returns: false where the statement has no such account: it is then compiled as any other.
  func accounted(_ statement: Statement, into target: Int?) throws -> Bool {
    guard let trace = function.traceRegister, function.blockDepth == 0 else { return false }
    let (name, value): (Name?, Expression)
    switch statement.form {
    case .assign(.name(let assigned), combining: nil, let expression): (name, value) = (assigned, expression)
    case .bind(.name(let bound), let expression, _, _): (name, value) = (bound, expression)
    case .expression(let expression, _) where target != nil: (name, value) = (nil, expression)
    default: return false
    }
    let leaves = Compiler.leaves(of: value)
    let start = try function.allocate(at: statement.span)
    let result = try function.allocate(at: statement.span)
    for leaf in leaves { try expression(leaf, into: try function.allocate(at: leaf.span)) }
    function.lines.append(ExplainedLine(value, name: name?.text, leaves: leaves, source: source))
    integer(function.lines.count - 1, into: start, at: statement.span)
    try plain(statement, into: target)
    if let name {
      load(name.text, into: result, at: statement.span)
    } else if let target {
      function.emit(.move, result, target, at: statement.span)
    }
    function.emit(.makeTuple, start, leaves.count + 2, at: statement.span)
    function.emit(.appendTo, trace, start, at: statement.span)
    return true
  }

  /// The names, fields and elements that an expression reads, in the order of its text. What a block or a function inside
  /// it reads is not among them: it may be read more than once.
  private static func leaves(of expression: Expression) -> [Expression] {
    switch expression.form {
    case .name, .field, .index: return [expression]
    case .group(let inner), .unary(_, let inner): return leaves(of: inner)
    case .binary(_, _, let lhs, let rhs): return leaves(of: lhs) + leaves(of: rhs)
    case .pipe(let value, let callee):
      guard case .call(_, let arguments) = callee.form else { return leaves(of: value) }
      return leaves(of: value) + arguments.flatMap { leaves(of: $0.value) }
    case .call(_, let arguments): return arguments.flatMap { leaves(of: $0.value) }
    case .tuple(let parts), .bracket(let parts): return parts.flatMap { leaves(of: $0) }
    default: return []
    }
  }
}
