/// Leaves that become values when somebody looks at them.
///
/// What a training step gives is mostly handed to the next one as it is: nothing is built for it in between.
open class UnwrittenLeaves {
  public init() {}

  /// The leaves as values, in their order.
  open func written() -> [Value] { [] }
}

extension Structure {
  /// The structure with its leaves, in order, replaced by these. It is as large and as deep as one that is there already.
  static func refilled(_ values: [Value], inModel: Bool, _ leaves: inout ArraySlice<Value>) -> [Value] {
    values.map { value in
      if isLeaf(value, inModel: inModel) { return leaves.popFirst() ?? value }
      switch value {
      case .list(let list): return .list(List(refilled(list.elements, inModel: inModel, &leaves)))
      case .tuple(let tuple): return .tuple(Tuple(refilled(tuple.elements, inModel: inModel, &leaves)))
      case .record(let record):
        return .record(Record(record.names, refilled(record.values, inModel: inModel, &leaves)))
      case .object(let model as ModelValue):
        return .object(model.replacing(model.refilled(&leaves)))
      default: return value
      }
    }
  }
}

extension ModelValue {
  /// The fields with their leaves replaced: settings stay.
  func refilled(_ leaves: inout ArraySlice<Value>) -> [Value] {
    let firstLet = constructor.firstLet
    return Array(fields.prefix(firstLet))
      + Structure.refilled(Array(fields.dropFirst(firstLet)), inModel: true, &leaves)
  }
}
