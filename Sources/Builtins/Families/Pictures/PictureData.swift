import Engine
import Figures
import Graph
import Runtime

/// From values of the language to the numbers of a figure.
enum PictureData {
  /// More numbers than this are no picture but a mistake.
  private static let limit = 100_000_000

  // MARK: Vectors

  /// A vector of numbers; a tensor of more axes is flattened.
  static func numbers(_ value: Value, _ role: String, argument: Int?) throws -> [Double] {
    if case .range(let range) = value, range.count > limit {
      throw Failure(.badValue, "\(role) has \(range.count) numbers, too many to draw", argument: argument)
    }
    return try Conversion.term(value, role, argument: argument).tensor.array(Double.self)
  }

  /// One vector, or several under names: a list, a record, or the rows of a matrix.
  static func vectors(
    _ value: Value, _ role: String, argument: Int
  ) throws -> [(name: String, numbers: [Double])] {
    switch value {
    case .record(let record):
      return try zip(record.names, record.values).map { name, value in
        (name, try numbers(value, "\(role) of `\(name)`", argument: argument))
      }
    case .list(let list) where !list.isEmpty && !list.allSatisfy(isScalar):
      return try list.map { ("", try numbers($0, "each of \(role)", argument: argument)) }
    case .tuple(let tuple) where !tuple.elements.isEmpty && !tuple.elements.allSatisfy(isScalar):
      return try tuple.elements.map { ("", try numbers($0, "each of \(role)", argument: argument)) }
    case .object(let object as TensorObject) where object.tensor.rank == 2:
      let (rows, columns) = (object.tensor.shape[0], object.tensor.shape[1])
      guard rows <= 64 else {
        throw Failure(
          .badShape, "each row of a matrix is a line, and here are \(rows)",
          help: ["transpose it with .T, or show it with heatmap(…)"], argument: argument)
      }
      let all = object.tensor.array(Double.self)
      return (0..<rows).map { ("", Array(all[($0 * columns)..<(($0 + 1) * columns)])) }
    default: return [("", try numbers(value, role, argument: argument))]
    }
  }

  private static func isScalar(_ value: Value) -> Bool {
    if value.isNumber { return true }
    if case .bool = value { return true }
    if case .object(let object as TensorObject) = value { return object.tensor.rank == 0 }
    return false
  }

  // MARK: Series

  static func lines(_ call: BuiltinCall) throws -> [Mark] { try series(call).map { .line($0) } }

  static func points(_ call: BuiltinCall) throws -> [Mark] { try series(call).map { .points($0) } }

  private static func series(_ call: BuiltinCall) throws -> [Series] {
    let labels = try names(call.values[3], argument: 3)
    var series = try unnamed(call)
    for (index, label) in labels.enumerated() where index < series.count { series[index].name = label }
    return series
  }

  private static func unnamed(_ call: BuiltinCall) throws -> [Series] {
    if let runs = try RunPictures.losses(call[0], call.machine) { return runs }
    let second = Pictures.given(call.values[1])
    if case .function = call[0] { return [try curve(call, second)] }
    guard let second else {
      return try vectors(call[0], "`x`", argument: 0).map { name, numbers in
        Series(name, x: numbers.indices.map(Double.init), y: numbers)
      }
    }
    let (xs, ys) = (try vectors(call[0], "`x`", argument: 0), try vectors(second, "`y`", argument: 1))
    guard xs.count == 1 || xs.count == ys.count else {
      throw Failure(
        .shapeMismatch, "there are \(xs.count) vectors in `x` and \(ys.count) in `y`",
        help: ["give one `x` for all, or one for each"])
    }
    return try ys.enumerated().map { index, y in
      let x = xs[xs.count == 1 ? 0 : index].numbers
      guard x.count == y.numbers.count else {
        throw Failure(
          .shapeMismatch, "`x` has \(Machine.counted(x.count, "number")) and `y` has \(y.numbers.count)",
          notes: ["each point has one of either"])
      }
      return Series(y.name, x: x, y: y.numbers)
    }
  }

  /// A function over a range.
  private static func curve(_ call: BuiltinCall, _ range: Value?) throws -> Series {
    let range = try range.map { try PictureData.range($0, "the range of a function", argument: 1) } ?? -5...5
    let x = (0..<600).map { range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / 599 }
    return Series(x: x, y: try FunctionSampling(call[0], call.machine).values(at: x))
  }

  /// Names of series: a list of strings, or one.
  static func names(_ value: Value?, argument: Int) throws -> [String] {
    switch Pictures.given(value) {
    case nil: return []
    case .text(let text)?: return [text.string]
    case .list(let list)?: return list.map { ValuePrinter().text($0) }
    case .tuple(let tuple)?: return tuple.elements.map { ValuePrinter().text($0) }
    case .some(let value):
      throw Failure(
        .wrongType, "`labels` is a list of names, not \(Failure.article(value.kind))", argument: argument)
    }
  }

  /// `(a, b)`
  static func range(_ value: Value, _ role: String, argument: Int) throws -> ClosedRange<Double> {
    let ends = (try? numbers(value, role, argument: argument)) ?? []
    guard ends.count == 2, let range = ClosedRange(from: ends[0], to: ends[1]),
      range.lowerBound < range.upperBound,
      abs(range.lowerBound) < 1e300, abs(range.upperBound) < 1e300
    else {
      throw Failure(.badValue, "\(role) is a pair of different numbers, as in (-2, 2)", argument: argument)
    }
    return range
  }

  // MARK: Runs

  /// Names for the axes when runs are plotted.
  static func runAxes(_ value: Value) -> (x: String, y: String) {
    guard let run = RunPictures.first(value) else { return ("", "") }
    return (
      run.fieldNames.contains("path") ? "step" : "epoch", run.fieldNames.contains("path") ? "f" : "loss"
    )
  }

  /// Whether what a run goes down spans so much that only powers of ten show it.
  static func suggestsLog(_ value: Value, _ machine: Machine) throws -> Bool {
    guard let run = RunPictures.first(value), let list = try RunPictures.numbers(run, "loss", machine) else {
      return false
    }
    guard list.allSatisfy({ $0 > 0 }), let low = list.min(), let high = list.max() else { return false }
    return high / low > 100
  }
}
