import CRuntime
import Syntax

/// A rehearsal goes on where a run would need data.
extension Machine {
  /// Goes on after an instruction that met something unknown, with an unknown value where its answer would be.
  /// - Returns: false where the error is to be treated as any other.
  func goesOn(after error: any Error) throws -> Bool {
    guard let exploration, frameCount > 0, !(error is Raised) else { return false }
    let frame = frames + (frameCount - 1)
    let prototype = frame.pointee.prototype.takeUnretainedValue()
    let pc = prototype.instruction(before: frame.pointee.pc)
    guard pc < prototype.codeCount, isAboutUnknown(error, prototype, frame.pointee, pc) else {
      exploration.failurePlace = place
      return false
    }
    let i = prototype.code[pc]
    let r = frame.pointee.registers
    let next = prototype.code + pc + 1
    func answer(_ register: Int) { r[register].replace(with: Slot(Unknown.value)) }

    switch i.op {
    case .test, .testEqual, .testNotEqual, .testLess, .testLessOrEqual, .testGreater, .testGreaterOrEqual,
      .testEqualConstant, .testLessConstant, .testGreaterConstant, .testLessOrEqualConstant,
      .testGreaterOrEqualConstant:
      frame.pointee.pc = holds(exploration, at: next) ? next + 1 : next + 1 + next.pointee.wide
    case .shortAnd, .shortOr:
      let truth = exploration.decide(at: place)
      r[Int(i.a)].replace(with: Slot(truth))
      frame.pointee.pc = truth == (i.op == .shortOr) ? next + i.wide : next
    case .forPrepare: r[Int(i.a)].replace(with: .owning(UnknownElements(), tag: Slot.Tag.iterator))
    case .forNext, .forLoop:
      r[Int(i.a)].replace(with: .owning(UnknownElements(), tag: Slot.Tag.iterator))
      answer(Int(i.a) + 2)
      frame.pointee.pc = i.op == .forNext ? next + 1 : next + 1 + next.pointee.wide
    case .forRange:
      r[Int(i.a)].replace(with: .owning(UnknownElements(), tag: Slot.Tag.iterator))
    case .unpack:
      for register in 0..<Int(i.c) { answer(Int(i.a) + register) }
    case .setIndexIn:
      guard let variable = try? variable(next.pointee, r, frame) else { return false }
      variable.pointee.replace(with: Slot(Unknown.value))
      frame.pointee.pc = next + 1
    case .setIndex, .combine, .makeRange:
      answer(Int(i.a))
      frame.pointee.pc = next + 1
    case .call, .callGlobal, .callNamed, .add, .subtract, .multiply, .divide, .floorDivide, .remainder,
      .power,
      .matrixMultiply, .addConstant, .subtractConstant, .multiplyConstant, .divideConstant, .powerConstant,
      .subtractFromConstant, .negate, .not, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
      .contains, .index, .indexMany, .field, .unpackField, .bracket, .bracketExact, .finishBracket, .spread,
      .setField, .makeSlice, .interpolate, .explain, .use, .likeParameter:
      answer(Int(i.a))
    default: return false
    }
    return true
  }

  /// Whether a condition that nobody knows holds. A loop's holds once.
  private func holds(_ exploration: Exploration, at jump: UnsafeMutablePointer<Instruction>) -> Bool {
    let end = jump + 1 + jump.pointee.wide
    let back = end - 1
    // A loop ends in a jump back to before its condition.
    guard back > jump, back.pointee.op == .loop, back + 1 + back.pointee.wide <= jump else {
      return exploration.decide(at: place)
    }
    let place = Exploration.LoopPlace(frame: frameCount, pc: jump)
    guard let before = exploration.loops.removeValue(forKey: place) else {
      exploration.loops[place] = State(self)
      return true
    }
    before.merge(self)
    return false
  }

  /// An error says nothing when the instruction worked on what is unknown. The shapes of tensors without elements are
  /// known, so that shapes, names and kinds can be wrong nevertheless.
  private func isAboutUnknown(_ error: any Error, _ prototype: Prototype, _ frame: Frame, _ pc: Int) -> Bool {
    let failure = (error as? Failure) ?? domain.failure(for: error)
    if failure.isAboutUnknown { return true }
    if failure.code == .stepLimit { return false }
    let values = valuesRead(prototype, frame, pc)
    let isAboutForm = ["E02", "E03", "E04", "E0501"].contains { failure.code.rawValue.hasPrefix($0) }
    return values.contains { $0.holds { isAboutForm ? $0.isShapeless : $0.isUnknown } }
  }
}

extension Machine {
  /// What an instruction worked on.
  private func valuesRead(_ prototype: Prototype, _ frame: Frame, _ pc: Int) -> [Value] {
    let i = prototype.code[pc]
    let a = Int(i.a)
    switch i.op {
    case .shortAnd, .shortOr, .test, .forPrepare: return [frame.registers[a].value]
    case .forRange: return [frame.registers[a].value, frame.registers[a + 1].value]
    default: return prototype.operands[pc].map { operandValues(i, frame, count: $0.count) } ?? []
    }
  }
}

/// What a `for` over something unknown sees: one element, and then the end.
final class UnknownElements: ValueIterator {
  private var before: State?

  override func next(_ machine: Machine) throws -> Value? {
    guard let before else {
      self.before = State(machine)
      return Unknown.value
    }
    before.merge(machine)
    return nil
  }
}
