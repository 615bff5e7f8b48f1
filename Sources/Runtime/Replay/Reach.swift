import CRuntime

/// Everything besides its arguments that the answer of a function can depend on: what it and the functions it calls
/// have captured, and the global names they read.
///
/// A function has a reach only if it does nothing but calculate. It then answers the same of the same arguments as long
/// as its reach is unchanged, whatever else the program does in between.
package struct Reach {
  /// A variable and what it held; a value on the heap is held here too, so that its address stays its own.
  private struct Guard {
    let read: () -> Slot
    let expected: Slot
    let value: Value
    var holds: Bool {
      let slot = read()
      return slot.tag == expected.tag && slot.bits == expected.bits
    }
  }

  private let prototype: Prototype
  /// What the function itself has captured, by position: each closure made of the same text brings its own. Nil for what
  /// counts as an argument.
  private var captured: [(slot: Slot, value: Value)?] = []
  private var guards: [Guard] = []
  private var seen: Set<ObjectIdentifier> = []
  /// Closures and cells whose slots the guards read.
  private var kept: [Boxed] = []
  private var elementsLeft = 4096
  /// Whether there are models among what is held.
  package private(set) var holdsModels = false

  /// - Parameters:
  ///   - functions: others that may be called, since they come with the arguments.
  ///   - models: the models among the arguments.
  ///   - freed: the positions of captured values that count as arguments.
  /// - Returns: nil where the function may do more than calculate.
  package init?(
    of function: FunctionValue, calling functions: [FunctionValue] = [], models: [ModelValue] = [],
    freed: Set<Int> = []
  ) {
    guard let closure = function as? Closure else { return nil }
    prototype = closure.prototype
    guard scan(prototype), scanCaptures(of: closure, isRoot: true, freed) else { return nil }
    for function in functions { guard scan(.function(function)) else { return nil } }
    for model in models { guard scanMethods(of: model) else { return nil } }
  }

  /// Whether `function` is made of the same text, and everything it depends on is as it was.
  package func holds(for function: FunctionValue) -> Bool {
    guard let closure = function as? Closure, closure.prototype === prototype,
      closure.captureCount == captured.count
    else { return false }
    for (index, known) in captured.enumerated() {
      guard let known else { continue }
      let slot = closure.captures[index]
      guard slot.tag == known.slot.tag, slot.bits == known.slot.bits else { return false }
    }
    return guards.allSatisfy(\.holds)
  }

  /// What names the text of a function: closures made of one text answer the same.
  package static func text(of function: FunctionValue) -> AnyObject? { (function as? Closure)?.prototype }

  /// The values a function has captured and cannot set, by position; nil for variables.
  package static func captures(of function: FunctionValue) -> [Value?] {
    guard let closure = function as? Closure else { return [] }
    return (0..<closure.captureCount).map {
      closure.captures[$0].tag == Slot.Tag.cell ? nil : closure.captures[$0].value
    }
  }

  /// The function as if it had captured other values at some positions.
  package static func function(_ function: FunctionValue, capturing values: [Int: Value]) -> FunctionValue {
    guard let closure = function as? Closure, !values.isEmpty else { return function }
    let slots = (0..<closure.captureCount).map { index -> Slot in
      if let value = values[index] { return Slot(value) }
      let slot = closure.captures[index]
      slot.retain()
      return slot
    }
    return Closure(closure.prototype, captures: slots)
  }

  private mutating func scanCaptures(of closure: Closure, isRoot: Bool, _ freed: Set<Int> = []) -> Bool {
    kept.append(closure)
    for index in 0..<closure.captureCount {
      let slot = closure.captures[index]
      if freed.contains(index) {
        captured.append(nil)
        continue
      }
      if slot.tag == Slot.Tag.cell {
        let cell = slot.object(Cell.self)
        kept.append(cell)
        let storage = cell.storage
        guard add({ storage.pointee }) else { return false }
        if isRoot { captured.append((slot, .none)) }
        continue
      }
      let value = slot.value
      guard scan(value) else { return false }
      if isRoot { captured.append((slot, value)) }
    }
    return true
  }

  /// The instructions of a function and of those written inside it.
  private mutating func scan(_ prototype: Prototype) -> Bool {
    guard seen.insert(ObjectIdentifier(prototype)).inserted else { return true }
    var index = 0
    while index < prototype.codeCount {
      let instruction = prototype.code[index]
      guard instruction.op.onlyCalculates else { return false }
      index += 1 + instruction.op.dataWords
    }
    for place in 0..<prototype.globals.count {
      let storage = prototype.header.pointee.globals + place
      guard add({ [prototype] in withExtendedLifetime(prototype) { storage.pointee.slot } }) else {
        return false
      }
    }
    for inner in prototype.prototypes { guard scan(inner) else { return false } }
    return true
  }

  private mutating func add(_ read: @escaping () -> Slot) -> Bool {
    let slot = read()
    guard !slot.isUndefined else { return false }
    let value = slot.value
    guard scan(value) else { return false }
    guards.append(Guard(read: read, expected: slot, value: value))
    return true
  }

  /// A value that a function can reach. Containers are held by the guards, so that nobody changes them in place.
  private mutating func scan(_ value: Value) -> Bool {
    switch value {
    case .none, .bool, .int, .float, .text, .range: return true
    case .list(let list): return scan(all: list.elements)
    case .tuple(let tuple): return scan(all: tuple.elements)
    case .record(let record): return scan(all: record.values)
    case .object(let model as ModelValue):
      holdsModels = true
      return scanMethods(of: model) && scan(all: model.fields)
    case .object(let object): return object.isConstant
    // Of these, what a recording calls has to say that it only calculates: see `Machine.isRecording`.
    case .function(is Builtin): return true
    case .function(let closure as Closure):
      guard seen.insert(ObjectIdentifier(closure)).inserted else { return true }
      return scan(closure.prototype) && scanCaptures(of: closure, isRoot: false)
    default: return false
    }
  }

  private mutating func scan(all values: [Value]) -> Bool {
    elementsLeft -= values.count
    guard elementsLeft > 0 else { return false }
    for value in values { guard scan(value) else { return false } }
    return true
  }

  private mutating func scanMethods(of model: ModelValue) -> Bool {
    guard seen.insert(ObjectIdentifier(model.constructor)).inserted else { return true }
    for method in model.constructor.methods.values { guard scan(.function(method)) else { return false } }
    return true
  }
}

extension Opcode {
  /// Whether the instruction neither changes anything outside the function's own registers nor asks for anything but
  /// values that the reach knows.
  fileprivate var onlyCalculates: Bool {
    switch self {
    case .move, .take, .constant, .int, .none, .bool, .likeParameter, .global, .capture, .captureCell,
      .currentClosure, .add, .subtract, .multiply, .divide, .floorDivide, .remainder, .power, .matrixMultiply,
      .addConstant, .subtractConstant, .multiplyConstant, .divideConstant, .powerConstant,
      .subtractFromConstant, .negate, .not, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
      .testEqual, .testNotEqual, .testLess, .testLessOrEqual, .testGreater, .testGreaterOrEqual,
      .testEqualConstant, .testLessConstant, .testGreaterConstant, .testLessOrEqualConstant,
      .testGreaterOrEqualConstant, .test, .testUnset, .jump, .loop, .shortAnd, .shortOr, .call, .callGlobal,
      .return, .forPrepare, .forRange, .forNext, .forLoop, .bracket, .bracketExact, .makeTuple, .makeRange,
      .makeSlice, .closure, .index, .indexMany, .unpack, .callNamed, .makeList, .finishBracket, .makeRecord,
      .makeCell, .cell, .setCell, .selfField, .field, .unpackField, .contains:
      true
    case .setGlobal, .bindGlobal, .bindGlobalVar, .setCaptureCell, .combine, .pushHandler, .popHandler,
      .appendTo, .spread, .setField, .interpolate, .makeModel, .makeOptimizer, .setIndex, .setIndexIn,
      .appendIn, .use, .explain:
      false
    }
  }
}
