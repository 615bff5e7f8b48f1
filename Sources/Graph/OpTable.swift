extension Op {
  /// THE op table.
  package static let all: [Op] =
    arithmetic + comparisons + exponentials + trigonometry + activations + rounding + reductions + extrema
    + softmaxes + products + convolutions + linearAlgebra + sums + shapes + joins + selections + orders
    + choices + conversions

  package static let named: [String: Op] = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
}
