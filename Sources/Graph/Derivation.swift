import Engine

/// What a derivative rule sees: one recorded call and the cotangent of its value.
package struct Derivation {
  let tape: Tape
  let node: Tape.Node
  /// Where the call stands on the tape.
  let place: Int32
  let recording: Bool
  /// The cotangent of the output.
  package let g: Term

  package var x: Term { input(0) }
  package var y: Term { input(1) }
  package var z: Term { input(2) }

  package func input(_ position: Int) -> Term {
    tape.term(tape.input(position, of: node), traced: recording)
  }

  package var inputCount: Int { Int(node.inputCount) }

  package var output: Term {
    Term(node.value, tape: recording ? tape : nil, index: place, weak: node.isWeak)
  }

  package var attributes: [Attribute] { node.attributes }
}
