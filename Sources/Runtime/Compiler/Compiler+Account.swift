import Syntax

/// A rule that keeps account: beside its value it answers a list with a row for each line that ran: the line's number,
/// its value, and the values of the names it read.
extension Compiler {
  /// A statement of a rule that keeps account.
  /// - Returns: false where the statement has no line: it is then compiled as any other.
  func accounted(_ statement: Statement, into target: Int?) throws -> Bool {
    guard let trace = function.traceRegister, function.isAccounting else { return false }
    switch statement.form {
    case .assign(.name(let name), let combining, let value):
      try accounted(value, name, combining, statement, into: target, trace)
    case .bind(.name(let name), let value, _, _):
      try accounted(value, name, nil, statement, into: target, trace)
    case .expression(let value, _):
      if Compiler.isLoop(value) {
        try naming(nil) { try plain(statement, into: target) }
      } else if target != nil {
        try accounted(value, nil, nil, statement, into: target, trace)
      } else if case .if(let condition, _, _) = value.form {
        try branches(of: condition, named: nil, statement, into: target, trace)
      } else {
        return false
      }
    case .bind(.tuple(let parts, _), let value, _, _):
      if case .tuple(let values) = value.form, values.count == parts.count {
        try accountedParts(parts, values, statement, into: target, trace)
      } else if Compiler.isInnerStep(value) {
        try unaccounted { try plain(statement, into: target) }
        let line = explainedLine(value, name: nil, leaves: [])
        line.isInnerStep = true
        try row(line, value: nil, leaves: [], trace, at: statement.span)
      } else {
        return false
      }
    default: return false
    }
    return true
  }

  /// `name = value`, or the value of a block.
  private func accounted(
    _ value: Expression, _ name: Name?, _ combining: BinaryOperator?, _ statement: Statement,
    into target: Int?, _ trace: Int
  ) throws {
    let shownName = name?.text ?? function.accountName
    if combining == nil, case .if(let condition, _, _) = value.form {
      return try branches(of: condition, named: shownName, statement, into: target, trace)
    }
    let leaves = Compiler.leaves(of: value)
    let start = try function.allocate(at: statement.span)
    let result = try function.allocate(at: statement.span)
    if combining != nil, let name {
      load(name.text, into: try function.allocate(at: statement.span), at: statement.span)
    }
    try unaccounted {
      for leaf in leaves { try expression(leaf, into: try function.allocate(at: leaf.span)) }
      try plain(statement, into: target)
    }
    if let name {
      load(name.text, into: result, at: statement.span)
    } else if let target {
      function.emit(.move, result, target, at: statement.span)
    }
    let combined = combining.flatMap { op in name.map { (name: $0.text, op: op) } }
    function.lines.append(explainedLine(value, name: shownName, combined: combined, leaves: leaves))
    integer(function.lines.count - 1, into: start, at: statement.span)
    function.emit(.makeTuple, start, leaves.count + (combined == nil ? 2 : 3), at: statement.span)
    function.emit(.appendTo, trace, start, at: statement.span)
  }

  /// A value that depends on a condition: a line for the condition, then the lines of the branch that runs, whose last
  /// value goes by the name.
  private func branches(
    of condition: Expression, named name: String?, _ statement: Statement, into target: Int?, _ trace: Int
  ) throws {
    let leaves = Compiler.leaves(of: condition)
    try unaccounted {
      try function.temporarily {
        let line = explainedLine(condition, name: nil, leaves: leaves)
        line.isCondition = true
        try row(line, value: condition, leaves: leaves, trace, at: condition.span)
      }
    }
    try naming(name) { try plain(statement, into: target) }
  }

  /// `let (a, b) = (x, y)`: a line for each.
  private func accountedParts(
    _ parts: [Pattern], _ values: [Expression], _ statement: Statement, into target: Int?, _ trace: Int
  ) throws {
    for (part, value) in zip(parts, values) {
      guard case .name(let name) = part else { continue }
      let leaves = Compiler.leaves(of: value)
      try unaccounted {
        try function.temporarily {
          let line = explainedLine(value, name: name.text, leaves: leaves)
          try row(line, value: value, leaves: leaves, trace, at: value.span)
        }
      }
    }
    try unaccounted { try plain(statement, into: target) }
  }

  /// Evaluates a line's value and leaves, and appends them to the account.
  private func row(
    _ line: ExplainedLine, value: Expression?, leaves: [Expression], _ trace: Int, at span: Span
  ) throws {
    let start = try function.allocate(at: span)
    let result = try function.allocate(at: span)
    if let value { try expression(value, into: result) } else { function.emit(.none, result, at: span) }
    for leaf in leaves { try expression(leaf, into: try function.allocate(at: leaf.span)) }
    function.lines.append(line)
    integer(function.lines.count - 1, into: start, at: span)
    function.emit(.makeTuple, start, leaves.count + 2, at: span)
    function.emit(.appendTo, trace, start, at: span)
  }

  /// What stands inside an expression has no lines of its own.
  private func unaccounted(_ body: () throws -> Void) throws {
    let before = function.isAccounting
    function.isAccounting = false
    defer { function.isAccounting = before }
    try body()
  }

  private func naming(_ name: String?, _ body: () throws -> Void) throws {
    let before = function.accountName
    function.accountName = name
    defer { function.accountName = before }
    try body()
  }

  // MARK: What a line reads

  func explainedLine(
    _ value: Expression, name: String?, combined: (name: String, op: BinaryOperator)? = nil,
    leaves: [Expression]
  ) -> ExplainedLine {
    let renamed = Compiler.callees(of: value).compactMap { callee in
      shownName(of: callee.text).map { (callee.span, $0) }
    }
    return ExplainedLine(
      value.span, name: name, combined: combined, leaves: leaves.map(\.span), renamed: renamed, source: source
    )
  }

  /// How a reader calls a function that is known to its own file only, or to the rule only.
  private func shownName(of callee: String) -> String? {
    guard case .global = function.resolve(callee) else { return nil }
    guard let module = scope.name, moduleNames.contains(callee) else { return nil }
    return "\(module).\(callee)"
  }

  private var moduleNames: Set<String> {
    if let known = scope.definedNames { return known }
    let names = Set(TopLevelIndex.definitions(in: source).map(\.name))
    scope.definedNames = names
    return names
  }

  private static func isLoop(_ expression: Expression) -> Bool {
    switch expression.form {
    case .for, .while: true
    default: false
    }
  }

  /// `step(rule, …)`
  private static func isInnerStep(_ expression: Expression) -> Bool {
    guard case .call(let callee, _) = expression.form, case .name("step") = callee.form else { return false }
    return true
  }

  /// The names, fields and elements that an expression reads, in the order of its text, and choices between such. What
  /// a function inside it reads is not among them: it may be read more than once.
  static func leaves(of expression: Expression) -> [Expression] {
    switch expression.form {
    case .name, .field, .index: return [expression]
    case .if: return isChoice(expression) ? [expression] : []
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

  /// `if c { a } else { b }` of expressions that change nothing.
  private static func isChoice(_ expression: Expression) -> Bool {
    guard case .if(_, let then, let otherwise) = expression.form, isSingle(then) else { return false }
    switch otherwise {
    case .block(let block): return isSingle(block)
    case .chained(let next): return isChoice(next)
    case nil: return false
    }
  }

  private static func isSingle(_ block: Block) -> Bool {
    guard block.statements.count == 1, case .expression = block.statements[0].form else { return false }
    return true
  }

  /// The names of the functions that an expression calls.
  private static func callees(of expression: Expression) -> [Name] {
    switch expression.form {
    case .group(let inner), .unary(_, let inner): return callees(of: inner)
    case .binary(_, _, let lhs, let rhs): return callees(of: lhs) + callees(of: rhs)
    case .pipe(let value, let callee): return callees(of: value) + callees(of: callee)
    case .call(let callee, let arguments):
      let inner = arguments.flatMap { callees(of: $0.value) }
      guard case .name(let name) = callee.form else { return callees(of: callee) + inner }
      return [Name(name, callee.span)] + inner
    case .tuple(let parts), .bracket(let parts): return parts.flatMap { callees(of: $0) }
    default: return []
    }
  }
}
