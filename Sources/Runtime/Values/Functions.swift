import CRuntime
import Syntax

/// A function written in maas, with what it has captured.
package final class Closure: FunctionValue {
  // These two come first: `interpret` reads them behind the object's header.
  let header: UnsafeMutablePointer<CodeHeader>
  let captures: UnsafeMutablePointer<Slot>
  let prototype: Prototype
  let captureCount: Int

  /// Takes over the captured slots.
  init(_ prototype: Prototype, captures: [Slot]) {
    self.prototype = prototype
    header = prototype.header
    captureCount = captures.count
    self.captures = .allocate(capacity: max(1, captures.count))
    self.captures.initialize(from: captures, count: captures.count)
  }

  public override var name: String { prototype.name ?? "function" }
  public override var signature: String { prototype.signature }
  public override var documentation: String? { prototype.documentation }
  package override var knownParameters: [BuiltinParameter]? {
    prototype.parameters.map(BuiltinParameter.init)
  }
  public override var arity: Int? { prototype.hasRest ? nil : prototype.parameters.count }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    try machine.tick()
    return try machine.call(self, arguments)
  }

  override var ownsValues: Bool { captureCount > 0 }
  override func surrender(to children: inout [Value]) {
    for index in 0..<captureCount {
      let slot = captures[index]
      if slot.tag == Slot.Tag.cell {
        // A cell is shared by closures; the last one to go passes its content on.
        var cell = slot.object(Cell.self)
        slot.release()
        if isKnownUniquelyReferenced(&cell) { cell.surrender(to: &children) }
      } else {
        if slot.isHeap { children.append(slot.value) }
        slot.release()
      }
      captures[index] = .none
    }
  }
  deinit {
    var children: [Value] = []
    surrender(to: &children)
    captures.deallocate()
    Boxed.release(&children)
  }
}

/// A parameter of a builtin.
package struct BuiltinParameter: Sendable {
  package let name: String
  /// The text of its default as help shows it; `nil` where the argument is required.
  package let fallback: String?
  /// Whether it takes all further positional arguments, as a list.
  package let isRest: Bool

  package init(_ name: String, fallback: String? = nil, isRest: Bool = false) {
    (self.name, self.fallback, self.isRest) = (name, fallback, isRest)
  }

  init(_ parameter: PrototypeParameter) {
    self.init(parameter.name, fallback: parameter.fallback, isRest: parameter.isRest)
  }
}

/// A function of the language written in Swift: one declaration, from which arity checks, help and completion follow.
package final class Builtin: FunctionValue {
  package typealias Body = (inout BuiltinCall) throws -> Value

  package let builtinName: String
  package let parameters: [BuiltinParameter]
  package let summary: String
  /// A number's fast path, for functions of one real number.
  package let ofNumber: (@Sendable (Double) -> Double)?
  let body: Body
  let inRehearsal: InRehearsal
  /// Whether the answer follows from the arguments alone, by operations on tensors.
  let onlyCalculates: Bool
  /// Whether `explain name(f(x))` means the call `name(f)(x)`.
  let explainsCalls: Bool

  /// What a builtin does where a program is rehearsed: see `Exploration`.
  package enum InRehearsal: Sendable {
    /// The same as ever.
    case runs
    /// Its answer depends on the world outside.
    case isUnknown
    /// It changes the world outside.
    case doesNothing
    /// It reads the file that its first argument names: a small one is read.
    case reads
  }

  /// Thrown where a recording meets a builtin whose answer does not follow from its arguments.
  private struct NotACalculation: Error {}

  /// Declares a builtin. In `signature`, parameters stand as in maas: `"map(xs, f)"`, `"range(start, stop, step = 1)"`,
  /// `"print(...values)"`.
  package init(
    _ signature: String, _ summary: String, ofNumber: (@Sendable (Double) -> Double)? = nil,
    inRehearsal: InRehearsal = .runs, onlyCalculates: Bool = false, explainsCalls: Bool = false,
    body: @escaping Body
  ) {
    let parts = signature.split(separator: "(", maxSplits: 1)
    builtinName = String(parts.first ?? "")
    parameters = Builtin.parameters(in: parts.count > 1 ? String(parts[1].dropLast()) : "")
    self.summary = summary
    self.ofNumber = ofNumber
    self.inRehearsal = inRehearsal
    self.onlyCalculates = onlyCalculates
    self.explainsCalls = explainsCalls
    self.body = body
  }

  private static func parameters(in text: String) -> [BuiltinParameter] {
    text.split(separator: ",").map { part in
      let part = part.trimmed
      if part.hasPrefix("...") {
        return BuiltinParameter(String(part.dropFirst(3)), fallback: "[]", isRest: true)
      }
      guard let equals = part.firstIndex(of: "=") else { return BuiltinParameter(String(part)) }
      return BuiltinParameter(
        String(part[..<equals].trimmed), fallback: String(part[part.index(after: equals)...].trimmed))
    }
  }

  public override var name: String { builtinName }
  public override var documentation: String? { summary }
  package override var knownParameters: [BuiltinParameter]? { parameters }
  public override var arity: Int? { parameters.contains(where: \.isRest) ? nil : parameters.count }
  public override var signature: String {
    let list = parameters.map { parameter in
      parameter.isRest
        ? "...\(parameter.name)" : parameter.fallback.map { "\(parameter.name) = \($0)" } ?? parameter.name
    }
    return "\(builtinName)(\(list.joined(separator: ", ")))"
  }

  private func rehearsed(_ call: inout BuiltinCall, _ exploration: Exploration) throws -> Value {
    if call.values.contains(where: { $0?.isUnknownOrListsUnknown ?? false }) { throw Failure.unknown }
    let result: Value
    switch inRehearsal {
    case .runs: result = try body(&call)
    case .isUnknown: throw Failure.unknown
    case .doesNothing:
      exploration.hasWritten = true
      result = .none
    case .reads:
      guard case .text(let path)? = call.values.first ?? nil, exploration.mayRead(path.string),
        let value = try? body(&call)
      else { throw Failure.unknown }
      result = value
    }
    try exploration.note(call.machine)
    return result
  }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    var call = BuiltinCall(
      builtin: self, values: try machine.matched(arguments, to: self), machine: machine)
    if machine.isRecording, !onlyCalculates { throw NotACalculation() }
    guard let exploration = machine.exploration else { return try body(&call) }
    return try rehearsed(&call, exploration)
  }
}

extension StringProtocol {
  var trimmed: SubSequence {
    var text = self[...]
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return text
  }
}

/// A call of a builtin: its arguments by position, `nil` where one was left out.
package struct BuiltinCall {
  package let builtin: Builtin
  package var values: [Value?]
  package let machine: Machine

  /// A required argument. (The machine has checked that it is there.)
  package subscript(_ index: Int) -> Value { values[index] ?? .none }
}
