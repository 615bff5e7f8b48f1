import Engine

// Of Σ y (x ∗ w) each factor's derivative is made of the other two: three ops, each other's derivatives.
extension Op {
  static let convolutions = [
    conv2d, conv2dInput, conv2dWeight, conv1d, maxPool2d, maxPool2dInput, maxPool2dPick, avgPool2d,
    avgPool2dInput,
  ]

  package static let conv2d: Op = Op(
    "conv2d",
    "Pictures [images, channels, height, width] filtered by weights [outputs, channels, height, width].",
    formula: "y[n,o,r,q] = Σ x[n,c,r+i,q+j] w[o,c,i,j]",
    example:
      "> conv2d(reshape(range(0.0, 9.0), 1, 1, 3, 3), ones(1, 1, 2, 2))\n[[[[ 8.0, 12.0],\n   [20.0, 24.0]]]]",
    [.tensor("x"), .tensor("w"), .pair("stride", 1), .pair("padding", 0)],
    .binary { x, w, attributes in try Tensor.convolution(x, w, attributes.windowSteps(0)) },
    dtypes: .promotedFloating,
    derivative: .each([
      { try conv2dInput.apply($0.g, $0.y, $0.attributes.windows + [.shape($0.x.shape)]) },
      { try conv2dWeight.apply($0.x, $0.g, $0.attributes.windows + [.shape($0.y.shape)]) },
    ]),
    samples: [
      convolved([1, 1, 3, 3], [1, 1, 2, 2]), convolved([2, 2, 4, 3], [3, 2, 2, 3], [.integer(2)]),
      convolved([1, 2, 3, 4], [2, 2, 3, 2], [.integers([2, 1]), .integers([1, 2])]),
      convolved([2, 3, 2, 2], [2, 3, 1, 1]), convolved([0, 1, 3, 3], [1, 1, 2, 2]),
      convolved([1, 1, 2, 2], [1, 1, 3, 3], [.integer(3), .integer(2)]),
    ])

  package static let conv2dInput: Op = Op(
    "conv2d_input", "The adjoint of conv2d in its pictures.", formula: "∂(Σ y (x ∗ w)) / ∂x",
    [.tensor("y"), .tensor("w"), .pair("stride", 1), .pair("padding", 0), .shape()],
    .binary { y, w, attributes in
      try Tensor.convolutionInput(y, w, attributes.windowSteps(0), shape: attributes.integers(2) ?? [])
    }, dtypes: .promotedFloating,
    derivative: .each([
      { try conv2d.apply($0.g, $0.y, $0.attributes.windows) },
      { try conv2dWeight.apply($0.g, $0.x, $0.attributes.windows + [.shape($0.y.shape)]) },
    ]),
    samples: [
      convolved([1, 1, 2, 2], [1, 1, 2, 2], [.integer(1), .integer(0), .shape([1, 1, 3, 3])]),
      convolved([2, 3, 2, 1], [3, 2, 2, 3], [.integer(2), .integer(0), .shape([2, 2, 4, 3])]),
    ], isBuiltin: false)

  package static let conv2dWeight: Op = Op(
    "conv2d_weight", "The adjoint of conv2d in its weights.", formula: "∂(Σ y (x ∗ w)) / ∂w",
    [.tensor("x"), .tensor("y"), .pair("stride", 1), .pair("padding", 0), .shape()],
    .binary { x, y, attributes in
      try Tensor.convolutionWeight(x, y, attributes.windowSteps(0), shape: attributes.integers(2) ?? [])
    }, dtypes: .promotedFloating,
    derivative: .each([
      { try conv2dInput.apply($0.y, $0.g, $0.attributes.windows + [.shape($0.x.shape)]) },
      { try conv2d.apply($0.x, $0.g, $0.attributes.windows) },
    ]),
    samples: [
      convolved([1, 1, 3, 3], [1, 1, 2, 2], [.integer(1), .integer(0), .shape([1, 1, 2, 2])]),
      convolved([2, 2, 4, 3], [2, 3, 2, 1], [.integer(2), .integer(0), .shape([3, 2, 2, 3])]),
    ], isBuiltin: false)

  package static let conv1d: Op = Op(
    "conv1d", "Sequences [rows, channels, length] filtered by weights [outputs, channels, length].",
    formula: "y[n,o,q] = Σ x[n,c,q+j] w[o,c,j]",
    example: "> conv1d([[[1.0, 2.0, 4.0]]], [[[1.0, -1.0]]])\n[[[-1.0, -2.0]]]",
    [.tensor("x"), .tensor("w"), .integer("stride", 1), .integer("padding", 0)],
    .composed { inputs, attributes in
      let (x, w) = (inputs[0], inputs[1])
      guard x.rank == 3, w.rank == 3 else {
        throw EngineError.shapeMismatch(
          ShapeMismatch(
            operation: "conv1d", lhs: x.shape, rhs: w.shape,
            reason: "the left is [rows, channels, length], the right is [outputs, channels, length]"))
      }
      let windows: [Attribute] = [
        .integers([1, attributes.integer(0) ?? 1]), .integers([0, attributes.integer(1) ?? 0]),
      ]
      let y = try conv2d.apply(expand.apply(x, [.axis(2)]), expand.apply(w, [.axis(2)]), windows)
      return try squeeze.apply(y, [.axes([2])])
    }, derivative: .ofParts,
    samples: [
      convolved([2, 2, 5], [3, 2, 3]), convolved([1, 1, 4], [2, 1, 2], [.integer(2), .integer(1)]),
    ])

  package static let maxPool2d: Op = Op(
    "max_pool2d",
    "The largest element of each window of each channel; side by side without a `stride`.",
    formula: "y[n,c,r,q] = max x[n,c,r+i,q+j]",
    example: "> max_pool2d(reshape(range(0.0, 16.0), 1, 1, 4, 4))\n[[[[ 5.0,  7.0],\n   [13.0, 15.0]]]]",
    pooled,
    .unary { x, attributes in try Tensor.maxPool(x, attributes.kernel(), attributes.poolingSteps()) },
    dtypes: .floating, derivative: .each([{ try maxPool2dInput.apply($0.g, $0.x, $0.attributes) }]),
    samples: pooledSamples(.apart))

  package static let maxPool2dInput: Op = Op(
    "max_pool2d_input", "Zeros with numbers added where a tensor is largest in its windows.",
    formula: "Σ y at arg max x", [.tensor("y"), .tensor("x")] + pooled.dropFirst(),
    .binary { y, x, attributes in
      try Tensor.maxPoolInput(y, whereLargest: x, attributes.kernel(), attributes.poolingSteps())
    }, dtypes: .promotedFloating,
    derivative: .each([{ try maxPool2dPick.apply($0.g, $0.y, $0.attributes) }, { _ in nil }]),
    samples: [
      Sample(inputs: [.init([1, 1, 1, 2]), .init([1, 1, 2, 4], .fixed(scattered))], [.integer(2)])
    ],
    isBuiltin: false)

  package static let maxPool2dPick: Op = Op(
    "max_pool2d_pick", "The elements of one tensor where another is largest in its windows.",
    formula: "y at arg max x", [.tensor("y"), .tensor("x")] + pooled.dropFirst(),
    .binary { y, x, attributes in
      try Tensor.maxPool(picking: y, whereLargest: x, attributes.kernel(), attributes.poolingSteps())
    }, dtypes: .promotedFloating,
    derivative: .each([{ try maxPool2dInput.apply($0.g, $0.y, $0.attributes) }, { _ in nil }]),
    samples: [
      Sample(inputs: [.init([1, 1, 2, 4]), .init([1, 1, 2, 4], .fixed(scattered))], [.integer(2)])
    ],
    isBuiltin: false)

  package static let avgPool2d: Op = Op(
    "avg_pool2d",
    "The mean of each window of each channel, a border counting as zeros; side by side without a `stride`.",
    formula: "y[n,c,r,q] = Σ x[n,c,r+i,q+j] / k²",
    example: "> avg_pool2d(reshape(range(0.0, 16.0), 1, 1, 4, 4))\n[[[[ 2.5,  4.5],\n   [10.5, 12.5]]]]",
    pooled,
    .unary { x, attributes in try Tensor.meanPool(x, attributes.kernel(), attributes.poolingSteps()) },
    dtypes: .floating,
    derivative: .each([
      { try avgPool2dInput.apply($0.g, $0.attributes.pooling + [.shape($0.x.shape)]) }
    ]), samples: pooledSamples(.any))

  package static let avgPool2dInput: Op = Op(
    "avg_pool2d_input", "The adjoint of avg_pool2d.", formula: "∂(Σ y mean x) / ∂x", pooled + [.shape()],
    .unary { y, attributes in
      try Tensor.meanPoolInput(
        y, attributes.kernel(), attributes.poolingSteps(), shape: attributes.integers(3) ?? [])
    }, dtypes: .floating, derivative: .each([{ try avgPool2d.apply($0.g, $0.attributes.pooling) }]),
    samples: [
      Sample([1, 2, 1, 2], [.integer(2), .none, .integer(0), .shape([1, 2, 3, 4])]),
      Sample([1, 1, 2, 2], [.integer(3), .integer(2), .integer(1), .shape([1, 1, 4, 3])]),
    ], isBuiltin: false)

  private static let pooled: [OpParameter] = [
    .tensor("x"), .pair("size", 2), .pair("stride", nil), .pair("padding", 0),
  ]

  private static let scattered = [0.3, -0.4, 0.9, 0.1, 0.7, -1.2, 0.2, 1.5]

  private static func convolved(_ x: [Int], _ w: [Int], _ attributes: [Attribute] = []) -> Sample {
    Sample(inputs: [.init(x), .init(w)], attributes)
  }

  private static func pooledSamples(_ domain: Sample.Domain) -> [Sample] {
    [
      Sample([1, 2, 4, 2], domain, [.integer(2)]), Sample([2, 1, 3, 3], domain, [.integer(2), .integer(1)]),
      Sample([1, 1, 4, 3], domain, [.integers([3, 2]), .integers([2, 1]), .integer(1)]),
      Sample([0, 1, 2, 2], domain, [.integer(2)]),
    ]
  }
}

extension Array where Element == Attribute {
  /// One or two numbers, down and across.
  fileprivate func pair(_ position: Int) throws -> (Int, Int)? {
    guard let numbers = integers(position) else { return nil }
    guard numbers.count == 1 || numbers.count == 2 else {
      throw EngineError.badValue("a window's measures are one number, or two: down and across")
    }
    return (numbers[0], numbers[numbers.count - 1])
  }

  fileprivate func windowSteps(_ position: Int) throws -> WindowSteps {
    try WindowSteps(stride: pair(position) ?? (1, 1), padding: pair(position + 1) ?? (0, 0))
  }

  /// The stride and the padding of a convolution, in their places.
  fileprivate var windows: [Attribute] { [at(0), at(1)] }

  fileprivate func kernel() throws -> (Int, Int) { try pair(0) ?? (2, 2) }

  fileprivate func poolingSteps() throws -> WindowSteps {
    try WindowSteps(stride: pair(1) ?? kernel(), padding: pair(2) ?? (0, 0))
  }

  /// The window, the stride and the padding of a pooling, in their places.
  fileprivate var pooling: [Attribute] { [at(0), at(1), at(2)] }
}
