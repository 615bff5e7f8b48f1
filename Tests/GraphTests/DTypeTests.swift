import Testing

@testable import Engine
@testable import Graph

/// Which dtype comes of which: plain numbers are weaker than single tensors, those weaker than arrays.
@Suite struct DTypeTests {
  enum Operand: Sendable, CustomTestStringConvertible {
    case plain(DType)
    case single(DType)
    case array(DType)
    var testDescription: String {
      switch self {
      case .plain(let dtype): "plain \(dtype.name)"
      case .single(let dtype): "\(dtype.name)[]"
      case .array(let dtype): "\(dtype.name)[2]"
      }
    }
    func term() throws -> Term {
      switch self {
      case .plain(let dtype): Term(Tensor(scalar: 1.0, dtype: dtype), weak: true)
      case .single(let dtype): Term(Tensor(scalar: 1.0, dtype: dtype))
      case .array(let dtype): Term(try Tensor.filled(1, shape: [2], dtype: dtype))
      }
    }
  }

  static let sums: [(Operand, Operand, DType)] = [
    (.plain(.f64), .plain(.f64), .f64), (.plain(.i64), .plain(.i64), .i64),
    (.plain(.i64), .plain(.f64), .f64), (.plain(.f64), .array(.f32), .f32),
    (.plain(.f64), .single(.f32), .f32), (.plain(.i64), .array(.f32), .f32),
    (.plain(.f64), .array(.f64), .f64), (.plain(.i64), .array(.u8), .u8),
    (.plain(.f64), .array(.i64), .f32), (.plain(.f64), .single(.i64), .f32),
    (.plain(.f64), .array(.bool), .f32), (.plain(.i64), .array(.bool), .i64),
    (.single(.f64), .array(.f32), .f32), (.single(.f32), .array(.f64), .f64),
    (.single(.f32), .single(.f64), .f64), (.single(.f64), .array(.i32), .f32),
    (.single(.i64), .array(.i32), .i32), (.array(.f32), .array(.f64), .f64),
    (.array(.i64), .array(.f32), .f32), (.array(.u8), .array(.i8), .i32), (.array(.u8), .array(.u8), .u8),
    (.array(.bool), .array(.bool), .i64), (.array(.bool), .array(.f32), .f32),
    (.array(.i32), .array(.i64), .i64),
  ]

  @Test(arguments: sums)
  func sumsAgree(_ left: Operand, _ right: Operand, _ expected: DType) throws {
    #expect(try (left.term() + right.term()).dtype == expected)
    #expect(try (right.term() * left.term()).dtype == expected)
    let weak = try (left.term() + right.term()).isWeak
    if case (.plain, .plain) = (left, right) { #expect(weak) } else { #expect(!weak) }
    let quotient = try (left.term() / right.term()).dtype
    let isPlain = if case (.plain, .plain) = (left, right) { true } else { false }
    #expect(quotient == (expected.isFloat ? expected : isPlain ? .f64 : .f32))
  }

  @Test func integersBecomeFloatsInFloatOps() throws {
    #expect(try Op.exp(Term(Tensor([1, 2]))).dtype == .f32)
    #expect(try Op.exp(Term(Tensor(scalar: 1), weak: true)).dtype == .f64)
    #expect(try Op.exp(Term(Tensor(scalar: 1), weak: true)).isWeak)
    #expect(try Term(Tensor([1, 2])).mean().dtype == .f32)
    #expect(try Term(Tensor([1, 2])).mean().tensor.scalarDouble == 1.5)
    #expect(try Term(Tensor([true, true])).sum().dtype == .i64)
    #expect(try Op.square(Term(Tensor([2, 3]))).dtype == .i64)
    let product = try Term.product(
      Term(Tensor([1, 2])), Term(Tensor.filled(1, shape: [2], dtype: .f32)))
    #expect(product.dtype == .f32)
    #expect(try Term.product(Term(Tensor([1, 2])), Term(Tensor([1, 2]))).tensor.int(at: 0) == 5)
  }

  @Test func comparisonsLoseNothing() throws {
    #expect(try Op.equal(Term(Tensor(scalar: 0.1, dtype: .f32)), 0.1).tensor.scalarDouble == 1)
    let bytes = Term(try Tensor([UInt8(255)]))
    #expect(try Op.less(bytes, Term(Tensor(scalar: 300), weak: true)).tensor.double(at: 0) == 1)
    #expect(try Op.less(Term(Tensor([3])), 3.5).tensor.double(at: 0) == 1)
    let large = 16_777_217
    #expect(try Op.equal(Term(Tensor([large])), 16_777_216.0).tensor.double(at: 0) == 0)
    #expect(try Op.less(1, Term(Tensor([2]))).dtype == .bool)
    #expect(try !Op.less(1, 2).isWeak)
  }

  @Test func integersThatDoNotFitAreRefused() throws {
    let bytes = Term(try Tensor([UInt8(255)]))
    #expect(throws: EngineError.self) { try bytes + Term(Tensor(scalar: 300), weak: true) }
    #expect(try (bytes + Term(Tensor(scalar: 2), weak: true)).tensor.int(at: 0) == 1)
  }

  @Test func joining() throws {
    let booleans = Term(try Tensor([true]))
    #expect(try Term.concatenated([booleans, booleans], axis: 0).dtype == .bool)
    #expect(try Term.concatenated([Term(Tensor([1])), Term(Tensor([1.5]))], axis: 0).dtype == .f64)
    #expect(try Op.select(booleans, 1, Term(Tensor([Float(2)]))).dtype == .f32)
    #expect(try Op.select(Term(Tensor(scalar: true)), 1, 2).dtype == .f64)
  }

  @Test func stackedNumbers() throws {
    let whole = Term(Tensor(scalar: 1), weak: true)
    #expect(try Term.stacked([0.5, 1.5], axis: 0).dtype == .f32)
    #expect(try Term.stacked([whole, 1.5], axis: 0).dtype == .f32)
    #expect(try Term.stacked([whole, whole], axis: 0).dtype == .i64)
    #expect(try Term.stacked([0.5, Term(Tensor(scalar: 1, dtype: .f64))], axis: 0).dtype == .f64)
    #expect(try Term.stacked([0.5, Term(Tensor(scalar: 1, dtype: .f32))], axis: 0).dtype == .f32)
    let tape = Tape()
    let x = try tape.variable(Tensor(scalar: 3.0), weak: true)
    let y = try Term.stacked([x, x * x], axis: 0).sum()
    let gradient = try tape.gradient(of: y, in: [x], recording: false)[0]
    #expect(try gradient.tensor.scalarDouble == 7 && gradient.dtype == .f64 && gradient.isWeak)
  }

  @Test func conversion() throws {
    let x = Term(try Tensor([1.7, -1.7]))
    #expect(try x.converted(to: .i64).tensor.array(Int.self) == [1, -1])
    #expect(try !Op.convert.apply(2.5, [.dtype(.f64)]).isWeak)
    let tape = Tape()
    let v = try tape.variable(Tensor([Float(1), 2]))
    let wide = try v.converted(to: .f64)
    let gradient = try tape.gradient(of: (wide * wide).sum(), in: [v], recording: false)[0]
    #expect(gradient.dtype == .f32)
    #expect(try gradient.tensor.array(Double.self) == [2, 4])
    let whole = try (v.converted(to: .i64).converted(to: .f32) * v).sum()
    #expect(try tape.gradient(of: whole, in: [v], recording: false)[0].tensor.array(Double.self) == [1, 2])
  }
}
