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
    var results: [Tensor] = []
    results.reserveCapacity(outputs.count)
    for port in outputs {
      if case .outside = port.home {
        results.append(try Tensor(port.dtype, port.shape, count: port.count) { _ in })
      } else {
        results.append(Program.nothing)
      }
    }
    let isDone = try compute(
      address: { try enter($0, tensors[$0]) }, isFinite: { tensors[$0].isKnownToBeFinite },
      result: { results[$0].place })
    guard isDone else { return nil }
    for (index, port) in outputs.enumerated() {
      if case .own(let offset) = port.home { results[index] = try copied(port, from: memory.own + offset) }
    }
    return results
  }

  /// The same on a list of values.
  ///
  /// - Parameters:
  ///   - values: where the inputs are found and the results are put. A result whose place holds a tensor of its form that
  ///     nobody else holds is written there.
  ///   - places: the places of the inputs; tensors of the dtypes and shapes that the program was written for.
  ///   - results: the places of the results.
  /// - Returns: whether every step could run.
  package func run(
    _ values: inout ContiguousArray<Tensor>, inputs places: [Int], results: [Int]
  ) throws -> Bool {
    for (place, port) in zip(results, outputs) {
      if case .outside = port.home { try values[place].renew(port.dtype, port.shape, count: port.count) }
    }
    let isDone = try compute(
      address: { try enter($0, values[places[$0]]) }, isFinite: { values[places[$0]].isKnownToBeFinite },
      result: { values[results[$0]].place })
    guard isDone else { return false }
    for (place, port) in zip(results, outputs) {
      if case .own(let offset) = port.home { values[place] = try copied(port, from: memory.own + offset) }
    }
    return true
  }

  /// Runs the steps. Returns whether each of them could run.
  /// - Parameters:
  ///   - address: where an input lies, as `enter` has it.
  ///   - isFinite: whether all numbers of an input are known to be finite.
  ///   - result: where an output goes that is outside.
  @inline(__always)
  private func compute(
    address: (Int) throws -> UnsafeRawPointer?, isFinite: (Int) -> Bool, result: (Int) -> UnsafeRawPointer
  ) throws -> Bool {
    let size = memory.blockSize
    if size == 0 { return try compute(address, isFinite, result, nil) }
    let block = try Storage.allocated(size)
    defer { Storage.free(block, size) }
    return try compute(address, isFinite, result, block)
  }

  @inline(__always)
  private func compute(
    _ address: (Int) throws -> UnsafeRawPointer?, _ isFinite: (Int) -> Bool,
    _ result: (Int) -> UnsafeRawPointer, _ block: UnsafeMutableRawPointer?
  ) throws -> Bool {
    try withUnsafeTemporaryAllocation(
      of: UnsafeRawPointer?.self, capacity: 1 + inputs.count + outputs.count
    ) { bases in
      bases.initialize(repeating: nil)
      bases[0] = UnsafeRawPointer(block)
      for index in inputs.indices { bases[1 + index] = try address(index) }
      for index in outputs.indices {
        if case .outside(let base) = outputs[index].home { bases[1 + base] = result(index) }
      }
      memory.slots.withUnsafeBufferPointer {
        maas_program_fill_in($0.baseAddress, $0.count, bases.baseAddress)
      }
      for (step, index) in memory.matrices {
        memory.steps[step].op = isFinite(index) ? 1 : 0
      }
      let status = maas_program_run(memory.steps.baseAddress, memory.steps.count)
      try Cancellation.check()
      return status == 0
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
