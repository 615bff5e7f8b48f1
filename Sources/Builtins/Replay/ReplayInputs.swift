import Engine
import Graph
import Runtime

/// Arguments as a recording takes them: numbers and tensors, and what else it was made for.
struct ReplayInputs {
  /// What a recording needs to find again of a number besides dtype and shape.
  enum Kind: Equatable {
    case plain, tensor
  }

  /// What an argument is besides the numbers in it.
  enum Form {
    case number
    /// A function, which was not called.
    case function
    case value(Anatomy)

    fileprivate var emptied: Form {
      if case .value(let anatomy) = self { .value(anatomy.emptied) } else { self }
    }
  }

  private var arguments: [Value]
  /// What the function has captured and counts as arguments too, by position.
  private var captured: [(position: Int, value: Value)]
  private(set) var forms: [Form] = []
  private(set) var kinds: [Kind] = []
  private(set) var tensors: [Tensor] = []

  /// - Parameter captured: values that the function has captured, by position.
  /// - Returns: nil where an argument is something else, or on a tape already.
  init?(_ arguments: [Value], captured: [(position: Int, value: Value)] = []) {
    self.arguments = arguments
    self.captured = captured
    forms.reserveCapacity(arguments.count + captured.count)
    kinds.reserveCapacity(arguments.count + captured.count)
    tensors.reserveCapacity(arguments.count + captured.count)
    for argument in arguments {
      if case .function = argument { forms.append(.function) } else if !add(argument) { return nil }
    }
    for (_, value) in captured { guard add(value) else { return nil } }
  }

  private mutating func add(_ value: Value) -> Bool {
    if let (tensor, kind) = ReplayInputs.number(value) {
      forms.append(.number)
      kinds.append(kind)
      tensors.append(tensor)
      return true
    }
    var (kinds, tensors) = (kinds, tensors)
    let anatomy = Anatomy(value) { leaf in
      guard let (tensor, kind) = ReplayInputs.number(leaf) else { return false }
      kinds.append(kind)
      tensors.append(tensor)
      return true
    }
    guard let anatomy else { return false }
    (self.kinds, self.tensors) = (kinds, tensors)
    forms.append(.value(anatomy))
    return true
  }

  @inline(__always)
  private static func number(_ leaf: Value) -> (Tensor, Kind)? {
    switch leaf {
    case .float(let number): return (Tensor(scalar: number), .plain)
    case .int(let number): return Double(exactly: number).map { (Tensor(scalar: $0), .plain) }
    case .object(let object as TensorObject):
      let term = object.term
      guard object.form == nil, term.tensor.count > 0, !term.tensor.isHollow, !term.isTraced, !term.isCut
      else { return nil }
      return (term.tensor, term.isWeak ? .plain : .tensor)
    default: return nil
    }
  }

  /// The functions and models that the arguments bring.
  var functions: [FunctionValue] { anatomies.flatMap(\.functions) }
  var models: [ModelValue] { anatomies.flatMap(\.models) }
  var freed: [Int] { captured.map(\.position) }

  private var anatomies: [Anatomy] {
    forms.compactMap { if case .value(let anatomy) = $0 { anatomy } else { nil } }
  }

  /// The numbers in arguments and captured values that resemble these; nil where they do not.
  func numbers(_ arguments: [Value], _ captures: [Value?]) -> [Tensor]? {
    guard arguments.count + captured.count == forms.count else { return nil }
    var taken = Taken(place: 0)
    taken.tensors.reserveCapacity(kinds.count)
    for (index, argument) in arguments.enumerated() {
      guard take(argument, at: index, &taken) else { return nil }
    }
    return takeCaptures(captures, &taken) ? taken.tensors : nil
  }

  /// The numbers alone that come between and after so many leaves, in such arguments of which the first and the last
  /// few are what the recording gave itself: those of the arguments in between, and of the captured values.
  /// - Returns: besides, how many come between; nil where they do not resemble these.
  func data(
    between first: Int, _ arguments: [Value], and last: Int, _ captures: [Value?]
  ) -> (tensors: [Tensor], between: Int)? {
    guard 1 + arguments.count + last + captured.count == forms.count else { return nil }
    var taken = Taken(place: first)
    taken.tensors.reserveCapacity(kinds.count - first - last)
    for (index, argument) in arguments.enumerated() {
      guard take(argument, at: 1 + index, &taken) else { return nil }
    }
    let between = taken.tensors.count
    taken.place += last
    return takeCaptures(captures, &taken) ? (taken.tensors, between) : nil
  }

  /// Numbers that were found, and where among all of them the next one stands.
  private struct Taken {
    var tensors: [Tensor] = []
    var place: Int
    init(place: Int) { self.place = place }
  }

  /// Takes the captured values, which come last, and says whether everything is there.
  private func takeCaptures(_ captures: [Value?], _ taken: inout Taken) -> Bool {
    let start = forms.count - captured.count
    for (index, (position, _)) in captured.enumerated() {
      guard position < captures.count, let value = captures[position],
        take(value, at: start + index, &taken)
      else { return false }
    }
    return taken.place == kinds.count
  }

  @inline(__always)
  private func take(_ value: Value, at index: Int, _ taken: inout Taken) -> Bool {
    switch forms[index] {
    case .number: take(value, &taken)
    case .function: if case .function = value { true } else { false }
    case .value(let anatomy): anatomy.matches(value) { take($0, &taken) }
    }
  }

  @inline(__always)
  private func take(_ leaf: Value, _ taken: inout Taken) -> Bool {
    guard taken.place < kinds.count, let (tensor, kind) = ReplayInputs.number(leaf),
      kind == kinds[taken.place]
    else { return false }
    taken.tensors.append(tensor)
    taken.place += 1
    return true
  }

  /// The same without its numbers, for comparison: a recording keeps nobody's tensors alive.
  var emptied: ReplayInputs {
    var copy = self
    copy.tensors = []
    copy.arguments = []
    copy.captured = captured.map { ($0.position, .none) }
    for index in forms.indices { copy.forms[index] = forms[index].emptied }
    return copy
  }

  /// What a recording is made of: the arguments with variables without elements in the place of the numbers, the
  /// function as if it had captured such.
  struct Hollow {
    let variables: [Term]
    let arguments: [Value]
    let function: FunctionValue
  }

  func hollow(_ function: FunctionValue, on tape: Tape) throws -> Hollow {
    var terms: [Term] = []
    func hollow(_ value: Value) throws -> Value {
      if case .function = value { return .function(UncalledFunction()) }
      return try Structure.map(value) { _ in
        let index = terms.count
        guard index < tensors.count else { return .none }
        terms.append(try tape.hollowVariable(like: tensors[index], weak: kinds[index] == .plain))
        return .object(TensorObject(terms[index]))
      }
    }
    let hollowArguments = try arguments.map(hollow)
    var captures: [Int: Value] = [:]
    for (position, value) in captured { captures[position] = try hollow(value) }
    return Hollow(
      variables: terms, arguments: hollowArguments,
      function: Reach.function(function, capturing: captures))
  }
}

/// Stands for any function in a recording, which fails if it is called.
final class UncalledFunction: FunctionValue {
  private struct Called: Error {}
  override var name: String { "function" }
  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value { throw Called() }
}
