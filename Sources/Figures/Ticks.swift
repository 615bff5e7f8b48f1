#if canImport(Glibc)
  import Glibc
#endif

/// A mark on an axis.
package struct Tick: Sendable, Equatable {
  package let value: Double
  package let label: String
}

/// Round numbers for axes: steps of 1, 2 or 5 times a power of ten.
package enum Ticks {
  /// At most about `count` ticks within a range.
  package static func linear(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    guard range.isFinite else { return [] }
    let count = max(2, min(100, count))
    // Where so few round numbers fall into the range that there is no second one, closer steps are tried.
    for count in [count, count + 1, count + 2] {
      guard let step = step(range, count: count) else { break }
      let values = values(range, step: step)
      if values.count > 1 { return labelled(values, step: step) }
    }
    return plain([range.lowerBound, range.upperBound])
  }

  private static func values(_ range: ClosedRange<Double>, step: Double) -> [Double] {
    let (first, last) = ((range.lowerBound / step).rounded(.up), (range.upperBound / step).rounded(.down))
    guard first.isFinite, last.isFinite, last >= first, last - first < 1000 else { return [] }
    var values: [Double] = []
    for index in 0...Int(last - first) {
      // From the index, so that no error adds up; -0 would be written with its sign.
      let value = (first + Double(index)) * step + 0
      if value.isFinite, values.last != value { values.append(value) }
    }
    return values
  }

  /// The smallest 1-2-5 step that gives no more than `count` ticks.
  private static func step(_ range: ClosedRange<Double>, count: Int) -> Double? {
    let raw = (range.upperBound / 2 - range.lowerBound / 2) / (Double(count) / 2)
    guard raw > 1e-300, raw.isFinite else { return nil }
    let power = pow(10, floor(log10(raw)))
    guard power > 0, power.isFinite else { return nil }
    for factor in [1.0, 2, 5, 10] where factor * power >= raw * (1 - 1e-9) { return factor * power }
    return 10 * power
  }

  private static func labelled(_ values: [Double], step: Double) -> [Tick] {
    let size = values.map(abs).max() ?? 0
    let exponent = Int(floor(log10(step) + 1e-9))
    if size >= 1e6 || size < 1e-3 {
      let digits = max(0, Int(floor(log10(size) + 1e-9)) - exponent)
      return values.map { Tick(value: $0, label: $0 == 0 ? "0" : NumberText.scientific($0, digits: digits)) }
    }
    return values.map { Tick(value: $0, label: NumberText.fixed($0, decimals: max(0, -exponent))) }
  }

  private static func plain(_ values: [Double]) -> [Tick] {
    values.map { Tick(value: $0, label: NumberText.short($0, digits: 6)) }
  }

  /// Powers of ten, with 2 and 5 between them where there are few.
  /// - Parameter range: logarithms to base ten.
  package static func log(_ range: ClosedRange<Double>, count: Int) -> [Tick] {
    guard range.isFinite, abs(range.lowerBound) < 400, abs(range.upperBound) < 400 else { return [] }
    let (lower, upper) = (range.lowerBound - 1e-9, range.upperBound + 1e-9)
    let (first, last) = (Int(floor(lower)), Int(ceil(upper)))
    for factors in [[1.0, 2, 5], [1.0]] {
      var values: [Double] = []
      for exponent in first...last {
        for factor in factors where (lower...upper).contains(Double(exponent) + log10(factor)) {
          values.append(factor * pow(10, Double(exponent)))
        }
      }
      if values.count >= 2, values.count <= max(2, count) { return powers(values) }
      if values.count < 2 {
        let ends = pow(10, range.lowerBound)...pow(10, range.upperBound)
        return linear(ends, count: count).filter { $0.value > 0 }
      }
    }
    let stride = max(1, Int((Double(last - first) / Double(max(2, count))).rounded(.up)))
    let exponents = (first...last).filter { $0 % stride == 0 && (lower...upper).contains(Double($0)) }
    return powers(exponents.map { pow(10, Double($0)) })
  }

  private static func powers(_ values: [Double]) -> [Tick] {
    values.map { value in
      let isPlain = value >= 0.999e-3 && value < 0.999e5
      return Tick(
        value: value, label: isPlain ? NumberText.short(value) : NumberText.scientific(value, digits: 2))
    }
  }
}
