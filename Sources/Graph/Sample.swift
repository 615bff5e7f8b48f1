import Engine

/// One call that the sweep test makes of an op.
package struct Sample: Sendable {
  /// Where the values of an input lie.
  package enum Domain: Sendable, Equatable {
    /// -2 to 2.
    case any
    /// 0.3 to 3.
    case positive
    /// -0.9 to 0.9.
    case unit
    /// Distinct values at least 0.05 apart, none near zero, halves or integers: away from kinks and ties.
    case apart
    /// Integers from 0 up to a bound.
    case index(below: Int)
    /// Booleans.
    case truth
    /// Given values.
    case values([Double])
    /// Given values that count as constants.
    case fixed([Double])
  }

  package struct Input: Sendable {
    package let shape: [Int]
    package let domain: Domain
    package init(_ shape: [Int], _ domain: Domain = .any) {
      self.shape = shape
      self.domain = domain
    }
  }

  package let inputs: [Input]
  package let attributes: [Attribute]

  package init(inputs: [Input], _ attributes: [Attribute] = []) {
    self.inputs = inputs
    self.attributes = attributes
  }

  init(_ shape: [Int], _ attributes: [Attribute]) {
    self.init(inputs: [Input(shape)], attributes)
  }

  init(_ shape: [Int], _ domain: Domain, _ attributes: [Attribute]) {
    self.init(inputs: [Input(shape, domain)], attributes)
  }
}

extension Array where Element == Sample {
  /// One input: rank 0, some shapes, an empty one.
  static func elementwise(_ domain: Sample.Domain = .any) -> [Sample] {
    [[], [5], [2, 3], [0, 3]].map { Sample(inputs: [Sample.Input($0, domain)]) }
  }

  /// Two inputs in all the ways they broadcast.
  static func pairs(_ left: Sample.Domain = .any, _ right: Sample.Domain = .any) -> [Sample] {
    let shapes: [([Int], [Int])] = [
      ([], []), ([4], [4]), ([3], []), ([], [3]), ([2, 3], [3]), ([3], [2, 3]), ([2, 1], [1, 3]),
      ([2, 3], [2, 1]), ([1], [2, 2]), ([0, 2], [2]), ([2, 1, 2], [3, 1]),
    ]
    return shapes.map { Sample(inputs: [Sample.Input($0.0, left), Sample.Input($0.1, right)]) }
  }

  /// One input, reduced over everything, some axes or none, kept or not.
  static func reductions(_ domain: Sample.Domain = .any, empty: Bool = true) -> [Sample] {
    let inner: [Sample] = [
      Sample([], domain, []),
      Sample([4], domain, []),
      Sample([2, 3], domain, [.none, .flag(true)]),
      Sample([2, 3], domain, [.axes([0]), .flag(false)]),
      Sample([2, 3], domain, [.axes([-1]), .flag(true)]),
      Sample([2, 3, 2], domain, [.axes([0, 2]), .flag(false)]),
      Sample([2, 3, 2], domain, [.axes([1]), .flag(true)]),
      Sample([2, 2], domain, [.axes([]), .flag(false)]),
    ]
    return empty ? inner + [Sample([0, 3], domain, [.axes([0]), .flag(false)])] : inner
  }
}
