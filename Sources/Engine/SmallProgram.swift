import CEngine

/// A computation on small tensors, with every place in memory and every loop looked up beforehand.
///
/// Run again, it costs its arithmetic: nothing is allocated but what it answers, nothing is counted or dispatched. Each
/// step runs the loop that the operation runs by itself, so that the bits are the same.
package final class SmallProgram {
  /// A value of the program: an input, a constant, or what a step computes.
  package struct Place: Sendable {
    package let dtype: DType
    package let shape: [Int]
    package let count: Int
    fileprivate let offset: Int
    fileprivate var byteCount: Int { count &* dtype.byteCount }
  }

  /// Larger tensors are worth the fused passes over memory that they make by themselves.
  package static let largestCount = 4096
  private static let mostSteps = 1000

  private var inputs: [Place] = []
  private var constants: [(place: Place, tensor: Tensor)] = []
  private var steps: [maas_replay_step] = []
  /// Where each step's operands and result lie, counted from the start of the memory.
  private var offsets: [(x: Int, y: Int, z: Int)] = []
  private var size = 0
  private var memory: UnsafeMutableRawPointer?

  package init() {}

  deinit { memory?.deallocate() }

  // MARK: Writing it

  /// The next input.
  package func input(_ dtype: DType, _ shape: [Int]) -> Place? {
    let place = newPlace(dtype, shape)
    if let place { inputs.append(place) }
    return place
  }

  package func constant(_ tensor: Tensor) -> Place? {
    guard !tensor.isHollow, let place = newPlace(tensor.dtype, tensor.shape) else { return nil }
    constants.append((place, tensor))
    return place
  }

  package func unary(_ kernel: UnaryKernel, _ x: Place) -> Place? {
    guard x.dtype.isFloat, kernel.rawValue < UnaryKernel.not.rawValue else { return nil }
    var step = maas_replay_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_REPLAY_UNARY, kernel.rawValue, x.dtype.code, x.count)
    return add(step, x, x, x.dtype, x.shape)
  }

  /// Both of one float dtype; each of the result's shape, or one element.
  package func binary(_ kernel: BinaryKernel, _ x: Place, _ y: Place, _ shape: [Int]) -> Place? {
    guard x.dtype == y.dtype, x.dtype.isFloat, !kernel.givesBool,
      let count = try? Shape.count(shape, x.dtype),
      [x, y].allSatisfy({ $0.shape == shape || $0.count == 1 })
    else { return nil }
    var step = maas_replay_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_REPLAY_BINARY, kernel.rawValue, x.dtype.code, count)
    (step.x_stride, step.y_stride) = (x.count == 1 ? 0 : 1, y.count == 1 ? 0 : 1)
    return add(step, x, y, x.dtype, shape)
  }

  package func converted(_ x: Place, to dtype: DType) -> Place? {
    if x.dtype == dtype { return x }
    var step = maas_replay_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_REPLAY_CONVERT, dtype.code, x.dtype.code, x.count)
    return add(step, x, x, dtype, x.shape)
  }

  /// The same elements in another shape.
  package func reshaped(_ x: Place, _ shape: [Int]) -> Place? {
    guard (try? Shape.count(shape, x.dtype)) == x.count else { return nil }
    return Place(dtype: x.dtype, shape: shape, count: x.count, offset: x.offset)
  }

  /// One element, everywhere in a shape.
  package func broadcast(_ x: Place, to shape: [Int]) -> Place? {
    if x.shape == shape { return x }
    guard x.count == 1, let count = try? Shape.count(shape, x.dtype) else { return nil }
    var step = maas_replay_step()
    (step.kind, step.n, step.size) = (MAAS_REPLAY_FILL, count, x.dtype.byteCount)
    return add(step, x, x, x.dtype, shape)
  }

  /// One part of the first axis.
  package func row(_ x: Place, _ position: Int) -> Place? {
    guard let extent = x.shape.first, position >= 0, position < extent else { return nil }
    let count = x.count / extent
    let offset = x.offset + position * count * x.dtype.byteCount
    return Place(dtype: x.dtype, shape: Array(x.shape.dropFirst()), count: count, offset: offset)
  }

  /// Zeros with `x` as one part of the first axis.
  package func placedAsRow(_ x: Place, _ position: Int, of extent: Int) -> Place? {
    guard position >= 0, position < extent else { return nil }
    let (bytes, overflow) = extent.multipliedReportingOverflow(by: x.byteCount)
    guard !overflow else { return nil }
    var step = maas_replay_step()
    (step.kind, step.n, step.size, step.offset) = (
      MAAS_REPLAY_PLACE, bytes, x.byteCount, position * x.byteCount
    )
    return add(step, x, x, x.dtype, [extent] + x.shape)
  }

  /// The sum of all elements.
  package func sum(_ x: Place) -> Place? {
    guard x.dtype.isFloat, x.shape.count > 0 else { return nil }
    var step = maas_replay_step()
    (step.kind, step.type, step.n) = (MAAS_REPLAY_SUM, x.dtype.code, x.count)
    return add(step, x, x, x.dtype, [])
  }

  private func newPlace(_ dtype: DType, _ shape: [Int]) -> Place? {
    guard let count = try? Shape.count(shape, dtype), count > 0, count <= SmallProgram.largestCount else {
      return nil
    }
    let place = Place(dtype: dtype, shape: shape, count: count, offset: size)
    // Aligned, with room for loops that read a little past the end.
    size += (place.byteCount + 127) / 64 * 64
    return place
  }

  private func add(_ step: maas_replay_step, _ x: Place, _ y: Place, _ dtype: DType, _ shape: [Int]) -> Place?
  {
    guard memory == nil, steps.count < SmallProgram.mostSteps, let result = newPlace(dtype, shape) else {
      return nil
    }
    steps.append(step)
    offsets.append((x.offset, y.offset, result.offset))
    return result
  }

  /// Gives the places their memory; nothing can be added from now on.
  package func finish() throws {
    guard memory == nil else { return }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(size, 64), alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(size, 64))
    for (place, tensor) in constants {
      try tensor.withBytes { (memory + place.offset).copyMemory(from: $0, byteCount: place.byteCount) }
    }
    for (index, offset) in offsets.enumerated() {
      steps[index].x = UnsafeRawPointer(memory + offset.x)
      steps[index].y = UnsafeRawPointer(memory + offset.y)
      steps[index].z = memory + offset.z
    }
    steps.withUnsafeMutableBufferPointer { maas_replay_prepare($0.baseAddress, $0.count) }
    self.memory = memory
  }

  // MARK: Running it

  /// Computes everything from inputs of the dtypes and shapes it was written for.
  /// - Returns: whether the inputs were those.
  package func run(_ tensors: [Tensor]) throws -> Bool {
    guard let memory, tensors.count == inputs.count else { return false }
    for (place, tensor) in zip(inputs, tensors) {
      guard tensor.dtype == place.dtype, tensor.shape == place.shape else { return false }
      try tensor.withBytes { (memory + place.offset).copyMemory(from: $0, byteCount: place.byteCount) }
    }
    steps.withUnsafeBufferPointer { maas_replay($0.baseAddress, $0.count) }
    return true
  }

  /// What the last run computed.
  package func value(of place: Place) throws -> Tensor {
    guard let memory else { throw EngineError.badValue("the program has not run") }
    let from = memory + place.offset
    if place.shape.isEmpty { return Tensor(bits: Tensor.loadBits(from, place.dtype), dtype: place.dtype) }
    return try Tensor(place.dtype, place.shape, count: place.count) {
      $0.copyMemory(from: from, byteCount: place.byteCount)
    }
  }
}
