import Engine

/// What an op of a program is told: operands of the dtypes it computes with, its attributes, the dtype and shape of the
/// result.
struct StepCall {
  let operands: [ProgramWriter.Place]
  let attributes: [Attribute]
  let dtype: DType
  let shape: [Int]

  /// The first and the second operand; an op of one has both the same.
  var x: ProgramWriter.Place { operands[0] }
  var y: ProgramWriter.Place { operands[operands.count - 1] }

  /// The one axis that a reduction folds; nil for everything, or for several.
  var reducedAxis: Int? {
    guard let axes = attributes.axes(0), axes.count == 1 else { return nil }
    return try? Axes.normalized(axes[0], rank: x.shape.count)
  }
}

extension ProgramWriter {
  /// Writes an op whose operands are of these dtypes and shapes down.
  ///
  /// - Parameter operands: each with whether it counts as a plain number, see `Term`.
  /// - Returns: nil where it is no step of a program.
  mutating func write(
    _ op: Op, _ operands: [(place: Place, isWeak: Bool)], _ attributes: [Attribute], _ dtype: DType,
    _ shape: [Int]
  ) -> Place? {
    guard !operands.isEmpty, let resolved = resolved(op, operands) else { return nil }
    let result: Place?
    switch op.evaluation {
    case .unaryKernel(let kernel): result = unary(kernel, resolved[0])
    case .binaryKernel(let kernel):
      result = resolved.count == 2 ? binary(kernel, resolved[0], resolved[1], shape) : nil
    default:
      let call = StepCall(operands: resolved, attributes: attributes, dtype: dtype, shape: shape)
      result = op.step.flatMap { $0(&self, call) }
    }
    guard let result, result.dtype == dtype, result.shape == shape else { return nil }
    return result
  }

  /// The operands in the dtypes that the op computes with.
  private mutating func resolved(_ op: Op, _ operands: [(place: Place, isWeak: Bool)]) -> [Place]? {
    let terms = operands.map { operand in
      (try? Tensor.hollow(shape: operand.place.shape, dtype: operand.place.dtype))
        .map { Term($0, weak: operand.isWeak) }
    }
    guard !terms.contains(where: { $0 == nil }), let tensors = try? op.dtypes.resolve(terms.compactMap { $0 })
    else { return nil }
    var resolved: [Place] = []
    for (operand, tensor) in zip(operands, tensors) {
      // A single integer that another dtype cannot hold is refused: only the op looks.
      let mayBeRefused = tensor.dtype.isInteger && tensor.dtype != operand.place.dtype
      guard !mayBeRefused, let place = converted(operand.place, to: tensor.dtype) else { return nil }
      resolved.append(place)
    }
    return resolved
  }

  /// A reduction over one axis or everything.
  mutating func reduced(_ kernel: ReduceKernel, _ call: StepCall) -> Place? {
    let axes = call.attributes.axes(0)
    if axes != nil, call.reducedAxis == nil { return nil }
    return reduce(kernel, call.x, axis: call.reducedAxis, call.shape)
  }

  /// A condition; of numbers, whether they are not zero.
  mutating func truth(_ x: Place) -> Place? { converted(x, to: .bool) }
}
