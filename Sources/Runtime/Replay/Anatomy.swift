/// What a value is made of, besides the numbers in it: two values of one anatomy differ in their leaves alone.
///
/// Leaves are those of `Structure`, in its order. Everything else, such as the settings of models, is part of the anatomy.
package struct Anatomy {
  private enum Part {
    case leaf, none
    case flag(Bool)
    case whole(Int)
    case number(UInt64)
    case word(String)
    case function(ObjectIdentifier)
    case list(Int)
    case tuple(Int)
    case record([String])
    case model(ObjectIdentifier)
    case tensor(ObjectIdentifier)
  }

  private var parts: [Part] = []
  /// Functions among the settings, and models: what may be called.
  package private(set) var functions: [FunctionValue] = []
  package private(set) var models: [ModelValue] = []
  /// Held, so that their addresses stay theirs.
  private var constructors: [ModelConstructor] = []
  private var tensors: [Object] = []
  private static let mostParts = 1_000

  /// The same for comparison alone, without the models and what they hold.
  package var emptied: Anatomy {
    var copy = self
    copy.models = []
    return copy
  }

  /// - Parameter leaf: is told each leaf; it answers whether it can stand for any other of its kind.
  /// - Returns: nil where there is something of which not everything is known.
  package init?(_ value: Value, leaf: (Value) -> Bool) {
    guard add(value, inModel: false, isSetting: false, leaf) else { return nil }
  }

  /// Whether a value has this anatomy, without making its own.
  /// - Parameter leaf: as of `init`.
  package func matches(_ value: Value, leaf: (Value) -> Bool) -> Bool {
    var place = 0
    return matches(value, inModel: false, isSetting: false, &place, leaf) && place == parts.count
  }

  private func matches(
    _ value: Value, inModel: Bool, isSetting: Bool, _ place: inout Int, _ leaf: (Value) -> Bool
  ) -> Bool {
    guard place < parts.count else { return false }
    defer { place += 1 }
    if !isSetting, Structure.isLeaf(value, inModel: inModel) {
      if case .leaf = parts[place] { return leaf(value) }
      return false
    }
    switch (value, parts[place]) {
    case (.object(let model as ModelValue), .model(let constructor)) where !isSetting:
      return ObjectIdentifier(model.constructor) == constructor && matches(model, &place, leaf)
    case (.list(let list), .list(let count)):
      return list.count == count && matches(list.elements, inModel, isSetting, &place, leaf)
    case (.tuple(let tuple), .tuple(let count)):
      return tuple.elements.count == count && matches(tuple.elements, inModel, isSetting, &place, leaf)
    case (.record(let record), .record(let names)):
      return record.names == names && matches(record.values, inModel, isSetting, &place, leaf)
    case (.function(let function), .function(let known)): return ObjectIdentifier(function) == known
    case (.int(let number), .whole(let known)): return number == known
    case (.bool(let flag), .flag(let known)): return flag == known
    case (.float(let number), .number(let bits)): return number.bitPattern == bits
    case (.text(let text), .word(let word)): return text.string == word
    case (.none, .none): return true
    case (.object(let object), .tensor(let known)): return isSetting && ObjectIdentifier(object) == known
    default: return false
    }
  }

  /// Parts after the present one, which are those of values that belong to it.
  private func matches(
    _ values: [Value], _ inModel: Bool, _ isSetting: Bool, _ place: inout Int, _ leaf: (Value) -> Bool
  ) -> Bool {
    place += 1
    for value in values {
      guard matches(value, inModel: inModel, isSetting: isSetting, &place, leaf) else { return false }
    }
    place -= 1
    return true
  }

  private func matches(_ model: ModelValue, _ place: inout Int, _ leaf: (Value) -> Bool) -> Bool {
    place += 1
    let aliases = model.constructor.declaration.aliases
    for (index, field) in model.fields.enumerated() {
      if aliases.contains(where: { $0.setting == index }) { continue }
      let isSetting = !model.isParameterField(index)
      guard matches(field, inModel: true, isSetting: isSetting, &place, leaf) else { return false }
    }
    place -= 1
    return true
  }

  private mutating func add(
    _ value: Value, inModel: Bool, isSetting: Bool, _ leaf: (Value) -> Bool
  ) -> Bool {
    guard parts.count < Anatomy.mostParts else { return false }
    if !isSetting, Structure.isLeaf(value, inModel: inModel) {
      parts.append(.leaf)
      return leaf(value)
    }
    func each(_ values: [Value]) -> Bool {
      for value in values {
        guard add(value, inModel: inModel, isSetting: isSetting, leaf) else { return false }
      }
      return true
    }
    switch value {
    case .none: parts.append(.none)
    case .bool(let flag): parts.append(.flag(flag))
    case .int(let number): parts.append(.whole(number))
    case .float(let number): parts.append(.number(number.bitPattern))
    case .text(let text): parts.append(.word(text.string))
    case .function(let function):
      parts.append(.function(ObjectIdentifier(function)))
      functions.append(function)
    case .list(let list):
      parts.append(.list(list.count))
      return each(list.elements)
    case .tuple(let tuple):
      parts.append(.tuple(tuple.elements.count))
      return each(tuple.elements)
    case .record(let record):
      parts.append(.record(record.names))
      return each(record.values)
    case .object(let model as ModelValue) where !isSetting: return add(model, leaf)
    case .object(let object) where isSetting && object.isNumeric:
      parts.append(.tensor(ObjectIdentifier(object)))
      tensors.append(object)
    default: return false
    }
    return true
  }

  private mutating func add(_ model: ModelValue, _ leaf: (Value) -> Bool) -> Bool {
    parts.append(.model(ObjectIdentifier(model.constructor)))
    constructors.append(model.constructor)
    models.append(model)
    let aliases = model.constructor.declaration.aliases
    for (index, field) in model.fields.enumerated() {
      // Layers given as settings are the ones that a field below holds.
      if aliases.contains(where: { $0.setting == index }) { continue }
      let isParameter = model.isParameterField(index)
      guard add(field, inModel: true, isSetting: !isParameter, leaf) else { return false }
    }
    return true
  }
}
