import Engine

/// Examples: one row of features and one label each.
///
/// Pictures stay the bytes they were in the file and become floats batch by batch.
package struct Dataset: Sendable {
  package let name: String
  /// `u8` bytes or floats, `[n, …]`.
  package let features: Tensor
  /// What a feature is multiplied by when it becomes an `f32`: 1/255 for pictures.
  package let scale: Double
  /// `i64` classes or float targets, `[n, …]`.
  package let labels: Tensor
  /// How many classes there are; nil for targets that are not classes.
  package let classes: Int?
  /// What the classes are called, where they have names.
  package let classNames: [String]?
  /// What the features are called and made of, for data from a table.
  package let columns: [TableColumn]

  package static let mostClasses = 1_000_000

  package var count: Int { labels.shape.first ?? 0 }

  /// - Throws: `DataError.disagreement` unless there is one label for each row; `badLabel` for one outside
  ///   the classes.
  package init(
    name: String, features: Tensor, scale: Double = 1, labels: Tensor, classes: Int? = nil,
    classNames: [String]? = nil, columns: [TableColumn] = []
  ) throws {
    guard let rows = features.shape.first, let marks = labels.shape.first else {
      throw DataError.disagreement("features and labels of a data set have one row for each example")
    }
    guard rows == marks else {
      throw DataError.disagreement("\(name) has \(rows) rows of features and \(marks) labels")
    }
    self.name = name
    self.features = features
    self.scale = scale
    self.labels = classes == nil || labels.dtype == .i64 ? labels : try labels.converted(to: .i64)
    self.classes = classes
    self.classNames = classNames
    self.columns = columns
    if let classNames, classNames.count != classes {
      throw DataError.disagreement(
        "\(name) has \(classes ?? 0) classes and \(classNames.count) names for them")
    }
    if let classes, classes < 0 { throw DataError.badValue("the number of classes is not negative") }
    if let classes, classes > Self.mostClasses {
      throw DataError.badValue(
        "labels count the classes from 0, and these would make more than \(Self.mostClasses) of them: number the "
          + "classes one after the other, or give floats for targets that are none")
    }
    if let classes { try Self.checkLabels(self.labels, classes: classes, source: name) }
  }

  /// All features as `f32`, scaled.
  package func x() throws -> Tensor { try range(0..<count).x }

  package func y() throws -> Tensor { labels }

  private var isHollow: Bool { labels.isHollow || features.isHollow }

  /// The rows at the positions of an integer tensor, `[k]`.
  ///
  /// - Throws: `indexOutOfRange` for a position outside the data.
  package func rows(_ indices: Tensor) throws -> (x: Tensor, y: Tensor) {
    let y = try labels.taken(indices, axis: 0)
    // One pass from bytes to floats; the same for every way to ask, so that all give the same bits.
    if features.dtype == .u8 {
      return (try Tensor.gatheredRows(of: features, indices: indices, scale: scale), y)
    }
    return (try scaled(features.taken(indices, axis: 0)), y)
  }

  /// The rows of a range, clipped to the data.
  package func range(_ range: Range<Int>) throws -> (x: Tensor, y: Tensor) {
    let inside = range.clamped(to: 0..<count)
    if features.dtype == .u8 { return try rows(Tensor(Array(inside))) }
    return (try scaled(features.rows(inside)), try labels.rows(inside))
  }

  /// Some rows as a data set of their own; the features keep their bytes.
  package func subset(_ indices: Tensor, name: String? = nil) throws -> Dataset {
    try Dataset(
      name: name ?? self.name, features: features.taken(indices, axis: 0), scale: scale,
      labels: labels.taken(indices, axis: 0), classes: classes, classNames: classNames, columns: columns)
  }

  /// Two data sets: a random fraction of the rows, and the rest.
  package func split(fraction: Double, seed: Int) throws -> (Dataset, Dataset) {
    guard fraction > 0, fraction < 1 else {
      throw DataError.badValue("the first part's share lies between 0 and 1, not at \(fraction)")
    }
    let order = try Tensor.permutation(count, key: RandomKey(seed: seed))
    let first = Int((Double(count) * fraction).rounded())
    guard first > 0, first < count || isHollow else {
      throw DataError.badValue(
        "of \(count) rows a share of \(fraction) leaves nothing for the \(first > 0 ? "second" : "first") part"
      )
    }
    return (try subset(order.rows(0..<first)), try subset(order.rows(first..<count)))
  }

  private func scaled(_ tensor: Tensor) throws -> Tensor {
    let floats = tensor.dtype == .f32 ? tensor : try tensor.converted(to: .f32)
    if scale == 1 { return floats }
    return try Tensor.binary(.multiply, floats, Tensor(scalar: scale, dtype: .f32))
  }

  /// - Parameter source: where the labels are from, for the message.
  static func checkLabels(_ labels: Tensor, classes: Int, source: String) throws {
    guard labels.count > 0, !labels.isHollow else { return }
    let limit = Tensor(scalar: classes, dtype: .i64)
    let tooLarge = try Tensor.binary(.greaterOrEqual, labels, limit)
    let negative = try Tensor.binary(.less, labels, Tensor(scalar: 0, dtype: .i64))
    let bad = try Tensor.binary(.or, tooLarge, negative)
    guard try Tensor.reduce(.any, bad, axes: nil, keep: false).scalarDouble != 0 else { return }
    let row = try Tensor.argReduce(max: true, bad.converted(to: .u8), axis: nil, keep: false).int(at: 0)
    throw DataError.badLabel(label: try labels.int(at: row), classes: classes, row: row, source: source)
  }
}
