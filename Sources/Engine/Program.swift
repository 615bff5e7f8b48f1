import CEngine

/// A computation with every place in memory and every loop looked up beforehand: see `ProgramWriter`.
///
/// Run again, it costs its arithmetic: nothing is allocated but what it answers and a block for what it computes on the
/// way, nothing is counted or dispatched. Each step runs the loop that the operation runs by itself, so that the bits are
/// the same. One thread at a time runs a program.
package final class Program {
  /// Where something lies.
  enum Home {
    /// In the program's own memory, from this byte on: what goes in is copied there, what comes out is copied from there.
    case own(Int)
    /// In the block of a run, from this byte on.
    case block(Int)
    /// Among the tensors that a run is given or answers: inputs first, then outputs.
    case outside(Int)
  }

  /// An input or an output.
  final class Port {
    let dtype: DType
    let shape: [Int]
    let count: Int
    let home: Home
    var byteCount: Int { count &* dtype.byteCount }

    init(dtype: DType, shape: [Int], count: Int, home: Home) {
      (self.dtype, self.shape, self.count, self.home) = (dtype, shape, count, home)
    }
  }

  /// What steps point to; it lives as long as they do.
  struct Memory {
    let steps: UnsafeMutableBufferPointer<maas_program_step>
    /// Addresses that are others at each run.
    let slots: [maas_program_slot]
    /// Products that leave zeros out where the input on their right is finite.
    let matrices: [(step: Int, input: Int)]
    let own: UnsafeMutableRawPointer
    /// Other blocks that steps point to.
    let details: [UnsafeMutableRawPointer]
    /// Tensors that steps point into.
    let kept: [Tensor]
    /// Bytes of the block of a run.
    let blockSize: Int
  }

  private let inputs: [Port]
  private let outputs: [Port]
  private let memory: Memory

  /// Takes the memory over; the steps are prepared.
  init(inputs: [Port], outputs: [Port], memory: Memory) {
    (self.inputs, self.outputs, self.memory) = (inputs, outputs, memory)
  }

  deinit {
    memory.steps.deallocate()
    memory.own.deallocate()
    for detail in memory.details { detail.deallocate() }
  }

  /// Whether these are tensors of the dtypes and shapes that the program was written for.
  package func accepts(_ tensors: [Tensor]) -> Bool {
    guard tensors.count == inputs.count else { return false }
    for (port, tensor) in zip(inputs, tensors) {
      guard tensor.dtype == port.dtype, tensor.shape == port.shape else { return false }
    }
    return true
  }

  /// Computes everything from inputs that `accepts` accepts.
  ///
  /// - Returns: the outputs; nil where a step could not run: the operations by themselves then say why.
  /// - Errors: `cancelled`, `outOfMemory`.
  package func run(_ tensors: [Tensor]) throws -> [Tensor]? {
    try run(input: { tensors[$0] })
  }

  /// The same with inputs by their numbers.
  package func run(input: (Int) -> Tensor) throws -> [Tensor]? {
    let size = memory.blockSize
    if size == 0 { return try run(input, nil) }
    let block = try Storage.allocated(size)
    defer { Storage.free(block, size) }
    return try run(input, block)
  }

  @inline(__always)
  private func run(_ input: (Int) -> Tensor, _ block: UnsafeMutableRawPointer?) throws -> [Tensor]? {
    try withUnsafeTemporaryAllocation(
      of: UnsafeRawPointer?.self, capacity: 1 + inputs.count + outputs.count
    ) { bases in
      bases.initialize(repeating: nil)
      bases[0] = UnsafeRawPointer(block)
      for index in inputs.indices { bases[1 + index] = try enter(index, input(index)) }
      var results: [Tensor] = []
      results.reserveCapacity(outputs.count)
      for port in outputs {
        guard case .outside(let base) = port.home else {
          results.append(Program.nothing)
          continue
        }
        let result = try Tensor(port.dtype, port.shape, count: port.count) { _ in }
        bases[1 + base] = result.place
        results.append(result)
      }
      memory.slots.withUnsafeBufferPointer {
        maas_program_fill_in($0.baseAddress, $0.count, bases.baseAddress)
      }
      for (step, index) in memory.matrices {
        let isFinite = input(index).isKnownToBeFinite
        memory.steps[step].op = isFinite ? 1 : 0
      }
      let status = maas_program_run(memory.steps.baseAddress, memory.steps.count)
      try Cancellation.check()
      if status != 0 { return nil }
      for (index, port) in outputs.enumerated() {
        if case .own(let offset) = port.home { results[index] = try copied(port, from: memory.own + offset) }
      }
      return results
    }
  }

  private static let nothing = Tensor(scalar: 0.0)

  /// Where an input lies, which is copied into the program's own memory if that is its home.
  @inline(__always)
  private func enter(_ index: Int, _ tensor: Tensor) throws -> UnsafeRawPointer? {
    let port = inputs[index]
    guard case .own(let offset) = port.home else { return try tensor.address }
    try tensor.withBytes { (memory.own + offset).copyMemory(from: $0, byteCount: port.byteCount) }
    return nil
  }

  private func copied(_ port: Port, from: UnsafeMutableRawPointer) throws -> Tensor {
    if port.shape.isEmpty { return Tensor(bits: Tensor.loadBits(from, port.dtype), dtype: port.dtype) }
    return try Tensor(port.dtype, port.shape, count: port.count) {
      $0.copyMemory(from: from, byteCount: port.byteCount)
    }
  }
}
