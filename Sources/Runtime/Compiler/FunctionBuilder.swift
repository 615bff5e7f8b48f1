import CRuntime
import Syntax

/// The code of one function while it is being compiled: instructions, constants, registers and local names.
final class FunctionBuilder {
  struct Local {
    let name: String
    let register: Int
    let isMutable: Bool
    /// The register holds a cell, since a closure shares the variable.
    let isCell: Bool
    let span: Span
  }

  struct Capture {
    let name: String
    let origin: CaptureSource
    let isMutable: Bool
    let isCell: Bool
    let span: Span
  }

  struct Loop {
    var breaks: [Int] = []
    var continues: [Int] = []
    let handlerDepth: Int
  }

  enum Kind {
    case main
    case function
    /// A model's method: register 0 is the model, and its fields are names.
    case method(fields: [String])
    /// An optimizer's rule: it answers the new parameter and its states.
    case rule(states: [String], isWhole: Bool)
  }

  let parent: FunctionBuilder?
  let scope: Scope
  let source: Source
  let kind: Kind
  /// The function's own name, by which its body calls it.
  let ownName: String?
  /// Names that some nested function mentions: a `var` among them lives in a cell.
  let sharedNames: Set<String>

  var code: [Instruction] = []
  var spans: [Span] = []
  var operands: [Int: [Operand]] = [:]
  var constants: [Value] = []
  private var integerConstants: [Int: Int] = [:]
  private var floatConstants: [UInt64: Int] = [:]
  private var textConstants: [String: Int] = [:]
  var nameLists: [[String]] = []
  private var nameListIndices: [[String]: Int] = [:]
  var masks: [[Bool]] = []
  var globals: [Global] = []
  private var globalIndices: [ObjectIdentifier: Int] = [:]
  var prototypes: [Prototype] = []
  var declarations: [Declaration] = []
  var captures: [Capture] = []
  var locals: [Local] = []
  var loops: [Loop] = []
  /// The expressions that `explain` shows.
  var lines: [ExplainedLine] = []
  /// Where a rule that keeps account of its lines collects them.
  var traceRegister: Int?
  /// Whether statements get lines in that account, and the name by which a block's value goes there.
  var isAccounting = true
  var accountName: String?
  var handlerDepth = 0
  /// How many blocks the code is inside of; top-level names are bound at 0 only.
  var blockDepth = 0
  var nextRegister = 0
  var highestRegister = 0

  init(
    parent: FunctionBuilder?, scope: Scope, source: Source, kind: Kind, ownName: String? = nil,
    sharedNames: Set<String>
  ) {
    self.parent = parent
    self.scope = scope
    self.source = source
    self.kind = kind
    self.ownName = ownName
    self.sharedNames = sharedNames
  }

  // MARK: Code

  @discardableResult
  func emit(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, at span: Span) -> Int {
    code.append(Instruction(op, a, b, c))
    spans.append(span)
    return code.count - 1
  }

  @discardableResult
  func emit(_ op: Opcode, _ a: Int, wide: Int, at span: Span) -> Int {
    var instruction = Instruction(op, a)
    instruction.wide = wide
    code.append(instruction)
    spans.append(span)
    return code.count - 1
  }

  /// A jump whose target is not known yet.
  func emitJump(_ op: Opcode = .jump, _ a: Int = 0, at span: Span) -> Int { emit(op, a, wide: 0, at: span) }

  func patch(_ jump: Int, to target: Int? = nil) { code[jump].wide = (target ?? code.count) - jump - 1 }

  func emitLoop(to start: Int, at span: Span) { emit(.loop, 0, wide: start - code.count - 1, at: span) }

  /// Lets each jump to a `return` return by itself.
  func returnEarly() {
    var index = 0
    while index < code.count {
      let target = index + 1 + code[index].wide
      if code[index].op == .jump, code.indices.contains(target), code[target].op == .return {
        (code[index], spans[index]) = (code[target], spans[target])
      }
      index += 1 + code[index].op.dataWords
    }
  }

  // MARK: Tables

  func constant(_ value: Int) -> Int {
    if let index = integerConstants[value] { return index }
    constants.append(.int(value))
    integerConstants[value] = constants.count - 1
    return constants.count - 1
  }

  func constant(_ value: Double) -> Int {
    if let index = floatConstants[value.bitPattern] { return index }
    constants.append(.float(value))
    floatConstants[value.bitPattern] = constants.count - 1
    return constants.count - 1
  }

  func constant(_ value: String) -> Int {
    if let index = textConstants[value] { return index }
    constants.append(.string(value))
    textConstants[value] = constants.count - 1
    return constants.count - 1
  }

  func names(_ list: [String]) -> Int {
    if let index = nameListIndices[list] { return index }
    nameLists.append(list)
    nameListIndices[list] = nameLists.count - 1
    return nameLists.count - 1
  }

  func global(_ name: String) -> Int {
    let global = scope.global(name)
    if let index = globalIndices[ObjectIdentifier(global)] { return index }
    globals.append(global)
    globalIndices[ObjectIdentifier(global)] = globals.count - 1
    return globals.count - 1
  }

  // MARK: Registers and locals

  static let registerLimit = 30_000

  func allocate(at span: Span) throws -> Int {
    guard nextRegister < FunctionBuilder.registerLimit else {
      throw Diagnostic(
        .nestedTooDeeply, "this holds too many values at once", source: source, labels: [Label(span)],
        help: ["split it into several statements, or read the values from a file"])
    }
    nextRegister += 1
    highestRegister = max(highestRegister, nextRegister)
    return nextRegister - 1
  }

  /// A register for the first of several values: the target itself where that is a temporary on top, so that the result
  /// is made in place; a new one otherwise.
  func allocateStart(reusing target: Int, at span: Span) throws -> Int {
    isLastTemporary(target) ? target : try allocate(at: span)
  }

  /// Whether a register is the newest and no variable's: nothing that is evaluated now reads it.
  private func isLastTemporary(_ register: Int) -> Bool {
    register == nextRegister - 1 && !locals.contains { $0.register == register }
  }

  /// Moves a result made elsewhere to its target.
  func moveResult(from start: Int, to target: Int, at span: Span) {
    if start != target { emit(.take, target, start, at: span) }
  }

  /// Gives a name to a register that has its value already.
  func declare(_ name: Name, register: Int, mutable: Bool) {
    let isCell = mutable && sharedNames.contains(name.text)
    if isCell { emit(.makeCell, register, at: name.span) }
    locals.append(
      Local(name: name.text, register: register, isMutable: mutable, isCell: isCell, span: name.span))
  }

  /// Runs `body` in a scope of its own for names and registers.
  func scoped<T>(_ body: () throws -> T) rethrows -> T {
    let (localCount, register) = (locals.count, nextRegister)
    defer {
      locals.removeSubrange(localCount...)
      nextRegister = register
    }
    return try body()
  }

  /// Runs `body`, then frees the registers it took.
  func temporarily<T>(_ body: () throws -> T) rethrows -> T {
    let register = nextRegister
    defer { nextRegister = register }
    return try body()
  }

  // MARK: Names

  enum Resolution {
    case local(Local)
    case capture(Int, Capture)
    /// Field of the model in register 0.
    case field(Int)
    /// Field of the model that capture holds.
    case capturedField(Int, String)
    case ownClosure
    case global(String)
  }

  func resolve(_ name: String) -> Resolution {
    if let local = locals.last(where: { $0.name == name }) { return .local(local) }
    if case .method(let fields) = kind, let index = fields.lastIndex(of: name) { return .field(index) }
    if name == ownName { return .ownClosure }
    if let index = capture(name) { return .capture(index, captures[index]) }
    if let index = captureOfModel(field: name) { return .capturedField(index, name) }
    return .global(name)
  }

  /// The index of the capture that brings a name of an enclosing function in, if one has it.
  private func capture(_ name: String) -> Int? {
    if let index = captures.firstIndex(where: { $0.name == name }) { return index }
    guard let parent else { return nil }
    if let local = parent.locals.last(where: { $0.name == name }) {
      return add(
        Capture(
          name: name, origin: .register(local.register), isMutable: local.isMutable, isCell: local.isCell,
          span: local.span))
    }
    // A model's fields hide outer names; they are reached through the model itself.
    if case .method(let fields) = parent.kind, fields.contains(name) { return nil }
    guard let outer = parent.capture(name) else { return nil }
    let capture = parent.captures[outer]
    return add(
      Capture(
        name: name, origin: .capture(outer), isMutable: capture.isMutable, isCell: capture.isCell,
        span: capture.span))
  }

  /// The name under which a method's register 0 is known: no program can spell it.
  static let model = " model"

  private func captureOfModel(field name: String) -> Int? {
    guard reachesModel(field: name) else { return nil }
    return capture(FunctionBuilder.model)
  }

  private func reachesModel(field name: String) -> Bool {
    guard let parent else { return false }
    if parent.locals.contains(where: { $0.name == name }) { return false }
    if case .method(let fields) = parent.kind { return fields.contains(name) }
    return parent.reachesModel(field: name)
  }

  private func add(_ capture: Capture) -> Int {
    captures.append(capture)
    return captures.count - 1
  }
}
