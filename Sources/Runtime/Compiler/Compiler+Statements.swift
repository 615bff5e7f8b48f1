import CRuntime
import Syntax

extension Compiler {
  /// Whether top-level bindings become globals here: only directly in a source, not in its blocks.
  private var isTopLevel: Bool {
    if case .main = function.kind { return function.blockDepth == 0 }
    return false
  }

  /// Statements in order; the last one's value, when it is an expression, goes to `target`.
  func statements(_ statements: [Statement], into target: Int?, at span: Span) throws {
    for (index, statement) in statements.enumerated() {
      let isLast = index == statements.count - 1
      try self.statement(statement, into: isLast ? target : nil)
    }
    if statements.isEmpty, let target { function.emit(.none, target, at: span) }
  }

  func block(_ block: Block, into target: Int?) throws {
    try function.scoped {
      function.blockDepth += 1
      defer { function.blockDepth -= 1 }
      try statements(block.statements, into: target, at: block.span)
    }
  }

  private func statement(_ statement: Statement, into target: Int?) throws {
    if try accounted(statement, into: target) { return }
    try plain(statement, into: target)
  }

  /// A statement compiled without account.
  func plain(_ statement: Statement, into target: Int?) throws {
    let span = statement.span
    switch statement.form {
    case .expression(let expression, let silenced):
      try valueStatement(expression, into: silenced ? nil : target, at: span)
      if silenced, let target { function.emit(.none, target, at: span) }
      return
    case .bind(let pattern, let value, let mutable, _): try binding(pattern, value, mutable: mutable)
    case .assign(let target, let combining, let value):
      try assignment(to: target, combining: combining, value, at: span)
    case .function(let declaration): try functionDeclaration(declaration)
    case .model(let declaration): try modelDeclaration(declaration)
    case .optimizer(let declaration): try optimizerDeclaration(declaration)
    case .state(let name, let value): try state(name, value, at: span)
    case .return(let value): try returnStatement(value, at: span)
    case .break: try leaveLoop(continuing: false, at: span)
    case .continue: try leaveLoop(continuing: true, at: span)
    }
    if let target { function.emit(.none, target, at: span) }
  }

  /// An expression as a statement: without a target its value is thrown away.
  private func valueStatement(_ expression: Expression, into target: Int?, at span: Span) throws {
    if let target { return try self.expression(expression, into: target) }
    switch expression.form {
    case .if(let condition, let then, let otherwise):
      try conditional(condition, then, otherwise, into: nil, at: span)
    case .for(let pattern, let source, let body):
      try forLoop(pattern, source, at: span) { try block(body, into: nil) }
    case .while(let condition, let body): try whileLoop(condition, body, at: span)
    case .block(let inner): try block(inner, into: nil)
    default:
      try function.temporarily {
        try self.expression(expression, into: try function.allocate(at: span))
      }
    }
  }

  // MARK: Binding

  private func binding(_ pattern: Pattern, _ value: Expression, mutable: Bool) throws {
    if isTopLevel {
      try function.temporarily {
        let register = try function.allocate(at: pattern.span)
        try named(value, pattern, into: register)
        try bind(pattern, register: register, mutable: mutable, topLevel: true, value: value)
      }
    } else {
      let register = try function.allocate(at: pattern.span)
      try named(value, pattern, into: register)
      try bind(pattern, register: register, mutable: mutable, topLevel: false, value: value)
    }
  }

  /// A lambda bound to a name knows the name: it can call itself, and messages speak of it.
  private func named(_ value: Expression, _ pattern: Pattern, into register: Int) throws {
    if case .lambda(let lambda) = value.form, case .name(let name) = pattern {
      try closure(lambda, named: isTopLevel ? nil : name.text, displayName: name.text, into: register)
    } else {
      try expression(value, into: register)
    }
  }

  /// Takes the value in a register apart as a pattern says; `value` is its text, for messages.
  func bind(
    _ pattern: Pattern, register: Int, mutable: Bool, topLevel: Bool, value: Expression? = nil
  ) throws {
    switch pattern {
    case .ignore: break
    case .name(let name):
      if topLevel {
        let op: Opcode = mutable ? .bindGlobalVar : .bindGlobal
        function.emit(op, register, wide: function.global(name.text), at: name.span)
      } else {
        function.declare(name, register: register, mutable: mutable)
      }
    case .tuple(let parts, let span):
      let start = try parts.map { _ in try function.allocate(at: span) }.first ?? function.allocate(at: span)
      let at = function.emit(.unpack, start, register, parts.count, at: span)
      if let value { note([value], at: at) }
      for (offset, part) in parts.enumerated() {
        try bind(part, register: start + offset, mutable: mutable, topLevel: topLevel)
      }
    case .record(let names, let span):
      for name in names {
        let field = try function.allocate(at: span)
        function.emit(.unpackField, field, register, function.names([name.text]), at: name.span)
        try bind(.name(name), register: field, mutable: mutable, topLevel: topLevel)
      }
    }
  }
}
