import Engine

extension Term {
  /// The sum over axes, all of them for nil.
  package func sum(axes: [Int]? = nil, keep: Bool = false) throws -> Term {
    try Op.sum.apply(self, Op.reducing(axes, keep))
  }

  package func mean(axes: [Int]? = nil, keep: Bool = false) throws -> Term {
    try Op.mean.apply(self, Op.reducing(axes, keep))
  }

  /// A reduction's result or its cotangent, with the reduced axes back at size 1, ready to meet `shape`.
  func unreduced(_ attributes: [Attribute], _ shape: [Int]) throws -> Term {
    try reshaped(Axes.kept(shape, attributes.axes(0)))
  }
}

extension Op {
  static let reductions = [sum, mean, prod, logsumexp, variance, std, norm, anyTrue, allTrue]

  static let reducedParameters: [OpParameter] = [.tensor("x"), .axes, .keep]

  /// The attributes of a reduction.
  static func reducing(_ axes: [Int]?, _ keep: Bool) -> [Attribute] {
    [axes.map { .axes($0) } ?? .none, .flag(keep)]
  }

  package static let sum: Op = Op(
    "sum", "The sum over everything, or along axes.", formula: "Σ x",
    example: "> sum([1, 2, 3])\n6\n> sum([[1, 2], [3, 4]], axis: 0)\n[4, 6]", reducedParameters,
    .unary { x, attributes in
      try Tensor.reduce(.sum, x, axes: attributes.axes(0), keep: attributes.flag(1))
    },
    derivative: .each([{ try $0.g.unreduced($0.attributes, $0.x.shape).broadcast(to: $0.x.shape) }]),
    samples: .reductions(), step: { $0.reduced(.sum, $1) })

  package static let mean: Op = Op(
    "mean", "The mean of everything, or along axes.", formula: "Σ x / n",
    example: "> mean([1, 2, 6])\n3.0", reducedParameters,
    .unary { x, attributes in
      let total = try Tensor.reduce(.sum, x, axes: attributes.axes(0), keep: attributes.flag(1))
      let count = try Axes.reducedCount(x.shape, attributes.axes(0))
      return try Tensor.binary(.divide, total, Tensor(scalar: Double(count), dtype: total.dtype))
    }, dtypes: .floating,
    derivative: .each([
      { d in
        let count = try Axes.reducedCount(d.x.shape, d.attributes.axes(0))
        let each = try d.g.unreduced(d.attributes, d.x.shape) / Term(number: Double(count))
        return try each.broadcast(to: d.x.shape)
      }
    ]), samples: .reductions(empty: false),
    step: { program, call in
      guard let total = program.reduced(.sum, call),
        let n = try? Axes.reducedCount(call.x.shape, call.attributes.axes(0)),
        let count = program.constant(Tensor(scalar: Double(n), dtype: total.dtype))
      else { return nil }
      return program.binary(.divide, total, count, total.shape)
    })

  package static let prod: Op = Op(
    "prod", "The product of everything, or along axes.", formula: "Π x",
    example: "> prod([2, 3, 4])\n24", reducedParameters,
    .composed { inputs, attributes in
      try productByHalves(inputs[0], attributes.axes(0), keep: attributes.flag(1))
    }, derivative: .ofParts, samples: .reductions())

  package static let logsumexp: Op = Op(
    "logsumexp", "The logarithm of the sum of exponentials, without overflow.", formula: "ln Σ eˣ",
    example: "> logsumexp([1000.0, 1000.0])\n1000.6932",
    reducedParameters,
    .unary { x, attributes in
      try Tensor.logSumExp(x, axes: attributes.axes(0), keep: attributes.flag(1))
    }, dtypes: .floating,
    derivative: .each([
      { d in
        let level = try d.output.unreduced(d.attributes, d.x.shape)
        return try d.g.unreduced(d.attributes, d.x.shape) * exp(d.x - level)
      }
    ]), samples: .reductions(empty: false),
    step: { program, call in
      guard call.reducedAxis == call.x.shape.count - 1 else { return nil }
      return program.logSumExp(call.x, call.shape)
    })

  package static let variance: Op = Op(
    "variance", "The mean squared distance from the mean.", formula: "Σ (x - mean x)² / n",
    example: "> variance([1.0, 3.0])\n1.0",
    reducedParameters,
    .composed { inputs, attributes in
      let x = inputs[0]
      let centre = try x.mean(axes: attributes.axes(0), keep: true)
      return try square(x - centre).mean(axes: attributes.axes(0), keep: attributes.flag(1))
    }, derivative: .ofParts, samples: .reductions(empty: false))

  package static let std: Op = Op(
    "std", "The standard deviation: the root of the variance.", formula: "√variance x",
    example: "> std([1.0, 3.0])\n1.0", reducedParameters,
    .composed { inputs, attributes in try sqrt(variance.apply(inputs, attributes)) },
    derivative: .ofParts,
    samples: [
      Sample([4], []), Sample([2, 3], [.axes([1]), .flag(true)]),
      Sample([2, 3], [.axes([0]), .flag(false)]),
    ])

  package static let norm: Op = Op(
    "norm", "The Euclidean length; its derivative at zero counts as zero.", formula: "√Σ x²",
    example: "> norm([3.0, 4.0])\n5.0",
    reducedParameters,
    .unary { x, attributes in
      let squares = try Tensor.unary(.square, x)
      return try Tensor.unary(
        .sqrt, Tensor.reduce(.sum, squares, axes: attributes.axes(0), keep: attributes.flag(1)))
    }, dtypes: .floating,
    derivative: .each([
      { d in
        let length = try d.output.unreduced(d.attributes, d.x.shape)
        let isZero = try equal(length, 0)
        let slope = try d.x / select(isZero, 1, length)
        return try d.g.unreduced(d.attributes, d.x.shape) * slope
      }
    ]),
    samples: [
      Sample([], []), Sample([4], []), Sample([2, 3], [.axes([1]), .flag(true)]),
      Sample([2, 3], [.axes([0]), .flag(false)]), Sample([0, 3], [.axes([1]), .flag(false)]),
    ])

  package static let anyTrue: Op = truth(
    "any", "Whether one element is true.", "∃ x",
    example: "> any([false, true])\ntrue", .any)
  package static let allTrue: Op = truth(
    "all", "Whether every element is true.", "∀ x",
    example: "> all([false, true])\nfalse", .all)

  private static func truth(
    _ name: String, _ documentation: String, _ formula: String, example: String, _ kernel: ReduceKernel
  ) -> Op {
    Op(
      name, documentation, formula: formula, example: example, reducedParameters,
      .unary { x, attributes in
        try Tensor.reduce(kernel, x, axes: attributes.axes(0), keep: attributes.flag(1))
      }, derivative: .constant, samples: .reductions(.truth))
  }

  /// Multiplies halves until one element is left: correct derivatives of any order where elements are zero,
  /// which a division by the element would not give.
  private static func productByHalves(_ x: Term, _ axes: [Int]?, keep: Bool) throws -> Term {
    let reduced = try Axes.normalized(axes, rank: x.rank)
    let rest = x.shape.indices.filter { !reduced.contains($0) }
    let outer = rest.map { x.shape[$0] }
    let count = try Axes.reducedCount(x.shape, axes)
    let wide = x.dtype.isFloat ? x : try x.converted(to: .i64, weak: x.isWeak)
    var left = try wide.transposed(rest + reduced).reshaped(outer + [count])
    if count == 0 {
      let ones = try Tensor.filled(1, shape: outer, dtype: left.dtype)
      return try Term(ones).reshaped(keep ? Axes.kept(x.shape, axes) : outer)
    }
    while let length = left.shape.last, length > 1 {
      let half = length / 2
      let pairs = try left.alongLast(0..<half) * left.alongLast(half..<(2 * half))
      left =
        length % 2 == 0 ? pairs : try Term.concatenated([pairs, left.alongLast(2 * half..<length)], axis: -1)
    }
    return try left.reshaped(keep ? Axes.kept(x.shape, axes) : outer)
  }
}
