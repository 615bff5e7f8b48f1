import Syntax

/// The loss a step goes down, as functions of the parameters: what `loss_at` and `grad_at` evaluate in a rule.
package struct Batch {
  let loss: Value
  let gradient: Value

  /// - Parameters:
  ///   - loss: a function of the parameters; it may give `(loss, extra)`.
  ///   - gradient: its gradient, a function of the parameters.
  package init(loss: Value, gradient: Value) { (self.loss, self.gradient) = (loss, gradient) }

  /// `loss_at` and `grad_at` of a rule that sees whole trees.
  static func whole(_ batch: Batch?, _ machine: Machine) -> [Value] {
    guard let batch else { return machine.missingBatch }
    return [.function(LossAt(batch.loss, leaf: nil)), .function(GradientAt(batch.gradient, leaf: nil))]
  }

  /// `loss_at` and `grad_at` of a rule that sees one leaf: the others stay where they are.
  static func leaf(_ batch: Batch?, _ index: Int, of tree: Value, _ machine: Machine) -> [Value] {
    guard let batch else { return machine.missingBatch }
    let leaf = LeafOfTree(index: index, tree: tree)
    return [.function(LossAt(batch.loss, leaf: leaf)), .function(GradientAt(batch.gradient, leaf: leaf))]
  }

  private static let missingNames = ["loss_at", "grad_at"]
  static var missing: [Value] { missingNames.map { .function(MissingBatch($0)) } }
}

/// One leaf of a tree, to be tried with other values.
private struct LeafOfTree {
  let index: Int
  let tree: Value

  func replaced(by value: Value) throws -> Value {
    var position = -1
    return try Structure.map(tree) { leaf in
      position += 1
      return position == index ? value : leaf
    }
  }
}

/// `loss_at(y)`: the loss of the same batch at other parameters.
private final class LossAt: FunctionValue {
  private let loss: Value
  private let leaf: LeafOfTree?
  init(_ loss: Value, leaf: LeafOfTree?) { (self.loss, self.leaf) = (loss, leaf) }
  override var name: String { "loss_at" }
  override var signature: String { "loss_at(y)" }

  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    let place = try Batch.place(arguments, leaf, signature)
    let value = try machine.call(loss, [place])
    if case .tuple(let parts) = value, let first = parts.elements.first { return first }
    return value
  }
}

/// `grad_at(y)`: the gradient of the same batch at other parameters.
private final class GradientAt: FunctionValue {
  private let gradient: Value
  private let leaf: LeafOfTree?
  init(_ gradient: Value, leaf: LeafOfTree?) { (self.gradient, self.leaf) = (gradient, leaf) }
  override var name: String { "grad_at" }
  override var signature: String { "grad_at(y)" }

  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    let place = try Batch.place(arguments, leaf, signature)
    let value = try machine.call(gradient, [place])
    guard let leaf else { return value }
    let leaves = try Structure.leaves(value)
    return leaf.index < leaves.count ? leaves[leaf.index] : .none
  }
}

/// What `loss_at` and `grad_at` are where a step was given a gradient only.
private final class MissingBatch: FunctionValue {
  private let ownName: String
  init(_ name: String) { ownName = name }
  override var name: String { ownName }
  override var signature: String { "\(ownName)(y)" }

  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    throw Failure(
      .missingArgument, "`\(ownName)` evaluates the loss again, and this step was given a gradient only",
      help: ["give it the loss, a function of the parameters: step(opt, x, g, f)"])
  }
}

extension Batch {
  fileprivate static func place(
    _ arguments: CallArguments, _ leaf: LeafOfTree?, _ signature: String
  ) throws -> Value {
    guard arguments.named.isEmpty, arguments.positional.count == 1 else {
      throw Failure(.missingArgument, "this evaluates the loss at one place", notes: [signature])
    }
    return try leaf?.replaced(by: arguments.positional[0]) ?? arguments.positional[0]
  }
}
