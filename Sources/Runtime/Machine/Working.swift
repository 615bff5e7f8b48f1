/// Values as the lines of an explanation show them.
package struct Working {
  private let machine: Machine
  /// Which entry of a tensor is asked for; `none` for all of it.
  private let entry: Value
  /// The shape of the tensor that it is an entry of; `nil` where it is one of whatever is shown.
  private let shape: [Int]?
  /// What a rule calls its loss and gradient, with what they are.
  private let functions: [(name: String, shown: String, value: Value)]

  init(
    _ machine: Machine, entry: Value, of parameter: Value? = nil,
    functions: [(name: String, shown: String, value: Value)] = []
  ) {
    (self.machine, self.entry, self.functions) = (machine, entry, functions)
    shape = parameter.flatMap { machine.shape(of: $0) }
  }

  /// What longer texts than this are shown as a summary.
  private static let lengthLimit = 160

  /// A line with its numbers put in. What they read back as has the value's very bits; where that cannot be (a sum over
  /// a tensor of which one entry is shown), tensors stand as a whole; a function's text that means nothing outside of
  /// the rule is left out.
  func line(_ line: ExplainedLine, value: Value, leaves: [Value]) throws -> Explanation.Line {
    let symbols =
      line.isCondition ? "if \(line.symbols)" : line.name.map { "\($0) = \(line.symbols)" } ?? line.symbols
    let shown = try text(value, at: entry)
    func row(_ numbers: String) -> Explanation.Line {
      Explanation.Line(symbols: symbols, numbers: numbers == shown.text ? "" : numbers, value: shown.text)
    }
    // Nothing is put in where what stands there has no numbers of its own.
    if leaves.isEmpty || leaves.contains(where: Working.isNoNumber) { return row("") }
    let parts = try leaves.map { try text($0, at: entry) }
    if parts.allSatisfy(\.isWhole), shown.isWhole {
      let numbers = line.substituted(parts.map(\.text))
      var isWhole = false
      if case .none = entry { isWhole = true }
      if try readsBack(numbers, as: shown.text, isWhole: isWhole) { return row(renamed(numbers)) }
      if isWhole { return row("") }
    }
    let wholes = try leaves.map { try text($0, at: .none) }
    let numbers = line.substituted(wholes.map(\.text))
    if wholes.allSatisfy(\.isWhole) {
      let whole = try text(value, at: .none).text
      guard try readsBack(numbers, as: whole, isWhole: true) else { return row("") }
      return Explanation.Line(symbols: symbols, numbers: renamed(numbers), value: whole)
    }
    return row(numbers.count <= Working.lengthLimit ? renamed(numbers) : "")
  }

  private func readsBack(_ numbers: String, as shown: String, isWhole: Bool) throws -> Bool {
    switch machine.readBack(numbers, functions.map { ($0.name, $0.value) }) {
    case .value(let value): return try text(value, at: .none).text == shown
    case .noValue: return false
    // Of a tensor of which one entry is shown, nobody can say without trying.
    case .mayAct: return isWhole
    }
  }

  /// `∇f(…)` where the rule says `grad_at(…)`.
  private func renamed(_ text: String) -> String {
    functions.reduce(text) { text, function in
      text.replacing(function.name, with: function.shown)
    }
  }

  /// A function, an optimizer, or a collection with one of them in it.
  private static func isNoNumber(_ value: Value) -> Bool {
    switch value {
    case .function: true
    case .object(let object): !object.isNumeric && !(object is ModelValue)
    case .list(let list): list.elements.contains(where: isNoNumber)
    case .tuple(let tuple): tuple.elements.contains(where: isNoNumber)
    case .record(let record): record.values.contains(where: isNoNumber)
    default: false
    }
  }

  private static func isDouble(_ value: Value) -> Bool {
    switch value {
    case .float: true
    case .object(let object):
      if case .float? = object.asNumber { !object.working.hasPrefix("f32") } else { false }
    default: false
    }
  }

  private static func isSingle(_ value: Value) -> Bool {
    if case .object(let object) = value { return object.asNumber != nil }
    return value.isNumber
  }

  // MARK: Values

  package struct Text {
    package let text: String
    /// Whether it reads back as the value.
    package let isWhole: Bool
  }

  /// A value's text: a number with all its digits, of a tensor the entry asked for.
  func text(_ value: Value, at place: Value) throws -> Text {
    switch value {
    case .none, .bool, .int, .float, .text, .range:
      return Text(text: ValuePrinter().element(value), isWhole: true)
    case .function(let function): return Text(text: function.name, isWhole: false)
    case .list(let list):
      // A bracket of numbers would be a tensor.
      guard !list.elements.isEmpty, list.elements.allSatisfy(Working.isSingle) else {
        return try text(list.elements, "[", "]")
      }
      let isFloat = list.elements.contains(where: Working.isDouble)
      return try text(list.elements, isFloat ? "list(f64([" : "list([", isFloat ? "]))" : "])")
    case .tuple(let tuple): return try text(tuple.elements, "(", tuple.elements.count == 1 ? ",)" : ")")
    case .record(let record):
      let fields = try record.values.map { try text($0, at: .none) }
      let list = zip(record.names, fields).map { "\($0): \($1.text)" }.joined(separator: ", ")
      return short(Text(text: "{\(list)}", isWhole: fields.allSatisfy(\.isWhole)), value)
    case .object(let object):
      guard object.isNumeric else { return Text(text: ValuePrinter().element(value), isWhole: false) }
      guard object.count != nil else { return Text(text: object.working, isWhole: true) }
      let isOther = shape != nil && machine.shape(of: value) != shape
      switch isOther ? .none : place {
      case .none: return Text(text: object.working, isWhole: object.isShownWhole)
      case .list(let indices): return try text(machine.index(value, indices.elements), at: .none)
      case .tuple(let indices): return try text(machine.index(value, indices.elements), at: .none)
      default: return try text(machine.index(value, [place]), at: .none)
      }
    }
  }

  private func text(_ elements: [Value], _ open: String, _ close: String) throws -> Text {
    let parts = try elements.map { try text($0, at: .none) }
    let list = "\(open)\(parts.map(\.text).joined(separator: ", "))\(close)"
    return short(Text(text: list, isWhole: parts.allSatisfy(\.isWhole)), .list(List(elements)))
  }

  private func short(_ text: Text, _ value: Value) -> Text {
    text.text.count <= Working.lengthLimit ? text : Text(text: machine.summary(of: value), isWhole: false)
  }
}

extension Machine {
  /// A tensor's shape.
  fileprivate func shape(of value: Value) -> [Int]? {
    guard case .object(let object) = value, object.isNumeric,
      case .list(let list)? = try? object.field("shape", self)
    else { return nil }
    return list.elements.compactMap { if case .int(let extent) = $0 { extent } else { nil as Int? } }
  }

  /// A value as a line of working shows it.
  package func working(_ value: Value, at place: Value = .none) throws -> Working.Text {
    try Working(self, entry: place).text(value, at: place)
  }
}
