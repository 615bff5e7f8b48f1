import Engine

/// One row of the op table: what an operation is called, what it computes and how it is differentiated.
///
/// The declaration is data: nothing in it knows whether a call is recorded. `apply` records a call exactly
/// when one of its inputs lies on an open tape.
package final class Op: Sendable {
  package let name: String
  package let documentation: String
  /// The definition as a textbook prints it.
  package let formula: String
  /// Calls as a user writes them, `> CALL` and below it what it gives.
  package let example: String
  /// How the op is called, in the language's order; inputs before attributes.
  package let parameters: [OpParameter]
  package let evaluation: Evaluation
  package let dtypes: DTypeRule
  package let derivative: Derivative
  /// What the sweep test feeds it.
  package let samples: [Sample]
  /// Whether users call it by name; the others are operators, indexing, or steps of derivatives.
  package let isBuiltin: Bool
  let weakness: Weakness
  /// How a program runs the op, where it is no kernel.
  let step: ProgramStep?

  init(
    _ name: String, _ documentation: String, formula: String, example: String = "",
    _ parameters: [OpParameter],
    _ evaluation: Evaluation, dtypes: DTypeRule = .untouched, derivative: Derivative,
    samples: [Sample], isBuiltin: Bool = true, weakness: Weakness = .inherited, step: ProgramStep? = nil
  ) {
    self.name = name
    self.documentation = documentation
    self.formula = formula
    self.example = example
    self.parameters = parameters
    self.evaluation = evaluation
    self.dtypes = dtypes
    self.derivative = derivative
    self.samples = samples
    self.isBuiltin = isBuiltin
    self.weakness = weakness
    self.step = step
  }

  /// How a value is computed; kernels are named and not wrapped, so that plans can fuse them.
  package enum Evaluation: Sendable {
    case unaryKernel(UnaryKernel)
    case binaryKernel(BinaryKernel)
    case unary(@Sendable (Tensor, [Attribute]) throws -> Tensor)
    case binary(@Sendable (Tensor, Tensor, [Attribute]) throws -> Tensor)
    case many(@Sendable ([Tensor], [Attribute]) throws -> Tensor)
    /// Built of other ops, which are what is recorded.
    case composed(@Sendable ([Term], [Attribute]) throws -> Term)
  }

  /// Writes the op as steps of a program. Nil where that cannot be done.
  typealias ProgramStep = @Sendable (inout ProgramWriter, StepCall) -> ProgramWriter.Place?

  package typealias Rule = @Sendable (Derivation) throws -> Term?

  /// How cotangents pass an op; rules may leave broadcasting and dtypes as they fall, the tape restores both.
  package enum Derivative: Sendable {
    /// The value counts as a constant: the derivative is zero, or there is nothing to differentiate.
    case constant
    /// Differentiating through the op is an error.
    case missing
    /// One rule an input.
    case each([Rule])
    /// One rule for all inputs, told which.
    case every(@Sendable (Derivation, Int) throws -> Term?)
    /// The derivatives of the parts.
    case ofParts
  }

  /// Whether a value computed from plain numbers is a plain number.
  enum Weakness: Sendable {
    case inherited
    case never
    /// The second attribute says it.
    case stated
  }
}

extension Op {
  /// A calculation on one tensor that is no row of the table, so that a recording can hold it. Nothing is differentiated
  /// through it.
  /// - Parameter step: writes it as a step of a program; nil where that cannot be done.
  package static func calculation(
    _ name: String,
    step: (@Sendable (inout ProgramWriter, ProgramWriter.Place) -> ProgramWriter.Place?)? = nil,
    _ evaluate: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> Op {
    var written: ProgramStep?
    if let step { written = { program, call in step(&program, call.x) } }
    return Op(
      name, "", formula: "", [.tensor("x")], .unary { x, _ in try evaluate(x) }, derivative: .constant,
      samples: [], isBuiltin: false, step: written)
  }
}
