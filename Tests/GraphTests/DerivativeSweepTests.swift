import Testing

@testable import Engine
@testable import Graph

extension Op: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// Every op of the table over its samples, against central differences in f64, first and second order.
@Suite struct DerivativeSweepTests {
  @Test(arguments: Op.all)
  func agreesWithCentralDifferences(_ op: Op) throws {
    #expect(!op.samples.isEmpty)
    #expect(!op.documentation.isEmpty && !op.formula.isEmpty)
    for (number, sample) in op.samples.enumerated() {
      let probe = try Probe(op, sample, seed: UInt64(number + 1))
      if case .constant = op.derivative {
        #expect(try !probe.isTraced(), "\(sample)")
        continue
      }
      guard try probe.isDifferentiable() else { continue }
      try probe.check(order: 1)
      try probe.check(order: 2)
    }
  }

  @Test func namesAreUnique() {
    #expect(Set(Op.all.map(\.name)).count == Op.all.count)
    #expect(Op.named.count == Op.all.count)
  }

  @Test func moreThanATableOfConstants() {
    let differentiable = Op.all.filter { if case .constant = $0.derivative { false } else { true } }
    #expect(differentiable.count >= 50)
  }
}

/// One op at one sample, weighted to a number.
private struct Probe {
  let op: Op
  let sample: Sample
  let values: [Tensor]
  let weights: [Double]
  /// Weights of the gradient, an array an input.
  let directions: [[Double]]

  init(_ op: Op, _ sample: Sample, seed: UInt64) throws {
    self.op = op
    self.sample = sample
    var numbers = Numbers(seed)
    let values = try sample.inputs.map { try $0.tensor(&numbers) }
    self.values = values
    let result = try op.apply(values.map { Term($0) }, sample.attributes)
    weights = numbers.list(result.tensor.count)
    directions = values.map { numbers.list($0.count) }
  }

  func isTraced() throws -> Bool {
    let tape = Tape()
    return try op.apply(terms(values, tape), sample.attributes).isTraced
  }

  func isDifferentiable() throws -> Bool {
    let result = try op.apply(values.map { Term($0) }, sample.attributes)
    return result.dtype.isFloat
  }

  private func terms(_ values: [Tensor], _ tape: Tape) throws -> [Term] {
    try zip(values, sample.inputs).map { value, input in
      input.isContinuous ? try tape.variable(value) : Term(value)
    }
  }

  private func weighted(_ inputs: [Term]) throws -> Term {
    let result = try op.apply(inputs, sample.attributes)
    return try (result * Term(tensor(weights, result.shape))).sum()
  }

  private func slope(_ inputs: [Term], _ tape: Tape, recording: Bool) throws -> Term {
    let variables = inputs.indices.filter { sample.inputs[$0].isContinuous }
    let value = try weighted(inputs)
    let gradients = try tape.gradient(of: value, in: variables.map { inputs[$0] }, recording: recording)
    var total: Term = 0
    for (gradient, position) in zip(gradients, variables) {
      total = try total + (gradient * Term(tensor(directions[position], gradient.shape))).sum()
    }
    return total
  }

  private func value(_ values: [Tensor], order: Int) throws -> Double {
    if order == 1 { return try weighted(values.map { Term($0) }).tensor.scalarDouble }
    let tape = Tape()
    defer { tape.finish() }
    return try slope(terms(values, tape), tape, recording: false).tensor.scalarDouble
  }

  func check(order: Int) throws {
    let tape = Tape()
    defer { tape.finish() }
    let inputs = try terms(values, tape)
    let output = order == 1 ? try weighted(inputs) : try slope(inputs, tape, recording: true)
    for position in inputs.indices where sample.inputs[position].isContinuous {
      let gradient = try tape.gradient(of: output, in: [inputs[position]], recording: false)[0]
      #expect(gradient.shape == values[position].shape)
      #expect(gradient.dtype == .f64)
      let found = try gradient.tensor.array(Double.self)
      for element in found.indices {
        let expected = try difference(position, element, order: order)
        let scale = max(1, max(abs(expected), abs(found[element])))
        #expect(
          abs(found[element] - expected) <= 2e-6 * scale,
          "\(op.name), order \(order), input \(position)[\(element)]: \(found[element]), not \(expected)"
        )
      }
    }
  }

  private func difference(_ position: Int, _ element: Int, order: Int) throws -> Double {
    let step = 1e-5
    func moved(_ distance: Double) throws -> Double {
      var values = values
      var numbers = try values[position].array(Double.self)
      numbers[element] += distance
      values[position] = try tensor(numbers, values[position].shape)
      return try value(values, order: order)
    }
    return try (moved(step) - moved(-step)) / (2 * step)
  }
}
