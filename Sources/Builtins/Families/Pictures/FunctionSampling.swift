import Engine
import Graph
import Runtime
import Syntax

/// A function of the language at many points: in one call where that gives the same as one by one.
struct FunctionSampling {
  private let f: Value
  private let machine: Machine

  init(_ f: Value, _ machine: Machine) { (self.f, self.machine) = (f, machine) }

  /// The values of a function of one number.
  func values(at x: [Double]) throws -> [Double] {
    let one: (Int) throws -> Double = { try number(try machine.call(f, [.float(x[$0])])) }
    let batch = try attempt {
      try vector(try machine.call(f, [Term(try Tensor(x)).value]), count: x.count)
    }
    return try agreed(batch, one, count: x.count) ?? x.indices.map(one)
  }

  /// The values of a function of two numbers on a grid, row by row: `f([x, y])`, or `f(x, y)` where it takes
  /// two.
  /// - Parameter coarse: columns and rows where each point needs a call of its own.
  func grid(
    _ x: ClosedRange<Double>, _ y: ClosedRange<Double>, fine: (columns: Int, rows: Int),
    coarse: (columns: Int, rows: Int)
  ) throws -> (values: [Double], columns: Int, rows: Int) {
    let takesPair = try takesPoint(x.lowerBound, y.lowerBound)
    func call(_ a: Tensor, _ b: Tensor) throws -> Value {
      guard takesPair else { return try machine.call(f, [Term(a).value, Term(b).value]) }
      return try machine.call(f, [try Term.stacked([Term(a), Term(b)], axis: 0).value])
    }
    func axes(_ size: (columns: Int, rows: Int)) -> (xs: [Double], ys: [Double]) {
      let count = size.columns * size.rows
      let xs = (0..<count).map { FunctionSampling.step($0 % size.columns, of: size.columns, x) }
      let ys = (0..<count).map { FunctionSampling.step($0 / size.columns, of: size.rows, y) }
      return (xs, ys)
    }
    func one(_ points: (xs: [Double], ys: [Double]), _ index: Int) throws -> Double {
      let (a, b) = (points.xs[index], points.ys[index])
      if takesPair { return try number(try machine.call(f, [Term(try Tensor([a, b])).value])) }
      return try number(try machine.call(f, [.float(a), .float(b)]))
    }
    let points = axes(fine)
    let batch = try attempt {
      try vector(try call(try Tensor(points.xs), try Tensor(points.ys)), count: points.xs.count)
    }
    if let values = try agreed(batch, { try one(points, $0) }, count: points.xs.count) {
      return (values, fine.columns, fine.rows)
    }
    let few = axes(coarse)
    return (try few.xs.indices.map { try one(few, $0) }, coarse.columns, coarse.rows)
  }

  private static func step(_ index: Int, of count: Int, _ range: ClosedRange<Double>) -> Double {
    let share = Double(index) / Double(max(1, count - 1))
    return range.lowerBound * (1 - share) + range.upperBound * share
  }

  /// Whether the function takes a point as one argument.
  private func takesPoint(_ x: Double, _ y: Double) throws -> Bool {
    do {
      _ = try number(try machine.call(f, [Term(try Tensor([x, y])).value]))
      return true
    } catch {
      guard FunctionSampling.code(of: error) == .missingArgument else { throw error }
      return false
    }
  }

  /// The batch's values, if at points here and there the function gives the same alone.
  private func agreed(_ batch: [Double]?, _ one: (Int) throws -> Double, count: Int) throws -> [Double]? {
    guard let batch else { return nil }
    for index in Set([0, count / 5, count / 3, count / 2, count * 3 / 4, count - 1])
    where index < count && index >= 0 {
      let (a, b) = (batch[index], try one(index))
      let isClose = abs(a - b) <= 1e-9 * max(abs(a), abs(b)) + 1e-300
      guard isClose || a == b || (a.isNaN && b.isNaN) else { return nil }
    }
    return batch
  }

  /// What a call gives, `nil` where the function does not take many points at once.
  private func attempt(_ body: () throws -> [Double]?) throws -> [Double]? {
    do { return try body() } catch {
      switch FunctionSampling.code(of: error) {
      case .interrupted, .stepLimit, .outOfMemory, .callDepth: throw error
      default: return nil
      }
    }
  }

  private static func code(of error: any Error) -> ErrorCode? {
    switch error {
    case let raised as Raised: raised.diagnostic.code
    case let failure as Failure: failure.code
    default: nil
    }
  }

  private func vector(_ value: Value, count: Int) throws -> [Double]? {
    guard let term = Conversion.termIfNumeric(value), term.shape == [count] else { return nil }
    return try term.tensor.array(Double.self)
  }

  private func number(_ value: Value) throws -> Double {
    if let number = Conversion.number(value) { return number }
    if case .object(let object as TensorObject) = value, object.tensor.count == 1 {
      return try object.tensor.double(at: 0)
    }
    throw Failure(
      .wrongType,
      "a figure shows functions that give one number, and this one gives \(Failure.article(value.kind))",
      argument: 0)
  }
}
