import Engine

extension Op {
  static let extrema = [max, min, argmax, argmin]

  package static let max: Op = extremum(
    "max", "The largest element, or along axes; equal ones share the derivative.", "max x",
    example: "> max([3, 1, 2])\n3\n> max([[1, 5], [7, 2]], axis: 1)\n[5, 7]", .max)
  package static let min: Op = extremum(
    "min", "The smallest element, or along axes; equal ones share the derivative.", "min x",
    example: "> min([3, 1, 2])\n1", .min)

  package static let argmax: Op = position(
    "argmax", "Where the largest element first stands.", "arg max x",
    example: "> argmax([3, 1, 7])\n2", true)
  package static let argmin: Op = position(
    "argmin", "Where the smallest element first stands.", "arg min x",
    example: "> argmin([3, 1, 7])\n1", false)

  private static func extremum(
    _ name: String, _ documentation: String, _ formula: String, example: String, _ kernel: ReduceKernel
  ) -> Op {
    Op(
      name, documentation, formula: formula, example: example, reducedParameters,
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
    _ name: String, _ documentation: String, _ formula: String, example: String, _ largest: Bool
  ) -> Op {
    Op(
      name, documentation, formula: formula, example: example,
      [.tensor("x"), OpParameter(name: "axis", kind: .axis, default: Attribute.none), .keep],
      .unary { x, attributes in
        try Tensor.argReduce(max: largest, x, axis: attributes.axis(0), keep: attributes.flag(1))
      }, derivative: .constant,
      samples: [Sample([4], .apart, []), Sample([2, 3], .apart, [.axis(-1), .flag(true)])])
  }
}
