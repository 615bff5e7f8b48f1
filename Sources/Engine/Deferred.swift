import CEngine
import Synchronization

/// An elementwise operation on a large tensor whose numbers nobody has asked for yet.
///
/// `lr * m_hat / (sqrt(v_hat) + eps)` makes six of these and no pass over memory. When one is needed, it and what it is
/// computed from run as one pass (`FusedPass`), block by block, each operation by the same loop that would have run it
/// alone: the bits are those of operations done one after the other. Tensors are immutable, so it does not matter when.
///
/// A temporary's storage dies before the pass and its numbers then never leave the cache; what is still held is written.
final class Deferred {
  /// Where an operation finds an operand.
  enum Operand {
    /// As many numbers as the result has.
    case memory(Tensor)
    case deferred(Deferred)
    /// One number for all, as the bits of an element.
    case number(UInt)
  }

  enum Operation {
    case unary(UnaryKernel)
    case binary(BinaryKernel)
  }

  let operation: Operation
  let dtype: DType
  let count: Int
  private(set) var operands: [Operand]
  /// How many operations wait behind this one, itself included; those reached twice count twice.
  private let weight: Int
  /// The storage that wants the numbers, while somebody holds it. The storage clears it.
  unowned(unsafe) var owner: Storage?
  /// The numbers, once they were written.
  private(set) var result: Storage?
  /// The place in the pass that is being planned.
  var place = -1

  /// Guards every `Deferred`, and the pending storages.
  static let lock = Mutex(())

  /// Fewer elements are computed at once: the pass would cost more than it saves.
  static let fewest = 4097
  private static let heaviest = 48

  private init(_ operation: Operation, _ operands: [Operand], _ dtype: DType, _ count: Int, weight: Int) {
    self.operation = operation
    self.operands = operands
    self.dtype = dtype
    self.count = count
    self.weight = weight
  }

  /// The tensor an operation will give. Operands have the result's dtype, and its count or one element.
  static func tensor(_ operation: Operation, _ inputs: [Tensor], shape: [Int], count: Int) throws -> Tensor {
    // In a rehearsal there are no numbers to wait for.
    if Rehearsal.isOn || inputs.contains(where: \.isHollow) {
      return try Tensor(hollow: inputs[0].dtype, shape, count: count)
    }
    let weight = lock.withLock { _ in inputs.reduce(1) { $0 + $1.weight } }
    // What is asked for by its place in memory has to be there; so has what a long chain stands on.
    for input in inputs
    where weight > heaviest || input.count != count || input.isWithoutMemory || !input.isWhole {
      try input.storage?.settle()
    }
    return try lock.withLock { _ in
      let operands = try inputs.map { try $0.operand(of: count) }
      let waiting = weight > heaviest ? 1 : weight
      return try Tensor(Deferred(operation, operands, inputs[0].dtype, count, weight: waiting), shape: shape)
    }
  }

  /// The numbers lie in the owner's memory now; what they were computed from is let go.
  func finish() {
    guard let owner else { return }
    result = owner
    operands = []
    owner.finish()
    self.owner = nil
  }

  fileprivate var waiting: Int { result == nil ? weight : 0 }
}

extension Tensor {
  /// The operations that wait behind the tensor.
  fileprivate var weight: Int { deferred?.waiting ?? 0 }

  private var deferred: Deferred? {
    if case .operation(let deferred) = storage?.pending { deferred } else { nil }
  }

  fileprivate func operand(of count: Int) throws -> Deferred.Operand {
    if self.count != count { return .number(try withBytes { Tensor.loadBits(.init(mutating: $0), dtype) }) }
    if let deferred { return .deferred(deferred) }
    return .memory(self)
  }
}
