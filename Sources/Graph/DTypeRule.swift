import Engine

/// How an op brings its inputs to the dtypes it computes with.
///
/// Plain numbers are weaker than tensors of rank 0, and those weaker than tensors of rank 1 and more. The
/// strongest class present decides; within it `DType.promote` does. An integer class that meets a weaker
/// float becomes the default float.
package enum DTypeRule: Sendable {
  /// Inputs as they are.
  case untouched
  /// Integers become floats.
  case floating
  /// One common dtype; booleans count as integers.
  case promoted
  /// One common float dtype.
  case promotedFloating
  /// One common dtype that loses nothing, for comparisons.
  case compared
  /// Small integers become `i64`, so that adding many of them does not wrap.
  case accumulated
  /// The first input as it is, the others to one common dtype.
  case promotedAfterFirst
  /// One common dtype, booleans stay booleans.
  case joined

  func resolve(_ x: Term) throws -> Tensor {
    let dtype = x.tensor.dtype
    if dtype.isFloat { return x.tensor }
    switch self {
    case .untouched, .joined, .promotedAfterFirst, .compared: return x.tensor
    case .floating, .promotedFloating: return try x.tensor.converted(to: Self.float(for: x))
    case .accumulated: return dtype == .i64 ? x.tensor : try x.tensor.converted(to: .i64)
    case .promoted: return dtype == .bool ? try x.tensor.converted(to: .i64) : x.tensor
    }
  }

  func resolve(_ x: Term, _ y: Term) throws -> (Tensor, Tensor) {
    switch self {
    case .untouched: return (x.tensor, y.tensor)
    case .floating, .accumulated: return (try resolve(x), try resolve(y))
    case .promotedAfterFirst: return (x.tensor, y.tensor)
    case .promoted, .promotedFloating, .compared, .joined:
      let dtype = try commonDType(x, y)
      return (try Self.brought(x, to: dtype), try Self.brought(y, to: dtype))
    }
  }

  func resolve(_ inputs: [Term]) throws -> [Tensor] {
    switch self {
    case .untouched: return inputs.map(\.tensor)
    case .floating, .accumulated: return try inputs.map { try resolve($0) }
    case .promotedAfterFirst:
      guard let first = inputs.first else { return [] }
      let rest = try DTypeRule.joined.resolve(Array(inputs.dropFirst()))
      return [first.tensor] + rest
    case .promoted, .promotedFloating, .compared, .joined:
      let common = Promotion(inputs)
      let dtype = try adjusted(common.dtype, inputs, common)
      return try inputs.map { try Self.brought($0, to: dtype) }
    }
  }

  @inline(__always)
  private func commonDType(_ x: Term, _ y: Term) throws -> DType {
    var common = Promotion(x)
    common.add(y)
    if common.dtype.isFloat && !common.roundsIntegers { return common.dtype }
    return try adjusted(common.dtype, [x, y], common)
  }

  /// What the rule makes of a common dtype that may be an integer.
  private func adjusted(_ dtype: DType, _ inputs: [Term], _ common: Promotion) throws -> DType {
    if self == .compared {
      if common.roundsIntegers { return .f64 }
      return dtype.isInteger && dtype != .i64 && inputs.count > 1 && !common.isUniform ? .i64 : dtype
    }
    if dtype.isFloat { return dtype }
    switch self {
    case .promotedFloating: return common.strength == .plain ? .f64 : Graph.defaultFloat
    case .promoted where dtype == .bool: return common.weakerInteger ?? .i64
    case .joined where dtype == .bool: return common.weakerInteger ?? .bool
    default: return dtype
    }
  }

  private static func float(for x: Term) -> DType { x.isWeak ? .f64 : Graph.defaultFloat }

  /// A term's tensor in a dtype; a single integer that the dtype cannot hold is refused and not clamped.
  @inline(__always)
  private static func brought(_ term: Term, to dtype: DType) throws -> Tensor {
    if term.tensor.dtype == dtype { return term.tensor }
    if dtype.isInteger, term.tensor.rank == 0, !term.tensor.isHollow { try checkFits(term.tensor, dtype) }
    return try term.tensor.converted(to: dtype)
  }

  private static func checkFits(_ tensor: Tensor, _ dtype: DType) throws {
    let value = try tensor.int(at: 0)
    let fits =
      switch dtype {
      case .u8: UInt8(exactly: value) != nil
      case .i8: Int8(exactly: value) != nil
      case .i32: Int32(exactly: value) != nil
      default: true
      }
    guard fits else { throw EngineError.badValue("\(value) does not fit in \(dtype.name)") }
  }
}

/// The dtype that several terms agree on.
struct Promotion {
  enum Strength: Int { case plain, single, array }

  private(set) var strength: Strength
  private(set) var dtype: DType
  /// The integer dtype of a class weaker than the deciding one, for booleans that decide.
  private(set) var weakerInteger: DType?
  /// Whether integers that have a say become floats of a dtype that may not hold them.
  private(set) var roundsIntegers = false
  /// Whether all had one dtype.
  private(set) var isUniform = true

  init(_ term: Term) {
    strength = Self.strength(term)
    dtype = term.tensor.dtype
  }

  init(_ terms: [Term]) {
    self.init(terms.first ?? 0.0)
    for term in terms.dropFirst() { add(term) }
  }

  @inline(__always)
  private static func strength(_ term: Term) -> Strength {
    term.isWeak ? .plain : term.tensor.rank == 0 ? .single : .array
  }

  mutating func add(_ term: Term) {
    let other = Self.strength(term)
    let otherDType = term.tensor.dtype
    if otherDType != dtype { isUniform = false }
    if other == strength {
      if otherDType.isFloat != dtype.isFloat { roundsIntegers = true }
      dtype = DType.promote(dtype, otherDType)
    } else if other.rawValue > strength.rawValue {
      let weaker = dtype
      strength = other
      dtype = otherDType
      meet(weaker: weaker)
    } else {
      meet(weaker: otherDType)
    }
  }

  private mutating func meet(weaker: DType) {
    if weaker.isInteger { weakerInteger = weakerInteger.map { DType.promote($0, weaker) } ?? weaker }
    if weaker.isFloat && !dtype.isFloat {
      dtype = Graph.defaultFloat
      roundsIntegers = true
    }
  }
}
