import Engine

/// One op of a plan, as it ran: what it gave, with which others, and how long that took.
package struct PlannedOp {
  package let op: Op
  package let dtype: DType
  package let shape: [Int]
  /// Ops of one number run in one pass over memory; nil where the op ran by itself.
  package fileprivate(set) var pass: Int?
  /// Of a pass, the time of all of it is the last op's.
  package fileprivate(set) var seconds = 0.0
}

extension Plan {
  /// Runs the plan and tells what each op came to.
  ///
  /// - Parameters:
  ///   - clock: seconds since some moment.
  ///   - repeats: the fastest of so many runs counts.
  func account(_ inputs: [Term], clock: () -> Double, repeats: Int) throws -> [PlannedOp] {
    var ops: [PlannedOp] = []
    let waits = try passes(inputs, &ops)
    for round in 0..<max(1, repeats) {
      try time(inputs, waits, clock, round == 0, &ops)
    }
    return ops
  }

  /// Which ops wait for others, and with which they then run: those that what waits is computed from.
  private func passes(_ inputs: [Term], _ ops: inout [PlannedOp]) throws -> [Bool] {
    var waits: [Bool] = []
    // The pass of each place, while it waits.
    var pass: [Int: Int] = [:]
    var count = 0
    func note(_ step: Step, _ value: Term) {
      let isPending = value.tensor.isPending
      var planned = PlannedOp(op: step.op, dtype: value.dtype, shape: value.shape)
      if isPending {
        let joined = step.operands.compactMap { pass[$0] }.max()
        planned.pass = joined ?? count
        if joined == nil { count += 1 }
        pass[step.result] = planned.pass
      } else {
        // Whatever it read has been computed.
        for place in step.operands { pass[place] = nil }
      }
      waits.append(isPending)
      ops.append(planned)
    }
    _ = try walk(inputs, before: { _, _ in }, after: note)
    return waits
  }

  private func time(
    _ inputs: [Term], _ waits: [Bool], _ clock: () -> Double, _ isFirst: Bool, _ ops: inout [PlannedOp]
  ) throws {
    var seconds = [Double](repeating: 0, count: ops.count)
    var index = 0
    var start = 0.0
    // The op that computed each place last.
    var makers: [Int: Int] = [:]
    let results = try walk(
      inputs,
      before: { step, values in
        // What waits is asked for on its own, so that its time is not the next op's.
        for place in step.operands where !waits[index] && values[place].tensor.isPending {
          let before = clock()
          try values[place].tensor.settle()
          if let maker = makers[place] { seconds[maker] += clock() - before }
        }
        start = clock()
      },
      after: { step, _ in
        seconds[index] += clock() - start
        makers[step.result] = index
        index += 1
      })
    for (place, result) in results where result.tensor.isPending {
      let before = clock()
      try result.tensor.settle()
      if let maker = makers[place] { seconds[maker] += clock() - before }
    }
    for (index, found) in seconds.enumerated() {
      ops[index].seconds = isFirst ? found : min(ops[index].seconds, found)
    }
  }
}
