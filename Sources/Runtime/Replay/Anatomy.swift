/// What a value is made of, besides the numbers in it: two values of one anatomy differ in their leaves alone.
///
/// Leaves are those of `Structure`, in its order. Everything else, such as the settings of models, is part of the anatomy.
package struct Anatomy: Equatable {
  private enum Part: Equatable {
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

  package static func == (a: Anatomy, b: Anatomy) -> Bool { a.parts == b.parts }

  /// - Parameter leaf: is told each leaf; it answers whether it can stand for any other of its kind.
  /// - Returns: nil where there is something of which not everything is known.
  package init?(_ value: Value, leaf: (Value) -> Bool) {
    guard add(value, inModel: false, isSetting: false, leaf) else { return nil }
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
