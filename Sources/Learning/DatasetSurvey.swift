import Engine

/// What a data set says of itself.
extension Dataset {
  /// The SHA-256 of features, labels, scale and classes, in hexadecimal: equal for equal data, whatever its name.
  package func digest() throws -> String {
    var digest = SHA256()
    try features.hash(into: &digest)
    try labels.hash(into: &digest)
    digest.update("\(scale.bitPattern) \(classes ?? -1)")
    return digest.hexadecimal
  }

  /// How many rows each class has; nil for targets that are not classes.
  package func classCounts() throws -> [Int]? {
    guard let classes, labels.dtype == .i64 else { return nil }
    var counts = [Int](repeating: 0, count: classes)
    try labels.withElements(Int.self) { for label in $0 { counts[label] += 1 } }
    return counts
  }

  /// The least and the largest feature that are numbers, as `x` has them; nil without any.
  package func featureRange() throws -> (Double, Double)? { try range(of: features, scale: scale) }

  /// The least and the largest target.
  package func targetRange() throws -> (Double, Double)? { try range(of: labels, scale: 1) }

  /// How many features, and how many targets, are no numbers.
  package func missingCounts() throws -> (features: Int, targets: Int) {
    (try count(of: features), try count(of: labels))
  }

  private func count(of tensor: Tensor) throws -> Int {
    guard tensor.dtype.isFloat, tensor.count > 0, !tensor.isHollow else { return 0 }
    return try Tensor.reduce(.sum, Tensor.unary(.isnan, tensor), axes: nil, keep: false).int(at: 0)
  }

  private func range(of tensor: Tensor, scale: Double) throws -> (Double, Double)? {
    guard tensor.count > 0 else { return nil }
    if tensor.dtype.isFloat, try count(of: tensor) > 0 {
      let isNumber = try Tensor.unary(.not, Tensor.unary(.isnan, tensor))
      return try range(of: tensor.masked(by: isNumber), scale: scale)
    }
    let low = try Tensor.reduce(.min, tensor, axes: nil, keep: false).scalarDouble * scale
    return (low, try Tensor.reduce(.max, tensor, axes: nil, keep: false).scalarDouble * scale)
  }
}
