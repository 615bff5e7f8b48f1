import Foundation
import Testing

@testable import Engine
@testable import Graph

/// The corners of xʸ.
@Suite struct PowerTests {
  private func slopes(
    _ x: Double, _ y: Double, tensorExponent: Bool = false, order: Int = 1
  ) throws -> Double {
    let tape = Tape()
    let base = try tape.variable(Tensor(scalar: x), weak: true)
    let exponent = tensorExponent ? Term(try Tensor([y])) : Term(Tensor(scalar: y), weak: true)
    var value = try Op.power(base, exponent).sum()
    for _ in 1..<order { value = try tape.gradient(of: value, in: [base], recording: true)[0] }
    return try tape.gradient(of: value, in: [base], recording: false)[0].tensor.scalarDouble
  }

  @Test(arguments: [
    (0.0, 0.0, 0.0), (0, 1, 1), (0, 2, 0), (0, 3, 0), (-3, 2, -6), (-3, 3, 27), (-2, 0, 0), (-2, 1, 1),
    (2, -1, -0.25), (-2, -1, -0.25), (4, 0.5, 0.25),
  ])
  func firstOrderInTheBase(_ x: Double, _ y: Double, _ expected: Double) throws {
    #expect(try slopes(x, y) == expected)
    #expect(try slopes(x, y, tensorExponent: true) == expected)
  }

  @Test(arguments: [
    (0.0, 2.0, 2.0), (0, 3, 0), (0, 1, 0), (0, 0, 0), (-3, 3, -18), (-3, 2, 2), (2, -1, 0.25),
  ])
  func secondOrderInTheBase(_ x: Double, _ y: Double, _ expected: Double) throws {
    #expect(try slopes(x, y, order: 2) == expected)
    #expect(try slopes(x, y, tensorExponent: true, order: 2) == expected)
  }

  @Test func thirdOrderAtZero() throws {
    #expect(try slopes(0, 3, order: 3) == 6)
    #expect(try slopes(0, 2, order: 3) == 0)
  }

  @Test func inTheExponent() throws {
    func slope(_ x: Double, _ y: Double) throws -> Double {
      let tape = Tape()
      let exponent = try tape.variable(Tensor(scalar: y), weak: true)
      let value = try Op.power(Term(number: x), exponent)
      return try tape.gradient(of: value, in: [exponent], recording: false)[0].tensor.scalarDouble
    }
    #expect(abs(try slope(2, 3) - 8 * log(2)) < 1e-12)
    #expect(try slope(0, 2) == 0)
    #expect(try slope(0, 0) == 0)
    #expect(try slope(-2, 2).isNaN)
  }

  @Test func bothAtOnce() throws {
    let tape = Tape()
    let x = try tape.variable(Tensor(scalar: 2.0), weak: true)
    // d/dx xˣ = xˣ (ln x + 1)
    let value = try Op.power(x, x)
    let found = try tape.gradient(of: value, in: [x], recording: false)[0].tensor.scalarDouble
    #expect(abs(found - 4 * (log(2) + 1)) < 1e-12)
  }

  @Test func dtypes() throws {
    let x = Term(try Tensor([Float(-2), 3]))
    #expect(try Op.power(x, 2).dtype == .f32)
    #expect(try Op.power(x, 2).tensor.array(Double.self) == [4, 9])
    let whole = Term(try Tensor([2, 3]))
    #expect(try Op.power(whole, Term(Tensor(scalar: 2), weak: true)).tensor.array(Int.self) == [4, 9])
    #expect(try Op.power(whole, Term(Tensor(scalar: -1), weak: true)).dtype == .f32)
    #expect(try Op.power(Term(Tensor(scalar: 2), weak: true), Term(Tensor(scalar: -1), weak: true)).isWeak)
  }

  @Test func extremaShareTies() throws {
    let tape = Tape()
    let a = try tape.variable(Tensor(scalar: 3.0), weak: true)
    #expect(
      try tape.gradient(of: Op.maximum(a, 3), in: [a], recording: false)[0].tensor.scalarDouble == 0.5)
    #expect(
      try tape.gradient(of: Op.maximum(a, a), in: [a], recording: false)[0].tensor.scalarDouble == 1)
    let x = try tape.variable(Tensor([1.0, 4, 4]))
    #expect(
      try tape.gradient(of: Op.max(x), in: [x], recording: false)[0].tensor.array(Double.self) == [
        0, 0.5, 0.5,
      ])
    let zero = try tape.variable(Tensor([0.0, -1, 1]))
    #expect(
      try tape.gradient(of: Op.relu(zero).sum(), in: [zero], recording: false)[0].tensor.array(Double.self)
        == [0, 0, 1])
    #expect(
      try tape.gradient(of: Op.abs(zero).sum(), in: [zero], recording: false)[0].tensor.array(Double.self)
        == [0, -1, 1])
  }
}
