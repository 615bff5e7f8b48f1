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
    var constants = frame.pointee.prototype._withUnsafeGuaranteedRef { $0.constants }
    var budget = 1024

    @inline(__always) func resume() {
      frame = frames + (frameCount - 1)
      pc = frame.pointee.pc
      r = frame.pointee.registers
      constants = frame.pointee.prototype._withUnsafeGuaranteedRef { $0.constants }
    }
    @inline(__always) func set(_ index: UInt16, _ slot: Slot) {
      let old = r[Int(index)]
      r[Int(index)] = slot
      old.release()
    }
    @inline(__always) func skip(unless holds: Bool) {
      // The next instruction is the jump taken when the test fails.
      pc += holds ? 1 : 1 + pc.pointee.wide
    }

    while true {
      let i = pc.pointee
      pc += 1
      switch i.op {
      case .move: set(i.a, r[Int(i.b)].copy())
      case .take:
        let slot = r[Int(i.b)].take()
        set(i.a, slot)
      case .constant: set(i.a, constants[i.wide].copy())
      case .int: set(i.a, Slot(i.wide))
      case .none: set(i.a, .none)
      case .bool: set(i.a, Slot(i.b != 0))

      case .global:
        let slot = frame.pointee.prototype._withUnsafeGuaranteedRef { $0.globals[i.wide].slot }
        if slot.isUndefined {
          frame.pointee.pc = pc
          set(i.a, try globalSlow(i.wide, frame))
        } else {
          set(i.a, slot.copy())
        }
      case .setGlobal:
        frame.pointee.pc = pc
        try setGlobal(i.wide, r[Int(i.a)], frame)
      case .bindGlobal, .bindGlobalVar:
        frame.pointee.pc = pc
        bindGlobal(i.wide, r[Int(i.a)], mutable: i.op == .bindGlobalVar, frame)
      case .capture: set(i.a, frame.pointee.closure.unsafelyUnwrapped._withUnsafeGuaranteedRef { $0.captures[Int(i.b)].copy() })
      case .captureCell:
        let slot = frame.pointee.closure.unsafelyUnwrapped._withUnsafeGuaranteedRef {
          $0.captures[Int(i.b)].unmanaged(Cell.self)._withUnsafeGuaranteedRef { $0.slot.copy() }
        }
        set(i.a, slot)
      case .setCaptureCell:
        frame.pointee.closure.unsafelyUnwrapped._withUnsafeGuaranteedRef {
          $0.captures[Int(i.b)].unmanaged(Cell.self)._withUnsafeGuaranteedRef {
            $0.slot.replace(with: r[Int(i.a)].copy())
          }
        }
      case .makeCell:
        let cell = Cell(r[Int(i.a)])
        r[Int(i.a)] = .owning(cell, tag: Slot.Tag.cell)
      case .cell:
        set(i.a, r[Int(i.b)].unmanaged(Cell.self)._withUnsafeGuaranteedRef { $0.slot.copy() })
      case .setCell:
        r[Int(i.a)].unmanaged(Cell.self)._withUnsafeGuaranteedRef {
          $0.slot.replace(with: r[Int(i.b)].copy())
        }
      case .selfField:
        set(i.a, Slot(r[0].object(ModelValue.self).fields[Int(i.b)]))
      case .currentClosure:
        set(i.a, .owning(frame.pointee.closure.unsafelyUnwrapped.takeUnretainedValue(), tag: Slot.Tag.function))

      // MARK: Arithmetic
      case .add:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float + y.float))
          continue
        }
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          let (sum, overflow) = x.int.addingReportingOverflow(y.int)
          if !overflow {
            set(i.a, Slot(sum))
            continue
          }
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.add, x, y))
      case .subtract:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float - y.float))
          continue
        }
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          let (difference, overflow) = x.int.subtractingReportingOverflow(y.int)
          if !overflow {
            set(i.a, Slot(difference))
            continue
          }
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.subtract, x, y))
      case .multiply:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float * y.float))
          continue
        }
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          let (product, overflow) = x.int.multipliedReportingOverflow(by: y.int)
          if !overflow {
            set(i.a, Slot(product))
            continue
          }
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.multiply, x, y))
      case .divide:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float / y.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.divide, x, y))
      case .floorDivide:
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.floorDivide, r[Int(i.b)], r[Int(i.c)]))
      case .remainder:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int, y.int > 0, x.int >= 0 {
          set(i.a, Slot(x.int % y.int))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.remainder, x, y))
      case .power:
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.power, r[Int(i.b)], r[Int(i.c)]))
      case .matrixMultiply:
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.matrixMultiply, r[Int(i.b)], r[Int(i.c)]))
      case .addConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          let (sum, overflow) = x.int.addingReportingOverflow(y.int)
          if !overflow {
            set(i.a, Slot(sum))
            continue
          }
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float + y.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.add, x, y))
      case .subtractConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          let (difference, overflow) = x.int.subtractingReportingOverflow(y.int)
          if !overflow {
            set(i.a, Slot(difference))
            continue
          }
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float - y.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.subtract, x, y))
      case .multiplyConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float * y.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.multiply, x, y))
      case .divideConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          set(i.a, Slot(x.float / y.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.divide, x, y))
      case .powerConstant:
        let (x, y) = (r[Int(i.b)], constants[Int(i.c)])
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.int, y.int == 2 {
          set(i.a, Slot(x.float * x.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try arithmeticSlow(.power, x, y))
      case .negate:
        let x = r[Int(i.b)]
        if x.tag == Slot.Tag.float {
          set(i.a, Slot(-x.float))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try negateSlow(x))
      case .not:
        let x = r[Int(i.b)]
        if x.tag == Slot.Tag.bool {
          set(i.a, Slot(!x.bool))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try notSlow(x))

      // MARK: Comparison
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contains:
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int, i.op != .contains {
          set(i.a, Slot(Machine.compare(i.op, x.int, y.int)))
          continue
        }
        if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float, i.op != .contains {
          set(i.a, Slot(Machine.compare(i.op, x.float, y.float)))
          continue
        }
        frame.pointee.pc = pc
        set(i.a, try comparisonSlow(i.op, x, y))
      case .combine:
        frame.pointee.pc = pc
        let isAnd = pc.pointee.a == 1
        set(i.a, try combineSlow(r[Int(i.b)], r[Int(i.c)], isAnd: isAnd))
        pc += 1
      case .testLess:
        let (x, y) = (r[Int(i.a)], r[Int(i.b)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          skip(unless: x.int < y.int)
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          skip(unless: x.float < y.float)
        } else {
          frame.pointee.pc = pc
          skip(unless: try testSlow(.less, x, y))
        }
      case .testLessConstant:
        let (x, y) = (r[Int(i.a)], constants[Int(i.b)])
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          skip(unless: x.int < y.int)
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          skip(unless: x.float < y.float)
        } else {
          frame.pointee.pc = pc
          skip(unless: try testSlow(.less, x, y))
        }
      case .testEqual, .testNotEqual, .testLessOrEqual, .testGreater, .testGreaterOrEqual:
        let (x, y) = (r[Int(i.a)], r[Int(i.b)])
        let op = Machine.comparison(of: i.op)
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          skip(unless: Machine.compare(op, x.int, y.int))
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          skip(unless: Machine.compare(op, x.float, y.float))
        } else {
          frame.pointee.pc = pc
          skip(unless: try testSlow(op, x, y))
        }
      case .testEqualConstant, .testGreaterConstant, .testLessOrEqualConstant, .testGreaterOrEqualConstant:
        let (x, y) = (r[Int(i.a)], constants[Int(i.b)])
        let op = Machine.comparison(of: i.op)
        if x.tag == Slot.Tag.int, y.tag == Slot.Tag.int {
          skip(unless: Machine.compare(op, x.int, y.int))
        } else if x.tag == Slot.Tag.float, y.tag == Slot.Tag.float {
          skip(unless: Machine.compare(op, x.float, y.float))
        } else {
          frame.pointee.pc = pc
          skip(unless: try testSlow(op, x, y))
        }
      case .test:
        let x = r[Int(i.a)]
        if x.tag == Slot.Tag.bool {
          skip(unless: x.bool)
        } else {
          frame.pointee.pc = pc
          skip(unless: try truth(x.value))
        }
      case .testUnset: skip(unless: r[Int(i.a)].isUndefined)
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
          frame.pointee.pc = pc
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
        if callee.tag == Slot.Tag.function, isClosure(callee) {
          let closure = callee.unmanaged(Closure.self)
          let base = r + Int(i.a) + 1
          try closure._withUnsafeGuaranteedRef { closure in
            let prototype = closure.prototype
            if Int(i.b) != prototype.parameters.count || prototype.hasRest {
              try arrange(base, given: Int(i.b), for: prototype)
            }
            try pushFrame(prototype, closure, registers: base, given: Int(i.b), result: base - 1)
          }
          budget -= 1
          if budget <= 0 {
            budget = 1024
            try checkInterrupt()
          }
          resume()
        } else if try callSlow(i, r) {
          resume()
        }
      case .callNamed:
        frame.pointee.pc = pc
        try callNamed(i, r, frame.pointee.prototype._withUnsafeGuaranteedRef { $0.names[Int(i.c)] })
      case .return:
        let slot = r[Int(i.a)].take()
        let result = frame.pointee.result
        popFrame()
        guard let result else { return slot }
        result.pointee.replace(with: slot)
        resume()
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
            set(i.a + 2, counter)
            r[Int(i.a)] = Slot(counter.int &+ 1)
          }
          skip(unless: holds)
        } else {
          frame.pointee.pc = pc
          skip(unless: try forNext(Int(i.a), r))
        }
      case .pushHandler:
        handlers.append(Handler(frame: frameCount - 1, target: pc + i.wide, register: Int(i.a)))
      case .popHandler: handlers.removeLast()

      // MARK: Building and access
      case .appendTo:
        let list = r[Int(i.a)].unmanaged(List.self)
        let value = r[Int(i.b)].value
        list._withUnsafeGuaranteedRef { $0.elements.append(value) }
      case .closure: set(i.a, makeClosure(i.wide, frame))
      case .index:
        frame.pointee.pc = pc
        let (x, y) = (r[Int(i.b)], r[Int(i.c)])
        set(i.a, try indexSlow(x, y))
      case .field:
        frame.pointee.pc = pc
        set(i.a, try fieldSlow(r[Int(i.b)], frame.pointee.prototype._withUnsafeGuaranteedRef { $0.names[Int(i.c)][0] }))
      case .setIndex:
        frame.pointee.pc = pc
        try setElement(of: &r[Int(i.a)], r + Int(i.b), count: Int(pc.pointee.a), to: r[Int(i.c)].value)
        pc += 1
      case .setIndexIn:
        frame.pointee.pc = pc
        try withVariable(pc.pointee, r, frame) { variable in
          try setElement(of: &variable, r + Int(i.b), count: Int(i.c), to: r[Int(i.a)].value)
        }
        pc += 1
      case .appendIn:
        frame.pointee.pc = pc
        let place = pc.pointee
        pc += 1
        let done = try appendInPlace(r + Int(i.a), place, r, frame)
        pc += done ? 1 + pc.pointee.wide : 1
      case .makeRange:
        frame.pointee.pc = pc
        set(i.a, try makeRange(r[Int(i.b)], r[Int(i.c)], closed: pc.pointee.a == 1))
        pc += 1
      case .bracket, .bracketExact, .makeList, .finishBracket, .makeTuple, .makeRecord, .spread, .setField,
        .makeSlice, .interpolate, .makeModel, .makeOptimizer, .indexMany, .unpack, .unpackField, .use:
        frame.pointee.pc = pc
        try build(i, r, frame)
      }
    }
  }

  /// Whether a function slot holds a function written in maas.
  @inline(__always)
  private func isClosure(_ slot: Slot) -> Bool {
    slot.unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef { type(of: $0) == Closure.self }
  }

  func checkInterrupt() throws {
    if interrupt.isRequested {
      interrupt.clear()
      throw Failure(.interrupted, "interrupted")
    }
  }
}
