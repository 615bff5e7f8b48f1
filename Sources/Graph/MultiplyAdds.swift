import Engine

extension Tape {
  /// How many multiplications with an addition the products and convolutions recorded from a place on take.
  package func multiplyAdds(from start: Int) -> Int {
    nodes[Swift.min(Swift.max(start, 0), nodes.count)...].reduce(0) { total, node in
      total &+ node.value.count &* termsOfEach(node)
    }
  }

  /// How many products are added for each number of a value.
  private func termsOfEach(_ node: Node) -> Int {
    guard let op = node.op, node.inputCount >= 2 else { return 0 }
    if op === Op.matmul {
      let shape = term(node.first, traced: false).shape
      let turned = node.attributes.flag(0) && shape.count > 1
      return (turned ? shape.dropLast().last : shape.last) ?? 0
    }
    if op === Op.conv2d { return term(node.second, traced: false).shape.dropFirst().reduce(1, &*) }
    return 0
  }
}
