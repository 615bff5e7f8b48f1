import CRuntime

/// One instruction: an operation and three operands. Eight bytes.
///
/// `a`, `b`, `c` are registers of the frame unless an operation says otherwise. A jump keeps its distance, counted from
/// the next instruction, in `b` and `c` together. A test is followed by a jump that is taken when the test fails.
extension Instruction {
  init(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    self.init(
      op: op, a: UInt16(truncatingIfNeeded: a), b: UInt16(truncatingIfNeeded: b),
      c: UInt16(truncatingIfNeeded: c))
  }

  /// `b` and `c` as one signed or wide operand.
  var wide: Int {
    @inline(__always) get { Int(Int32(bitPattern: UInt32(b) | UInt32(c) << 16)) }
    set {
      let bits = UInt32(bitPattern: Int32(truncatingIfNeeded: newValue))
      b = UInt16(truncatingIfNeeded: bits)
      c = UInt16(truncatingIfNeeded: bits >> 16)
    }
  }
}

extension Opcode {
  /// How many words of data follow the instruction; they are written as jumps and never run.
  var dataWords: Int {
    switch self {
    case .callGlobal, .combine, .forNext, .forLoop, .setIndex, .setIndexIn, .makeRange, .test, .testUnset,
      .testEqual, .testNotEqual, .testLess, .testLessOrEqual, .testGreater, .testGreaterOrEqual,
      .testEqualConstant, .testLessConstant, .testGreaterConstant, .testLessOrEqualConstant,
      .testGreaterOrEqualConstant:
      1
    case .appendIn: 3
    default: 0
    }
  }
}

/// Where a variable lives, as the `a` of the data word that follows an instruction on variables; its index is `wide`.
enum VariablePlace: Int {
  case register, cell, captureCell, global
}
