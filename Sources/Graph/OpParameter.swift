import Engine

/// One parameter of an op as the language calls it; tensors become inputs, everything else attributes, in
/// order.
package struct OpParameter: Sendable {
  package enum Kind: Sendable, Equatable {
    /// One tensor.
    case tensor
    /// A list of tensors; such an op has no other tensor parameter.
    case tensors
    /// An integer, a list of integers, or none for every axis.
    case axes
    /// One integer, negative from the end.
    case axis
    case flag
    /// Integers: sizes, at most one of them -1 where the op says so.
    case shape
    /// A list of integers.
    case integers
    case integer
    /// One whole number, or two: down and across.
    case pair
    /// A piece of text.
    case text
    case number
    case dtype
    /// A start, a stop and a step for each axis.
    case ranges
  }

  package let name: String
  package let kind: Kind
  /// What stands when the call does not say; nil: it must.
  package let `default`: Attribute?

  /// Whether the argument is an input of the op and not an attribute.
  package var isInput: Bool { kind == .tensor || kind == .tensors }

  static func tensor(_ name: String) -> OpParameter { OpParameter(name: name, kind: .tensor, default: nil) }
  static func tensors(_ name: String) -> OpParameter { OpParameter(name: name, kind: .tensors, default: nil) }
  static let axes = OpParameter(name: "axis", kind: .axes, default: Attribute.none)
  static let keep = OpParameter(name: "keep", kind: .flag, default: .flag(false))

  static func axis(_ default: Int?) -> OpParameter {
    OpParameter(name: "axis", kind: .axis, default: `default`.map { .axis($0) })
  }
  static func flag(_ name: String, _ default: Bool = false) -> OpParameter {
    OpParameter(name: name, kind: .flag, default: .flag(`default`))
  }
  static func shape(_ name: String = "shape") -> OpParameter {
    OpParameter(name: name, kind: .shape, default: nil)
  }
  static func integers(_ name: String, _ default: Attribute? = nil) -> OpParameter {
    OpParameter(name: name, kind: .integers, default: `default`)
  }
  static func integer(_ name: String, _ default: Int? = nil) -> OpParameter {
    OpParameter(name: name, kind: .integer, default: `default`.map { .integer($0) })
  }
  /// Without a default, `none` stands.
  static func pair(_ name: String, _ default: Int?) -> OpParameter {
    OpParameter(name: name, kind: .pair, default: `default`.map { .integer($0) } ?? Attribute.none)
  }
  static func text(_ name: String) -> OpParameter { OpParameter(name: name, kind: .text, default: nil) }
  static func number(_ name: String, _ default: Double? = nil) -> OpParameter {
    OpParameter(name: name, kind: .number, default: `default`.map { .number($0) })
  }
}

/// What an op is told besides its tensors.
package enum Attribute: Sendable, Equatable {
  case none
  case axes([Int])
  case axis(Int)
  case flag(Bool)
  case shape([Int])
  case integers([Int])
  case integer(Int)
  case number(Double)
  case text(String)
  case dtype(DType)
  case ranges([AxisRange])
}

extension Attribute {
  /// The attributes of an op that is told one position; those of the first few exist once.
  static func position(_ place: Int) -> [Attribute] {
    place < firstPositions.count && place >= 0 ? firstPositions[place] : [.integer(place)]
  }

  private static let firstPositions: [[Attribute]] = (0..<16).map { [.integer($0)] }
}

/// The positions `start, start + step, …` before `stop` of one axis; with a negative step `stop` may be -1.
package struct AxisRange: Sendable, Equatable {
  package let start: Int
  package let stop: Int
  package let step: Int

  package init(_ start: Int, _ stop: Int, step: Int = 1) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  package init(_ range: Range<Int>) { self.init(range.lowerBound, range.upperBound) }
}

extension Array where Element == Attribute {
  /// The attribute at a position; `none` past the end, so that trailing defaults may be left out.
  func at(_ position: Int) -> Attribute {
    position < count ? self[position] : .none
  }

  /// Axes, or nil for all of them.
  func axes(_ position: Int) -> [Int]? {
    switch at(position) {
    case .axes(let axes), .integers(let axes), .shape(let axes): axes
    case .axis(let axis), .integer(let axis): [axis]
    default: nil
    }
  }

  func axis(_ position: Int) -> Int? {
    switch at(position) {
    case .axis(let axis), .integer(let axis): axis
    case .axes(let axes), .integers(let axes): axes.count == 1 ? axes[0] : nil
    default: nil
    }
  }

  func flag(_ position: Int) -> Bool {
    if case .flag(let flag) = at(position) { flag } else { false }
  }

  func integers(_ position: Int) -> [Int]? {
    switch at(position) {
    case .shape(let sizes), .integers(let sizes), .axes(let sizes): sizes
    case .integer(let size), .axis(let size): [size]
    default: nil
    }
  }

  func integer(_ position: Int) -> Int? { axis(position) }

  func number(_ position: Int) -> Double? {
    switch at(position) {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    default: nil
    }
  }

  func text(_ position: Int) -> String? {
    if case .text(let text) = at(position) { text } else { nil }
  }

  func dtype(_ position: Int) -> DType? {
    if case .dtype(let dtype) = at(position) { dtype } else { nil }
  }

  func ranges(_ position: Int) -> [AxisRange]? {
    if case .ranges(let ranges) = at(position) { ranges } else { nil }
  }
}
