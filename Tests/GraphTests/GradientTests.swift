import Testing

@testable import Engine
@testable import Graph

@Suite struct GradientTests {
  private func scalar(_ value: Double, weak: Bool = true) -> Term { Term(Tensor(scalar: value), weak: weak) }

  /// The gradient of a function of one number, on a tape that may be an outer one's.
  private func slope(
    at x: Term, on tape: Tape, recording: Bool, _ f: (Term) throws -> Term
  ) throws -> Term {
    let variable = try tape.variable(x)
    return try tape.gradient(of: f(variable), in: [variable], recording: recording)[0]
  }

  private func slope(_ x: Double, _ f: (Term, Tape) throws -> Term) throws -> Double {
    let tape = Tape()
    defer { tape.finish() }
    return try slope(at: scalar(x), on: tape, recording: false) { try f($0, tape) }.tensor.scalarDouble
  }

  @Test func parabola() throws {
    #expect(try slope(5) { x, _ in try Op.square(x - 3) } == 4)
    #expect(try slope(5) { x, _ in try Op.power(x - 3, 2) } == 4)
  }

  @Test func innerGradientDoesNotConfuseVariables() throws {
    let found = try slope(1) { x, tape in
      try x * slope(at: scalar(1), on: tape, recording: true) { try x + $0 }
    }
    #expect(found == 1)
    // d/dx (x · d/dy (x y²) at y = 1) = d/dx (2 x²) = 4 x
    let product = try slope(3) { x, tape in
      try x * slope(at: scalar(1), on: tape, recording: true) { try x * $0 * $0 }
    }
    #expect(product == 12)
  }

  @Test func innerVariableMadeOfAnOuterOneStaysConnected() throws {
    // d/dx (d/dy y³ at y = x) = 6 x
    let second = try slope(2) { x, tape in
      try slope(at: x, on: tape, recording: true) { try $0 * $0 * $0 }
    }
    #expect(second == 12)
    // Third order: d³/dx³ x⁴ = 24 x
    let third = try slope(2) { x, tape in
      try slope(at: x, on: tape, recording: true) { y in
        try slope(at: y, on: tape, recording: true) { try Op.power($0, 4) }
      }
    }
    #expect(abs(third - 48) < 1e-12)
    // The function also reads x directly: d/dx (d/dy (x y) at y = x) = 1
    let mixed = try slope(7) { x, tape in
      try slope(at: x, on: tape, recording: true) { try x * $0 }
    }
    #expect(mixed == 1)
  }

  @Test func millionNodesNeedNoStackAndAreReleased() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor(scalar: 0.5), weak: true)
    var y = x
    for _ in 0..<500_000 { y = try y * 1.000_001 + 0.000_001 }
    #expect(tape.count == 1_000_001)
    let gradient = try tape.gradient(of: y, in: [x], recording: false)[0].tensor.scalarDouble
    var expected = 1.0
    for _ in 0..<500_000 { expected *= 1.000_001 }
    #expect(abs(gradient - expected) < 1e-9)
    tape.finish()
    #expect(tape.count == 0)
    #expect(!y.isTraced)
  }

  @Test func finishedTapeReleasesTensors() throws {
    let tape = Tape()
    weak var released: Witness?
    do {
      let witness = Witness()
      released = witness
      let op = Op(
        "witness", "Holds an object.", formula: "x", [.tensor("x")],
        .unary { x, _ in withExtendedLifetime(witness) { x } }, derivative: .missing, samples: [])
      _ = try op.apply(tape.variable(Tensor(scalar: 1.0)))
    }
    #expect(released != nil)
    tape.finish()
    #expect(released == nil)
  }

  private final class Witness: Sendable {}

  @Test func termsOfAFinishedTapeAreConstants() throws {
    let old = Tape()
    let x = try old.variable(Tensor(scalar: 2.0), weak: true)
    old.finish()
    let tape = Tape()
    let y = try tape.variable(Tensor(scalar: 3.0), weak: true)
    let gradients = try tape.gradient(of: x * y, in: [y, x], recording: false)
    #expect(try gradients[0].tensor.scalarDouble == 2)
    #expect(try gradients[1].tensor.scalarDouble == 0)
  }

  @Test func whatDoesNotDependHasZeros() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor.filled(1, shape: [2, 3], dtype: .f32))
    let y = try tape.variable(Tensor(scalar: 1.0))
    let gradient = try tape.gradient(of: y * 2, in: [x, y], recording: false)
    #expect(gradient[0].shape == [2, 3])
    #expect(gradient[0].dtype == .f32)
    #expect(try gradient[0].tensor.array(Double.self) == [0, 0, 0, 0, 0, 0])
    let constant = try tape.gradient(of: Term(Tensor(scalar: 3), weak: true), in: [y], recording: false)
    #expect(try constant[0].tensor.scalarDouble == 0)
  }

  @Test func onlyNumbersHaveGradients() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor.filled(1, shape: [2], dtype: .f64))
    #expect(throws: GraphError.notScalar(shape: [2])) {
      try tape.gradient(of: x * 2, in: [x], recording: false)
    }
  }

  @Test func missingDerivativeIsNamed() throws {
    let op = Op(
      "stubborn", "Has no derivative.", formula: "x", [.tensor("x")], .unary { x, _ in x },
      derivative: .missing, samples: [])
    let tape = Tape()
    let x = try tape.variable(Tensor(scalar: 1.0))
    let y = try tape.variable(Tensor(scalar: 1.0))
    let output = try op.apply(x) + y
    #expect(throws: GraphError.noDerivative(operation: "stubborn")) {
      try tape.gradient(of: output, in: [x], recording: false)
    }
    #expect(try tape.gradient(of: output, in: [y], recording: false)[0].tensor.scalarDouble == 1)
  }

  @Test func nothingIsComputedForInputsThatAreNotAsked() throws {
    let op = Op(
      "choosy", "A product that can only be differentiated in its right factor.", formula: "x y",
      [.tensor("x"), .tensor("y")], .binaryKernel(.multiply), dtypes: .promoted,
      derivative: .each([{ _ in throw GraphError.noDerivative(operation: "left") }, { try $0.g * $0.x }]),
      samples: [])
    let tape = Tape()
    let constant = Term(Tensor(scalar: 5.0))
    let other = try tape.variable(Tensor(scalar: 7.0))
    let x = try tape.variable(Tensor(scalar: 2.0))
    #expect(
      try tape.gradient(of: op(constant, x), in: [x], recording: false)[0].tensor.scalarDouble == 5)
    #expect(
      try tape.gradient(of: op(other * 2, x), in: [x], recording: false)[0].tensor.scalarDouble == 14)
    #expect(throws: GraphError.noDerivative(operation: "left")) {
      try tape.gradient(of: op(other * 2, x), in: [x, other], recording: false)
    }
  }

  @Test func twoOpenTapesDoNotMix() throws {
    let x = try Tape().variable(Tensor(scalar: 1.0))
    let y = try Tape().variable(Tensor(scalar: 1.0))
    #expect(throws: GraphError.mixedTapes) { try x + y }
  }

  @Test func stoppedGradientIsAConstant() throws {
    #expect(try slope(3) { x, _ in try x * Op.stopGradient(x) } == 3)
    #expect(try slope(3) { x, _ in try Op.floor(x) + x } == 1)
  }

  @Test func numberMeetsTensorAndGetsItsOwnDTypeBack() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor(scalar: 2), weak: true)
    #expect(x.dtype == .f64)
    let t = Term(try Tensor([Float(1), 2, 3]))
    let y = try (x * t).sum()
    #expect(y.dtype == .f32)
    let gradient = try tape.gradient(of: y, in: [x], recording: false)[0]
    #expect(gradient.dtype == .f64 && gradient.isWeak && gradient.shape == [])
    #expect(try gradient.tensor.scalarDouble == 6)
  }

  @Test func integerVariablesBecomeFloats() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor([1, 2, 3]))
    #expect(x.dtype == .f32)
    let gradient = try tape.gradient(of: (x * x).sum(), in: [x], recording: false)[0]
    #expect(try gradient.tensor.array(Double.self) == [2, 4, 6])
  }

  @Test func pullbackOfAVector() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor([1.0, 2, 3]))
    let y = try Op.square(x)
    let gradient = try tape.pullback(
      of: y, cotangent: Term(Tensor([1.0, 10, 100])), in: [x], recording: false)[0]
    #expect(try gradient.tensor.array(Double.self) == [2, 40, 600])
    #expect(throws: EngineError.self) {
      try tape.pullback(of: y, cotangent: 1, in: [x], recording: false)
    }
  }

  @Test func gradientOfTheVariableItself() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor(scalar: 4.0))
    let y = try tape.variable(Tensor(scalar: 4.0))
    let gradient = try tape.gradient(of: x, in: [y, x], recording: false)
    #expect(try gradient.map { try $0.tensor.scalarDouble } == [0, 1])
  }

  @Test func crossEntropyIsSoftmaxLessOneHot() throws {
    var numbers = Numbers(3)
    let logits = try tensor(numbers.list(12, -3, 3), [3, 4])
    let labels = Term(try Tensor([1, 3, 0]))
    let tape = Tape()
    let x = try tape.variable(logits)
    let loss = try (Op.logsumexp.apply(x, [.axes([-1])]) - Op.pick(x, labels)).mean()
    let found = try tape.gradient(of: loss, in: [x], recording: false)[0].tensor.array(Double.self)
    let values = try logits.array(Double.self)
    for row in 0..<3 {
      let exponentials = (0..<4).map { Exponential.of(values[row * 4 + $0]) }
      let total = exponentials.reduce(0, +)
      for column in 0..<4 {
        let target = [1, 3, 0][row] == column ? 1.0 : 0
        #expect(abs(found[row * 4 + column] - (exponentials[column] / total - target) / 3) < 1e-12)
      }
    }
  }
}
