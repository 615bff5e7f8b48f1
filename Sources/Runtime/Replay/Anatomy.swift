/// What a value is made of, besides the numbers in it: two values of one anatomy differ in their leaves alone.
///
/// Leaves are those of `Structure`, in its order. Everything else, such as the settings of models, is part of the anatomy.
package struct Anatomy {
  /// Objects are held, so that their addresses stay theirs.
  private enum Part: Equatable {
    case leaf, none
    case flag(Bool)
    case whole(Int)
    case number(UInt64)
    case word(String)
    case function(FunctionValue)
    case list(Int)
    case tuple(Int)
    case record([String])
    case model(ModelConstructor)
    case tensor(Object)

    static func == (a: Part, b: Part) -> Bool {
      switch (a, b) {
      case (.leaf, .leaf), (.none, .none): true
      case (.flag(let x), .flag(let y)): x == y
      case (.whole(let x), .whole(let y)), (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
        x == y
      case (.number(let x), .number(let y)): x == y
      case (.word(let x), .word(let y)): x == y
      case (.record(let x), .record(let y)): x == y
      case (.function(let x), .function(let y)): x === y
      case (.model(let x), .model(let y)): x === y
      case (.tensor(let x), .tensor(let y)): x === y
      default: false
      }
    }
  }

  private var parts: [Part] = []
  /// The models in it: what may be called besides `functions`.
  package private(set) var models: [ModelValue] = []
  private static let mostParts = 1_000

  /// Functions among the settings: what may be called.
  package var functions: [FunctionValue] {
    parts.compactMap { if case .function(let function) = $0 { function } else { nil } }
  }

  /// The same for comparison alone, without the models and what they hold.
  package var emptied: Anatomy {
    var copy = self
    copy.models = []
    return copy
  }

  /// - Parameter leaf: is told each leaf; it answers whether it can stand for any other of its kind.
  /// - Returns: nil where there is something of which not everything is known.
  package init?(_ value: Value, leaf: (Value) -> Bool) {
    var parts: [Part] = []
    var models: [ModelValue] = []
    let isKnown = Anatomy.walk(value, leaf) { part, model in
      parts.append(part)
      if let model { models.append(model) }
      return parts.count <= Anatomy.mostParts
    }
    guard isKnown else { return nil }
    (self.parts, self.models) = (parts, models)
  }

  /// Whether a value has this anatomy, without making its own.
  /// - Parameter leaf: as of `init`.
  package func matches(_ value: Value, leaf: (Value) -> Bool) -> Bool {
    var place = 0
    let isLike = Anatomy.walk(value, leaf) { part, _ in
      defer { place += 1 }
      return place < parts.count && parts[place] == part
    }
    return isLike && place == parts.count
  }

  /// Tells each part, and the model that one is, then the leaf that one is.
  /// - Returns: whether every answer was true, and there was nothing of which not everything is known.
  private static func walk(
    _ value: Value, inModel: Bool = false, isSetting: Bool = false, _ leaf: (Value) -> Bool,
    _ part: (Part, ModelValue?) -> Bool
  ) -> Bool {
    if !isSetting, Structure.isLeaf(value, inModel: inModel) { return part(.leaf, nil) && leaf(value) }
    func each(_ values: [Value]) -> Bool {
      for value in values {
        guard walk(value, inModel: inModel, isSetting: isSetting, leaf, part) else { return false }
      }
      return true
    }
    switch value {
    case .none: return part(.none, nil)
    case .bool(let flag): return part(.flag(flag), nil)
    case .int(let number): return part(.whole(number), nil)
    case .float(let number): return part(.number(number.bitPattern), nil)
    case .text(let text): return part(.word(text.string), nil)
    case .function(let function): return part(.function(function), nil)
    case .list(let list): return part(.list(list.count), nil) && each(list.elements)
    case .tuple(let tuple): return part(.tuple(tuple.elements.count), nil) && each(tuple.elements)
    case .record(let record): return part(.record(record.names), nil) && each(record.values)
    case .object(let model as ModelValue) where !isSetting: return walk(model, leaf, part)
    case .object(let object) where isSetting && object.isNumeric: return part(.tensor(object), nil)
    default: return false
    }
  }

  private static func walk(
    _ model: ModelValue, _ leaf: (Value) -> Bool, _ part: (Part, ModelValue?) -> Bool
  ) -> Bool {
    guard part(.model(model.constructor), model) else { return false }
    let aliases = model.constructor.declaration.aliases
    for (index, field) in model.fields.enumerated() {
      // Layers given as settings are the ones that a field below holds.
      if aliases.contains(where: { $0.setting == index }) { continue }
      let isSetting = !model.isParameterField(index)
      guard walk(field, inModel: true, isSetting: isSetting, leaf, part) else { return false }
    }
    return true
  }
}
