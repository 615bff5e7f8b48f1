import Engine

// The ways into an op, by number of inputs: the short ones allocate nothing of their own.
extension Op {
  /// The op of one input.
  package func apply(_ x: Term, _ attributes: [Attribute] = []) throws -> Term {
    let value: Tensor
    switch evaluation {
    case .unaryKernel(let kernel):
      value = try Tensor.unary(kernel, dtypes.resolve(x))
    case .unary(let evaluate):
      value = try evaluate(dtypes.resolve(x), attributes)
    default:
      return try apply([x], attributes)
    }
    let weak = isWeak(value, attributes, plain: x.isWeak)
    guard let tape = x.tape, tape.isOpen else { return Term(value, weak: weak) }
    guard x.cut == 0, isRecorded, value.dtype.isFloat else {
      return try unrecorded(value, weak, tape, [x], attributes)
    }
    return try tape.record(self, x, attributes, value, weak: weak)
  }

  /// The op of two inputs.
  package func apply(_ x: Term, _ y: Term, _ attributes: [Attribute] = []) throws -> Term {
    let value: Tensor
    switch evaluation {
    case .binaryKernel(let kernel):
      if x.tensor.dtype == y.tensor.dtype, x.tensor.dtype.isFloat {
        value = try Tensor.binary(kernel, x.tensor, y.tensor)
      } else {
        let (a, b) = try dtypes.resolve(x, y)
        value = try Tensor.binary(kernel, a, b)
      }
    case .binary(let evaluate):
      let (a, b) = try dtypes.resolve(x, y)
      value = try evaluate(a, b, attributes)
    default:
      return try apply([x, y], attributes)
    }
    let weak = isWeak(value, attributes, plain: x.isWeak && y.isWeak)
    guard let tape = openTape(x, y) else { return Term(value, weak: weak) }
    guard isRecorded, value.dtype.isFloat, x.isTraced || y.isTraced else {
      return try unrecorded(value, weak, tape, [x, y], attributes)
    }
    return try tape.record(self, x, y, attributes, value, weak: weak)
  }

  /// The op of any number of inputs; missing trailing attributes stand for their defaults.
  package func apply(_ inputs: [Term], _ attributes: [Attribute] = []) throws -> Term {
    switch evaluation {
    case .unaryKernel, .unary:
      guard inputs.count == 1 else { throw wrongCount(1, inputs) }
      return try apply(inputs[0], attributes)
    case .binaryKernel, .binary:
      guard inputs.count == 2 else { throw wrongCount(2, inputs) }
      return try apply(inputs[0], inputs[1], attributes)
    case .composed(let compose):
      try checkCount(inputs)
      return try compose(inputs, attributes)
    case .many(let evaluate):
      try checkCount(inputs)
      return try finish(inputs, attributes, value: evaluate(dtypes.resolve(inputs), attributes))
    }
  }

  private func finish(_ inputs: [Term], _ attributes: [Attribute], value: Tensor) throws -> Term {
    let deciding = dtypes == .promotedAfterFirst ? inputs.dropFirst() : inputs[...]
    let weak = isWeak(value, attributes, plain: deciding.allSatisfy(\.isWeak))
    guard let tape = inputs.first(where: { $0.tape?.isOpen ?? false })?.tape else {
      return Term(value, weak: weak)
    }
    guard isRecorded, value.dtype.isFloat, inputs.contains(where: \.isTraced) else {
      return try unrecorded(value, weak, tape, inputs, attributes)
    }
    return try tape.record(self, inputs, attributes, value, weak: weak)
  }

  private var isRecorded: Bool {
    if case .constant = derivative { false } else { true }
  }

  /// A value through which nothing is differentiated, though inputs are on the tape: a constant, or, when it is discrete
  /// or follows from what is, cut off by this op or by the one before.
  private func unrecorded(
    _ value: Tensor, _ weak: Bool, _ tape: Tape, _ inputs: [Term], _ attributes: [Attribute]
  ) throws -> Term {
    let (cut, place) = cutting(value, tape, inputs)
    if tape.keepsEverything, inputs.contains(where: { $0.tape === tape }) {
      return try tape.record(self, inputs, attributes, value, weak: weak, cut: cut == 0 ? Term.stopped : cut)
    }
    return cut == 0 ? Term(value, weak: weak) : Term(value, tape: tape, index: place, cut: cut, weak: weak)
  }

  /// What cuts a value off and after which place of the tape; 0 where it counts as a constant.
  private func cutting(_ value: Tensor, _ tape: Tape, _ inputs: [Term]) -> (cut: UInt16, place: Int32) {
    if self === Op.stopGradient || tape.isDifferentiating { return (0, 0) }
    let before = inputs.first(where: \.isCutByOp)
    if value.dtype.isFloat {
      // A step function counts as constant.
      guard let before, !inputs.contains(where: \.isTraced) else { return (0, 0) }
      return (before.cut, before.index)
    }
    let place = inputs.reduce(0) { $1.isTraced || $1.isCut ? Swift.max($0, $1.index) : $0 }
    return (before?.cut ?? Op.number(of: self), place)
  }

  @inline(__always)
  private func openTape(_ x: Term, _ y: Term) -> Tape? {
    if let tape = x.tape, tape.isOpen { return tape }
    if let tape = y.tape, tape.isOpen { return tape }
    return nil
  }

  @inline(__always)
  private func isWeak(_ value: Tensor, _ attributes: [Attribute], plain: Bool) -> Bool {
    switch weakness {
    case .inherited: plain && value.rank == 0 && (value.dtype == .f64 || value.dtype == .i64)
    case .never: false
    case .stated: attributes.flag(1)
    }
  }

  private func checkCount(_ inputs: [Term]) throws {
    let tensors = parameters.filter(\.isInput)
    if tensors.contains(where: { $0.kind == .tensors }) {
      guard !inputs.isEmpty else { throw wrongCount(1, inputs) }
    } else if tensors.count != inputs.count {
      throw wrongCount(tensors.count, inputs)
    }
  }

  private func wrongCount(_ expected: Int, _ inputs: [Term]) -> GraphError {
    .wrongInputCount(operation: name, expected: expected, given: inputs.count)
  }
}

// Calls as formulas write them: `exp(x)`, `maximum(x, y)`, `select(c, x, y)`.
extension Op {
  package func callAsFunction(_ x: Term) throws -> Term { try apply(x) }
  package func callAsFunction(_ x: Term, _ y: Term) throws -> Term { try apply(x, y) }
  package func callAsFunction(_ x: Term, _ y: Term, _ z: Term) throws -> Term { try apply([x, y, z]) }
}
