import CRuntime
import Syntax

/// A value that a rehearsal cannot know. Whatever is asked of it is unknown too: its methods throw `Failure.unknown`,
/// and the machine goes on with an unknown value in the place of the answer.
final class Unknown: Object {
  static var value: Value { .object(Unknown()) }

  override var kind: String { "unknown value" }
  override var isUnknown: Bool { true }

  override func field(_ name: String, _ machine: Machine) throws -> Value? { throw Failure.unknown }
  override func index(_ indices: [Value], _ machine: Machine) throws -> Value { throw Failure.unknown }
  override func settingIndex(_ indices: [Value], to value: Value, _ machine: Machine) throws -> Value {
    throw Failure.unknown
  }
  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value? {
    throw Failure.unknown
  }
  override func binary(_ op: BinaryOperator, _ lhs: Value, _ rhs: Value, _ machine: Machine) throws -> Value {
    throw Failure.unknown
  }
  override func unary(_ op: UnaryOperator, _ machine: Machine) throws -> Value { throw Failure.unknown }
  override func makeIterator(_ machine: Machine) throws -> ValueIterator? { throw Failure.unknown }
}

extension Value {
  /// Whether the value is unknown: wholly, or a tensor without elements.
  package var isUnknown: Bool {
    if case .object(let object) = self { object.isUnknown } else { false }
  }

  /// Whether the value, or one of those it lists, is wholly unknown.
  var isUnknownOrListsUnknown: Bool {
    switch self {
    case .object(let object): object is Unknown
    case .list(let list):
      list.elements.prefix(64).contains { if case .object(let x) = $0 { x is Unknown } else { false } }
    default: false
    }
  }

  /// Whether nothing is known of the value, not even a shape that could be wrong.
  var isShapeless: Bool {
    if case .object(let object) = self {
      object is Unknown || object.isUnknown && object.isSingle
    } else {
      false
    }
  }

  /// Whether some part of the value, as far down as mistakes are made, is as `property` says.
  func holds(_ property: (Value) -> Bool, depth: Int = 0) -> Bool {
    if property(self) { return true }
    guard depth < 6 else { return false }
    func any(_ values: [Value]) -> Bool {
      values.prefix(64).contains { $0.holds(property, depth: depth + 1) }
    }
    switch self {
    case .list(let list): return any(list.elements)
    case .tuple(let tuple): return any(tuple.elements)
    case .record(let record): return any(record.values)
    case .object(let model as ModelValue): return any(model.fields)
    default: return false
    }
  }
}
