import Engine

extension Op {
  static let softmaxes = [softmax, logSoftmax]

  package static let softmax: Op = Op(
    "softmax", "Positive numbers that sum to one along an axis.", formula: "eˣ / Σ eˣ",
    example: "> softmax([0.0, 0.0])\n[0.5, 0.5]",
    [.tensor("x"), .axis(-1)],
    .unary { x, attributes in try alongAxis(x, attributes.axis(0)) { try Tensor.softmax($0) } },
    dtypes: .floating,
    derivative: .each([
      { d in
        let axes = [d.attributes.axis(0) ?? -1]
        let weighted = try d.g * d.output
        return try weighted - d.output * weighted.sum(axes: axes, keep: true)
      }
    ]), samples: alongAxisSamples, step: { rows(&$0, $1, logarithm: false) })

  package static let logSoftmax: Op = Op(
    "log_softmax", "The logarithm of softmax, without overflow.", formula: "x - ln Σ eˣ",
    example: "> log_softmax([0.0, 0.0])\n[-0.693147, -0.693147]",
    [.tensor("x"), .axis(-1)],
    .unary { x, attributes in try alongAxis(x, attributes.axis(0)) { try Tensor.logSoftmax($0) } },
    dtypes: .floating,
    derivative: .each([
      { d in
        let axes = [d.attributes.axis(0) ?? -1]
        return try d.g - exp(d.output) * d.g.sum(axes: axes, keep: true)
      }
    ]), samples: alongAxisSamples, step: { rows(&$0, $1, logarithm: true) })

  private static func rows(
    _ program: inout ProgramWriter, _ call: StepCall, logarithm: Bool
  ) -> ProgramWriter.Place? {
    let last = call.x.shape.count - 1
    guard let axis = try? Axes.normalized(call.attributes.axis(0) ?? -1, rank: last + 1), axis == last else {
      return nil
    }
    return program.softmax(call.x, logarithm: logarithm)
  }

  private static let alongAxisSamples = [
    Sample([4], []), Sample([2, 3], []), Sample([2, 3], [.axis(0)]), Sample([2, 3, 2], [.axis(-2)]),
    Sample([0, 3], []),
  ]

  /// What a kernel of the last axis gives along another one.
  static func alongAxis(_ x: Tensor, _ axis: Int?, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
    let axis = try Axes.normalized(axis ?? -1, rank: x.rank)
    if axis == x.rank - 1 { return try body(x) }
    let order = Axes.movingToEnd(axis, rank: x.rank)
    return try body(x.permuted(order)).permuted(Axes.inverse(order))
  }
}
