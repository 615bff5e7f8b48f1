import CRuntime
import Syntax

extension Machine {
  /// Runs from the topmost frame until it returns. The answered slot is the caller's to release.
  ///
  /// `interpret` does the work on plain numbers; what it leaves comes here, one instruction at a time.
  func run() throws -> Slot {
    let first = frame
    while true {
      do {
        switch interpret(interpreter, first) {
        case .instruction: try carryOut()
        case .look: try checkInterrupt()
        case .returned: return interpreter.pointee.result
        }
      } catch {
        try unwind(error, to: first - frames)
      }
    }
  }

  func checkInterrupt() throws {
    interpreter.pointee.budget = Machine.patience
    if interrupt.isRequested { throw interrupted() }
    try limits.count(Machine.patience)
  }

  /// Errors: `interrupted`, where that was asked for. For what has taken long and cannot say so itself.
  package func stopIfAsked() throws {
    if interrupt.isRequested { throw interrupted() }
  }

  private func interrupted() -> Failure {
    interrupt.clear()
    return Failure(.interrupted, "interrupted")
  }

  /// Carries out the instruction before the topmost frame's program counter, for any values.
  private func carryOut() throws {
    // A thousand turns with a large tensor in each would take long.
    if interrupt.isRequested { throw interrupted() }
    let frame = frame
    let pc = frame.pointee.pc
    let i = pc[-1]
    let r = frame.pointee.registers
    let (a, b, c) = (Int(i.a), Int(i.b), Int(i.c))
    var constant: Slot { frame.pointee.header.pointee.constants[c] }
    var testedConstant: Slot { frame.pointee.header.pointee.constants[b] }

    switch i.op {
    case .int, .none, .bool, .move, .take, .constant, .capture, .captureCell, .setCaptureCell, .cell,
      .setCell,
      .currentClosure, .testUnset, .jump, .return:
      break  // Never left by `interpret`.

    // MARK: Names
    case .global: r[a].replace(with: try globalSlow(i.wide, frame))
    case .setGlobal: try setGlobal(i.wide, r[a], frame)
    case .bindGlobal, .bindGlobalVar: bindGlobal(i.wide, r[a], mutable: i.op == .bindGlobalVar, frame)
    case .makeCell:
      let cell = Cell(r[a])
      r[a] = .owning(cell, tag: Slot.Tag.cell)
    case .selfField: r[a].replace(with: Slot(r[0].object(ModelValue.self).fields[b]))
    case .likeParameter: try likeParameter(i, r)

    // MARK: Arithmetic
    case .add: r[a].replace(with: try arithmetic(.add, r[b], r[c]))
    case .addConstant: r[a].replace(with: try arithmetic(.add, r[b], constant))
    case .subtract: r[a].replace(with: try arithmetic(.subtract, r[b], r[c]))
    case .subtractConstant: r[a].replace(with: try arithmetic(.subtract, r[b], constant))
    case .subtractFromConstant: r[a].replace(with: try arithmetic(.subtract, constant, r[b]))
    case .multiply: r[a].replace(with: try arithmetic(.multiply, r[b], r[c]))
    case .multiplyConstant: r[a].replace(with: try arithmetic(.multiply, r[b], constant))
    case .divide: r[a].replace(with: try arithmetic(.divide, r[b], r[c]))
    case .divideConstant: r[a].replace(with: try arithmetic(.divide, r[b], constant))
    case .floorDivide: r[a].replace(with: try arithmetic(.floorDivide, r[b], r[c]))
    case .remainder: r[a].replace(with: try arithmetic(.remainder, r[b], r[c]))
    case .power: r[a].replace(with: try arithmetic(.power, r[b], r[c]))
    case .powerConstant: r[a].replace(with: try arithmetic(.power, r[b], constant))
    case .matrixMultiply: r[a].replace(with: try arithmetic(.matrixMultiply, r[b], r[c]))
    case .negate: r[a].replace(with: Slot(try negated(r[b].value)))
    case .not: r[a].replace(with: try not(r[b]))

    // MARK: Comparison
    case .equal: r[a].replace(with: try comparison(.equal, r[b], r[c]))
    case .notEqual: r[a].replace(with: try comparison(.notEqual, r[b], r[c]))
    case .less: r[a].replace(with: try comparison(.less, r[b], r[c]))
    case .lessOrEqual: r[a].replace(with: try comparison(.lessOrEqual, r[b], r[c]))
    case .greater: r[a].replace(with: try comparison(.greater, r[b], r[c]))
    case .greaterOrEqual: r[a].replace(with: try comparison(.greaterOrEqual, r[b], r[c]))
    case .contains: r[a].replace(with: try comparison(.contains, r[b], r[c]))
    case .testEqual: follow(try test(.equal, r[a], r[b]), frame)
    case .testNotEqual: follow(try test(.notEqual, r[a], r[b]), frame)
    case .testLess: follow(try test(.less, r[a], r[b]), frame)
    case .testLessOrEqual: follow(try test(.lessOrEqual, r[a], r[b]), frame)
    case .testGreater: follow(try test(.greater, r[a], r[b]), frame)
    case .testGreaterOrEqual: follow(try test(.greaterOrEqual, r[a], r[b]), frame)
    case .testEqualConstant: follow(try test(.equal, r[a], testedConstant), frame)
    case .testLessConstant: follow(try test(.less, r[a], testedConstant), frame)
    case .testLessOrEqualConstant: follow(try test(.lessOrEqual, r[a], testedConstant), frame)
    case .testGreaterConstant: follow(try test(.greater, r[a], testedConstant), frame)
    case .testGreaterOrEqualConstant: follow(try test(.greaterOrEqual, r[a], testedConstant), frame)
    case .test: follow(try truth(r[a].value), frame)
    case .shortAnd, .shortOr: try requireBooleanOperand(r[a], i.op == .shortOr ? .or : .and)
    case .combine:
      r[a].replace(with: try combine(r[b], r[c], isAnd: pc.pointee.a == 1))
      frame.pointee.pc += 1

    // MARK: Control
    case .loop:
      // Left when it is time to look, so that an interrupt points at the whole loop.
      try checkInterrupt()
      frame.pointee.pc += i.wide
    case .call: try callSlow(r + a, count: b)
    case .callGlobal:
      let callee = frame.pointee.header.pointee.globals[pc.pointee.wide].slot
      // What fails from here on happens behind the word that names the function.
      frame.pointee.pc += 1
      r[a].replace(with: callee.isUndefined ? try globalSlow(pc.pointee.wide, frame) : callee.copy())
      try callSlow(r + a, count: b)
    case .callNamed: try callNamed(i, r, frame.pointee.names(i.c))
    case .forPrepare: try forPrepare(a, r)
    case .forRange: try forRange(a, closed: c == 1, r)
    case .forNext: follow(try forNext(a, r), frame)
    case .forLoop:
      // The jump that follows leads back, and is taken unless at the end.
      frame.pointee.pc += try forNext(a, r) ? 1 + pc.pointee.wide : 1
      interpreter.pointee.budget -= 1
    case .pushHandler:
      handlers.append(Handler(frame: frameCount - 1, target: pc + i.wide, register: a))
    case .popHandler: handlers.removeLast()

    // MARK: Building and access
    case .appendTo:
      let slot = r[b].copy()
      r[a].unmanaged(List.self)._withUnsafeGuaranteedRef { $0.append(slot) }
    case .closure: r[a].replace(with: makeClosure(i.wide, frame))
    case .index: r[a].replace(with: try element(r[b], r[c]))
    case .field: r[a].replace(with: Slot(try field(r[b].value, frame.pointee.names(i.c)[0])))
    case .setIndex:
      try setElement(of: &r[a], r + b, count: Int(pc.pointee.a), to: r[c].value)
      frame.pointee.pc += 1
    case .setIndexIn:
      let place = try variable(pc.pointee, r, frame)
      try setElement(of: &place.pointee, r + b, count: c, to: r[a].value)
      frame.pointee.pc += 1
    case .appendIn:
      let callee = frame.pointee.header.pointee.globals[pc[1].wide].slot
      let done =
        try callee.bits == appendIdentity.bits
        && appendInPlace(r[a], variable(pc.pointee, r, frame), kept: c == 1 ? r + b : nil)
      frame.pointee.pc += done ? 3 + pc[2].wide : 3
    case .makeRange:
      r[a].replace(with: try makeRange(r[b], r[c], closed: pc.pointee.a == 1))
      frame.pointee.pc += 1
    case .bracket, .bracketExact, .makeList, .finishBracket, .makeTuple, .makeRecord, .spread, .setField,
      .makeSlice, .interpolate, .makeModel, .makeOptimizer, .indexMany, .unpack, .unpackField, .use,
      .explain:
      try build(i, r, frame)
    }
  }

  /// Goes on past the jump that follows when a test holds, and where the jump leads when not.
  private func follow(_ holds: Bool, _ frame: UnsafeMutablePointer<Frame>) {
    frame.pointee.pc += holds ? 1 : 1 + frame.pointee.pc.pointee.wide
  }
}
