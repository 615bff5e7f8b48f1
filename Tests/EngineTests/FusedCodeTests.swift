import SeededRandom
import Testing

@testable import Engine

/// Chains of elementwise operations run as machine code where the processor has it; the bits are those of the loops.
@Suite(.serialized)
struct FusedCodeTests {
  private let count = Deferred.fewest + 61
  private static let unary: [UnaryKernel] = [.negate, .absolute, .sqrt, .relu, .square, .reciprocal]
  private static let binary: [BinaryKernel] = [
    .add, .subtract, .multiply, .divide, .maximum, .minimum, .gate,
  ]
  private static let special: [Double] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, 1e-40, -1e-40, .leastNormalMagnitude / 256, 3e38, -3e38,
    1.2e-38, 2, 0.5,
  ]

  /// An operation on values that were computed before, by their places; a number stands for one place.
  private enum Step {
    case unary(UnaryKernel, Int)
    case binary(BinaryKernel, Int, Int)
    case withNumber(BinaryKernel, Int, Tensor, numberFirst: Bool)
  }

  private func steps(_ random: inout SeededNumbers, _ dtype: DType) throws -> [Step] {
    try (0..<1 + random.below(14)).map { index in
      // Rather what was computed last, so that chains grow.
      let recent = Bool.random(using: &random) ? index + 1 : random.below(index + 2)
      let other = random.below(index + 2)
      let kernel = random.pick(FusedCodeTests.binary)
      switch random.below(4) {
      case 0: return .unary(random.pick(FusedCodeTests.unary), recent)
      case 1: return .binary(kernel, recent, other)
      default:
        let number = random.pick(FusedCodeTests.special)
        let isPower = random.once(in: 6)
        return .withNumber(
          isPower ? .power : kernel, recent,
          try Tensor(scalar: isPower ? 2 : number).converted(to: dtype),
          numberFirst: !isPower && Bool.random(using: &random))
      }
    }
  }

  private func run(_ steps: [Step], _ inputs: [Tensor]) throws -> [Tensor] {
    var values = inputs
    for step in steps {
      switch step {
      case .unary(let kernel, let x): values.append(try Tensor.unary(kernel, values[x]))
      case .binary(let kernel, let x, let y):
        values.append(try Tensor.binary(kernel, values[x], values[y]))
      case .withNumber(let kernel, let x, let number, let numberFirst):
        values.append(
          try numberFirst
            ? Tensor.binary(kernel, number, values[x]) : Tensor.binary(kernel, values[x], number))
      }
    }
    return values
  }

  private func inputs(_ random: inout SeededNumbers, _ dtype: DType) throws -> [Tensor] {
    try (0..<2).map { _ in
      try Tensor(
        (0..<count).map { _ in
          random.once(in: 8)
            ? random.pick(FusedCodeTests.special)
            : Double.random(in: -4...4, using: &random)
        }
      ).converted(to: dtype)
    }
  }

  @Test(arguments: [DType.f32, .f64])
  func anyChainHasTheBitsOfItsSteps(_ dtype: DType) throws {
    var random = SeededNumbers(state: 41)
    for round in 0..<150 {
      let inputs = try inputs(&random, dtype)
      let steps = try steps(&random, dtype)
      // Some results are held, so that they are written; the last is asked for first.
      let whole = try run(steps, inputs)
      let held = [whole.count - 1] + whole.indices.filter { $0 >= 2 && ($0 &* 7 &+ round) % 3 == 0 }
      let kept = held.map { whole[$0] }
      let found = try kept.map { try $0.array(Double.self) }
      for start in stride(from: 0, to: count, by: 2000) {
        let width = min(2000, count - start)
        let pieces = try run(steps, inputs.map { try $0.viewed([width], offset: start, count: width) })
        for (position, values) in zip(held, found) {
          let expected = try pieces[position].array(Double.self)
          let same = zip(values[start..<start + width], expected).allSatisfy {
            $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
          }
          #expect(same, "round \(round), value \(position) of \(steps)")
        }
      }
    }
  }

  /// Where there is no room for the constants of an operation among a chain's numbers, the loops do it.
  @Test(arguments: [DType.f32, .f64], [UnaryKernel.absolute, .negate, .reciprocal])
  func anyCountOfNumbers(_ dtype: DType, _ last: UnaryKernel) throws {
    var random = SeededNumbers(state: 8)
    let inputs = try inputs(&random, dtype)
    for numbers in 20...27 {
      var steps = try (0..<numbers).map {
        Step.withNumber(
          .add, $0 == 0 ? 0 : $0 + 1, try Tensor(scalar: 0.1 * Double($0 + 1)).converted(to: dtype),
          numberFirst: false)
      }
      steps.append(.binary(.gate, numbers + 1, 1))
      steps.append(.unary(last, numbers + 2))
      let found = try #require(try run(steps, inputs).last).array(Double.self)
      let piece = try inputs.map { try $0.viewed([100], offset: 40, count: 100) }
      let expected = try #require(try run(steps, piece).last).array(Double.self)
      let same = zip(found[40..<140], expected).allSatisfy {
        $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
      }
      #expect(same, "\(numbers) numbers and \(last)")
    }
  }

  /// A quotient by 1 and a product with it are handed on; what flushes small numbers still does.
  @Test(arguments: [DType.f32, .f64])
  func whatIsDividedByOneIsHandedOn(_ dtype: DType) throws {
    var random = SeededNumbers(state: 6)
    let inputs = try inputs(&random, dtype)
    let one = try Tensor(scalar: 1).converted(to: dtype)
    func chain(_ x: Tensor, _ y: Tensor) throws -> Tensor {
      let first = try Tensor.binary(.divide, x, one)
      let sum = try Tensor.binary(.add, first, y)
      let again = try Tensor.binary(.multiply, Tensor.binary(.divide, sum, one), one)
      return try Tensor.binary(.subtract, Tensor.unary(.square, again), Tensor.binary(.divide, again, y))
    }
    let found = try chain(inputs[0], inputs[1]).array(Double.self)
    for start in stride(from: 0, to: count, by: 1000) {
      let width = min(1000, count - start)
      let pieces = try inputs.map { try $0.viewed([width], offset: start, count: width) }
      let expected = try chain(pieces[0], pieces[1]).array(Double.self)
      let same = zip(found[start..<start + width], expected).allSatisfy {
        $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
      }
      #expect(same, "from \(start)")
    }
  }

  /// Quotients by a number are products with its reciprocal and a correction: of sizes on both sides of where that is
  /// exact, by numbers on both sides of what can be divided by that way, they are the quotients that the loops give.
  @Test func quotientsByANumberAreRoundedOnce() throws {
    var random = SeededNumbers(state: 5)
    let signs: [Float] = [1, -1]
    var xs = (0..<count).map { _ in
      random.pick(signs)
        * Float(
          sign: .plus, exponent: random.below(276) - 149, significand: Float.random(in: 1..<2, using: &random)
        )
    }
    xs.replaceSubrange(
      0..<8,
      with: [
        0, -0.0, .infinity, -.infinity, .nan, Float(bitPattern: 1), Float(bitPattern: 0x8001_0000),
        .greatestFiniteMagnitude,
      ])
    let numerators = try Tensor(xs)
    var divisors: [Float] = [
      3, 0.1, 0.001, 1 - 0.9, Float(1).nextDown, Float(2).nextDown, -7, 1e-12, 1e-13, 1e12, 1e13, 0,
      .infinity, .nan,
    ]
    divisors += (0..<40).map { _ in Float(bitPattern: 0x3f80_0000 | UInt32(random.below(1 << 23))) }
    for divisor in divisors {
      let number = try Tensor(scalar: Double(divisor)).converted(to: .f32)
      let found = try Tensor.unary(.negate, Tensor.binary(.divide, numerators, number))
      #expect(found.isPending)
      for (position, (x, quotient)) in zip(xs, try found.array(Float.self)).enumerated() {
        let alone = try Tensor.binary(.divide, numerators.viewed([1], offset: position, count: 1), number)
        let expected = -(try alone.array(Float.self)[0])
        #expect(
          quotient.bitPattern == expected.bitPattern || quotient.isNaN && expected.isNaN,
          "\(x) / \(divisor) is \(expected), not \(quotient)")
      }
    }
  }
}
