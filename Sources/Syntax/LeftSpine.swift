extension Expression {
  /// The expression this one begins with and is attached to: the left operand, what is called, indexed or piped.
  ///
  /// Chains of these may be `Parser.heightLimit` long, everything else at most `Parser.nestingLimit` deep: a walk
  /// over a tree follows `leftChild` in a loop and recurses into the other children.
  package var leftChild: Expression? {
    switch form {
    case .binary(_, _, let left, _), .call(let left, _), .index(let left, _), .field(let left, _),
      .pipe(let left, _), .range(.some(let left), _, _):
      left
    default: nil
    }
  }

  /// This expression and its left children, down to the one that has none.
  package var leftSpine: [Expression] {
    var spine = [self]
    while let left = spine[spine.count - 1].leftChild { spine.append(left) }
    return spine
  }
}
