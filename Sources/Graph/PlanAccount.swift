import Engine

/// One op of a plan, as it ran: what it gave, with which others, and how long that took.
package struct PlannedOp {
  package let op: Op
  package let dtype: DType
  package let shape: [Int]
  /// Ops of one number run in one pass over memory; nil where the op ran by itself.
  package fileprivate(set) var pass: Int?
  /// Ops of one number are steps of one program; nil where the op is outside of any.
  package fileprivate(set) var program: Int?
  /// Whether it is a product that the others of its pass follow, part by part.
  package fileprivate(set) var isFollowed = false
  /// Why it runs by itself, where it does.
  package fileprivate(set) var alone: Alone?
  /// Of a pass, the time of all of it is the last op's.
  package fileprivate(set) var seconds = 0.0

  /// What keeps an op out of a pass over memory.
  package enum Alone: Sendable {
    case product, notElementwise
    /// It gives one number.
    case single
    /// It gives something else than floats, or takes it.
    case dtype
    /// An operand repeats along axes for which a pass would be slower.
    case layout
    /// It could be in one, but there is no other.
    case neighbours
  }
}

extension Plan {
  /// Runs the plan and tells what each op came to, in the order in which they run.
  ///
  /// - Parameters:
  ///   - clock: seconds since some moment.
  ///   - repeats: the fastest of so many runs counts.
  func account(_ inputs: [Tensor], clock: () -> Double, repeats: Int) throws -> [PlannedOp] {
    var fastest = try times(inputs, clock)
    for _ in 1..<max(2, repeats) {
      fastest = zip(fastest, try times(inputs, clock)).map(min)
    }
    var ops: [PlannedOp] = []
    var passes = 0
    for (work, seconds) in zip(works, fastest) {
      switch work {
      case .op(let step):
        ops.append(planned(step, alone: PassWriter.obstacle(for: step, places), seconds: seconds))
      case .stretch: break
      case .product(let product): ops.append(planned(product.step, alone: .product, seconds: seconds))
      case .pass(let pass):
        for product in pass.products { ops.append(planned(product.step, pass: passes)) }
        if let product = pass.leading {
          ops.append(planned(product.step, pass: passes))
          ops[ops.count - 1].isFollowed = true
        }
        for step in pass.steps { ops.append(planned(step, pass: passes)) }
        ops[ops.count - 1].seconds = seconds
        passes += 1
      }
    }
    return ops
  }

  private func planned(
    _ step: Computation.Step, pass: Int? = nil, alone: PlannedOp.Alone? = nil, seconds: Double = 0
  ) -> PlannedOp {
    let place = places[step.result]
    let program = joined.firstIndex { work in
      if case .stretch(let stretch) = work { stretch.works.contains { $0.computes(step) } } else { false }
    }
    return PlannedOp(
      op: step.op, dtype: place.dtype, shape: place.shape, pass: pass, program: program, alone: alone,
      seconds: seconds)
  }

  /// What each work took, with everything that it left to be computed later.
  private func times(_ inputs: [Tensor], _ clock: () -> Double) throws -> [Double] {
    var seconds: [Double] = []
    var start = 0.0
    try walk(
      inputs, before: { _ in start = clock() },
      after: { work, values in
        if case .op(let step) = work { try values[step.result].settle() }
        seconds.append(clock() - start)
      })
    return seconds
  }
}

extension Plan.Work {
  /// Whether a step is this work, or a part of it.
  fileprivate func computes(_ step: Computation.Step) -> Bool {
    switch self {
    case .op(let other): other.result == step.result
    case .product(let product): product.step.result == step.result
    case .pass(let pass):
      (pass.products.map(\.step) + [pass.leading?.step].compactMap { $0 } + pass.steps)
        .contains { $0.result == step.result }
    case .stretch(let stretch): stretch.works.contains { $0.computes(step) }
    }
  }
}
