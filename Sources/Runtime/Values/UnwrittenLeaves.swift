/// Leaves that become values when somebody looks at them.
///
/// What a training step gives is mostly handed to the next one as it is: nothing is built for it in between.
open class UnwrittenLeaves {
  public init() {}

  /// The leaves as values, in their order.
  open func written() -> [Value] { [] }
}
