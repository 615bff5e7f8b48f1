#if canImport(Glibc)
  import Glibc
#endif

extension ClosedRange<Double> {
  /// A range that both ends allow: in order, and neither of them NaN.
  package init?(from a: Double, to b: Double) {
    guard a.isFinite, b.isFinite else { return nil }
    self = Swift.min(a, b)...Swift.max(a, b)
  }

  var isFinite: Bool { lowerBound.isFinite && upperBound.isFinite }

  /// Where a value lies between the ends: 0 to 1. Halves keep the difference of the largest numbers finite.
  func share(of value: Double) -> Double {
    let share = position(of: value)
    return share.isNaN ? 0 : Swift.min(1, Swift.max(0, share))
  }

  /// The same without the ends' limits.
  func position(of value: Double) -> Double {
    let width = upperBound - lowerBound
    if width.isFinite, width > 0, (value - lowerBound).isFinite { return (value - lowerBound) / width }
    let half = upperBound / 2 - lowerBound / 2
    guard half > 0 else { return 0.5 }
    return (value / 2 - lowerBound / 2) / half
  }

  /// The value at a share of the way.
  func value(at share: Double) -> Double {
    if share <= 0 { return lowerBound }
    if share >= 1 { return upperBound }
    return lowerBound * (1 - share) + upperBound * share
  }
}

/// From values to places along an axis, 0 at its start and 1 at its end.
struct AxisScale {
  let isLog: Bool
  /// In the values' own terms: finite, the lower end below the upper one.
  let range: ClosedRange<Double>
  /// The same, or its logarithms to base ten.
  private let inner: ClosedRange<Double>

  /// Fits an axis to data, with room at the ends unless a range is given.
  /// - Parameters:
  ///   - extent: the data's smallest and largest shown value.
  ///   - margin: the room at each end as a share of the extent.
  init(_ axis: Axis, extent: ClosedRange<Double>?, margin: Double) {
    let given = axis.range.flatMap { $0.isFinite ? $0 : nil }
    let asked = given ?? extent ?? (axis.scale == .log ? 1...10 : 0...1)
    isLog = axis.scale == .log && asked.upperBound > 0
    if isLog {
      let low = Double.leastNonzeroMagnitude
      let lower = asked.lowerBound > 0 ? asked.lowerBound : Swift.max(low, asked.upperBound * 1e-6)
      let logs = log10(lower)...Swift.max(log10(lower), log10(asked.upperBound))
      inner = AxisScale.opened(logs, margin: given == nil ? margin : 0, least: 1, limit: 308)
      range = pow(10, inner.lowerBound)...pow(10, inner.upperBound)
    } else {
      let limit = Double.greatestFiniteMagnitude
      inner = AxisScale.opened(asked, margin: given == nil ? margin : 0, least: 0, limit: limit)
      range = inner
    }
  }

  /// A range wide enough to be drawn.
  private static func opened(
    _ range: ClosedRange<Double>, margin: Double, least: Double, limit: Double
  ) -> ClosedRange<Double> {
    let a = Swift.min(limit, Swift.max(-limit, range.lowerBound))
    let b = Swift.min(limit, Swift.max(-limit, range.upperBound))
    let size = Swift.max(abs(a), abs(b))
    // Below this the axis could not tell its own ticks apart.
    let smallest = Swift.max(least, Swift.max(size * 1e-9, 1e-300))
    let width = b / 2 - a / 2
    if width * 2 < smallest {
      let room = Swift.max(least == 0 ? (size == 0 ? 1 : size * 0.1) : 0.5, smallest)
      return Swift.max(-limit, a - room)...Swift.min(limit, b + room)
    }
    let room = width * 2 * margin
    let wide = room.isFinite ? room : 0
    return Swift.max(-limit, a - wide)...Swift.min(limit, b + wide)
  }

  /// Where a value lies, 0 to 1 within the range and beyond that outside; `nil` where it cannot be drawn.
  func position(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    if isLog {
      guard value > 0 else { return nil }
      return inner.position(of: log10(value))
    }
    let place = inner.position(of: value)
    return place.isFinite ? place : nil
  }

  var ticks: (Int) -> [Tick] {
    { count in isLog ? Ticks.log(inner, count: count) : Ticks.linear(inner, count: count) }
  }
}

/// The smallest and largest of the values that can be drawn.
struct Extent {
  private(set) var range: ClosedRange<Double>?

  mutating func add(_ value: Double, positiveOnly: Bool = false) {
    guard value.isFinite, !positiveOnly || value > 0 else { return }
    guard let old = range else {
      range = value...value
      return
    }
    if value < old.lowerBound {
      range = value...old.upperBound
    } else if value > old.upperBound {
      range = old.lowerBound...value
    }
  }

  mutating func add(_ other: ClosedRange<Double>) {
    add(other.lowerBound)
    add(other.upperBound)
  }
}
