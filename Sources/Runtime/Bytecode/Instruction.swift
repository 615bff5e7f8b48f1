/// One instruction: an operation and three operands. Eight bytes.
///
/// `a`, `b`, `c` are registers of the frame unless an operation says otherwise. A jump keeps its distance, counted from
/// the next instruction, in `b` and `c` together. A test is followed by a jump that is taken when the test fails.
struct Instruction {
  var op: Opcode
  var a: UInt16
  var b: UInt16
  var c: UInt16

  init(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    self.op = op
    self.a = UInt16(truncatingIfNeeded: a)
    self.b = UInt16(truncatingIfNeeded: b)
    self.c = UInt16(truncatingIfNeeded: c)
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

/// Where a variable lives, as the `a` of the data word that follows an instruction on variables; its index is `wide`.
enum VariablePlace: Int {
  case register, cell, captureCell, global
}

enum Opcode: UInt16 {
  // Values
  case move  // a ← b
  case take  // a ← b, leaving b empty
  case constant  // a ← constants[wide]
  case int  // a ← wide, an integer
  case none  // a ← none
  case bool  // a ← b ≠ 0
  case likeParameter  // a ← a, a number there given the shape of the parameter b
  // Names
  case global  // a ← globals[wide]
  case setGlobal  // globals[wide] ← a, which must be a `var`
  case bindGlobal  // globals[wide] ← a, as `let`
  case bindGlobalVar  // globals[wide] ← a, as `var`
  case capture  // a ← captures[b]
  case captureCell  // a ← content of the cell captures[b]
  case setCaptureCell  // content of the cell captures[b] ← a
  case makeCell  // a ← a cell that holds a
  case cell  // a ← content of the cell b
  case setCell  // content of the cell a ← b
  case selfField  // a ← field b of the model in register 0
  case currentClosure  // a ← the closure that runs
  // Arithmetic: a ← b op c
  case add, subtract, multiply, divide, floorDivide, remainder, power, matrixMultiply
  // The same with constants[c]
  case addConstant, subtractConstant, multiplyConstant, divideConstant, powerConstant
  case subtractFromConstant  // a ← constants[c] - b
  case negate, not  // a ← op b
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contains
  case combine  // a ← b and/or c elementwise; the kind stands in the next instruction's a
  // Tests: b op c; the next instruction is the jump taken when it does not hold
  case testEqual, testNotEqual, testLess, testLessOrEqual, testGreater, testGreaterOrEqual
  case testEqualConstant, testLessConstant, testGreaterConstant, testLessOrEqualConstant,
    testGreaterOrEqualConstant
  case test  // a is true
  case testUnset  // a was not given
  // Control
  case jump  // by wide
  case loop  // by wide, backwards: looks whether to stop
  case shortAnd  // a false: jump by wide; a must be boolean or a boolean tensor
  case shortOr  // a true: jump by wide
  case call  // a ← a(a+1 … a+b)
  case callGlobal  // a ← f(a+1 … a+b), f the global that the next instruction's wide names
  case callNamed  // a ← a(…): b arguments in all, names[c] those of the last of them
  case `return`  // a
  case forPrepare  // a: the iterator over a; a+1 its limit
  case forRange  // a, a+1: integers; c: closed
  case forNext  // a+2 ← next of a; the next instruction is the jump taken at the end
  case forLoop  // the same at the end of the body: the next instruction is the jump back, taken unless at the end
  case pushHandler  // errors go to wide, with the error in a
  case popHandler
  // Building
  case bracket  // a ← [a … a+b-1]; masks[c]: which elements are brackets written inside
  case bracketExact  // the same, in f64
  case makeList  // a ← an empty list
  case appendTo  // a ← list a with b appended, in place
  case finishBracket  // a ← the list a as a bracket makes it; b: in f64; masks[c]
  case makeTuple  // a ← (a … a+b-1)
  case makeRecord  // a ← {names[c]: a … a+b-1}
  case spread  // a ← record a with the fields of record b
  case setField  // a ← record a with field names[c][0] = b
  case makeRange  // a ← b..c, closed when the next instruction's a is 1
  case makeSlice  // a ← an open or closed slice for an index; bounds a, a+1 may be undefined; c: closed
  case interpolate  // a ← the text of a … a+b-1
  case closure  // a ← prototypes[wide]
  case makeModel  // a ← constructor from a … a+b-1, declarations[c]
  case makeOptimizer  // a ← constructor from closure a, declarations[c]
  // Access
  case index  // a ← b[c]
  case indexMany  // a ← a[a+1 … a+b]
  case setIndex  // a ← a with [b …] = c; the number of indices stands in the next instruction's a
  case setIndexIn  // the next instruction's variable, with [b … b+c-1] = a; in place where unshared
  case appendIn  // the next instruction's variable, a appended, where the global after it is `append`; then a jump
  case field  // a ← b.names[c][0]
  case unpack  // a … a+c-1 ← the parts of b
  case unpackField  // a ← field names[c][0] of record b
  case use  // a ← file constants[wide]
  case explain  // a ← explanation of a; a+1 the place asked for, b values from a+2 on, lines[c]
}
