import Engine

#if canImport(Glibc)
  import Glibc
#endif

extension Dataset {
  /// How pictures are changed.
  package struct Changes: Sendable {
    /// Pixels that a picture moves at most, in each direction; whole.
    package var shift = 0
    /// Degrees that it turns at most, either way.
    package var rotate = 0.0
    /// The deviation of what is added to each feature, on the scale of `x`.
    package var noise = 0.0
    package init() {}
  }

  /// The same rows, each changed by what is drawn for it; labels stay.
  ///
  /// Pictures kept as bytes stay bytes. What moves in from outside is 0.
  /// - Throws: `DataError.badValue` for changes beyond reason, for shifts and turns of rows that are no pictures.
  package func augmented(_ changes: Changes, seed: Int) throws -> Dataset {
    guard changes.noise >= 0, changes.noise.isFinite, changes.rotate.isFinite, changes.rotate >= 0,
      changes.shift >= 0
    else {
      throw DataError.badValue("shift, rotate and noise are finite and not negative")
    }
    var features = features
    let key = RandomKey(seed: seed)
    if changes.shift != 0 || changes.rotate != 0 {
      features = try moved(features, changes, key: key)
    }
    if changes.noise > 0 { features = try noisy(features, changes.noise, key: key.folded(3)) }
    return try Dataset(
      name: name, features: features, scale: scale, labels: labels, classes: classes, classNames: classNames,
      columns: columns)
  }

  /// Height and width of a picture; rows of n² features are square ones.
  private func pictureSize() throws -> (channels: Int, height: Int, width: Int) {
    let shape = features.shape.dropFirst()
    if shape.count == 1, let length = shape.first, length > 0 {
      let side = Int(Double(length).squareRoot().rounded())
      if side * side == length { return (1, side, side) }
    }
    if shape.count == 2 || shape.count == 3, !shape.contains(0) {
      let sizes = Array(shape)
      return (sizes.count == 3 ? sizes[0] : 1, sizes[sizes.count - 2], sizes[sizes.count - 1])
    }
    throw DataError.badValue("rows of shape \(Array(shape)) are no pictures that could be moved")
  }

  private func moved(_ tensor: Tensor, _ changes: Changes, key: RandomKey) throws -> Tensor {
    let size = try pictureSize()
    guard changes.shift < max(size.height, size.width) else {
      throw DataError.badValue("a shift of \(changes.shift) leaves nothing of a picture")
    }
    let span = changes.shift
    let steps = try Tensor.randomIntegers(low: -span, high: span + 1, shape: [count, 2], key: key.folded(1))
    let angles = try Tensor.uniform(shape: [count], key: key.folded(2), dtype: .f64)
    let limit = changes.rotate * .pi / 180
    func move<T: TensorElement>(
      _ type: T.Type, _ load: @escaping @Sendable (T) -> Float, _ store: @escaping @Sendable (Float) -> T
    )
      throws -> Tensor
    {
      try Tensor(unsafeUninitialized: T.self, shape: tensor.shape) { to in
        let (shifts, turns) = (try steps.array(Int.self), try angles.array(Double.self))
        try tensor.withElements(T.self) { from in
          nonisolated(unsafe) let (from, to) = (from, to)
          WorkerPool.parallel(count: count, grain: 16) { rows in
            for row in rows {
              let motion = PictureMotion(
                size, right: shifts[2 * row], down: shifts[2 * row + 1], turn: limit * (2 * turns[row] - 1))
              motion.apply(from, to, row: row, load, store)
            }
          }
        }
      }
    }
    switch tensor.dtype {
    case .u8: return try move(UInt8.self, { Float($0) }, { UInt8(max(0, min(255, $0.rounded()))) })
    case .f32: return try move(Float.self, { $0 }, { $0 })
    default: return try moved(tensor.converted(to: .f32), changes, key: key)
    }
  }

  private func noisy(_ tensor: Tensor, _ deviation: Double, key: RandomKey) throws -> Tensor {
    let normal = try Tensor.normal(shape: tensor.shape, key: key, dtype: .f32)
    let amount = Tensor(scalar: scale == 0 ? 0 : deviation / scale, dtype: .f32)
    let sum = try Tensor.binary(.add, tensor.converted(to: .f32), Tensor.binary(.multiply, normal, amount))
    guard tensor.dtype == .u8 else { return sum }
    let low = try Tensor.binary(.maximum, sum, Tensor(scalar: 0, dtype: .f32))
    let clamped = try Tensor.binary(.minimum, low, Tensor(scalar: 255, dtype: .f32))
    return try Tensor.unary(.round, clamped).converted(to: .u8)
  }
}

/// One picture's shift and turn about its middle: each new pixel is read from where it came from, between pixels
/// linearly.
private struct PictureMotion {
  private let size: (channels: Int, height: Int, width: Int)
  private let shift: SIMD2<Float>
  private let cosine: Float
  private let sine: Float

  init(_ size: (channels: Int, height: Int, width: Int), right: Int, down: Int, turn: Double) {
    self.size = size
    shift = SIMD2(Float(right), Float(down))
    cosine = Float(cos(turn))
    sine = Float(sin(turn))
  }

  func apply<T>(
    _ from: UnsafeBufferPointer<T>, _ to: UnsafeMutableBufferPointer<T>, row: Int, _ load: (T) -> Float,
    _ store: (Float) -> T
  ) {
    let area = size.height * size.width
    let centre = SIMD2(Float(size.width - 1) / 2, Float(size.height - 1) / 2)
    for channel in 0..<size.channels {
      let base = (row * size.channels + channel) * area
      func pixel(_ x: Int, _ y: Int) -> Float {
        guard x >= 0, y >= 0, x < size.width, y < size.height else { return 0 }
        return load(from[base + y * size.width + x])
      }
      for y in 0..<size.height {
        for x in 0..<size.width {
          let d = SIMD2(Float(x), Float(y)) - centre - shift
          let place = SIMD2(cosine * d.x + sine * d.y, cosine * d.y - sine * d.x) + centre
          let corner = SIMD2(place.x.rounded(.down), place.y.rounded(.down))
          let part = place - corner
          let (left, top) = (Int(corner.x), Int(corner.y))
          let upper = pixel(left, top) * (1 - part.x) + pixel(left + 1, top) * part.x
          let lower = pixel(left, top + 1) * (1 - part.x) + pixel(left + 1, top + 1) * part.x
          to[base + y * size.width + x] = store(upper * (1 - part.y) + lower * part.y)
        }
      }
    }
  }
}
