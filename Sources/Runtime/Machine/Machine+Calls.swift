import CRuntime
import Syntax

/// Matching arguments to parameters, and calls of everything that is no plain closure.
extension Machine {
  /// Calls what lies at `start` with the `count` values behind it. The value replaces it, unless a frame was pushed that
  /// now runs.
  func callSlow(_ start: Registers, count: Int) throws {
    if start.pointee.tag == Slot.Tag.closure { return try pushClosure(start, count) }
    let callee = start.pointee.value
    if modelCalls == nil, case .object(let object) = callee, let model = object as? ModelValue {
      return try pushMethod(of: model, start, count)
    }
    if case .function(let function) = callee, let builtin = function as? Builtin,
      let ofNumber = builtin.ofNumber,
      count == 1
    {
      let argument = start[1]
      if argument.tag == Slot.Tag.float {
        return start.pointee.replace(with: Slot(ofNumber(argument.float)))
      }
      if argument.tag == Slot.Tag.int {
        return start.pointee.replace(with: Slot(ofNumber(Double(argument.int))))
      }
    }
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(start[1 + index].value) }
    let result = try callFromCode(callee, CallArguments(values))
    for index in 0..<count { start[1 + index].replace(with: .none) }
    start.pointee.replace(with: Slot(result))
  }

  /// A call of a maas function whose arguments have to be arranged, or that needs room.
  private func pushClosure(_ start: Registers, _ count: Int) throws {
    let closure = start.pointee.unmanaged(Closure.self)
    let header = closure._withUnsafeGuaranteedRef { $0.header }
    if count != header.pointee.plainCount {
      try arrange(start + 1, given: count, for: header.pointee.function.takeUnretainedValue())
    }
    try pushFrame(closure, registers: start + 1)
    interpreter.pointee.budget -= 1
  }

  /// A model is called by its method `call`: the model lies where that method's register 0 is.
  private func pushMethod(
    of model: ModelValue, _ start: Registers, _ count: Int
  ) throws {
    if model.isCalledAgain, let value = try remembered(model, start, count) {
      for index in 0..<count { start[1 + index].replace(with: .none) }
      return start.pointee.replace(with: Slot(value))
    }
    let method = try model.method("call")
    if count != method.header.pointee.plainCount {
      try arrange(start + 1, given: count, for: method.prototype)
    }
    try pushFrame(.passUnretained(method), registers: start)
  }

  /// What the bridge answers in the model's place.
  private func remembered(_ model: ModelValue, _ start: Registers, _ count: Int) throws -> Value? {
    guard nativeDepth < Machine.nativeDepthLimit else { return nil }
    nativeDepth += 1
    defer { nativeDepth -= 1 }
    return try domain.answer(of: model, (0..<count).map { start[1 + $0].value }, self)
  }

  func callNamed(_ i: Instruction, _ r: UnsafeMutablePointer<Slot>, _ names: [String]) throws {
    let start = r + Int(i.a)
    let count = Int(i.b)
    let plain = count - names.count
    var arguments = CallArguments([])
    for index in 0..<count {
      let value = start[1 + index].value
      if index < plain {
        arguments.positional.append(value)
      } else {
        let name = names[index - plain]
        arguments.named.append((name.isEmpty ? nil : name, value))
      }
    }
    if start.pointee.tag == Slot.Tag.closure { return try pushClosure(start, arguments) }
    let result = try callFromCode(start.pointee.value, arguments)
    for index in 0..<count { start[1 + index].replace(with: .none) }
    start.pointee.replace(with: Slot(result))
  }

  /// A call of a maas function with names: its arguments are put in the order of its parameters.
  private func pushClosure(_ start: Registers, _ arguments: CallArguments) throws {
    let closure = start.pointee.unmanaged(Closure.self)
    let prototype = closure._withUnsafeGuaranteedRef { $0.prototype }
    let values = try matched(arguments, to: prototype)
    let base = start + 1
    try reserve(base + max(values.count, prototype.registerCount))
    for (index, value) in values.enumerated() {
      base[index].replace(with: value.map { Slot($0) } ?? .undefined)
    }
    try pushFrame(closure, registers: base)
    interpreter.pointee.budget -= 1
  }

  /// A call that nests on Swift's own stack.
  private func callFromCode(_ callee: Value, _ arguments: CallArguments) throws -> Value {
    guard nativeDepth < Machine.nativeDepthLimit else { throw Machine.tooDeep }
    nativeDepth += 1
    defer { nativeDepth -= 1 }
    return try call(callee, arguments)
  }

  /// Brings the arguments at `base` into the form a prototype expects: missing ones undefined, the rest in a list.
  @inline(never)
  func arrange(_ base: UnsafeMutablePointer<Slot>, given: Int, for prototype: Prototype) throws {
    let parameters = prototype.parameters
    let fixed = prototype.hasRest ? parameters.count - 1 : parameters.count
    if given > fixed, !prototype.hasRest {
      throw tooMany(prototype.name, prototype.signature, given: given, taken: fixed)
    }
    if given < prototype.requiredCount {
      throw missing(parameters[given].name, prototype.name, prototype.signature)
    }
    try reserve(base + max(given, parameters.count))
    if prototype.hasRest {
      let rest = given > fixed ? (fixed..<given).map { base[$0].value } : []
      for index in stride(from: given - 1, through: fixed, by: -1) { base[index].replace(with: .undefined) }
      for index in min(given, fixed)..<fixed { base[index].replace(with: .undefined) }
      base[fixed].replace(with: Slot(.list(List(rest))))
    } else {
      for index in given..<max(given, fixed) { base[index].replace(with: .undefined) }
    }
  }

  /// A maas function's arguments in the order of its parameters; `nil` where the default applies.
  func matched(_ arguments: CallArguments, to prototype: Prototype) throws -> [Value?] {
    if arguments.named.isEmpty, arguments.positional.count == prototype.parameters.count, !prototype.hasRest {
      return arguments.positional.map(Optional.some)
    }
    return try matched(
      arguments, name: prototype.name, signature: prototype.signature,
      parameters: prototype.parameters.map { ($0.name, $0.isOptional, $0.isRest) })
  }

  func matched(_ arguments: CallArguments, to builtin: Builtin) throws -> [Value?] {
    if arguments.named.isEmpty, arguments.positional.count == builtin.parameters.count,
      !builtin.parameters.contains(where: \.isRest)
    {
      return arguments.positional.map(Optional.some)
    }
    return try matched(
      arguments, name: builtin.name, signature: builtin.signature,
      parameters: builtin.parameters.map { ($0.name, $0.fallback != nil, $0.isRest) })
  }

  /// Matches arguments against parameters, from left to right; those after a rest are given by name only.
  package func matched(
    _ arguments: CallArguments, name: String?, signature: @autoclosure () -> String,
    parameters: [(name: String, isOptional: Bool, isRest: Bool)]
  ) throws -> [Value?] {
    let rest = parameters.firstIndex(where: \.isRest)
    let fixed = rest ?? parameters.count
    var values: [Value?] = Array(repeating: nil, count: parameters.count)
    for (index, value) in arguments.positional.prefix(fixed).enumerated() { values[index] = value }
    var further = Array(arguments.positional.dropFirst(fixed))
    for (offset, argument) in arguments.named.enumerated() {
      let position = arguments.positional.count + offset
      guard let wanted = argument.name else {
        if let index = (0..<fixed).first(where: { values[$0] == nil }) {
          values[index] = argument.value
        } else {
          further.append(argument.value)
        }
        continue
      }
      guard let index = parameters.firstIndex(where: { $0.name == wanted }), !parameters[index].isRest
      else {
        throw unknownArgument(wanted, name, signature(), parameters.map(\.name), position)
      }
      if values[index] != nil {
        throw Failure(
          .repeatedArgument, "`\(wanted)` is given twice", notes: [signature()], argument: position)
      }
      values[index] = argument.value
    }
    if let rest {
      values[rest] = .list(List(further))
    } else if !further.isEmpty {
      throw tooMany(
        name, signature(), given: arguments.positional.count + arguments.named.count, taken: fixed)
    }
    for (index, parameter) in parameters.enumerated() where values[index] == nil && !parameter.isOptional {
      throw missing(parameter.name, name, signature())
    }
    return values
  }

  private func tooMany(_ name: String?, _ signature: String, given: Int, taken: Int) -> Failure {
    Failure(
      .tooManyArguments,
      "`\(name ?? "the function")` takes \(Machine.counted(taken, "argument")), here are \(given)",
      notes: [signature])
  }

  private func missing(_ parameter: String, _ name: String?, _ signature: String) -> Failure {
    Failure(
      .missingArgument, "`\(name ?? "the function")` needs an argument `\(parameter)`", notes: [signature])
  }

  private func unknownArgument(
    _ argument: String, _ name: String?, _ signature: String, _ known: [String], _ position: Int
  ) -> Failure {
    var failure = Failure(
      .unknownArgument, "`\(name ?? "the function")` has no argument `\(argument)`", notes: [signature],
      argument: position)
    if let near = ForeignIdioms.nearestArgument(argument, in: known) {
      failure.help.append("did you mean `\(near):`?")
      failure.misspelling = Misspelling(argument, meant: near)
    }
    return failure
  }

  /// "no arguments", "1 argument", "3 axes"
  package static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    switch count {
    case 0: "no \(plural ?? noun + "s")"
    case 1: "1 \(noun)"
    default: "\(count) \(plural ?? noun + "s")"
    }
  }
}
