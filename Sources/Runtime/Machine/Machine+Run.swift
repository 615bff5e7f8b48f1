import Syntax

extension Machine {
  /// Runs from the topmost frame until it returns. The answered slot is the caller's to release.
  func run() throws -> Slot {
    let entry = frameCount - 1
    while true {
      do {
        return try loop(entry: entry)
      } catch {
        try unwind(error, to: entry)
      }
    }
  }

  /// The loop. Numbers are handled here; everything else goes to functions that are never inlined, with the program
  /// counter stored so that errors find their place.
  private func loop(entry: Int) throws -> Slot {
    var frame = frames + (frameCount - 1)
    var pc = frame.pointee.pc
    var r = frame.pointee.registers
    var constants = frame.pointee.header.pointee.constants
    var budget = 1024

    while true {
      let i = pc.pointee
      pc += 1
      switch i.op {
      case .move: set(r, i.a, r[Int(i.b)].copy())
      case .take:
        let slot = r[Int(i.b)].take()
        set(r, i.a, slot)
      case .constant: set(r, i.a, constants[i.wide].copy())
      case .int: set(r, i.a, Slot(i.wide))
      case .none: set(r, i.a, .none)
      case .bool: set(r, i.a, Slot(i.b != 0))

      case .global:
        let slot = frame.pointee.header.pointee.globals[i.wide].slot
        if slot.isUndefined {
          frame.pointee.pc = pc
          set(r, i.a, try globalSlow(i.wide, frame))
        } else {
          set(r, i.a, slot.copy())
        }
      case .setGlobal:
        frame.pointee.pc = pc
        try setGlobal(i.wide, r[Int(i.a)], frame)
      case .bindGlobal, .bindGlobalVar:
        frame.pointee.pc = pc
        bindGlobal(i.wide, r[Int(i.a)], mutable: i.op == .bindGlobalVar, frame)
      case .capture: set(r, i.a, frame.pointee.captures[Int(i.b)].copy())
      case .captureCell: set(r, i.a, cell(frame.pointee.captures[Int(i.b)]).pointee.copy())
      case .setCaptureCell:
        cell(frame.pointee.captures[Int(i.b)]).pointee.replace(with: r[Int(i.a)].copy())
      case .makeCell:
        let cell = Cell(r[Int(i.a)])
        r[Int(i.a)] = .owning(cell, tag: Slot.Tag.cell)
      case .cell: set(r, i.a, cell(r[Int(i.b)]).pointee.copy())
      case .setCell: cell(r[Int(i.a)]).pointee.replace(with: r[Int(i.b)].copy())
      case .selfField:
        set(r, i.a, Slot(r[0].object(ModelValue.self).fields[Int(i.b)]))
      case .currentClosure:
        set(r, i.a, .owning(frame.pointee.closure.takeUnretainedValue(), tag: Slot.Tag.closure))

      // MARK: Arithmetic
      case .add:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        let result = fast(x, y, { $0 + $1 }, { $0.addingReportingOverflow($1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.add, x, y))
        }
      case .addConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        let result = fast(x, y, { $0 + $1 }, { $0.addingReportingOverflow($1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.add, x, y))
        }
      case .subtract:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        let result = fast(x, y, { $0 - $1 }, { $0.subtractingReportingOverflow($1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.subtract, x, y))
        }
      case .subtractConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        let result = fast(x, y, { $0 - $1 }, { $0.subtractingReportingOverflow($1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.subtract, x, y))
        }
      case .multiply:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        let result = fast(x, y, { $0 * $1 }, { $0.multipliedReportingOverflow(by: $1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.multiply, x, y))
        }
      case .multiplyConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        let result = fast(x, y, { $0 * $1 }, { $0.multipliedReportingOverflow(by: $1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.multiply, x, y))
        }
      case .subtractFromConstant:
        let (x, y) = (constants[Int(i.c)], r[Int(i.b)])
        let result = fast(x, y, { $0 - $1 }, { $0.subtractingReportingOverflow($1) })
        if !result.isUndefined {
          set(r, i.a, result)
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.subtract, x, y))
        }
      case .divide:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.isNumber, y.isNumber {
          set(r, i.a, Slot(x.double / y.double))
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.divide, x, y))
        }
      case .floorDivide:
        frame.pointee.pc = pc
        set(r, i.a, try arithmeticSlow(.floorDivide, r[Int(i.b)], r[Int(i.c)]))
      case .remainder:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int, y.int > 0, x.int >= 0 {
          set(r, i.a, Slot(x.int % y.int))
          continue
        }
        frame.pointee.pc = pc
        set(r, i.a, try arithmeticSlow(.remainder, x, y))
      case .power:
        frame.pointee.pc = pc
        set(r, i.a, try arithmeticSlow(.power, r[Int(i.b)], r[Int(i.c)]))
      case .matrixMultiply:
        frame.pointee.pc = pc
        set(r, i.a, try arithmeticSlow(.matrixMultiply, r[Int(i.b)], r[Int(i.c)]))
      case .divideConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.isNumber, y.isNumber {
          set(r, i.a, Slot(x.double / y.double))
        } else {
          frame.pointee.pc = pc
          set(r, i.a, try arithmeticSlow(.divide, x, y))
        }
      case .powerConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.int, y.int == 2 {
          set(r, i.a, Slot(x.float * x.float))
          continue
        }
        frame.pointee.pc = pc
        set(r, i.a, try arithmeticSlow(.power, x, y))
      case .negate:
        let x = r[Int(i.b)]
        if x.tag == Slot.Tag.float {
          set(r, i.a, Slot(-x.float))
          continue
        }
        frame.pointee.pc = pc
        set(r, i.a, try negateSlow(x))
      case .not:
        let x = r[Int(i.b)]
        if x.tag == Slot.Tag.bool {
          set(r, i.a, Slot(!x.bool))
          continue
        }
        frame.pointee.pc = pc
        set(r, i.a, try notSlow(x))

      // MARK: Comparison
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contains:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int, i.op != .contains {
          set(r, i.a, Slot(Machine.compare(i.op, x.int, y.int)))
          continue
        }
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float, i.op != .contains {
          set(r, i.a, Slot(Machine.compare(i.op, x.float, y.float)))
          continue
        }
        frame.pointee.pc = pc
        set(r, i.a, try comparisonSlow(i.op, x, y))
      case .combine:
        frame.pointee.pc = pc
        let isAnd = pc.pointee.a == 1
        set(r, i.a, try combineSlow(r[Int(i.b)], r[Int(i.c)], isAnd: isAnd))
        pc += 1
      case .testLess:
        let (x, y) = (r[Int(i.a)], r[Int(i.b)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          pc += x.int < y.int ? 1 : 1 + pc.pointee.wide
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          pc += x.float < y.float ? 1 : 1 + pc.pointee.wide
        } else {
          frame.pointee.pc = pc
          pc += try testSlow(.less, x, y) ? 1 : 1 + pc.pointee.wide
        }
      case .testLessConstant:
        let (x, y) = (r[Int(i.a)], constants[Int(i.b)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          pc += x.int < y.int ? 1 : 1 + pc.pointee.wide
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          pc += x.float < y.float ? 1 : 1 + pc.pointee.wide
        } else {
          frame.pointee.pc = pc
          pc += try testSlow(.less, x, y) ? 1 : 1 + pc.pointee.wide
        }
      case .testEqual, .testNotEqual, .testLessOrEqual, .testGreater, .testGreaterOrEqual:
        let (x, y) = (r[Int(i.a)], r[Int(i.b)])
        let op = Machine.comparison(of: i.op)
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          pc += Machine.compare(op, x.int, y.int) ? 1 : 1 + pc.pointee.wide
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          pc += Machine.compare(op, x.float, y.float) ? 1 : 1 + pc.pointee.wide
        } else {
          frame.pointee.pc = pc
          pc += try testSlow(op, x, y) ? 1 : 1 + pc.pointee.wide
        }
      case .testEqualConstant, .testGreaterConstant, .testLessOrEqualConstant, .testGreaterOrEqualConstant:
        let (x, y) = (r[Int(i.a)], constants[Int(i.b)])
        let op = Machine.comparison(of: i.op)
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          pc += Machine.compare(op, x.int, y.int) ? 1 : 1 + pc.pointee.wide
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          pc += Machine.compare(op, x.float, y.float) ? 1 : 1 + pc.pointee.wide
        } else {
          frame.pointee.pc = pc
          pc += try testSlow(op, x, y) ? 1 : 1 + pc.pointee.wide
        }
      case .test:
        let x = r[Int(i.a)]
        if x.tag == Slot.Tag.bool {
          pc += x.bool ? 1 : 1 + pc.pointee.wide
        } else {
          frame.pointee.pc = pc
          pc += try truth(x.value) ? 1 : 1 + pc.pointee.wide
        }
      case .testUnset: pc += r[Int(i.a)].isUndefined ? 1 : 1 + pc.pointee.wide
      case .likeParameter:
        frame.pointee.pc = pc
        try likeParameter(i, r)

      // MARK: Control
      case .jump: pc += i.wide
      case .loop:
        pc += i.wide
        budget -= 1
        if budget == 0 {
          budget = 1024
          frame.pointee.pc = pc - i.wide
          try checkInterrupt()
        }
      case .shortAnd, .shortOr:
        let x = r[Int(i.a)]
        if x.tag == Slot.Tag.bool {
          if x.bool == (i.op == .shortOr) { pc += i.wide }
        } else {
          frame.pointee.pc = pc
          try requireBooleanOperand(x, i.op == .shortOr ? .or : .and)
        }
      case .call:
        frame.pointee.pc = pc
        let callee = r[Int(i.a)]
        if callee.tag == Slot.Tag.closure {
          let header = try push(callee.unmanaged(Closure.self), registers: r + Int(i.a) + 1, given: Int(i.b))
          frame += 1
          r += Int(i.a) + 1
          pc = header.pointee.code
          constants = header.pointee.constants
          budget -= 1
          if budget <= 0 {
            budget = 1024
            try checkInterrupt()
          }
        } else if try callSlow(i, r) {
          (frame, pc, r, constants) = running()
        }
      case .callGlobal:
        frame.pointee.pc = pc + 1
        let callee = frame.pointee.header.pointee.globals[pc.pointee.wide].slot
        if callee.tag == Slot.Tag.closure {
          let header = try push(callee.unmanaged(Closure.self), registers: r + Int(i.a) + 1, given: Int(i.b))
          frame += 1
          r += Int(i.a) + 1
          pc = header.pointee.code
          constants = header.pointee.constants
          budget -= 1
          if budget <= 0 {
            budget = 1024
            try checkInterrupt()
          }
        } else {
          set(r, i.a, callee.isUndefined ? try globalSlow(pc.pointee.wide, frame) : callee.copy())
          pc += 1
          if try callSlow(i, r) { (frame, pc, r, constants) = running() }
        }
      case .callNamed:
        frame.pointee.pc = pc
        try callNamed(i, r, frame.pointee.names(i.c))
      case .return:
        let slot = r[Int(i.a)].take()
        let result = frame.pointee.result
        popFrame()
        guard let result else { return slot }
        result.pointee.replace(with: slot)
        frame -= 1
        pc = frame.pointee.pc
        r = frame.pointee.registers
        constants = frame.pointee.header.pointee.constants
      case .forPrepare:
        frame.pointee.pc = pc
        try forPrepare(Int(i.a), r)
      case .forRange:
        let (lower, upper) = (r[Int(i.a)], r[Int(i.a) + 1])
        if lower.tag == Slot.Tag.int, upper.tag == Slot.Tag.int, i.c == 0 { continue }
        frame.pointee.pc = pc
        try forRange(Int(i.a), closed: i.c == 1, r)
      case .forNext:
        let counter = r[Int(i.a)]
        if counter.tag == Slot.Tag.int {
          let holds = counter.int < r[Int(i.a) + 1].int
          if holds {
            set(r, i.a + 2, counter)
            r[Int(i.a)] = Slot(counter.int &+ 1)
          }
          pc += holds ? 1 : 1 + pc.pointee.wide
        } else {
          frame.pointee.pc = pc
          pc += try forNext(Int(i.a), r) ? 1 : 1 + pc.pointee.wide
        }
      case .forLoop:
        let counter = r[Int(i.a)]
        if counter.tag == Slot.Tag.int {
          if counter.int < r[Int(i.a) + 1].int {
            set(r, i.a + 2, counter)
            r[Int(i.a)].bits = counter.bits &+ 1
            pc += 1 + pc.pointee.wide
          } else {
            pc += 1
          }
        } else {
          frame.pointee.pc = pc
          pc += try forNext(Int(i.a), r) ? 1 + pc.pointee.wide : 1
        }
        budget -= 1
        if budget <= 0 {
          budget = 1024
          frame.pointee.pc = pc
          try checkInterrupt()
        }
      case .pushHandler:
        handlers.append(Handler(frame: frameCount - 1, target: pc + i.wide, register: Int(i.a)))
      case .popHandler: handlers.removeLast()

      // MARK: Building and access
      case .appendTo:
        let value = r[Int(i.b)].value
        r[Int(i.a)].unmanaged(List.self)._withUnsafeGuaranteedRef { $0.elements.append(value) }
      case .closure: set(r, i.a, makeClosure(i.wide, frame))
      case .index:
        frame.pointee.pc = pc
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        set(r, i.a, try indexSlow(x, y))
      case .field:
        frame.pointee.pc = pc
        set(r, i.a, try fieldSlow(r[Int(i.b)], frame.pointee.names(i.c)[0]))
      case .setIndex:
        frame.pointee.pc = pc
        try setElement(of: &r[Int(i.a)], r + Int(i.b), count: Int(pc.pointee.a), to: r[Int(i.c)].value)
        pc += 1
      case .setIndexIn:
        frame.pointee.pc = pc
        let place = try variable(pc.pointee, r, frame)
        try setElement(of: &place.pointee, r + Int(i.b), count: Int(i.c), to: r[Int(i.a)].value)
        pc += 1
      case .appendIn:
        frame.pointee.pc = pc
        let callee = frame.pointee.header.pointee.globals[pc[1].wide].slot
        let done = try callee.bits == appendIdentity.bits
          && appendInPlace(r[Int(i.a)], variable(pc.pointee, r, frame))
        pc += done ? 3 + pc[2].wide : 3
      case .makeRange:
        frame.pointee.pc = pc
        set(r, i.a, try makeRange(r[Int(i.b)], r[Int(i.c)], closed: pc.pointee.a == 1))
        pc += 1
      case .bracket, .bracketExact, .makeList, .finishBracket, .makeTuple, .makeRecord, .spread, .setField,
        .makeSlice, .interpolate, .makeModel, .makeOptimizer, .indexMany, .unpack, .unpackField, .use,
        .explain:
        frame.pointee.pc = pc
        try build(i, r, frame)
      }
    }
  }

  /// The state of the frame that runs now.
  @inline(__always)
  private func running() -> (
    UnsafeMutablePointer<Frame>, UnsafeMutablePointer<Instruction>, UnsafeMutablePointer<Slot>,
    UnsafeMutablePointer<Slot>
  ) {
    let frame = frames + (frameCount - 1)
    return (frame, frame.pointee.pc, frame.pointee.registers, frame.pointee.header.pointee.constants)
  }

  /// Starts a closure whose arguments lie in their registers.
  @inline(__always)
  private func push(
    _ closure: Unmanaged<Closure>, registers: UnsafeMutablePointer<Slot>, given: Int
  ) throws -> UnsafeMutablePointer<CodeHeader> {
    let header = closure._withUnsafeGuaranteedRef { $0.header }
    if given != header.pointee.plainCount {
      try arrange(registers, given: given, for: header.pointee.prototype.takeUnretainedValue())
    }
    try pushFrame(closure, registers: registers, result: registers - 1)
    return header
  }

  func checkInterrupt() throws {
    if interrupt.isRequested {
      interrupt.clear()
      throw Failure(.interrupted, "interrupted")
    }
    try limits.count(1024)
  }
}

/// Writes a register, which lets go of what it held.
@inline(__always)
private func set(_ r: UnsafeMutablePointer<Slot>, _ index: UInt16, _ slot: Slot) {
  let old = r[Int(index)]
  r[Int(index)] = slot
  old.release()
}

@inline(__always)
private func cell(_ slot: Slot) -> UnsafeMutablePointer<Slot> {
  slot.unmanaged(Cell.self)._withUnsafeGuaranteedRef { $0.storage }
}

/// Arithmetic on plain numbers; undefined where the slow path has to decide.
@inline(__always)
private func fast(
  _ x: Slot, _ y: Slot, _ float: (Double, Double) -> Double,
  _ int: (Int, Int) -> (partialValue: Int, overflow: Bool)
) -> Slot {
  if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float { return Slot(float(x.float, y.float)) }
  if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
    let (result, overflow) = int(x.int, y.int)
    return overflow ? .undefined : Slot(result)
  }
  if x.isNumber, y.isNumber { return Slot(float(x.double, y.double)) }
  return .undefined
}
