import CEngine

/// Writes a `SmallProgram`, one operation after the other; nil where an operation cannot be a step of one.
package struct SmallProgramWriter {
  private static let mostSteps = 1000

  private var inputs: [SmallProgram.Place] = []
  private var constants: [(place: SmallProgram.Place, tensor: Tensor)] = []
  private var steps: [maas_replay_step] = []
  /// Where each step's operands and result lie.
  private var offsets: [(x: Int, y: Int, z: Int)] = []
  /// Bytes of memory that the places take.
  private var size = 0

  package init() {}

  /// The next input.
  package mutating func input(_ dtype: DType, _ shape: [Int]) -> SmallProgram.Place? {
    let place = newPlace(dtype, shape)
    if let place { inputs.append(place) }
    return place
  }

  package mutating func constant(_ tensor: Tensor) -> SmallProgram.Place? {
    guard !tensor.isHollow, let place = newPlace(tensor.dtype, tensor.shape) else { return nil }
    constants.append((place, tensor))
    return place
  }

  package mutating func unary(_ kernel: UnaryKernel, _ x: SmallProgram.Place) -> SmallProgram.Place? {
    guard x.dtype.isFloat, kernel.rawValue < UnaryKernel.not.rawValue else { return nil }
    var step = maas_replay_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_REPLAY_UNARY, kernel.rawValue, x.dtype.code, x.count)
    return add(step, x, x, x.dtype, x.shape)
  }

  /// Both of one float dtype; each of the result's shape, or one element.
  package mutating func binary(
    _ kernel: BinaryKernel, _ x: SmallProgram.Place, _ y: SmallProgram.Place, _ shape: [Int]
  ) -> SmallProgram.Place? {
    guard x.dtype == y.dtype, x.dtype.isFloat, !kernel.givesBool,
      let count = try? Shape.count(shape, x.dtype),
      [x, y].allSatisfy({ $0.shape == shape || $0.count == 1 })
    else { return nil }
    var step = maas_replay_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_REPLAY_BINARY, kernel.rawValue, x.dtype.code, count)
    (step.x_stride, step.y_stride) = (x.count == 1 ? 0 : 1, y.count == 1 ? 0 : 1)
    return add(step, x, y, x.dtype, shape)
  }

  package mutating func converted(_ x: SmallProgram.Place, to dtype: DType) -> SmallProgram.Place? {
    if x.dtype == dtype { return x }
    var step = maas_replay_step()
    (step.kind, step.op, step.type, step.n) = (MAAS_REPLAY_CONVERT, dtype.code, x.dtype.code, x.count)
    return add(step, x, x, dtype, x.shape)
  }

  /// The same elements in another shape.
  package func reshaped(_ x: SmallProgram.Place, _ shape: [Int]) -> SmallProgram.Place? {
    guard (try? Shape.count(shape, x.dtype)) == x.count else { return nil }
    return SmallProgram.Place(dtype: x.dtype, shape: shape, count: x.count, offset: x.offset)
  }

  /// One element, everywhere in a shape.
  package mutating func broadcast(_ x: SmallProgram.Place, to shape: [Int]) -> SmallProgram.Place? {
    if x.shape == shape { return x }
    guard x.count == 1, let count = try? Shape.count(shape, x.dtype) else { return nil }
    var step = maas_replay_step()
    (step.kind, step.n, step.size) = (MAAS_REPLAY_FILL, count, x.dtype.byteCount)
    return add(step, x, x, x.dtype, shape)
  }

  /// One part of the first axis.
  package func row(_ x: SmallProgram.Place, _ position: Int) -> SmallProgram.Place? {
    guard let extent = x.shape.first, position >= 0, position < extent else { return nil }
    let count = x.count / extent
    let offset = x.offset + position * count * x.dtype.byteCount
    return SmallProgram.Place(dtype: x.dtype, shape: Array(x.shape.dropFirst()), count: count, offset: offset)
  }

  /// Zeros with `x` as one part of the first axis.
  package mutating func placedAsRow(
    _ x: SmallProgram.Place, _ position: Int, of extent: Int
  ) -> SmallProgram.Place? {
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
  package mutating func sum(_ x: SmallProgram.Place) -> SmallProgram.Place? {
    guard x.dtype.isFloat, x.shape.count > 0 else { return nil }
    var step = maas_replay_step()
    (step.kind, step.type, step.n) = (MAAS_REPLAY_SUM, x.dtype.code, x.count)
    return add(step, x, x, x.dtype, [])
  }

  private mutating func newPlace(_ dtype: DType, _ shape: [Int]) -> SmallProgram.Place? {
    guard let count = try? Shape.count(shape, dtype), count > 0, count <= SmallProgram.largestCount else {
      return nil
    }
    let place = SmallProgram.Place(dtype: dtype, shape: shape, count: count, offset: size)
    // Aligned, with room for loops that read a little past the end.
    size += (place.byteCount + 127) / 64 * 64
    return place
  }

  private mutating func add(
    _ step: maas_replay_step, _ x: SmallProgram.Place, _ y: SmallProgram.Place, _ dtype: DType, _ shape: [Int]
  ) -> SmallProgram.Place? {
    guard steps.count < SmallProgramWriter.mostSteps, let result = newPlace(dtype, shape) else {
      return nil
    }
    steps.append(step)
    offsets.append((x.offset, y.offset, result.offset))
    return result
  }

  /// The program, with memory for every place.
  package func program() throws -> SmallProgram {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(size, 64), alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(size, 64))
    var steps = steps
    for (index, offset) in offsets.enumerated() {
      steps[index].x = UnsafeRawPointer(memory + offset.x)
      steps[index].y = UnsafeRawPointer(memory + offset.y)
      steps[index].z = memory + offset.z
    }
    steps.withUnsafeMutableBufferPointer { maas_replay_prepare($0.baseAddress, $0.count) }
    // From here on the program gives the memory back.
    let program = SmallProgram(inputs: inputs, steps: steps, memory: memory)
    for (place, tensor) in constants {
      try tensor.withBytes { (memory + place.offset).copyMemory(from: $0, byteCount: place.byteCount) }
    }
    return program
  }
}
