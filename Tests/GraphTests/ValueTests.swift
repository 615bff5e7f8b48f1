import Foundation
import Testing

@testable import Engine
@testable import Graph

/// The C library's exponential, under a name that does not collide with the op.
enum Exponential {
  static func of(_ x: Double) -> Double { Foundation.exp(x) }
}

/// Values against the C library and closed forms.
@Suite struct ValueTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let op: Op
    let low: Double
    let high: Double
    let expected: @Sendable (Double) -> Double
    var testDescription: String { op.name }
  }

  static let unary: [Case] = [
    Case(op: .exp, low: -5, high: 5) { exp($0) }, Case(op: .expm1, low: -1, high: 1) { expm1($0) },
    Case(op: .log, low: 0.01, high: 9) { log($0) }, Case(op: .log1p, low: -0.5, high: 9) { log1p($0) },
    Case(op: .sqrt, low: 0, high: 9) { sqrt($0) }, Case(op: .square, low: -3, high: 3) { $0 * $0 },
    Case(op: .reciprocal, low: 0.1, high: 3) { 1 / $0 }, Case(op: .abs, low: -3, high: 3) { abs($0) },
    Case(op: .negate, low: -3, high: 3) { -$0 }, Case(op: .sin, low: -9, high: 9) { sin($0) },
    Case(op: .cos, low: -9, high: 9) { cos($0) }, Case(op: .tan, low: -1.5, high: 1.5) { tan($0) },
    Case(op: .asin, low: -1, high: 1) { asin($0) }, Case(op: .acos, low: -1, high: 1) { acos($0) },
    Case(op: .atan, low: -9, high: 9) { atan($0) }, Case(op: .tanh, low: -5, high: 5) { tanh($0) },
    Case(op: .sigmoid, low: -9, high: 9) { 1 / (1 + exp(-$0)) },
    Case(op: .relu, low: -3, high: 3) { max($0, 0) },
    Case(op: .leakyRelu, low: -3, high: 3) { $0 > 0 ? $0 : 0.01 * $0 },
    Case(op: .elu, low: -3, high: 3) { $0 > 0 ? $0 : expm1($0) },
    Case(op: .gelu, low: -3, high: 3) { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) },
    Case(op: .silu, low: -3, high: 3) { $0 / (1 + exp(-$0)) },
    Case(op: .softplus, low: -9, high: 9) { log1p(exp($0)) }, Case(op: .erf, low: -3, high: 3) { erf($0) },
    Case(op: .floor, low: -3, high: 3) { floor($0) }, Case(op: .ceil, low: -3, high: 3) { ceil($0) },
    Case(op: .round, low: -3, high: 3) { $0.rounded(.toNearestOrEven) },
    Case(op: .sign, low: -3, high: 3) { $0 < 0 ? -1 : $0 > 0 ? 1 : 0 },
    Case(op: .identity, low: -3, high: 3) { $0 }, Case(op: .stopGradient, low: -3, high: 3) { $0 },
  ]

  @Test(arguments: unary)
  func agreesWithTheCLibrary(_ row: Case) throws {
    var numbers = Numbers(7)
    let values = numbers.list(101, row.low, row.high)
    let found = try row.op(Term(Tensor(values))).tensor.array(Double.self)
    let single = try row.op(Term(Tensor(values.map { Float($0) }))).tensor
    #expect(single.dtype == .f32)
    for (position, value) in values.enumerated() {
      let expected = row.expected(value)
      #expect(abs(found[position] - expected) <= 1e-13 * max(1, abs(expected)), "\(row.op.name)(\(value))")
      let rounded = row.expected(Double(Float(value)))
      #expect(
        try abs(single.double(at: position) - rounded) <= 4e-6 * max(1, abs(rounded)),
        "\(row.op.name)(\(value)) in f32")
      let alone = try row.op(Term(Tensor(scalar: value), weak: true))
      #expect(alone.isWeak)
      #expect(try abs(alone.tensor.scalarDouble - expected) <= 1e-13 * max(1, abs(expected)))
    }
  }

  private func numbers(_ term: Term) throws -> [Double] { try term.tensor.array(Double.self) }

  private func matrix(_ rows: [[Double]]) throws -> Term {
    Term(try Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]))
  }

  @Test func reductions() throws {
    let x = try matrix([[1, 2, 3], [4, 0, -6]])
    #expect(try numbers(x.sum()) == [4])
    #expect(try numbers(x.sum(axes: [0])) == [5, 2, -3])
    #expect(try x.sum(axes: [1], keep: true).shape == [2, 1])
    #expect(try numbers(x.mean(axes: [1])) == [2, -2.0 / 3])
    #expect(try numbers(Op.prod.apply(x, [.axes([0])])) == [4, 0, -18])
    #expect(try numbers(Op.prod(x)) == [0])
    #expect(try numbers(Op.prod(Term(Tensor([1.0, 2, 3, 4, 5])))) == [120])
    #expect(try numbers(Op.prod(Term(Tensor([1, 2, 3, 4, 5, 6, 7])))) == [5040])
    #expect(try numbers(Op.max.apply(x, [.axes([1])])) == [3, 4])
    #expect(try numbers(Op.min.apply(x, [.axes([-1])])) == [1, -6])
    #expect(try numbers(Op.argmax.apply(x, [.axis(-1)])) == [2, 0])
    #expect(try numbers(Op.argmin.apply(x, [])) == [5])
    #expect(try numbers(Op.variance(Term(Tensor([1.0, 2, 3, 4])))) == [1.25])
    #expect(try numbers(Op.std(Term(Tensor([1.0, 3])))) == [1])
    #expect(try numbers(Op.norm(Term(Tensor([3.0, 4])))) == [5])
    #expect(try Op.sum(Term(Tensor([UInt8](repeating: 255, count: 100)))).tensor.int(at: 0) == 25_500)
    let level = try numbers(Op.logsumexp(Term(Tensor([1000.0, 1000]))))[0]
    #expect(abs(level - (1000 + log(2))) < 1e-12)
  }

  @Test func softmaxRows() throws {
    let x = try matrix([[0, log(3)], [5, 5]])
    let rows = try numbers(Op.softmax(x))
    for (found, expected) in zip(rows, [0.25, 0.75, 0.5, 0.5]) { #expect(abs(found - expected) < 1e-15) }
    let columns = try numbers(Op.logSoftmax.apply(x, [.axis(0)]))
    #expect(abs(exp(columns[0]) + exp(columns[2]) - 1) < 1e-14)
  }

  @Test func products() throws {
    let a = try matrix([[1, 2], [3, 4]])
    let b = try matrix([[5, 6], [7, 8]])
    #expect(try numbers(Term.product(a, b)) == [19, 22, 43, 50])
    #expect(try numbers(Term.product(a, b, transposeA: true)) == [26, 30, 38, 44])
    #expect(try numbers(Term.product(a, b, transposeB: true)) == [17, 23, 39, 53])
    #expect(try numbers(Term.product(a.transposed(), b)) == [26, 30, 38, 44])
    #expect(try numbers(Op.dot(Term(Tensor([1.0, 2])), Term(Tensor([3.0, 4])))) == [11])
    #expect(try numbers(Op.outer(Term(Tensor([1.0, 2])), Term(Tensor([3.0, 4])))) == [3, 4, 6, 8])
    #expect(try numbers(Op.trace(a)) == [5])
  }

  @Test func shapes() throws {
    let x = try matrix([[1, 2, 3], [4, 5, 6]])
    #expect(try numbers(x.transposed()) == [1, 4, 2, 5, 3, 6])
    #expect(try x.reshaped([-1]).shape == [6])
    #expect(try numbers(x.flipped()) == [6, 5, 4, 3, 2, 1])
    #expect(try numbers(x.flipped([1])) == [3, 2, 1, 6, 5, 4])
    #expect(try Op.expand.apply(x, [.axis(-1)]).shape == [2, 3, 1])
    #expect(try Op.squeeze(x.reshaped([1, 2, 3, 1])).shape == [2, 3])
    #expect(
      try numbers(Op.tile.apply(Term(Tensor([1.0, 2])), [.integers([2, 2])])) == [1, 2, 1, 2, 1, 2, 1, 2])
    #expect(
      try numbers(Op.pad.apply(Term(Tensor([1.0, 2])), [.integers([1, 2]), .number(7)])) == [7, 1, 2, 7, 7])
    let parts = try x.split(at: [1], axis: 1)
    #expect(parts.map(\.shape) == [[2, 1], [2, 2]])
    #expect(try numbers(Term.concatenated(parts, axis: 1)) == numbers(x))
    #expect(try numbers(Term.stacked([x.row(0), x.row(-1)], axis: 0)) == numbers(x))
    #expect(try numbers(Term.stacked([1, 2], axis: 0)) == [1, 2])
    #expect(throws: EngineError.self) { try x.row(2) }
    #expect(throws: EngineError.self) { try Op.transpose.apply(x, [.integers([0, 0])]) }
    #expect(throws: EngineError.self) { try x.sum(axes: [0, -2]) }
    #expect(throws: EngineError.self) { try x.sum(axes: [2]) }
    #expect(throws: EngineError.self) { try x.sliced([AxisRange(0, 3), AxisRange(0, 3)]) }
    #expect(throws: EngineError.self) { try x.sliced([AxisRange(0, 2)]) }
    #expect(throws: EngineError.self) { try x.sliced([AxisRange(0, 2), AxisRange(0, 3, step: 0)]) }
  }

  @Test func selections() throws {
    let x = try matrix([[1, 2, 3], [4, 5, 6]])
    #expect(try numbers(x.taken(Term(Tensor([1, 1, 0])))) == [4, 5, 6, 4, 5, 6, 1, 2, 3])
    #expect(try numbers(x.taken(Term(Tensor([-1])), axis: 1)) == [3, 6])
    #expect(try numbers(Op.pick(x, Term(Tensor([2, 0])))) == [3, 4])
    #expect(try numbers(Op.mask(x, Term(Tensor([false, true])))) == [4, 5, 6])
    #expect(try numbers(Op.mask(x, Op.greater(x, 2))) == [3, 4, 5, 6])
    #expect(try numbers(Op.select(Op.greater(x, 2), x, 0)) == [0, 0, 3, 4, 5, 6])
    #expect(try numbers(Op.sort(Term(Tensor([3.0, 1, 2])))) == [1, 2, 3])
    #expect(try numbers(Op.argsort(Term(Tensor([3.0, 1, 2])))) == [1, 2, 0])
    #expect(try numbers(Op.cumsum.apply(x, [.axis(0)])) == [1, 2, 3, 5, 7, 9])
    #expect(try numbers(Op.oneHot.apply(Term(Tensor([2, 0])), [.integer(3)])) == [0, 0, 1, 1, 0, 0])
    #expect(throws: EngineError.self) { try x.taken(Term(Tensor([2]))) }
    #expect(throws: EngineError.self) { try Op.pick(x, Term(Tensor([3, 0]))) }
    #expect(throws: EngineError.self) { try Op.mask(x, x) }
  }

  @Test func wrongNumberOfInputs() throws {
    #expect(throws: GraphError.wrongInputCount(operation: "exp", expected: 1, given: 2)) {
      try Op.exp(1, 2)
    }
    #expect(throws: GraphError.wrongInputCount(operation: "where", expected: 3, given: 0)) {
      try Op.select.apply([])
    }
  }
}
