import CEngine

/// How a window moves over a picture: steps and borders, down and across.
package struct WindowSteps: Sendable, Equatable {
  package let stride: (height: Int, width: Int)
  package let padding: (height: Int, width: Int)

  /// - Throws: `badValue` unless strides are positive and paddings are not negative.
  package init(stride: (Int, Int), padding: (Int, Int)) throws {
    guard stride.0 > 0, stride.1 > 0, stride.0 < 1 << 31, stride.1 < 1 << 31 else {
      throw EngineError.badValue("a stride is at least 1")
    }
    guard padding.0 >= 0, padding.1 >= 0, padding.0 < 1 << 31, padding.1 < 1 << 31 else {
      throw EngineError.badValue("a padding is not negative")
    }
    self.stride = stride
    self.padding = padding
  }

  package static func == (a: WindowSteps, b: WindowSteps) -> Bool {
    a.stride == b.stride && a.padding == b.padding
  }

  /// How many windows fit: ⌊(extent + 2 padding - kernel) / stride⌋ + 1.
  fileprivate func count(_ extent: Int, _ kernel: Int, _ padding: Int, _ stride: Int) -> Int {
    let room = extent &+ 2 &* padding &- kernel
    return room < 0 ? 0 : room / stride &+ 1
  }
}

/// Convolution (in the sense of machine learning: without turning the kernel) of pictures
/// `[images, channels, height, width]` with weights `[outputs, channels, height, width]`, f32 and f64.
extension Tensor {
  /// y[n, o, r, q] = Σ x[n, c, r·stride + i - padding, q·stride + j - padding] w[o, c, i, j]
  package static func convolution(_ x: Tensor, _ w: Tensor, _ steps: WindowSteps) throws -> Tensor {
    let (x, w) = try alike(x, w)
    let plan = try ConvolutionPlan(x.shape, w.shape, steps)
    return try Tensor(x.dtype, plan.resultShape) { to in
      try x.withBytes { p in
        try w.withBytes { q in try plan.run { maas_convolve(x.dtype.code, $0, p, q, to) } }
      }
    }
  }

  /// What a cotangent of the result makes of pictures of a shape: the adjoint in the pictures.
  package static func convolutionInput(
    _ y: Tensor, _ w: Tensor, _ steps: WindowSteps, shape: [Int]
  ) throws -> Tensor {
    let (y, w) = try alike(y, w)
    let plan = try ConvolutionPlan(shape, w.shape, steps)
    try plan.check(result: y.shape)
    return try Tensor(y.dtype, shape) { to in
      try y.withBytes { p in
        try w.withBytes { q in try plan.run { maas_convolve_input(y.dtype.code, $0, p, q, to) } }
      }
    }
  }

  /// What pictures and a cotangent of the result make of weights of a shape: the adjoint in the weights.
  package static func convolutionWeight(
    _ x: Tensor, _ y: Tensor, _ steps: WindowSteps, shape: [Int]
  ) throws -> Tensor {
    let (x, y) = try alike(x, y)
    let plan = try ConvolutionPlan(x.shape, shape, steps)
    try plan.check(result: y.shape)
    return try Tensor(x.dtype, shape) { to in
      try x.withBytes { p in
        try y.withBytes { q in try plan.run { maas_convolve_weight(x.dtype.code, $0, p, q, to) } }
      }
    }
  }

  private static func alike(_ a: Tensor, _ b: Tensor) throws -> (Tensor, Tensor) {
    let common = DType.promote(a.dtype, b.dtype)
    let dtype = common.isFloat ? common : .f32
    return (try a.converted(to: dtype), try b.converted(to: dtype))
  }
}

/// The extents of a convolution, checked.
struct ConvolutionPlan {
  private var extents: maas_convolution
  let resultShape: [Int]

  init(_ x: [Int], _ w: [Int], _ steps: WindowSteps) throws {
    func mismatch(_ reason: String) -> EngineError {
      .shapeMismatch(ShapeMismatch(operation: "conv2d", lhs: x, rhs: w, reason: reason))
    }
    guard x.count == 4 else {
      throw mismatch("the left is not pictures of shape [images, channels, height, width]")
    }
    guard w.count == 4 else {
      throw mismatch("the right is not weights of shape [outputs, channels, height, width]")
    }
    guard x[1] == w[1] else {
      throw mismatch("the left has \(x[1]) channels, the right has \(w[1]): they must be equal")
    }
    guard w[2] > 0, w[3] > 0 else { throw mismatch("the kernel on the right is empty") }
    let height = steps.count(x[2], w[2], steps.padding.height, steps.stride.height)
    let width = steps.count(x[3], w[3], steps.padding.width, steps.stride.width)
    guard height > 0, width > 0 else {
      throw mismatch("the pictures on the left are smaller than the kernel on the right")
    }
    // The column matrix must be countable.
    _ = try Shape.count([w[1], w[2], w[3], height, width], .f64)
    resultShape = [x[0], w[0], height, width]
    extents = maas_convolution(
      images: x[0], channels: x[1], height: x[2], width: x[3], outputs: w[0], kernel_height: w[2],
      kernel_width: w[3], result_height: height, result_width: width, stride_height: steps.stride.height,
      stride_width: steps.stride.width, pad_height: steps.padding.height, pad_width: steps.padding.width)
  }

  func check(result: [Int]) throws {
    guard result == resultShape else {
      throw EngineError.badShape(shape: result, reason: "the convolution's result has shape \(resultShape)")
    }
  }

  func run(_ body: (UnsafePointer<maas_convolution>) -> Int32) throws {
    let result = withUnsafePointer(to: extents, body)
    try Cancellation.check()
    if result != 0 { throw EngineError.outOfMemory(bytes: Int.max) }
  }
}

/// Pooling: one number for each window of each channel.
extension Tensor {
  /// The largest element of each window; a border counts for nothing.
  package static func maxPool(_ x: Tensor, _ kernel: (Int, Int), _ steps: WindowSteps) throws -> Tensor {
    try maxPool(picking: x, whereLargest: x, kernel, steps)
  }

  /// The elements of one tensor where another is largest in its windows.
  package static func maxPool(
    picking from: Tensor, whereLargest x: Tensor, _ kernel: (Int, Int), _ steps: WindowSteps
  ) throws -> Tensor {
    let plan = try PoolingPlan("max_pool2d", x.shape, kernel, steps)
    guard from.shape == x.shape, from.dtype == x.dtype else {
      throw EngineError.badShape(shape: from.shape, reason: "the pictures have shape \(x.shape)")
    }
    return try Tensor(x.dtype, plan.resultShape) { to in
      try x.withBytes { p in
        try from.withBytes { q in try plan.run(x.dtype) { maas_max_pool(x.dtype.code, $0, p, q, to) } }
      }
    }
  }

  /// Zeros with numbers added where a tensor is largest in its windows: the adjoint of picking.
  package static func maxPoolInput(
    _ y: Tensor, whereLargest x: Tensor, _ kernel: (Int, Int), _ steps: WindowSteps
  ) throws -> Tensor {
    let plan = try PoolingPlan("max_pool2d", x.shape, kernel, steps)
    try plan.check(result: y.shape)
    let y = try y.converted(to: x.dtype)
    return try Tensor(x.dtype, x.shape) { to in
      try x.withBytes { p in
        try y.withBytes { q in try plan.run(x.dtype) { maas_max_pool_input(x.dtype.code, $0, p, q, to) } }
      }
    }
  }

  /// The mean of each window; a border counts as zeros.
  package static func meanPool(_ x: Tensor, _ kernel: (Int, Int), _ steps: WindowSteps) throws -> Tensor {
    let plan = try PoolingPlan("avg_pool2d", x.shape, kernel, steps)
    return try Tensor(x.dtype, plan.resultShape) { to in
      try x.withBytes { p in try plan.run(x.dtype) { maas_mean_pool(x.dtype.code, $0, p, to) } }
    }
  }

  /// The adjoint of the means in pictures of a shape.
  package static func meanPoolInput(
    _ y: Tensor, _ kernel: (Int, Int), _ steps: WindowSteps, shape: [Int]
  ) throws -> Tensor {
    let plan = try PoolingPlan("avg_pool2d", shape, kernel, steps)
    try plan.check(result: y.shape)
    return try Tensor(y.dtype, shape) { to in
      try y.withBytes { p in try plan.run(y.dtype) { maas_mean_pool_input(y.dtype.code, $0, p, to) } }
    }
  }
}

/// The extents of a pooling, checked.
struct PoolingPlan {
  private let operation: String
  private let extents: maas_pooling
  let resultShape: [Int]

  init(_ operation: String, _ x: [Int], _ kernel: (Int, Int), _ steps: WindowSteps) throws {
    guard x.count == 4 else {
      throw EngineError.badShape(
        shape: x, reason: "\(operation) takes pictures of shape [images, channels, height, width]")
    }
    guard kernel.0 > 0, kernel.1 > 0 else { throw EngineError.badValue("a window is at least 1 by 1") }
    // Else a window could lie in the border alone.
    guard steps.padding.height < kernel.0, steps.padding.width < kernel.1 else {
      throw EngineError.badValue("the padding is smaller than the window")
    }
    let height = steps.count(x[2], kernel.0, steps.padding.height, steps.stride.height)
    let width = steps.count(x[3], kernel.1, steps.padding.width, steps.stride.width)
    guard height > 0, width > 0, x[2] > 0, x[3] > 0 else {
      throw EngineError.badShape(
        shape: x, reason: "the pictures are smaller than the window of \(kernel.0) by \(kernel.1)")
    }
    self.operation = operation
    resultShape = [x[0], x[1], height, width]
    extents = maas_pooling(
      images: x[0], channels: x[1], height: x[2], width: x[3], outputs: x[1], kernel_height: kernel.0,
      kernel_width: kernel.1, result_height: height, result_width: width, stride_height: steps.stride.height,
      stride_width: steps.stride.width, pad_height: steps.padding.height, pad_width: steps.padding.width)
  }

  func check(result: [Int]) throws {
    guard result == resultShape else {
      throw EngineError.badShape(shape: result, reason: "the pooling's result has shape \(resultShape)")
    }
  }

  func run(_ dtype: DType, _ body: (UnsafePointer<maas_pooling>) -> Void) throws {
    guard dtype.isFloat else {
      throw EngineError.unsupported(operation: operation, dtype: dtype, reason: "pictures are floats")
    }
    withUnsafePointer(to: extents, body)
  }
}
