import Figures
import Graph
import Runtime

/// What runs of `descend` and `fit` show of themselves in figures.
enum RunPictures {
  /// The run a value is, or the first of a list of them.
  static func first(_ value: Value) -> Object? {
    switch value {
    case .object(let object) where object.kind == "run": object
    case .list(let list): list.first.flatMap { run($0) }
    default: nil
    }
  }

  private static func run(_ value: Value) -> Object? {
    if case .object(let object) = value, object.kind == "run" { return object }
    return nil
  }

  /// A field that is a vector of numbers.
  static func numbers(_ run: Object, _ name: String, _ machine: Machine) throws -> [Double]? {
    guard let value = try run.field(name, machine) else { return nil }
    if case .list(let list) = value {
      let numbers = list.compactMap(Conversion.number)
      return numbers.count == list.count ? numbers : nil
    }
    return Conversion.termIfNumeric(value).map { $0.tensor.array(Double.self) }
  }

  /// The losses of a run or of a list of runs; `nil` where the value is none.
  static func losses(_ value: Value, _ machine: Machine) throws -> [Series]? {
    if let run = run(value) {
      guard let series = try losses(of: run, name: "", machine) else { throw nothingToPlot }
      return [series]
    }
    guard case .list(let list) = value, !list.isEmpty else { return nil }
    let runs = list.compactMap(run)
    guard runs.count == list.count else { return nil }
    return try runs.map { run in
      guard let series = try losses(of: run, name: try name(of: run, machine), machine) else {
        throw nothingToPlot
      }
      return series
    }
  }

  private static var nothingToPlot: Failure {
    Failure(.badValue, "this run has no numbers in `loss` to plot", argument: 0)
  }

  private static func losses(of run: Object, name: String, _ machine: Machine) throws -> Series? {
    guard let losses = try numbers(run, "loss", machine) else { return nil }
    // A descent starts with its first point, a training ends its first epoch.
    let start = run.fieldNames.contains("path") ? 0.0 : 1
    return Series(name, x: losses.indices.map { Double($0) + start }, y: losses)
  }

  /// The losses of a run, one for each point of its path.
  static func heights(_ value: Value, _ machine: Machine) throws -> [Double]? {
    guard let run = run(value) else { return nil }
    return try numbers(run, "loss", machine)
  }

  /// The rule a run went by.
  static func name(of run: Object, _ machine: Machine) throws -> String {
    guard let value = try run.field("optimizer", machine) else { return "" }
    return ValuePrinter().text(value)
  }

  /// The points a run, a list of points or a matrix of two columns goes through.
  static func path(_ value: Value, _ machine: Machine, argument: Int) throws -> Series {
    if let run = run(value) {
      guard let path = try run.field("path", machine) else {
        throw Failure(.badValue, "this run has no `path`: descend(…) gives one that has", argument: argument)
      }
      var series = try points(of: path, argument: argument)
      series.name = try name(of: run, machine)
      return series
    }
    return try points(of: value, argument: argument)
  }

  private static func points(of value: Value, argument: Int) throws -> Series {
    let points: [Value]
    switch value {
    case .list(let list): points = list.elements
    case .tuple(let tuple): points = tuple.elements
    case .object(let object as TensorObject) where object.tensor.rank == 2 && object.tensor.shape[1] == 2:
      let numbers = object.tensor.array(Double.self)
      let x = stride(from: 0, to: numbers.count, by: 2).map { numbers[$0] }
      let y = stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] }
      return Series(x: x, y: y, isPath: true)
    default:
      throw Failure(
        .wrongType, "a path is a run or a list of points, not \(Failure.article(value.kind))",
        argument: argument)
    }
    var (x, y) = ([Double](), [Double]())
    for point in points {
      let pair = try coordinates(point, argument: argument)
      x.append(pair.0)
      y.append(pair.1)
    }
    return Series(x: x, y: y, isPath: true)
  }

  /// The two numbers of a point: a vector, a pair, or any structure with two leaves.
  private static func coordinates(_ point: Value, argument: Int) throws -> (Double, Double) {
    if case .object(let object as TensorObject) = point, object.tensor.count == 2 {
      return (object.tensor.double(at: 0), object.tensor.double(at: 1))
    }
    let numbers = point.isStructure ? try Structure.leaves(point).compactMap(Conversion.number) : []
    guard numbers.count == 2 else {
      throw Failure(
        .badShape, "a contour shows paths of two numbers, and this point is none", argument: argument)
    }
    return (numbers[0], numbers[1])
  }
}
