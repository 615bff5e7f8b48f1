import Testing

@testable import Figures

@Suite struct TicksTests {
  @Test(arguments: [
    (0.0...10.0, 6, ["0", "2", "4", "6", "8", "10"]),
    (-1.0...1.0, 5, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
    (0.0...0.07, 5, ["0.00", "0.02", "0.04", "0.06"]),
    (1e6...3e6, 5, ["1e6", "1.5e6", "2e6", "2.5e6", "3e6"]),
    (0.0...4e-5, 5, ["0", "1e-5", "2e-5", "3e-5", "4e-5"]),
  ]) func roundSteps(_ range: ClosedRange<Double>, _ count: Int, _ labels: [String]) {
    #expect(Ticks.linear(range, count: count).map(\.label) == labels)
  }

  @Test func powersOfTen() {
    #expect(Ticks.log(-2...2, count: 6).map(\.label) == ["0.01", "0.1", "1", "10", "100"])
    #expect(Ticks.log(0...1, count: 6).map(\.label) == ["1", "2", "5", "10"])
    #expect(Ticks.log(-9...9, count: 4).map(\.label) == ["1e-5", "1", "1e5"])
  }

  /// Every tick lies in the range, in order, no more than asked for and a few.
  @Test(arguments: [
    0.0...1, -1e300...1e300, -1.7e308...1.7e308, 0.0...Double.leastNonzeroMagnitude, 1e300...1.0001e300,
    1.0...1.0000000001,
    -3e-9...2e-9,
  ]) func extremes(_ range: ClosedRange<Double>) {
    for count in [1, 2, 5, 12] {
      let ticks = Ticks.linear(range, count: count)
      let slack = (range.upperBound / 2 - range.lowerBound / 2) * 1e-6 + range.upperBound.ulp
      #expect(
        ticks.allSatisfy { $0.value >= range.lowerBound - slack && $0.value <= range.upperBound + slack })
      #expect(ticks.count >= 2 && ticks.count <= max(2, count) + 1)
      #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
    }
  }
}
