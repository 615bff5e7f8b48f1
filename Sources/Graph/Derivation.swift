import Engine

/// What a derivative rule sees: one recorded call and the cotangent of its value.
package struct Derivation {
  let tape: Tape
  /// Where the call stands on the tape.
  let place: Int32
  let recording: Bool
  /// The cotangent of the output.
  package let g: Term

  package var x: Term { input(0) }
  package var y: Term { input(1) }
  package var z: Term { input(2) }

  package func input(_ position: Int) -> Term {
    tape.term(tape.input(position, ofNodeAt: place), traced: recording)
  }

  package var inputCount: Int { Int(tape.nodes[Int(place)].inputCount) }

  package var output: Term { tape.term(place, traced: recording) }

  package var attributes: [Attribute] { tape.nodes[Int(place)].attributes }
}
