import Testing

@testable import Engine
@testable import Graph

/// Whatever an op is given, it answers or throws: nothing that a user writes may stop the process.
@Suite struct RefusalTests {
  private static let numbers = [0, 1, -1, -2, 7, 99, -99, 1 << 40, 1 << 62, Int.min, Int.max]

  /// Attributes of every kind with values that seldom fit.
  private static let attributes: [Attribute] =
    [.none, .flag(true), .dtype(.u8), .number(.nan), .number(.infinity), .axes([]), .shape([])]
    + numbers.flatMap { number -> [Attribute] in
      [
        .axis(number), .axes([number]), .axes([0, number]), .integer(number), .integers([number]),
        .integers([number, number]), .shape([number]), .shape([2, number]), .shape([number, number, number]),
        .ranges([AxisRange(0, number)]), .ranges([AxisRange(number, 2)]),
        .ranges([AxisRange(0, 2, step: number)]), .ranges([AxisRange(0, 1), AxisRange(1, 0, step: number)]),
      ]
    }

  private static let inputs: [Tensor] = {
    let shapes: [[Int]] = [[], [0], [2], [3], [2, 2], [2, 3], [0, 3], [2, 1, 2]]
    return shapes.flatMap { shape in
      [DType.f32, .i64, .bool].compactMap { try? Tensor.filled(1, shape: shape, dtype: $0) }
    }
  }()

  private func answers(_ op: Op, _ inputs: [Term], _ attributes: [Attribute]) -> Bool {
    do {
      let tape = Tape()
      defer { tape.finish() }
      let variables = try inputs.map { $0.dtype.isFloat ? try tape.variable($0.tensor) : $0 }
      let result = try op.apply(variables, attributes)
      guard result.tensor.count == result.shape.reduce(1, *) else { return false }
      if result.dtype.isFloat {
        _ = try tape.gradient(of: result.sum(), in: variables, recording: true)
      }
      return true
    } catch is EngineError {
      return true
    } catch is GraphError {
      return true
    } catch {
      return false
    }
  }

  @Test(arguments: Op.all)
  func strangeShapesAndDTypes(_ op: Op) {
    let count = op.parameters.filter(\.isInput).count
    for first in Self.inputs {
      #expect(answers(op, [Term(first)], []))
      for second in Self.inputs where count > 1 || op.parameters[0].kind == .tensors {
        #expect(answers(op, [Term(first), Term(second)], []))
        if count > 2 { #expect(answers(op, [Term(first), Term(second), Term(first)], [])) }
      }
    }
  }

  @Test(arguments: Op.all)
  func strangeAttributes(_ op: Op) throws {
    for (number, sample) in op.samples.enumerated() {
      var numbers = Numbers(UInt64(number + 1))
      let inputs = try sample.inputs.map { Term(try $0.tensor(&numbers)) }
      for attribute in Self.attributes {
        #expect(answers(op, inputs, [attribute]))
        #expect(answers(op, inputs, [attribute, attribute]))
        #expect(answers(op, inputs, [attribute, attribute, attribute]))
        if let usual = sample.attributes.first {
          #expect(answers(op, inputs, [usual, attribute, attribute]))
        }
      }
    }
  }
}
