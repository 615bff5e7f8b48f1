import Engine

extension Tape {
  /// The gradients of one number in variables of this tape, zeros where it does not depend on one.
  ///
  /// - Parameter recording: true for a gradient that will itself be differentiated; false drops every
  ///   intermediate cotangent as soon as it has been passed on.
  /// - Throws: `notScalar` unless the output has rank 0; `noDerivative` where the path meets an op without
  ///   one.
  package func gradient(of output: Term, in variables: [Term], recording: Bool) throws -> [Term] {
    guard output.rank == 0 else { throw GraphError.notScalar(shape: output.shape) }
    let dtype = output.dtype.isFloat ? output.dtype : .f64
    let one = Term(Tensor(scalar: 1.0, dtype: dtype), weak: output.isWeak)
    return try pullback(of: output, cotangent: one, in: variables, recording: recording)
  }

  /// The vector-Jacobian products of a value of any shape with a cotangent of that shape.
  ///
  /// - Parameter watcher: is told what each call passes on to each of its inputs.
  package func pullback(
    of output: Term, cotangent: Term, in variables: [Term], recording: Bool,
    watcher: ((PassedCotangent) -> Void)? = nil
  ) throws -> [Term] {
    guard cotangent.shape == output.shape else {
      throw EngineError.shapeMismatch(
        ShapeMismatch(
          operation: "pullback", lhs: cotangent.shape, rhs: output.shape,
          reason: "a cotangent has the shape of the value it belongs to"))
    }
    try refuseCut(output, variables)
    var walk = Walk(tape: self, output: output, variables: variables, recording: recording)
    walk?.watcher = watcher
    let wasDifferentiating = isDifferentiating
    isDifferentiating = true
    defer { isDifferentiating = wasDifferentiating }
    let found = try walk?.run(cotangent) ?? []
    defer { keep(found) }
    return try variables.map { variable in
      if let walk, variable.tape === self, let g = found[Int(variable.index) - walk.oldest] { return g }
      let zeros = try Tensor.filled(0, shape: variable.shape, dtype: variable.dtype)
      return Term(zeros, weak: variable.isWeak)
    }
  }
}

extension Tape {
  /// Leaves the memory of a walk's cotangents to the next walk.
  private func keep(_ used: consuming ContiguousArray<Term?>) {
    used.removeAll(keepingCapacity: true)
    cotangents = used
  }

  /// A value that depends on a variable through something discrete alone has no derivative; zeros would hide it.
  private func refuseCut(_ output: Term, _ variables: [Term]) throws {
    guard output.isCut, output.tape === self, let op = Op.numbered(output.cut) else { return }
    // What was cut off before the variables came to be does not depend on them.
    guard variables.contains(where: { $0.tape === self && $0.index <= output.index }) else { return }
    throw GraphError.onlyDiscrete(operation: op.name)
  }
}

/// One walk from an output down to the oldest of the variables.
private struct Walk {
  let tape: Tape
  let recording: Bool
  let oldest: Int
  let last: Int
  var watcher: ((PassedCotangent) -> Void)?
  /// For each node of the walk: whether a variable leads to it, and whether it is one.
  private var marks: ContiguousArray<UInt8>

  private static let leads: UInt8 = 1
  private static let isAsked: UInt8 = 2

  /// Nil when the output does not depend on any variable.
  init?(tape: Tape, output: Term, variables: [Term], recording: Bool) {
    guard tape.isOpen, output.tape === tape else { return nil }
    var oldest = Int.max
    for variable in variables where variable.tape === tape { oldest = min(oldest, Int(variable.index)) }
    guard oldest <= Int(output.index) else { return nil }
    self.tape = tape
    self.recording = recording
    self.oldest = oldest
    self.last = Int(output.index)
    let top = variables.reduce(last) { $1.tape === tape ? max($0, Int($1.index)) : $0 }
    marks = ContiguousArray(repeating: 0, count: top - oldest + 1)
    for variable in variables where variable.tape === tape {
      marks[Int(variable.index) - oldest] = Self.leads | Self.isAsked
    }
    markWhatVariablesLeadTo()
  }

  private mutating func markWhatVariablesLeadTo() {
    for place in oldest...last where marks[place - oldest] == 0 && tape.nodes[place].cut == 0 {
      let inputCount = Int(tape.nodes[place].inputCount)
      for position in 0..<inputCount where leadsFrom(tape.input(position, of: tape.nodes[place])) {
        marks[place - oldest] = Self.leads
        break
      }
    }
  }

  @inline(__always)
  private func leadsFrom(_ place: Int32) -> Bool {
    Int(place) >= oldest && marks[Int(place) - oldest] != 0
  }

  /// The cotangents of the variables, at their places counted from the oldest.
  mutating func run(_ cotangent: Term) throws -> ContiguousArray<Term?> {
    var cotangents: ContiguousArray<Term?> = []
    swap(&cotangents, &tape.cotangents)
    cotangents.append(contentsOf: repeatElement(nil, count: marks.count))
    guard marks[last - oldest] != 0 else { return cotangents }
    cotangents[last - oldest] = cotangent
    var place = last
    while place >= oldest {
      if let g = cotangents[place - oldest] {
        if marks[place - oldest] & Self.isAsked == 0 { cotangents[place - oldest] = nil }
        try pass(g, through: place, into: &cotangents)
      }
      place -= 1
    }
    return cotangents
  }

  private func pass(_ g: Term, through place: Int, into cotangents: inout ContiguousArray<Term?>) throws {
    guard let op = tape.nodes[place].op else { return }
    let derivation = Derivation(
      tape: tape, place: Int32(truncatingIfNeeded: place), recording: recording, g: g)
    for position in 0..<derivation.inputCount {
      let input = tape.input(position, ofNodeAt: derivation.place)
      guard leadsFrom(input), let part = try op.cotangent(of: position, derivation) else { continue }
      let slot = Int(input) - oldest
      let restored = try restore(part, like: input)
      watcher?(PassedCotangent(call: place, input: Int(input), cotangent: g, part: restored))
      if let sum = cotangents[slot] {
        cotangents[slot] = nil
        cotangents[slot] = try sum + restored
      } else {
        cotangents[slot] = restored
      }
    }
  }

  /// The one place where broadcasting is undone and dtypes are given back.
  private func restore(_ cotangent: Term, like place: Int32) throws -> Term {
    let index = Int(place)
    var result = cotangent
    if result.shape != tape.nodes[index].value.shape {
      result = try result.folded(to: tape.nodes[index].value.shape)
    }
    let (dtype, isWeak) = (tape.nodes[index].value.dtype, tape.nodes[index].isWeak)
    if result.dtype == dtype && result.isWeak == isWeak { return result }
    if result.dtype == dtype && !result.isTraced && !result.isCut { return Term(result.tensor, weak: isWeak) }
    return try Op.convert.apply(result, [.dtype(dtype), .flag(isWeak)])
  }
}

extension Op {
  fileprivate func cotangent(of position: Int, _ derivation: Derivation) throws -> Term? {
    switch derivative {
    case .each(let rules): return position < rules.count ? try rules[position](derivation) : nil
    case .every(let rule): return try rule(derivation, position)
    case .constant: return nil
    case .missing, .ofParts: throw GraphError.noDerivative(operation: name)
    }
  }
}

extension Term {
  /// The adjoint of broadcasting: sums over the axes that `shape` does not have or has with size 1; a term
  /// that is itself smaller than the shape is broadcast to it.
  func folded(to shape: [Int]) throws -> Term {
    var result = self
    let lead = rank - shape.count
    if lead > 0 { result = try result.sum(axes: Array(0..<lead)) }
    if lead >= 0 {
      let axes = shape.indices.filter { shape[$0] == 1 && result.shape[$0] != 1 }
      if !axes.isEmpty { result = try result.sum(axes: axes, keep: true) }
    }
    return result.shape == shape ? result : try result.broadcast(to: shape)
  }
}
