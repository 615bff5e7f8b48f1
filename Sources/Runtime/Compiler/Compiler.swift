import CRuntime
import Syntax

/// Turns a tree into register code.
///
/// Statements live in `Compiler+Statements`, functions and declarations in `Compiler+Functions`; here are expressions.
/// Every `throws` is a `Diagnostic`.
final class Compiler {
  /// Functions that, called directly on a bracket, build it in float64 first: `f64([0.1, 0.2])`.
  static let exactConstructors: Set<String> = ["f64", "f32", "i64", "i32", "u8", "i8"]

  let source: Source
  let scope: Scope
  var function: FunctionBuilder
  /// The names that have stood where a function stands so far: called, or given to a builtin as its `f`.
  var calledNames: Set<String> = []

  init(source: Source, scope: Scope, function: FunctionBuilder) {
    self.source = source
    self.scope = scope
    self.function = function
  }

  /// Compiles a whole source as a function of no arguments, whose value is the last expression's.
  static func compile(_ program: Program, scope: Scope) throws -> Prototype {
    let builder = FunctionBuilder(
      parent: nil, scope: scope, source: program.source, kind: .main,
      sharedNames: NestedNames.of(program.statements))
    let compiler = Compiler(source: program.source, scope: scope, function: builder)
    let span = Span(0, program.source.bytes.count)
    let result = try builder.allocate(at: span)
    try compiler.statements(program.statements, into: result, at: span)
    builder.emit(.return, result, at: span)
    return Prototype(builder, name: nil, function: FunctionText(parameters: [], span: span))
  }

  // MARK: Expressions

  /// Emits code that leaves an expression's value in a register.
  func expression(_ expression: Expression, into target: Int) throws {
    let span = expression.span
    switch expression.form {
    case .none: function.emit(.none, target, at: span)
    case .bool(let value): function.emit(.bool, target, value ? 1 : 0, at: span)
    case .integer(let value): integer(value, into: target, at: span)
    case .float(let value): function.emit(.constant, target, wide: function.constant(value), at: span)
    case .string(let parts): try string(parts, into: target, at: span)
    case .name(let name): load(name, into: target, at: span)
    case .group(let inner): try self.expression(inner, into: target)
    case .bracket(let elements): try bracket(elements, exact: false, into: target, at: span)
    case .comprehension(let value, let clauses): try comprehension(value, clauses, into: target, at: span)
    case .tuple(let parts): try sequence(parts, .makeTuple, into: target, at: span)
    case .record(let entries): try record(entries, into: target, at: span)
    case .range(let lower, let upper, let closed): try range(lower, upper, closed, into: target, at: span)
    case .unary(let op, let value): try unary(op, value, into: target, at: span)
    case .binary(let op, _, let lhs, let rhs): try binary(op, lhs, rhs, into: target, at: span)
    case .call(let callee, let arguments): try call(callee, [], arguments, into: target, at: span)
    case .pipe(let value, let callee): try pipe(value, callee, into: target, at: span)
    case .index(let base, let indices): try index(base, indices, into: target, at: span)
    case .field(let base, let name): try field(base, name, into: target)
    case .lambda(let lambda): try closure(lambda, named: nil, into: target)
    case .block(let block): try self.block(block, into: target)
    case .if(let condition, let then, let otherwise):
      try conditional(condition, then, otherwise, into: target, at: span)
    case .for(let pattern, let source, let body):
      try forLoop(pattern, source, at: span) { try self.block(body, into: nil) }
      function.emit(.none, target, at: span)
    case .while(let condition, let body):
      try whileLoop(condition, body, at: span)
      function.emit(.none, target, at: span)
    case .try(let body, let name, let handler): try tryCatch(body, name, handler, into: target, at: span)
    case .use(let path): function.emit(.use, target, wide: function.constant(path), at: span)
    case .explain(let value, let arguments): try explanation(value, arguments, into: target, at: span)
    }
  }

  /// The register that holds an expression's value: a local's own, or a fresh one.
  func operand(_ expression: Expression) throws -> Int {
    if let register = registerOfLocal(expression) { return register }
    let register = try function.allocate(at: expression.span)
    try self.expression(expression, into: register)
    return register
  }

  /// The same, where the result will go to `target`: a value on the way then lives no longer than it is needed, which for
  /// a tensor that waits to be computed says that nobody wants its numbers.
  private func operand(_ expression: Expression, reusing target: Int) throws -> Int {
    if let register = registerOfLocal(expression) { return register }
    let register = try function.allocateStart(reusing: target, at: expression.span)
    try self.expression(expression, into: register)
    return register
  }

  /// The register of a plain local variable, which needs no move.
  private func registerOfLocal(_ expression: Expression) -> Int? {
    switch expression.form {
    case .group(let inner): return registerOfLocal(inner)
    case .name(let name):
      if case .local(let local) = function.resolve(name), !local.isCell { return local.register }
      return nil
    default: return nil
    }
  }

  func integer(_ value: Int, into target: Int, at span: Span) {
    if Int(Int32(truncatingIfNeeded: value)) == value {
      function.emit(.int, target, wide: value, at: span)
    } else {
      function.emit(.constant, target, wide: function.constant(value), at: span)
    }
  }

  func load(_ name: String, into target: Int, at span: Span) {
    switch function.resolve(name) {
    case .local(let local):
      if local.isCell {
        function.emit(.cell, target, local.register, at: span)
      } else if local.register != target {
        function.emit(.move, target, local.register, at: span)
      }
    case .capture(let index, let capture):
      function.emit(capture.isCell ? .captureCell : .capture, target, index, at: span)
    case .field(let index): function.emit(.selfField, target, index, at: span)
    case .capturedField(let index, let field):
      function.emit(.capture, target, index, at: span)
      function.emit(.field, target, target, function.names([field]), at: span)
    case .ownClosure: function.emit(.currentClosure, target, at: span)
    case .global(let name): function.emit(.global, target, wide: function.global(name), at: span)
    }
  }

  func string(_ parts: [StringPart], into target: Int, at span: Span) throws {
    if parts.isEmpty {
      function.emit(.constant, target, wide: function.constant(""), at: span)
    } else if parts.count == 1, case .text(let text) = parts[0] {
      function.emit(.constant, target, wide: function.constant(text), at: span)
    } else {
      try function.temporarily {
        let start = function.nextRegister
        for part in parts {
          let register = try function.allocate(at: span)
          switch part {
          case .text(let text):
            function.emit(.constant, register, wide: function.constant(text), at: span)
          case .expression(let value): try expression(value, into: register)
          }
        }
        function.emit(.interpolate, start, parts.count, at: span)
        function.emit(.take, target, start, at: span)
      }
    }
  }

  /// Values into consecutive registers, then one operation over them.
  func sequence(_ parts: [Expression], _ op: Opcode, into target: Int, at span: Span) throws {
    try function.temporarily {
      let start = try consecutive(parts, at: span)
      function.emit(op, start, parts.count, at: span)
      function.emit(.take, target, start, at: span)
    }
  }

  /// Evaluates expressions into consecutive fresh registers (at least one is taken) and answers the first.
  func consecutive(_ parts: [Expression], at span: Span) throws -> Int {
    let start = try function.allocate(at: span)
    for (offset, part) in parts.enumerated() {
      let register = offset == 0 ? start : try function.allocate(at: span)
      try expression(part, into: register)
    }
    return start
  }

  private func record(_ entries: [RecordEntry], into target: Int, at span: Span) throws {
    try function.temporarily {
      let result = function.nextRegister
      var pending: [(Name, Expression)] = []
      var started = false
      func flush() throws {
        guard !pending.isEmpty || !started else { return }
        let start = try consecutive(pending.map(\.1), at: span)
        function.emit(.makeRecord, start, pending.count, function.names(pending.map(\.0.text)), at: span)
        if started { function.emit(.spread, result, start, at: span) }
        pending = []
        started = true
      }
      for entry in entries {
        switch entry {
        case .field(let name, let value): pending.append((name, value))
        case .spread(let value, let spanOfSpread):
          try flush()
          let register = try function.allocate(at: span)
          try expression(value, into: register)
          function.emit(.spread, result, register, at: spanOfSpread)
        }
      }
      try flush()
      function.emit(.take, target, result, at: span)
    }
  }

  private func range(
    _ lower: Expression?, _ upper: Expression?, _ closed: Bool, into target: Int, at span: Span
  ) throws {
    guard let lower, let upper else {
      throw Diagnostic(
        .misplaced, "an open range stands only inside an index", source: source, labels: [Label(span)],
        help: ["x[1..] takes everything from the second on"])
    }
    try function.temporarily {
      let start = try function.allocate(at: span)
      try expression(lower, into: start)
      let end = try function.allocate(at: span)
      try expression(upper, into: end)
      note([lower, upper], at: function.emit(.makeRange, target, start, end, at: span))
      function.emit(.jump, closed ? 1 : 0, at: span)
    }
  }

  private func unary(_ op: UnaryOperator, _ value: Expression, into target: Int, at span: Span) throws {
    switch (op, value.form) {
    case (.negate, .integer(let number)) where number != Int.min: integer(-number, into: target, at: span)
    case (.negate, .float(let number)):
      function.emit(.constant, target, wide: function.constant(-number), at: span)
    default:
      try function.temporarily {
        let register = try operand(value, reusing: target)
        note([value], at: function.emit(op == .negate ? .negate : .not, target, register, at: span))
      }
    }
  }

  static let opcodes: [BinaryOperator: Opcode] = [
    .add: .add, .subtract: .subtract, .multiply: .multiply, .divide: .divide, .floorDivide: .floorDivide,
    .remainder: .remainder, .power: .power, .matrixMultiply: .matrixMultiply, .equal: .equal,
    .notEqual: .notEqual, .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater,
    .greaterOrEqual: .greaterOrEqual, .contains: .contains,
  ]

  private static let constantOpcodes: [BinaryOperator: Opcode] = [
    .add: .addConstant, .subtract: .subtractConstant, .multiply: .multiplyConstant, .divide: .divideConstant,
    .power: .powerConstant,
  ]

  /// Operations with the literal on the left; sums and products do not mind the order.
  private static let constantFirstOpcodes: [BinaryOperator: Opcode] = [
    .add: .addConstant, .multiply: .multiplyConstant, .subtract: .subtractFromConstant,
  ]

  func binary(
    _ op: BinaryOperator, _ lhs: Expression, _ rhs: Expression, into target: Int, at span: Span
  ) throws {
    if op == .and || op == .or { return try logical(op, lhs, rhs, into: target, at: span) }
    if let opcode = Compiler.constantFirstOpcodes[op], numericConstant(rhs) == nil,
      let constant = numericConstant(lhs)
    {
      return try function.temporarily {
        let right = try operand(rhs, reusing: target)
        note([rhs, lhs], at: function.emit(opcode, target, right, constant, at: span))
      }
    }
    try function.temporarily {
      let left = try leftOperand(lhs, before: rhs, reusing: target)
      if let opcode = Compiler.constantOpcodes[op], let constant = numericConstant(rhs) {
        note([lhs, rhs], at: function.emit(opcode, target, left, constant, at: span))
      } else if let opcode = Compiler.opcodes[op] {
        let right = try operand(rhs)
        note([lhs, rhs], at: function.emit(opcode, target, left, right, at: span))
      }
    }
  }

  /// The left operand's register; a variable is copied first where the right side could assign it.
  func leftOperand(_ lhs: Expression, before rhs: Expression, reusing target: Int? = nil) throws -> Int {
    guard let register = registerOfLocal(lhs) else {
      return try target.map { try operand(lhs, reusing: $0) } ?? operand(lhs)
    }
    guard rhs.mayAssign else { return register }
    let copy = try function.allocate(at: lhs.span)
    function.emit(.move, copy, register, at: lhs.span)
    return copy
  }

  /// The constant's index when an expression is a literal number that an operand of 16 bits can name.
  func numericConstant(_ expression: Expression) -> Int? {
    let index: Int
    switch expression.form {
    case .integer(let value): index = function.constant(value)
    case .float(let value): index = function.constant(value)
    default: return nil
    }
    return index <= Int(UInt16.max) ? index : nil
  }

  private func logical(
    _ op: BinaryOperator, _ lhs: Expression, _ rhs: Expression, into target: Int, at span: Span
  ) throws {
    try function.temporarily {
      let left = try function.allocate(at: span)
      try expression(lhs, into: left)
      let skip = function.emitJump(op == .and ? .shortAnd : .shortOr, left, at: lhs.span)
      let right = try function.allocate(at: span)
      try expression(rhs, into: right)
      note([lhs, rhs], at: function.emit(.combine, left, left, right, at: span))
      function.emit(.jump, op == .and ? 1 : 0, at: span)
      function.patch(skip)
      function.emit(.move, target, left, at: span)
    }
  }

  // MARK: Notes for messages

  func note(_ expressions: [Expression], at instruction: Int) {
    function.operands[instruction] = expressions.map { operandNote($0) }
  }

  func operandNote(_ expression: Expression, label: Span? = nil) -> Operand {
    var operand = self.operand(named: expression)
    operand.label = label
    return operand
  }

  private func operand(named expression: Expression) -> Operand {
    guard case .name(let name) = expression.form else {
      return Operand(span: expression.span, name: nil, origin: .unknown)
    }
    switch function.resolve(name) {
    case .local(let local): return Operand(span: expression.span, name: name, origin: .local(local.span))
    case .capture(_, let capture):
      return Operand(span: expression.span, name: name, origin: .local(capture.span))
    case .global(let name):
      return Operand(span: expression.span, name: name, origin: .global(scope.global(name)))
    case .field, .capturedField, .ownClosure:
      return Operand(span: expression.span, name: name, origin: .unknown)
    }
  }
}

extension Expression {
  /// A bracket written out, possibly by a comprehension: what may be a row of a matrix.
  var isBracket: Bool {
    switch form {
    case .bracket, .comprehension: true
    default: false
    }
  }

  var isRange: Bool {
    if case .range = form { return true }
    return false
  }

  /// Whether evaluating the expression could assign a local variable: only statements inside it can.
  var mayAssign: Bool {
    var search = StatementSearch()
    search.visit(self)
    return search.found
  }

  /// Whether evaluating the expression could call a function of the program.
  var mayCall: Bool {
    var search = CallSearch()
    search.visit(self)
    return search.found
  }
}

/// Looks for calls that are made as part of an expression.
private struct CallSearch: TreeVisitor {
  var found = false

  mutating func visit(_ expression: Expression) {
    switch expression.form {
    case .call, .pipe, .use: found = true
    case .lambda: break
    default: if !found { visitParts(of: expression) }
    }
  }
}

/// Looks for statements that run as part of an expression.
private struct StatementSearch: TreeVisitor {
  var found = false

  mutating func visit(_ expression: Expression) {
    switch expression.form {
    // A comprehension binds as a loop does; a function's body runs later, and its variables are shared.
    case .block, .if, .for, .while, .try, .comprehension: found = true
    case .lambda: break
    default: if !found { visitParts(of: expression) }
    }
  }
}
