import Figures
import Graph
import Runtime

/// `contour(f, x, y, levels, paths, …)`: a field of values with lines of equal height, and paths over it.
struct ContourPicture {
  let figure: Figure

  /// Grids where one call gives all points, and where each needs its own.
  private static let fine = (columns: 121, rows: 91)
  private static let coarse = (columns: 61, rows: 46)

  init(_ call: BuiltinCall) throws {
    let labels = try PictureData.names(call.values[5], argument: 5)
    let paths = try ContourPicture.paths(call.values[4], call.machine)
    let view = PathView(paths.map(\.series), heights: paths.map(\.heights))
    let x = try ContourPicture.range(call.values[1], view?.x, "`x`", argument: 1)
    let y = try ContourPicture.range(call.values[2], view?.y, "`y`", argument: 2)
    let sampling = FunctionSampling(call[0], call.machine)
    let grid = try sampling.grid(x, y, fine: ContourPicture.fine, coarse: ContourPicture.coarse)
    guard let field = Field(columns: grid.columns, rows: grid.rows, values: grid.values, x: x, y: y) else {
      throw Failure(.badValue, "the function cannot be drawn over this range")
    }
    let levels = try ContourPicture.levels(call.values[3], grid.values)
    let marks = paths.enumerated().map { index, path in
      var path = path.series
      if index < labels.count { path.name = labels[index] }
      return Mark.line(path)
    }
    figure = Figure(
      title: Pictures.text(call.values[6]), x: Axis(Pictures.text(call.values[7]), range: x),
      y: Axis(Pictures.text(call.values[8]), range: y), marks: [.contours(field, levels: levels)] + marks)
  }

  /// So many levels, or the levels themselves.
  private static func levels(_ value: Value?, _ values: [Double]) throws -> [Double] {
    guard let value = Pictures.given(value) else { return ContourLevels.suggested(for: values, count: 10) }
    if let count = Conversion.integer(value) {
      guard count > 0, count <= 200 else {
        throw Failure(.badValue, "`levels` is 1 to 200, or a list", argument: 3)
      }
      return ContourLevels.suggested(for: values, count: count)
    }
    return try PictureData.numbers(value, "`levels`", argument: 3).filter(\.isFinite).sorted()
  }

  private static func range(
    _ value: Value?, _ view: ClosedRange<Double>?, _ role: String, argument: Int
  ) throws -> ClosedRange<Double> {
    if let value = Pictures.given(value) { return try PictureData.range(value, role, argument: argument) }
    if let view { return view }
    throw Failure(
      .missingArgument, "the range \(role) of the contour is not given, and no paths say it",
      help: ["contour(f, (-2, 2), (-1, 3))"])
  }

  /// Paths, with the heights along them where a run tells.
  private static func paths(
    _ value: Value?, _ machine: Machine
  ) throws -> [(series: Series, heights: [Double]?)] {
    func path(_ value: Value) throws -> (series: Series, heights: [Double]?) {
      (try RunPictures.path(value, machine, argument: 4), try RunPictures.heights(value, machine))
    }
    switch Pictures.given(value) {
    case nil: return []
    case .record(let record)?:
      return try zip(record.names, record.values).map { name, value in
        var named = try path(value)
        named.series.name = name
        return named
      }
    case .list(let list)?: return try list.map(path)
    case .object(let object as TensorObject)? where object.tensor.rank == 3:
      return try (0..<object.tensor.shape[0]).map { try path(try object.term.row($0).value) }
    case .some(let value): return [try path(value)]
    }
  }
}

/// The part of the plane that paths are seen in: where they are no higher than where they started.
struct PathView {
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>

  /// - Parameter heights: the function's values along each path; without them all of its points count.
  /// - Returns: `nil` where no path has a point that can be drawn.
  init?(_ paths: [Series], heights: [[Double]?]) {
    var (xs, ys) = ([Double](), [Double]())
    for (path, heights) in zip(paths, heights) {
      for index in 0..<path.count where path.x[index].isFinite && path.y[index].isFinite {
        // A rule that runs away would make all the others a dot.
        if let heights, let start = heights.first, index < heights.count, !(heights[index] <= start) {
          continue
        }
        xs.append(path.x[index])
        ys.append(path.y[index])
      }
    }
    guard let x = PathView.widened(xs), let y = PathView.widened(ys) else { return nil }
    // Neither side is less than a fifth of the other, so that the lines of the contour can be read.
    let least = max(x.upperBound - x.lowerBound, y.upperBound - y.lowerBound) / 5
    guard least.isFinite else { return nil }
    (self.x, self.y) = (PathView.atLeast(least, x), PathView.atLeast(least, y))
  }

  private static func widened(_ values: [Double]) -> ClosedRange<Double>? {
    guard let low = values.min(), let high = values.max(), abs(low) < 1e299, abs(high) < 1e299 else {
      return nil
    }
    let room = high > low ? (high - low) * 0.15 : max(1, abs(low)) * 0.5
    return (low - room)...(high + room)
  }

  private static func atLeast(_ width: Double, _ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let missing = width - (range.upperBound - range.lowerBound)
    return missing > 0 ? (range.lowerBound - missing / 2)...(range.upperBound + missing / 2) : range
  }
}
