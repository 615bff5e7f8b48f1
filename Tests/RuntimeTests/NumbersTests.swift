import Testing

@testable import Runtime

@Suite struct NumbersTests {
  @Test(arguments: [
    (3.0, "3.0"), (0.1, "0.1"), (1e16, "1e16"), (1e15, "1000000000000000.0"), (1e21, "1e21"), (1e-5, "1e-5"),
    (0.0001, "0.0001"), (-2.5e-7, "-2.5e-7"), (.infinity, "inf"), (-.infinity, "-inf"),
    (0.1 + 0.2, "0.30000000000000004"),
  ])
  func doublesAreShortestExact(_ value: Double, _ text: String) {
    #expect(Numbers.text(value) == text)
    #expect(Double(text) == value)
  }

  @Test(arguments: [
    (Float(0.1), "0.1"), (Float(16_777_216), "16777216.0"), (Float(1e-5), "1e-5"), (Float(3), "3.0"),
  ])
  func floatsShowTheDigitsTheyNeed(_ value: Float, _ text: String) {
    #expect(Numbers.text(value) == text)
  }

  @Test func noNumberIsNan() { #expect(Numbers.text(Double.nan) == "nan") }
}
