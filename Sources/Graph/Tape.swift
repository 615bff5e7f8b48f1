import Engine

/// The record of one outermost gradient; nested gradients share it.
///
/// Nodes lie in one array and name their inputs by index, so that a chain of a million of them is released
/// without recursion. An index below zero names a constant.
package final class Tape {
  struct Node {
    /// Nil for a leaf.
    let op: Op?
    let attributes: [Attribute]
    let value: Tensor
    /// One or two inputs; of more, the place of the first in `longInputs`.
    let first: Int32
    let second: Int32
    let inputCount: Int32
    let isWeak: Bool
    /// What `Term.cut` says of the value; only where the tape keeps everything.
    var cut: UInt16 = 0
  }

  struct Constant {
    let tensor: Tensor
    let isWeak: Bool
  }

  // No closure runs while one of these is written, so the checks at run time could find nothing; they cost as
  // much as the recording.
  @exclusivity(unchecked) private(set) var isOpen = true
  @exclusivity(unchecked) private(set) var nodes: ContiguousArray<Node> = []
  @exclusivity(unchecked) private var constants: ContiguousArray<Constant> = []
  @exclusivity(unchecked) private var longInputs: ContiguousArray<Int32> = []

  /// Where a walk keeps its cotangents, between walks.
  @exclusivity(unchecked) var cotangents: ContiguousArray<Term?> = []

  /// Whether derivative rules are being applied: what they choose by comparing is no part of the user's function.
  @exclusivity(unchecked) var isDifferentiating = false

  /// The memory of a tape that was closed, for the next one: a descent takes a gradient a step.
  package struct Spare {
    fileprivate var nodes: ContiguousArray<Node> = []
    fileprivate var constants: ContiguousArray<Constant> = []
    fileprivate var cotangents: ContiguousArray<Term?> = []
    fileprivate static let nodeLimit = 4_096
    package init() {}
  }

  /// Whether what is discrete or constant is recorded too, because the record is to be run again on other numbers. Nothing
  /// is differentiated through it.
  let keepsEverything: Bool

  package init(keepingEverything: Bool = false) { keepsEverything = keepingEverything }

  /// A tape that writes where an earlier one did.
  package init(reusing spare: inout Spare) {
    keepsEverything = false
    swap(&nodes, &spare.nodes)
    swap(&constants, &spare.constants)
    swap(&cotangents, &spare.cotangents)
  }

  /// Closes the record like `finish()`; a small one leaves its memory to the next.
  package func finish(leaving spare: inout Spare) {
    if nodes.capacity <= Spare.nodeLimit, constants.capacity <= Spare.nodeLimit,
      cotangents.capacity <= Spare.nodeLimit
    {
      nodes.removeAll(keepingCapacity: true)
      constants.removeAll(keepingCapacity: true)
      swap(&nodes, &spare.nodes)
      swap(&constants, &spare.constants)
      swap(&cotangents, &spare.cotangents)
    }
    finish()
  }

  /// How many calls and variables have been recorded.
  package var count: Int { nodes.count }

  /// A fresh variable; an integer becomes a float, since only floats have gradients.
  package func variable(_ tensor: Tensor, weak: Bool = false) throws -> Term {
    let value = tensor.dtype.isFloat ? tensor : try tensor.converted(to: weak ? .f64 : Graph.defaultFloat)
    return try leaf(value, weak: weak && value.rank == 0)
  }

  /// A value of any dtype that does not follow from others.
  func leaf(_ value: Tensor, weak: Bool) throws -> Term {
    try append(
      Node(op: nil, attributes: [], value: value, first: 0, second: 0, inputCount: 0, isWeak: weak))
  }

  /// A variable of an inner gradient: what depends on it depends on `term` too, if that is on this tape.
  package func variable(_ term: Term) throws -> Term {
    guard isOpen, term.tape === self, term.cut == 0 else {
      return try variable(term.tensor, weak: term.isWeak)
    }
    return try record(.identity, term, [], term.tensor, weak: term.isWeak)
  }

  /// Closes the record and releases it; terms that still point here count as constants.
  package func finish() {
    isOpen = false
    nodes = []
    constants = []
    longInputs = []
    cotangents = []
  }

  func record(
    _ op: Op, _ x: Term, _ attributes: [Attribute], _ value: Tensor, weak: Bool, cut: UInt16 = 0
  ) throws -> Term {
    try append(
      Node(
        op: op, attributes: attributes, value: value, first: reference(x), second: 0, inputCount: 1,
        isWeak: weak, cut: cut))
  }

  func record(
    _ op: Op, _ x: Term, _ y: Term, _ attributes: [Attribute], _ value: Tensor, weak: Bool, cut: UInt16 = 0
  ) throws -> Term {
    try append(
      Node(
        op: op, attributes: attributes, value: value, first: reference(x), second: reference(y),
        inputCount: 2, isWeak: weak, cut: cut))
  }

  func record(
    _ op: Op, _ inputs: [Term], _ attributes: [Attribute], _ value: Tensor, weak: Bool, cut: UInt16 = 0
  ) throws -> Term {
    if inputs.count == 1 { return try record(op, inputs[0], attributes, value, weak: weak, cut: cut) }
    if inputs.count == 2 {
      return try record(op, inputs[0], inputs[1], attributes, value, weak: weak, cut: cut)
    }
    let start = longInputs.count
    try reserve(&longInputs)
    for input in inputs { longInputs.append(try reference(input)) }
    return try append(
      Node(
        op: op, attributes: attributes, value: value, first: Int32(truncatingIfNeeded: start), second: 0,
        inputCount: Int32(truncatingIfNeeded: inputs.count), isWeak: weak, cut: cut))
  }

  /// The place of an input of a node.
  @inline(__always)
  func input(_ position: Int, of node: borrowing Node) -> Int32 {
    if node.inputCount > 2 { return longInputs[Int(node.first) + position] }
    return position == 0 ? node.first : node.second
  }

  /// The same of the node at a place.
  @inline(__always)
  func input(_ position: Int, ofNodeAt place: Int32) -> Int32 { input(position, of: nodes[Int(place)]) }

  /// The term at a place; without its place on the tape when nothing is to be recorded about it.
  func term(_ place: Int32, traced: Bool) -> Term {
    if place < 0 {
      let constant = constants[Int(~place)]
      return Term(constant.tensor, weak: constant.isWeak)
    }
    // Not the whole node: its op and attributes would be counted for nothing.
    let index = Int(place)
    return Term(
      nodes[index].value, tape: traced ? self : nil, index: place, cut: traced ? nodes[index].cut : 0,
      weak: nodes[index].isWeak)
  }

  @inline(__always)
  private func reference(_ term: Term) throws -> Int32 {
    if term.tape === self, term.cut == 0 || keepsEverything { return term.index }
    if term.isTraced { throw GraphError.mixedTapes }
    try reserve(&constants)
    constants.append(Constant(tensor: term.tensor, isWeak: term.isWeak))
    return ~Int32(truncatingIfNeeded: constants.count - 1)
  }

  @inline(__always)
  private func append(_ node: Node) throws -> Term {
    try reserve(&nodes)
    nodes.append(node)
    return Term(
      node.value, tape: self, index: Int32(truncatingIfNeeded: nodes.count - 1), cut: node.cut,
      weak: node.isWeak)
  }

  /// Refuses growth past the memory limit or past what an index can name, before the array would double.
  @inline(__always)
  private func reserve<Element>(_ array: inout ContiguousArray<Element>) throws {
    guard array.count == array.capacity else { return }
    try checkGrowth(array.count, MemoryLayout<Element>.stride)
    if array.isEmpty { array.reserveCapacity(64) }
  }

  @inline(never)
  private func checkGrowth(_ count: Int, _ stride: Int) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 3 &* stride)
    if overflow || bytes > MemoryLimit.bytes || count > Int(Int32.max) / 4 {
      throw EngineError.outOfMemory(bytes: overflow ? Int.max : bytes)
    }
  }
}
