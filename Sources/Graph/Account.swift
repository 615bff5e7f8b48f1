import Engine

/// One call as a tape holds it, for whoever shows a derivative's working.
package struct RecordedCall {
  package enum Input {
    /// The place of another call or of a variable.
    case call(Int)
    case constant(Term)
  }

  /// `nil` for a variable.
  package let op: Op?
  package let inputs: [Input]
  package let attributes: [Attribute]
  /// Cut off from the tape.
  package let value: Term
}

/// What one call passes on to one of its inputs when cotangents walk back.
package struct PassedCotangent {
  /// The places of the call and of its input.
  package let call: Int
  package let input: Int
  /// The call's own cotangent, and what of it reaches the input.
  package let cotangent: Term
  package let part: Term
}

/// A gradient with its account: every contribution in the order in which they were summed, all on the tape.
package struct AccountedGradient {
  package let gradients: [Term]
  /// The one that the walk began with.
  package let seed: Term
  package let parts: [PassedCotangent]
}

extension Tape {
  package func recorded(_ place: Int) -> RecordedCall {
    let node = nodes[place]
    let inputs = (0..<Int(node.inputCount)).map { position -> RecordedCall.Input in
      let input = self.input(position, of: node)
      return input < 0 ? .constant(term(input, traced: false)) : .call(Int(input))
    }
    return RecordedCall(
      op: node.op, inputs: inputs, attributes: node.attributes,
      value: Term(node.value, weak: node.isWeak))
  }

  /// The place of a term on this tape, `nil` for a constant.
  package func place(of term: Term) -> Int? { term.tape === self ? Int(term.index) : nil }

  /// Like `gradient(of:in:recording:)`, with an account of how it came about.
  package func accountedGradient(of output: Term, in variables: [Term]) throws -> AccountedGradient {
    guard output.rank == 0 else { throw GraphError.notScalar(shape: output.shape) }
    let dtype = output.dtype.isFloat ? output.dtype : .f64
    let seed = try variable(Tensor(scalar: 1.0, dtype: dtype), weak: output.isWeak)
    var parts: [PassedCotangent] = []
    let gradients = try pullback(of: output, cotangent: seed, in: variables, recording: true) {
      parts.append($0)
    }
    return AccountedGradient(gradients: gradients, seed: seed, parts: parts)
  }
}
