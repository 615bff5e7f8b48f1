extension Op {
  /// THE op table.
  package static let all: [Op] =
    arithmetic + comparisons + exponentials + trigonometry + activations + rounding + reductions + extrema
    + softmaxes + products + convolutions + linearAlgebra + sums + shapes + joins + selections + orders
    + choices + conversions

  private static let numbers = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { (ObjectIdentifier($1), UInt16(truncatingIfNeeded: $0 + 1)) })

  /// The place of an op in the table, counted from 1.
  static func number(of op: Op) -> UInt16 { numbers[ObjectIdentifier(op)] ?? UInt16.max }

  /// The op of a number.
  static func numbered(_ number: UInt16) -> Op? {
    number > 0 && number <= all.count ? all[Int(number) - 1] : nil
  }

  package static let named: [String: Op] = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
}
