import CRuntime
import Syntax

/// A request to stop, which may come from another thread or a signal handler.
package final class Interrupt: Sendable {
  /// Not zero while a request stands. In plain memory, where loops of another language can look at it; it is never
  /// given back.
  package nonisolated(unsafe) let flag: UnsafeMutablePointer<Int32>

  package init() {
    flag = .allocate(capacity: 1)
    flag.initialize(to: 0)
  }

  package func request() { store_flag(flag, 1) }
  package func clear() { store_flag(flag, 0) }
  package var isRequested: Bool { load_flag(flag) != 0 }
}

/// What the bridge does for the machine: everything that needs to know tensors.
package protocol Domain: AnyObject {
  /// A bracket of numbers, booleans and brackets written inside it, as a tensor; `nil` where it is a list.
  /// - Parameters:
  ///   - nested: which elements are brackets written inside.
  ///   - exact: build floats in f64.
  func bracket(_ elements: [Value], nested: (Int) -> Bool, exact: Bool) throws -> Value?
  /// A number in the shape and type of a parameter.
  func filled(_ number: Value, like parameter: Value) throws -> Value
  /// What two different values have in common, as a value that is unknown otherwise; `nil` where that is nothing.
  func merged(_ a: Value, _ b: Value) -> Value?
  /// What the prompt shows of a value that is no object of the bridge's own; `nil` leaves it to the language.
  func display(_ value: Value, _ printer: ValuePrinter) -> String?
  /// What `run` gives of the arguments of a function; it may be remembered how that follows from them.
  func results(
    of function: FunctionValue, _ arguments: [Value], _ machine: Machine,
    run: (FunctionValue, [Value]) throws -> [Value]
  ) throws -> [Value]
  /// What a model that was called before answers; nil where the call has to run as written.
  func answer(of model: ModelValue, _ arguments: [Value], _ machine: Machine) throws -> Value?
  /// A program begins on this thread: what runs long for it is to look at `interrupt`.
  func begin(_ interrupt: Interrupt)
  /// Words for an error that is no `Failure`.
  func failure(for error: any Error) -> Failure
}

extension Domain {
  package func begin(_ interrupt: Interrupt) {}
  package func results(
    of function: FunctionValue, _ arguments: [Value], _ machine: Machine,
    run: (FunctionValue, [Value]) throws -> [Value]
  ) throws -> [Value] { try run(function, arguments) }
  package func answer(of model: ModelValue, _ arguments: [Value], _ machine: Machine) throws -> Value? { nil }
  package func display(_ value: Value, _ printer: ValuePrinter) -> String? { nil }
}

/// The register machine.
///
/// One stack of slots holds the registers of all frames; a call's arguments become the first registers of the function
/// called. Above the running frame's registers every slot is undefined or dead.
public final class Machine {
  /// An open `try`.
  struct Handler {
    let frame: Int
    let target: UnsafeMutablePointer<Instruction>
    let register: Int
  }

  /// Frames of maas functions and of Swift functions that may stand on one another.
  package static let callDepthLimit = 10_000
  package static let nativeDepthLimit = 2_000
  private static let slotCapacity = 1 << 20

  let slots: UnsafeMutablePointer<Slot>
  let slotLimit: UnsafeMutablePointer<Slot>
  let frames: UnsafeMutablePointer<Frame>
  /// What the loop over plain numbers shares with everything else.
  let interpreter: UnsafeMutablePointer<Interpreter>
  /// The topmost frame; the place before the first one when none is there.
  var frame: UnsafeMutablePointer<Frame> {
    get { interpreter.pointee.frame }
    set { interpreter.pointee.frame = newValue }
  }
  var frameCount: Int { frame + 1 - frames }
  var nativeDepth = 0
  var handlers: [Handler] = []
  /// Functions that lost their global name while they may have been running.
  var retired: [Slot] = []

  package let interrupt: Interrupt
  package let limits = Limits()
  package let domain: any Domain
  package let output: (String) -> Void
  /// The names the session's programs see, for the nearest spelling.
  var sessionScope: Scope?
  /// Loads the file a `use` names; given by the session.
  var loadFile: ((String, Source) throws -> Value)?
  /// The builtin `append`, which grows a variable's list in place.
  var appendIdentity = Slot.none
  /// What builtins keep for the session: random streams, the tape, the default dtype.
  package var attachments: [ObjectIdentifier: AnyObject] = [:]
  /// Who keeps account of the steps that optimizers take, while one is explained.
  var stepAccount: StepAccount?
  /// Whether steps are taken down line by line.
  package var keepsStepAccount: Bool { stepAccount != nil }
  /// What a rule is given as `loss_at` and `grad_at` where there is no loss.
  lazy var missingBatch: [Value] = Batch.missing
  /// Who is asked first when a model is called.
  package var modelCalls: (any ModelCalls)?
  /// In a rehearsal: the way that is taken through the program.
  package var exploration: Exploration?
  /// Whether a function is being recorded, to be run again on other numbers: only what calculates may be called.
  package var isRecording = false
  /// Whether a model runs whose calls are about to be remembered: those of its layers need not be.
  package var isRemembering = false

  init(domain: any Domain, interrupt: Interrupt, output: @escaping (String) -> Void) {
    self.domain = domain
    self.interrupt = interrupt
    // The one object of this module that another thread may hold: since the module counts references without atomics,
    // it is kept for ever.
    _ = Unmanaged.passRetained(interrupt)
    self.output = output
    slots = .allocate(capacity: Machine.slotCapacity)
    slotLimit = slots + Machine.slotCapacity
    frames = .allocate(capacity: Machine.callDepthLimit + 2)
    interpreter = .allocate(capacity: 1)
    interpreter.initialize(
      to: Interpreter(
        frame: frames - 1, first: nil, lastFrame: frames + (Machine.callDepthLimit - 1), cleared: slots,
        budget: Machine.patience, result: .none))
  }

  /// Turns and calls between two looks whether to stop.
  static let patience = 1024

  deinit {
    slots.deallocate()
    frames.deallocate()
    interpreter.deallocate()
  }

  /// Makes sure that the slots up to `end` are there and hold something defined.
  /// The memory above them is not touched until it is used.
  func reserve(_ end: Registers) throws {
    let cleared = interpreter.pointee.cleared
    guard end > cleared else { return }
    let step = min(max(end - cleared, 4096), slotLimit - cleared)
    guard cleared + step >= end else { throw Machine.tooDeep }
    cleared.initialize(repeating: .undefined, count: step)
    interpreter.pointee.cleared = cleared + step
  }

  static var tooDeep: Failure {
    Failure(
      .callDepth, "calls are nested too deeply: the call depth has a limit",
      help: ["look for a function that calls itself without an end, or write the recursion as a loop"])
  }

  /// The first slot above everything in use.
  var top: UnsafeMutablePointer<Slot> {
    frameCount > 0 ? frame.pointee.registers + frame.pointee.header.pointee.registerCount : slots
  }

  // MARK: Calls from Swift

  /// Calls any callable value.
  package func call(_ callee: Value, _ arguments: [Value]) throws -> Value {
    try call(callee, CallArguments(arguments))
  }

  package func call(_ callee: Value, _ arguments: CallArguments) throws -> Value {
    switch callee {
    case .function(let function): return try function.call(arguments, self)
    case .object(let object):
      if let value = try object.call(arguments, self) { return value }
    default: break
    }
    throw notCallable(callee)
  }

  func notCallable(_ value: Value) -> Failure {
    Failure(.notCallable, "\(Failure.article(value.kind)) cannot be called", labelsOperands: false)
  }

  /// Calls a closure; `hidden` is the model of a method.
  func call(_ closure: Closure, _ arguments: CallArguments, hidden: Value? = nil) throws -> Value {
    let ordered = try matched(arguments, to: closure.prototype)
    return try enter(closure, hidden.map { [$0] + ordered } ?? ordered)
  }

  /// Runs a closure over values for its first registers; `nil` leaves one undefined.
  func enter(_ closure: Closure, _ values: [Value?]) throws -> Value {
    let base = top
    try reserve(base + closure.prototype.registerCount)
    for (index, value) in values.enumerated() {
      base[index].replace(with: value.map { Slot($0) } ?? .undefined)
    }
    // What earlier calls left there must not pass for an argument.
    for index in values.count..<max(values.count, closure.prototype.registerCount) {
      base[index].replace(with: .undefined)
    }
    return try enter(closure, base: base)
  }

  private func releaseRetired() {
    for slot in retired { slot.release() }
    retired = []
  }

  /// Runs a closure whose arguments lie at `base` already.
  private func enter(_ closure: Closure, base: UnsafeMutablePointer<Slot>) throws -> Value {
    guard nativeDepth < Machine.nativeDepthLimit else { throw Machine.tooDeep }
    nativeDepth += 1
    defer { nativeDepth -= 1 }
    try pushFrame(.passUnretained(closure), registers: base)
    let slot = try withExtendedLifetime(closure) { try run() }
    defer { slot.release() }
    return slot.value
  }

  /// Runs a source's compiled top level.
  func run(main prototype: Prototype) throws -> Value {
    defer { if frameCount == 0 { releaseRetired() } }
    return try enter(Closure(prototype, captures: []), [])
  }

  func pushFrame(_ closure: Unmanaged<Closure>, registers: Registers) throws {
    guard frameCount < Machine.callDepthLimit else { throw Machine.tooDeep }
    let header = closure._withUnsafeGuaranteedRef { $0.header }
    try reserve(registers + header.pointee.registerCount)
    frame += 1
    frame.initialize(
      to: Frame(header: header, closure: closure.toOpaque(), registers: registers, pc: header.pointee.code))
  }

  /// Leaves the topmost frame, releasing its registers.
  func popFrame() {
    let registers = frame.pointee.registers
    let count = frame.pointee.header.pointee.registerCount
    frame -= 1
    for index in 0..<count where registers[index].isHeap {
      let slot = registers[index]
      registers[index].tag = Slot.Tag.undefined
      slot.release()
    }
  }

  /// Leaves every frame: the session goes on after an error.
  func reset() {
    while frameCount > 0 { popFrame() }
    handlers.removeAll()
    nativeDepth = 0
    releaseRetired()
  }

  // MARK: Errors

  /// Finds the handler for an error that happened in the running frame, or leaves the frames above `entry`.
  /// - Returns: whether a handler goes on; otherwise the error is thrown.
  func unwind(_ error: any Error, to entry: Int) throws {
    if exploration != nil, try goesOn(after: error) { return }
    let raised = placed(error)
    if let handler = handlers.last, handler.frame >= entry,
      raised.diagnostic.code != .interrupted, raised.diagnostic.code != .stepLimit
    {
      handlers.removeLast()
      while frameCount - 1 > handler.frame { popFrame() }
      frames[handler.frame].pc = handler.target
      frames[handler.frame].registers[handler.register].replace(with: Slot(caught(raised)))
      return
    }
    while frameCount > entry { popFrame() }
    handlers.removeAll { $0.frame >= entry }
    throw raised
  }

  /// The value a `catch` sees.
  private func caught(_ raised: Raised) -> Value {
    .record(
      Record([
        "code": .string(raised.diagnostic.code.rawValue), "message": .string(raised.diagnostic.message),
        "value": raised.payload ?? .none,
      ]))
  }
}

extension Frame {
  var function: Unmanaged<Closure> { Unmanaged.fromOpaque(closure) }
  var captures: Registers { function._withUnsafeGuaranteedRef { $0.captures } }
  var prototype: Unmanaged<Prototype> { header.pointee.function }
  func names(_ index: UInt16) -> [String] { prototype._withUnsafeGuaranteedRef { $0.names[Int(index)] } }
}
