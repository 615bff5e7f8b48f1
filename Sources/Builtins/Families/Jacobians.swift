import Engine
import Graph
import Runtime

/// Derivatives of several numbers, second derivatives, and the test of derivatives by differences.
enum Jacobians {
  static var all: [Builtin] {
    [
      Builtin(
        "jacobian(f)",

        """
        The derivatives of each number of `f(x)` in each number of x: the shape of f(x), then that of x.
        > jacobian(x => x^2)([1.0, 3.0])
        [[2.0, 0.0],
         [0.0, 6.0]]
        """
      ) { call in .function(JacobianFunction(call[0])) },
      Builtin(
        "hessian(f)",
        """
        The function that gives the second derivatives of a scalar `f` in its first argument.
        > hessian(x => sum(x^3))([1.0, 2.0])
        [[6.0,  0.0],
         [0.0, 12.0]]
        """
      ) {
        call in .function(JacobianFunction(.function(try gradient(of: call[0], call))))
      },
      Builtin(
        "hvp(f, x, v)",

        """
        The second derivatives of a scalar `f` at x times v, which has x's structure, without making them.
        > hvp(x => sum(x^3), [1.0, 2.0], [1.0, 1.0])
        [6.0, 12.0]
        """
      ) { call in try secondDerivative(call) },
      Builtin(
        "check_grad(f, x)",

        """
        The largest difference of grad(f)(x) from central differences in f64, relative to what exceeds 1.
        > check_grad(x => sin(x^2), 2.0) < 1e-8
        true
        """
      ) { call in .float(try GradientCheck(call).largestDifference()) },
    ]
  }

  static func gradient(of f: Value, _ call: BuiltinCall) throws -> GradientFunction {
    var call = call
    call.values = [f, nil]
    return try GradientFunction(call, withValue: false)
  }

  /// The gradient of ⟨∇f(x), v⟩.
  private static func secondDerivative(_ call: BuiltinCall) throws -> Value {
    let gradient = try gradient(of: call[0], call)
    return try Recording.run(call.machine) { recording in
      let x = try recording.variables(of: call[1])
      let first = try gradient.call(CallArguments([x]), call.machine)
      var total: Term = 0
      _ = try Structure.zip(first, call[2]) { slope, direction in
        let g = try Conversion.term(slope, "the gradient")
        let v = try Conversion.term(direction, "`v`", argument: 2)
        guard v.rank == 0 || v.shape == g.shape else {
          throw EngineError.shapeMismatch(
            ShapeMismatch(
              operation: "hvp", lhs: g.shape, rhs: v.shape, reason: "the direction has the shape of the point"
            ))
        }
        total = try total + (g * v).sum()
        return slope
      }
      return try recording.structure(
        call[1], recording.tape.gradient(of: total, in: recording.variables, recording: recording.isNested))
    }
  }
}

/// A tape with variables on it: a fresh one, or that of the gradient outside.
private final class Recording {
  let tape: Tape
  let isNested: Bool
  private(set) var variables: [Term] = []

  private init(_ tape: Tape, isNested: Bool) { (self.tape, self.isNested) = (tape, isNested) }

  static func run<R>(_ machine: Machine, _ body: (Recording) throws -> R) throws -> R {
    let workspace = Workspace.of(machine)
    let outer = workspace.tape
    let tape = outer ?? Tape()
    workspace.tape = tape
    defer {
      if outer == nil {
        workspace.tape = nil
        tape.finish()
      }
    }
    return try body(Recording(tape, isNested: outer != nil))
  }

  /// The argument with its numbers as variables.
  func variables(of argument: Value) throws -> Value {
    let traced = try Structure.map(argument) { leaf in
      let variable = try tape.variable(try Conversion.term(leaf, "what a derivative is taken in"))
      variables.append(variable)
      return .object(TensorObject(variable))
    }
    guard !variables.isEmpty else {
      throw Failure(
        .notDifferentiable, "the argument holds no numbers to take a derivative in",
        notes: ["it is \(Failure.article(argument.kind))"])
    }
    return traced
  }

  /// The argument's structure with a term at each number.
  func structure(_ argument: Value, _ terms: [Term]) throws -> Value {
    var rest = terms[...]
    return try Structure.map(argument) { _ in rest.popFirst()?.value ?? .none }
  }
}

/// What `jacobian(f)` is.
package final class JacobianFunction: FunctionValue {
  private let target: Value
  init(_ target: Value) { self.target = target }

  public override var name: String { "jacobian(…)" }

  public override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    guard let argument = arguments.positional.first else {
      throw Failure(.missingArgument, "the derivative is in the first argument, which is not given")
    }
    return try Recording.run(machine) { recording in
      var traced = arguments
      traced.positional[0] = try recording.variables(of: argument)
      let result = try machine.call(target, traced)
      return try Structure.map(result) { leaf in
        let output = try Conversion.term(leaf, "what a derivative is taken of")
        return try recording.structure(argument, try JacobianFunction.derivatives(of: output, recording))
      }
    }
  }

  /// For each variable: one gradient for each number of the output, stacked.
  private static func derivatives(of output: Term, _ recording: Recording) throws -> [Term] {
    let count = output.tensor.count
    let dtype = output.dtype.isFloat ? output.dtype : .f64
    let rows = try (0..<count).map { place in
      let unit = try Tensor.oneHot(Tensor(scalar: place), classes: count, dtype: dtype).reshaped(output.shape)
      return try recording.tape.pullback(
        of: output, cotangent: Term(unit, weak: output.isWeak), in: recording.variables,
        recording: recording.isNested)
    }
    return try recording.variables.indices.map { position in
      let parts = rows.map { $0[position] }
      let shape = output.shape + recording.variables[position].shape
      if parts.count == 1 { return try parts[0].reshaped(shape) }
      if parts.isEmpty { return Term(try Tensor.filled(0, shape: shape, dtype: dtype)) }
      let settled = try parts.map { $0.isWeak ? try $0.converted(to: dtype) : $0 }
      return try Term.stacked(settled, axis: 0).reshaped(shape)
    }
  }
}

/// A gradient beside the central differences of the function, all in f64.
private struct GradientCheck {
  private let f: Value
  private let x: Value
  private let machine: Machine
  private let gradient: GradientFunction

  init(_ call: BuiltinCall) throws {
    f = call[0]
    machine = call.machine
    gradient = try Jacobians.gradient(of: f, call)
    x = try Structure.map(call[1]) { leaf in
      let term = try Conversion.term(leaf, "what a derivative is taken in", argument: 1)
      return .object(TensorObject(try term.converted(to: .f64, weak: false)))
    }
  }

  func largestDifference() throws -> Double {
    let slopes = try Structure.leaves(try gradient.call(CallArguments([x]), machine))
    var largest = 0.0
    for (position, slope) in slopes.enumerated() {
      let exact = try Conversion.term(slope, "the gradient").tensor
      for place in 0..<exact.count {
        let found = try exact.double(at: place)
        let expected = try difference(position, place)
        let scale = max(1, max(found.magnitude, expected.magnitude))
        let error = (found - expected).magnitude / scale
        // A NaN is as wrong as can be.
        largest = error.isNaN ? .infinity : max(largest, error)
      }
    }
    return largest
  }

  private func difference(_ leaf: Int, _ place: Int) throws -> Double {
    let step = 1e-5
    return (try value(leaf, place, step) - value(leaf, place, -step)) / (2 * step)
  }

  /// The function with one number moved.
  private func value(_ leaf: Int, _ place: Int, _ distance: Double) throws -> Double {
    var position = -1
    let moved = try Structure.map(x) { value in
      position += 1
      guard position == leaf else { return value }
      let tensor = try Conversion.term(value, "a number").tensor
      var numbers = try tensor.array(Double.self)
      numbers[place] += distance
      return .object(TensorObject(Term(try Tensor(numbers, shape: tensor.shape))))
    }
    var result = try machine.call(f, [moved])
    if case .tuple(let tuple) = result, let first = tuple.elements.first { result = first }
    guard let number = Conversion.number(result) else {
      throw Failure(
        .gradientOfNonScalar, "`f` gives \(Failure.article(result.kind)), not one number", argument: 0)
    }
    return number
  }
}
