import CEngine

/// A computation on small tensors, with every place in memory and every loop looked up beforehand: see
/// `SmallProgramWriter`.
///
/// Run again, it costs its arithmetic: nothing is allocated but what it answers, nothing is counted or dispatched. Each
/// step runs the loop that the operation runs by itself, so that the bits are the same.
package final class SmallProgram {
  /// A value of the program: an input, a constant, or what a step computes.
  package struct Place: Sendable {
    package let dtype: DType
    package let shape: [Int]
    package let count: Int
    /// Where it lies, in bytes from the start of the program's memory.
    let offset: Int
    var byteCount: Int { count &* dtype.byteCount }
  }

  /// Larger tensors are worth the fused passes over memory that they make by themselves.
  package static let largestCount = 4096

  private let inputs: [Place]
  private let steps: [maas_replay_step]
  private let memory: UnsafeMutableRawPointer

  /// Takes the memory over; the steps are prepared and point into it.
  init(inputs: [Place], steps: [maas_replay_step], memory: UnsafeMutableRawPointer) {
    (self.inputs, self.steps, self.memory) = (inputs, steps, memory)
  }

  deinit { memory.deallocate() }

  /// Computes everything from inputs of the dtypes and shapes it was written for.
  /// - Returns: whether the inputs were those.
  package func run(_ tensors: [Tensor]) throws -> Bool {
    guard tensors.count == inputs.count else { return false }
    for (place, tensor) in zip(inputs, tensors) {
      guard tensor.dtype == place.dtype, tensor.shape == place.shape else { return false }
      try tensor.withBytes { (memory + place.offset).copyMemory(from: $0, byteCount: place.byteCount) }
    }
    steps.withUnsafeBufferPointer { maas_replay($0.baseAddress, $0.count) }
    try Cancellation.check()
    return true
  }

  /// What the last run computed.
  package func value(of place: Place) throws -> Tensor {
    let from = memory + place.offset
    if place.shape.isEmpty { return Tensor(bits: Tensor.loadBits(from, place.dtype), dtype: place.dtype) }
    return try Tensor(place.dtype, place.shape, count: place.count) {
      $0.copyMemory(from: from, byteCount: place.byteCount)
    }
  }
}
