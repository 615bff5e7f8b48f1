import CRuntime
import Syntax

/// From a failure to a diagnostic: which text to point at, and what to say of the operands.
extension Machine {
  /// Gives an error its place, unless it has one.
  func placed(_ error: any Error) -> Raised {
    if let raised = error as? Raised { return raised }
    if let diagnostic = error as? Diagnostic { return Raised(diagnostic: diagnostic) }
    let failure = (error as? Failure) ?? domain.failure(for: error)
    var diagnostic = Diagnostic(
      failure.code, failure.message, notes: failure.notes, help: failure.help)
    place(&diagnostic, failure)
    diagnostic.misspelling = failure.misspelling
    return Raised(diagnostic: diagnostic, payload: failure.payload)
  }

  /// Points at the innermost text the user wrote; library frames within it become notes.
  private func place(_ diagnostic: inout Diagnostic, _ failure: Failure) {
    var inner: [String] = []
    for index in stride(from: frameCount - 1, through: 0, by: -1) {
      let frame = frames[index]
      let prototype = frame.prototype.takeUnretainedValue()
      let pc = prototype.instruction(before: frame.pc)
      guard pc < prototype.codeCount else { continue }
      let span = prototype.spans[pc]
      if prototype.isLibrary, index > 0, hasUserFrame(below: index) {
        if inner.isEmpty { nameNotes(in: &diagnostic, failure, prototype, pc) }
        // What the library raises says itself what is wrong.
        if inner.count < 3 { inner.append(isSaid(failure) ? "" : libraryNote(prototype, span)) }
        continue
      }
      diagnostic.source = prototype.source
      if inner.isEmpty {
        diagnostic.labels = labels(failure, prototype, frame, pc)
        noteShadowing(in: &diagnostic, failure, prototype.operands[pc]?.first)
        straighten(&diagnostic, failure, prototype, frame, pc)
        nameOperands(in: &diagnostic, failure, prototype, frame, pc)
        quoteCondition(in: &diagnostic, failure, prototype, pc)
        quoteAssignment(in: &diagnostic, failure, prototype, pc)
        quoteCount(in: &diagnostic, failure, prototype, pc)
        point(to: failure.related, in: &diagnostic)
      } else {
        diagnostic.labels = [Label(argument(namedBy: failure, prototype, pc) ?? span)]
      }
      if failure.code != .callDepth, let calls = calls(below: index, from: span) { inner.append(calls) }
      break
    }
    diagnostic.notes += inner.filter { !$0.isEmpty }
  }

  /// Whether a message was written by a program, in its own words.
  private func isSaid(_ failure: Failure) -> Bool {
    failure.code == .raised || failure.code == .assertionFailed
  }

  /// The argument of a call of the library that its message begins with: "`epochs` is …".
  private func argument(namedBy failure: Failure, _ prototype: Prototype, _ pc: Int) -> Span? {
    guard isSaid(failure), failure.message.hasPrefix("`") else { return nil }
    let name = failure.message.dropFirst().prefix { $0 != "`" }
    return prototype.operands[pc]?.first { operand in
      operand.label.map { prototype.source[$0] == name } ?? false
    }?.span
  }

  /// How the function that failed came to be called: "in `inner`, called by `outer` at line 2, from line 3".
  private func calls(below index: Int, from span: Span) -> String? {
    let failed = frames[index].prototype.takeUnretainedValue()
    let failedLine = failed.source.line(at: Int(span.start))
    var calls: [String] = []
    var isElsewhere = false
    for caller in stride(from: index - 1, through: 0, by: -1) {
      let prototype = frames[caller].prototype.takeUnretainedValue()
      let pc = prototype.instruction(before: frames[caller].pc)
      guard !prototype.isLibrary, pc < prototype.codeCount else { continue }
      let line = prototype.source.line(at: Int(prototype.spans[pc].start))
      if prototype.source !== failed.source || line != failedLine { isElsewhere = true }
      let place = prototype.source === failed.source ? "line \(line)" : "\(prototype.source.name):\(line)"
      calls.append(caller > 0 ? "by \(named(prototype)) at \(place)" : "from \(place)")
    }
    guard isElsewhere else { return nil }
    let shown =
      calls.count > 5 ? calls.prefix(3) + ["… \(calls.count - 4) more …"] + calls.suffix(1) : calls[...]
    return "in \(named(failed)), called \(shown.joined(separator: ", "))"
  }

  private func named(_ prototype: Prototype) -> String {
    prototype.name.map { "`\($0)`" } ?? "a function"
  }

  private func hasUserFrame(below index: Int) -> Bool {
    (0..<index).contains { !frames[$0].prototype._withUnsafeGuaranteedRef { $0.isLibrary } }
  }

  private func libraryNote(_ prototype: Prototype, _ span: Span) -> String {
    var text = prototype.source[span].split(separator: "\n").first.map(String.init) ?? ""
    if text.count > 72 { text = text.prefix(70) + "…" }
    let place = "\(prototype.source.name):\(prototype.source.line(at: Int(span.start)))"
    return "in `\(prototype.name ?? "the library")`, \(place): `\(text)`"
  }

  private func labels(_ failure: Failure, _ prototype: Prototype, _ frame: Frame, _ pc: Int) -> [Label] {
    let whole = Label(prototype.spans[pc])
    guard let operands = prototype.operands[pc] else { return [whole] }
    let isCall = [.call, .callGlobal, .callNamed].contains(prototype.code[pc].op)
    if let index = blamed(failure, prototype, frame, pc), index < operands.count {
      let operand = operands[index]
      let isAboutName = failure.code == .unknownArgument || failure.code == .repeatedArgument
      return [Label(isAboutName ? operand.label ?? operand.span : operand.span)]
    }
    if failure.code == .notCallable, isCall {
      return [
        Label(operands[uncallable(operandValues(prototype.code[pc], frame, count: operands.count))].span)
      ]
    }
    if failure.code == .badPattern, let value = operands.first {
      let found = operandValues(prototype.code[pc], frame, count: 1)[0]
      return [
        Label(whole.span, Machine.counted(Int(prototype.code[pc].c), "part")),
        Label(value.span, words(for: value, found, prototype.source)),
      ]
    }
    if failure.code == .unknownName, isCall, let callee = operands.first { return [Label(callee.span)] }
    guard failure.labelsOperands else { return [whole] }
    let values = operandValues(prototype.code[pc], frame, count: operands.count)
    let described = zip(
      isCall ? operands.dropFirst() : operands[...], isCall ? values.dropFirst() : values[...]
    )
    .map { Label($0.span, words(for: $0, $1, prototype.source)) }
    return described.isEmpty ? [whole] : described.sorted { $0.span.start < $1.span.start }
  }

  /// Which operand a failure blames; `nil` where none in particular.
  private func blamed(_ failure: Failure, _ prototype: Prototype, _ frame: Frame, _ pc: Int) -> Int? {
    let instruction = prototype.code[pc]
    guard let argument = failure.argument else {
      return failure.code == .indexOutOfRange && indexCount(prototype, pc) == 1 ? 1 : nil
    }
    switch instruction.op {
    case .call, .callGlobal: return argument + 1
    case .callNamed:
      if failure.code == .unknownArgument || failure.code == .repeatedArgument { return argument + 1 }
      let names = prototype.names[Int(instruction.c)]
      let plain = Int(instruction.b) - names.count
      if argument < plain { return argument + 1 }
      // A function names its parameters by position; in the call this one stands by name.
      guard case .function(let function) = frame.registers[Int(instruction.a)].value,
        let parameters = function.knownParameters, argument < parameters.count,
        let place = names.firstIndex(of: parameters[argument].name)
      else { return nil }
      return plain + place + 1
    default: return argument
    }
  }

  /// How many indices an instruction that reads or sets elements takes; `nil` for any other.
  private func indexCount(_ prototype: Prototype, _ pc: Int) -> Int? {
    let instruction = prototype.code[pc]
    switch instruction.op {
    case .index: return 1
    case .indexMany: return Int(instruction.b)
    case .setIndexIn: return Int(instruction.c)
    case .setIndex: return Int(prototype.code[pc + 1].a)
    default: return nil
    }
  }

  /// What cannot be called: the callee, or else the last argument a function was wanted for.
  private func uncallable(_ values: [Value]) -> Int {
    func isCallable(_ value: Value) -> Bool {
      switch value {
      case .function: true
      case .object(let object): object is ModelValue
      default: false
      }
    }
    guard let callee = values.first, isCallable(callee) else { return 0 }
    return values.lastIndex { !isCallable($0) } ?? 0
  }

  /// The registers an instruction read, in the order of its operand notes.
  func operandValues(_ instruction: Instruction, _ frame: Frame, count: Int) -> [Value] {
    let registers = frame.registers
    switch instruction.op {
    case .call, .callGlobal, .callNamed, .bracket, .bracketExact, .indexMany:
      return (0..<count).map { registers[Int(instruction.a) + $0].value }
    case .addConstant, .subtractConstant, .multiplyConstant, .divideConstant, .powerConstant,
      .subtractFromConstant:
      return [
        registers[Int(instruction.b)].value,
        frame.prototype._withUnsafeGuaranteedRef { $0.constants[Int(instruction.c)].value },
      ]
    case .test, .testUnset, .forPrepare, .pushHandler: return [registers[Int(instruction.a)].value]
    case .testEqual, .testNotEqual, .testLess, .testLessOrEqual, .testGreater, .testGreaterOrEqual:
      return [registers[Int(instruction.a)].value, registers[Int(instruction.b)].value]
    case .testEqualConstant, .testLessConstant, .testGreaterConstant, .testLessOrEqualConstant,
      .testGreaterOrEqualConstant:
      return [
        registers[Int(instruction.a)].value,
        frame.prototype._withUnsafeGuaranteedRef { $0.constants[Int(instruction.b)].value },
      ]
    case .negate, .not, .field, .unpack: return [registers[Int(instruction.b)].value]
    default: return [registers[Int(instruction.b)].value, registers[Int(instruction.c)].value]
    }
  }

  /// `w: f32[100×10], from line 8`
  private func words(for operand: Operand, _ value: Value, _ source: Source) -> String {
    var text = summary(of: value)
    if let name = operand.name { text = "\(name): \(text)" }
    switch operand.origin {
    case .unknown: break
    case .local(let span):
      let line = source.line(at: Int(span.start))
      if !span.isEmpty, line != source.line(at: Int(operand.span.start)) { text += ", from line \(line)" }
    case .global(let global):
      if let origin = (global.slot.isUndefined ? global.fallback : global)?.origin {
        let line = origin.source.line(at: Int(origin.span.start))
        text += origin.source === source ? ", from line \(line)" : ", from \(origin.source.name):\(line)"
      }
    }
    return text
  }

  /// One short line for a value.
  package func summary(of value: Value) -> String {
    switch value {
    case .none: return "none"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .float(let value): return Numbers.text(value)
    case .text(let text):
      return text.string.utf8.count > 40
        ? "a string of \(text.count) characters" : ValuePrinter.quoted(text.string)
    case .list(let list): return "a list of \(list.count)"
    case .tuple(let tuple): return "a tuple of \(tuple.elements.count)"
    case .record(let record): return "a record with \(record.names.prefix(4).joined(separator: ", "))"
    case .range(let range): return "\(range.lower)..\(range.upper)"
    case .function(let function): return "the function \(function.name)"
    case .object(let object): return object.summary
    }
  }
}
