import Testing

@testable import Engine
@testable import Graph

/// Every op of the table over its samples as a step of programs: the bits are those of the op.
@Suite struct ProgramSweepTests {
  @Test(arguments: Op.all)
  func givesTheBitsOfTheOp(_ op: Op) throws {
    for (number, sample) in op.samples.enumerated() {
      for dtype in [DType.f64, .f32] {
        var numbers = Numbers(UInt64(number + 7))
        let values = try sample.inputs.map { input in
          let tensor = try input.tensor(&numbers)
          return tensor.dtype.isFloat ? try tensor.converted(to: dtype) : tensor
        }
        guard let computation = try computation(op, sample, values) else { continue }
        let expected = try op.apply(values.map { Term($0) }, sample.attributes).tensor
        let plan = Plan(computation)
        // Twice: a run leaves nothing behind for the next.
        for _ in 0..<2 { #expect(try plan.run(values)[0].tensor.hasBits(of: expected), "\(sample)") }
        guard let program = try computation.smallProgram() else { continue }
        #expect(try program.run(values)?[0].hasBits(of: expected) ?? false, "\(sample)")
        guard let long = try stretch(computation) else { continue }
        #expect(try long.run(values)?[0].hasBits(of: expected) ?? false, "\(sample)")
      }
    }
  }

  /// The op on hollow variables; nil where it looks at a number.
  private func computation(_ op: Op, _ sample: Sample, _ values: [Tensor]) throws -> Computation? {
    let tape = Tape(keepingEverything: true)
    defer { tape.finish() }
    let variables = try values.map { try tape.hollowVariable(like: $0, weak: false) }
    guard let result = try? op.apply(variables, sample.attributes) else { return nil }
    return Computation.read([result], from: variables, on: tape, countsPlainNumbers: false)
  }

  /// All of it as a program that reads and writes tensors where they lie; nil where some op is no step.
  private func stretch(_ computation: Computation) throws -> Program? {
    var writer = ProgramWriter(small: false)
    var homes = [ProgramWriter.Place?](repeating: nil, count: computation.places.count)
    for (place, tensor) in computation.constants {
      guard let home = writer.constant(tensor) else { return nil }
      homes[place] = home
    }
    for place in 0..<computation.inputCount {
      homes[place] = writer.input(computation.places[place].dtype, computation.places[place].shape)
    }
    for step in computation.steps {
      guard let home = writer.write(step, computation.places, homes) else { return nil }
      homes[step.result] = home
    }
    return try homes[computation.outputs[0]].flatMap { try writer.program([$0]) }
  }

  @Test func mostOpsAreSteps() throws {
    let steps = try Op.all.filter { op in
      try op.samples.contains { sample in
        var numbers = Numbers(1)
        let values = try sample.inputs.map { try $0.tensor(&numbers) }
        return try computation(op, sample, values)?.smallProgram() != nil
      }
    }
    #expect(steps.count > Op.all.count / 2)
  }
}
