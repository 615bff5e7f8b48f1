import Engine

extension Op {
  static let extrema = [max, min, argmax, argmin]

  package static let max: Op = extremum(
    "max", "The largest element, or along axes; equal ones share the derivative.", "max x", .max)
  package static let min: Op = extremum(
    "min", "The smallest element, or along axes; equal ones share the derivative.", "min x", .min)

  package static let argmax: Op = position(
    "argmax", "Where the largest element first stands.", "arg max x", true)
  package static let argmin: Op = position(
    "argmin", "Where the smallest element first stands.", "arg min x", false)

  private static func extremum(
    _ name: String, _ documentation: String, _ formula: String, _ kernel: ReduceKernel
  ) -> Op {
    Op(
      name, documentation, formula: formula, reducedParameters,
      .unary { x, attributes in
        try Tensor.reduce(kernel, x, axes: attributes.axes(0), keep: attributes.flag(1))
      },
      derivative: .each([
        { d in
          let value = try d.output.unreduced(d.attributes, d.x.shape)
          let reached = try equal(d.x, value).converted(to: d.x.dtype)
          let ties = try reached.sum(axes: d.attributes.axes(0), keep: true)
          return try d.g.unreduced(d.attributes, d.x.shape) * (reached / ties)
        }
      ]), samples: .reductions(.apart, empty: false))
  }

  private static func position(
    _ name: String, _ documentation: String, _ formula: String, _ largest: Bool
  ) -> Op {
    Op(
      name, documentation, formula: formula,
      [.tensor("x"), OpParameter(name: "axis", kind: .axis, default: Attribute.none), .keep],
      .unary { x, attributes in
        try Tensor.argReduce(max: largest, x, axis: attributes.axis(0), keep: attributes.flag(1))
      }, derivative: .constant,
      samples: [Sample([4], .apart, []), Sample([2, 3], .apart, [.axis(-1), .flag(true)])])
  }
}
