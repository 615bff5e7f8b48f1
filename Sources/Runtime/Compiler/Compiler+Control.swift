import CRuntime
import Syntax

/// Branches, loops and errors.
extension Compiler {
  private static let tests: [BinaryOperator: Opcode] = [
    .equal: .testEqual, .notEqual: .testNotEqual, .less: .testLess, .lessOrEqual: .testLessOrEqual,
    .greater: .testGreater, .greaterOrEqual: .testGreaterOrEqual,
  ]

  private static let constantTests: [BinaryOperator: Opcode] = [
    .equal: .testEqualConstant, .less: .testLessConstant, .lessOrEqual: .testLessOrEqualConstant,
    .greater: .testGreaterConstant, .greaterOrEqual: .testGreaterOrEqualConstant,
  ]

  /// Emits a test; the answered jumps are taken when the condition does not hold.
  func test(_ condition: Expression) throws -> [Int] {
    switch condition.form {
    case .group(let inner): return try test(inner)
    case .binary(.and, _, let lhs, let rhs): return try test(lhs) + test(rhs)
    case .binary(let op, _, let lhs, let rhs):
      guard let opcode = Compiler.tests[op] else { break }
      return try function.temporarily {
        let left = try leftOperand(lhs, before: rhs)
        if let opcode = Compiler.constantTests[op], let constant = numericConstant(rhs) {
          note([lhs, rhs], at: function.emit(opcode, left, constant, at: condition.span))
        } else {
          let right = try operand(rhs)
          note([lhs, rhs], at: function.emit(opcode, left, right, at: condition.span))
        }
        return [function.emitJump(at: condition.span)]
      }
    default: break
    }
    return try function.temporarily {
      let register = try operand(condition)
      note([condition], at: function.emit(.test, register, at: condition.span))
      return [function.emitJump(at: condition.span)]
    }
  }

  func conditional(
    _ condition: Expression, _ then: Block, _ otherwise: Else?, into target: Int?, at span: Span
  ) throws {
    let exits = try test(condition)
    try block(then, into: target)
    guard otherwise != nil || target != nil else {
      for exit in exits { function.patch(exit) }
      return
    }
    let end = function.emitJump(at: span)
    for exit in exits { function.patch(exit) }
    switch otherwise {
    case .block(let block): try self.block(block, into: target)
    case .chained(let next):
      if case .if(let condition, let then, let otherwise) = next.form {
        try conditional(condition, then, otherwise, into: target, at: next.span)
      } else if let target {
        try expression(next, into: target)
      }
    case nil: if let target { function.emit(.none, target, at: span) }
    }
    function.patch(end)
  }

  func whileLoop(_ condition: Expression, _ body: Block, at span: Span) throws {
    let start = function.code.count
    let exits = try test(condition)
    try loopBody {
      try block(body, into: nil)
    } continuing: {
      function.emitLoop(to: start, at: span)
    }
    for exit in exits { function.patch(exit) }
    finishLoop()
  }

  /// `for pattern in source`, around any body. Three registers: the iterator, its limit, the element.
  func forLoop(_ pattern: Pattern, _ source: Expression, at span: Span, body: () throws -> Void) throws {
    try function.scoped {
      let iterator = try function.allocate(at: span)
      let limit = try function.allocate(at: span)
      let element = try function.allocate(at: span)
      if case .range(let lower?, let upper?, let closed) = source.form {
        try expression(lower, into: iterator)
        try expression(upper, into: limit)
        note([lower, upper], at: function.emit(.forRange, iterator, 0, closed ? 1 : 0, at: source.span))
      } else {
        try expression(source, into: iterator)
        note([source], at: function.emit(.forPrepare, iterator, at: source.span))
      }
      function.emit(.forNext, iterator, at: source.span)
      let exit = function.emitJump(at: source.span)
      let start = function.code.count
      try loopBody {
        try function.scoped {
          try bind(pattern, register: element, mutable: false, topLevel: false)
          try body()
        }
      } continuing: {
        function.emit(.forLoop, iterator, at: source.span)
        function.patch(function.emitJump(at: source.span), to: start)
      }
      function.patch(exit)
      // What the loop held is let go, so that nothing outlives it by accident.
      let end = function.code.count
      function.emit(.none, iterator, at: span)
      function.emit(.none, element, at: span)
      finishLoop(at: end)
    }
  }

  private func loopBody(_ body: () throws -> Void, continuing: () -> Void) throws {
    function.loops.append(FunctionBuilder.Loop(handlerDepth: function.handlerDepth))
    try body()
    for jump in function.loops[function.loops.count - 1].continues { function.patch(jump) }
    continuing()
  }

  private func finishLoop(at end: Int? = nil) {
    guard let loop = function.loops.popLast() else { return }
    for jump in loop.breaks { function.patch(jump, to: end) }
  }

  /// `break` or `continue`: out of the handlers opened inside the loop, then a jump.
  func leaveLoop(continuing: Bool, at span: Span) throws {
    guard let loop = function.loops.last else {
      throw Diagnostic(
        .misplaced, "`\(continuing ? "continue" : "break")` stands only inside a `for` or `while`",
        source: source, labels: [Label(span)])
    }
    for _ in loop.handlerDepth..<function.handlerDepth { function.emit(.popHandler, at: span) }
    let jump = function.emitJump(at: span)
    let last = function.loops.count - 1
    if continuing {
      function.loops[last].continues.append(jump)
    } else {
      function.loops[last].breaks.append(jump)
    }
  }

  func tryCatch(_ body: Expression, _ name: Name?, _ handler: Block, into target: Int, at span: Span) throws {
    try function.scoped {
      let error = try function.allocate(at: span)
      let result = try function.allocate(at: span)
      let push = function.emitJump(.pushHandler, error, at: span)
      function.handlerDepth += 1
      try expression(body, into: result)
      function.emit(.popHandler, at: span)
      function.handlerDepth -= 1
      let end = function.emitJump(at: span)
      function.patch(push)
      if let name { function.declare(name, register: error, mutable: false) }
      try block(handler, into: result)
      function.patch(end)
      function.emit(.take, target, result, at: span)
    }
  }
}
