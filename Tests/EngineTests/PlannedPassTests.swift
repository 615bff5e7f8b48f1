import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Chains written down once: the bits are those of operations done one after the other, whatever an operand repeats.
  @Suite struct PlannedPassTests {
    private static let unary: [UnaryKernel] = [.negate, .absolute, .sqrt, .relu, .square, .exp, .tanh]
    private static let binary: [BinaryKernel] = [
      .add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .gate,
    ]

    /// A chain over the inputs of a trial.
    private struct Chain {
      var steps: [PlannedPass.Step] = []
      var random: SeededNumbers

      /// Two whole tensors, a row, a column and a number are the inputs.
      private mutating func operand(at index: Int) -> PlannedPass.Operand {
        switch random.below(index == 0 ? 2 : 8) {
        case 0: .whole(0)
        case 1: .whole(1)
        case 2: .row(2)
        case 3: .column(3)
        case 4: .number(4)
        default: .result(random.below(index))
        }
      }

      mutating func grow(to count: Int) {
        for index in 0..<count {
          let recent: PlannedPass.Operand = index == 0 ? .whole(0) : .result(index - 1)
          var step =
            if random.below(3) == 0 {
              PlannedPass.Step(.unary(random.pick(PlannedPassTests.unary)), [recent])
            } else {
              PlannedPass.Step(
                .binary(random.pick(PlannedPassTests.binary)),
                random.below(2) == 0 ? [recent, operand(at: index)] : [operand(at: index), recent])
            }
          step.isKept = index == count - 1 || random.below(4) == 0
          steps.append(step)
        }
      }
    }

    private func inputs(
      _ rows: Int, _ columns: Int, _ dtype: DType, _ random: inout SeededNumbers
    ) throws
      -> [Tensor]
    {
      try [[rows, columns], [rows, columns], [columns], [rows, 1], []].map { shape in
        let values = (0..<shape.reduce(1, *)).map { _ in
          random.below(9) == 0 ? 0 : Double.random(in: -3...3, using: &random)
        }
        let tensor = shape.isEmpty ? Tensor(scalar: values[0]) : try Tensor(values).reshaped(shape)
        // A single number may come in another dtype.
        return shape.isEmpty ? tensor : try tensor.converted(to: dtype)
      }
    }

    /// The same, one operation after the other.
    private func piecewise(_ steps: [PlannedPass.Step], _ inputs: [Tensor], _ dtype: DType) throws -> [Tensor]
    {
      var results: [Tensor] = []
      for step in steps {
        let operands = try step.operands.map { operand in
          switch operand {
          case .whole(let input), .row(let input), .column(let input): inputs[input]
          case .number(let input): try inputs[input].converted(to: dtype)
          case .result(let from): results[from]
          }
        }
        switch step.operation {
        case .unary(let kernel): results.append(try Tensor.unary(kernel, operands[0]))
        case .binary(let kernel): results.append(try Tensor.binary(kernel, operands[0], operands[1]))
        }
      }
      return zip(steps, results).filter(\.0.isKept).map(\.1)
    }

    private func sameBits(_ a: Tensor, _ b: Tensor) throws -> Bool {
      try a.shape == b.shape && a.dtype == b.dtype
        && zip(a.array(Double.self), b.array(Double.self)).allSatisfy {
          $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
        }
    }

    @Test(
      arguments: [DType.f32, .f64],
      [[1, 1], [3, 10], [2, 64], [5, 100], [40, 128], [130, 96], [3, 3000]])
    func anyChain(_ dtype: DType, _ extents: [Int]) throws {
      var random = SeededNumbers(state: 7)
      for round in 0..<25 {
        let inputs = try inputs(extents[0], extents[1], dtype, &random)
        var chain = Chain(random: random)
        chain.grow(to: 1 + random.below(PlannedPass.mostSteps / 4))
        random = chain.random
        let pass = try #require(
          PlannedPass(chain.steps, shape: extents, dtype: dtype, rowLength: extents[1]))
        let expected = try piecewise(chain.steps, inputs, dtype)
        // A second run finds the machine code of the first.
        for _ in 0..<2 {
          let kept = expected.indices.map { inputs.count + $0 }
          var values = ContiguousArray(inputs + expected.map { _ in Tensor(scalar: 0.0) })
          try pass.run(&values, inputs: Array(inputs.indices), results: kept)
          let found = kept.map { values[$0] }
          #expect(found.count == expected.count)
          for (a, b) in zip(found, expected) {
            #expect(try sameBits(a, b), "round \(round) of \(chain.steps)")
          }
        }
        try checkDelayed(pass, chain.steps, inputs, "round \(round) of \(chain.steps)")
      }
    }

    /// An input that the pass computes itself, a few rows at a time, as a weight's gradient in the optimizer's step.
    @Test(
      arguments: [DType.f32, .f64],
      [
        (rows: 784, columns: 128, inner: 32), (300, 10, 40), (64, 8, 7), (1001, 33, 20), (2000, 64, 1),
        (257, 128, 128), (900, 65, 40),
      ])
    func anyChainWithAProduct(_ dtype: DType, _ extents: (rows: Int, columns: Int, inner: Int)) throws {
      let (rows, columns, inner) = extents
      var random = SeededNumbers(state: 9)
      for (round, turned) in [true, false, true, false, true].enumerated() {
        var inputs = try inputs(rows, columns, dtype, &random)
        // A factor that is as large as the results, and one whose memory they may take, is read to the end.
        let isOperand = !turned && inner == columns
        let a = isOperand ? inputs[0] : try factor(turned ? [inner, rows] : [rows, inner], dtype, &random)
        let b = try factor([inner, columns], dtype, &random)
        let product = try PlannedProduct(dtype, a.shape, b.shape, transposeA: turned, transposeB: false)
        inputs[1] = try product.run(a, b)
        let from = isOperand ? 0 : inputs.count
        if !isOperand { inputs.append(a) }
        inputs.append(b)
        var chain = Chain(random: random)
        chain.grow(to: 1 + random.below(PlannedPass.mostSteps / 4))
        random = chain.random
        let pass = try #require(
          PlannedPass(chain.steps, shape: [rows, columns], dtype: dtype, rowLength: columns))
        #expect(pass.take(product, for: 1, a: from, b: inputs.count - 1))
        try checkDelayed(pass, chain.steps, inputs, "round \(round) of \(chain.steps)") {
          $0[1] = try product.run($0[from], $0[inputs.count - 1])
        }
      }
    }

    /// Steps that follow a product, part by part, however that is computed: by halves of k, by tiles, turned, packed, as a
    /// line of numbers, and where zeros are left out.
    @Test(
      arguments: [DType.f32, .f64],
      [
        (rows: 32, columns: 128, inner: 784), (32, 128, 10), (200, 70, 10), (40, 33, 1100), (60, 260, 560),
        (200, 40, 130), (1, 100, 300), (90, 1, 50), (3, 200, 90), (5, 7, 1),
      ])
    func anyChainAfterAProduct(_ dtype: DType, _ extents: (rows: Int, columns: Int, inner: Int)) throws {
      let (rows, columns, inner) = extents
      var random = SeededNumbers(state: 13)
      for round in 0..<4 {
        let (turnedA, turnedB) = (round & 1 == 1, round & 2 == 2)
        var inputs = try inputs(rows, columns, dtype, &random)
        var a = try factor(turnedA ? [inner, rows] : [rows, inner], dtype, &random)
        if round % 3 == 0 { a = try Tensor.unary(.relu, a) }
        let b = try factor(turnedB ? [columns, inner] : [inner, columns], dtype, &random)
        let product = try PlannedProduct(dtype, a.shape, b.shape, transposeA: turnedA, transposeB: turnedB)
        inputs += [a, b]
        var chain = Chain(random: random)
        chain.grow(to: 1 + random.below(PlannedPass.mostSteps / 4))
        random = chain.random
        let pass = try #require(
          PlannedPass(chain.steps, shape: [rows, columns], dtype: dtype, rowLength: columns))
        #expect(pass.follow(product, for: 1, a: 5, b: 6))
        #expect(!pass.follow(product, for: 0, a: 5, b: 6) && !pass.take(product, for: 0, a: 5, b: 6))
        let trial: Comment = "round \(round) of \(chain.steps)"
        try checkDelayed(pass, chain.steps, inputs, trial) { $0[1] = try product.run($0[5], $0[6]) }
        inputs[1] = try product.run(a, b)
        let expected = try piecewise(chain.steps, inputs, dtype)
        for found in try programs(of: pass, inputs) {
          for (a, b) in zip(found, expected) { #expect(try sameBits(a, b), trial) }
        }
      }
    }

    /// What programs give of which the pass is the only step: of four runs, after which what lies in a factor that is always
    /// the same is known to be finite.
    private func programs(of pass: PlannedPass, _ inputs: [Tensor]) throws -> [[Tensor]] {
      var writer = ProgramWriter(small: false)
      let places = try inputs.map { try must(writer.input($0.dtype, $0.shape)) }
      let results = try must(writer.pass(pass, places))
      let program = try #require(try writer.program(results))
      return try (0..<4).map { _ in try #require(try program.run(inputs)) }
    }

    @Test func whatIsNoProductToFollow() throws {
      let step = PlannedPass.Step(.binary(.add), [.whole(0), .row(1)])
      func follows(_ a: [Int], _ b: [Int], input: Int = 0, dtype: DType = .f32) throws -> Bool {
        let pass = try #require(PlannedPass([step], shape: [30, 64], dtype: .f32, rowLength: 64))
        let product = try PlannedProduct(dtype, a, b, transposeA: false, transposeB: false)
        return pass.follow(product, for: input, a: 2, b: 3)
      }
      #expect(try follows([30, 20], [20, 64]))
      #expect(try !follows([30, 20], [20, 64], input: 1))
      #expect(try !follows([30, 20], [20, 64], dtype: .f64))
      #expect(try !follows([64, 20], [20, 30]))
      #expect(try !follows([1, 30, 20], [20, 64]))
    }

    /// The gradients of two layers of one shape, which share a factor, and no more of them than there is room for.
    @Test func severalProducts() throws {
      var random = SeededNumbers(state: 5)
      let shared = try factor([32, 300], .f32, &random)
      let others = try (0..<5).map { _ in try factor([32, 64], .f32, &random) }
      let weights = try factor([300, 64], .f32, &random)
      let product = try PlannedProduct(
        .f32, [32, 300], [32, 64], transposeA: true, transposeB: false)
      var steps = [PlannedPass.Step(.binary(.add), [.whole(0), .whole(1)])]
      for input in 2...5 { steps.append(.init(.binary(.multiply), [.result(input - 2), .whole(input)])) }
      steps[4].isKept = true
      let pass = try #require(PlannedPass(steps, shape: [300, 64], dtype: .f32, rowLength: nil))
      let gradients = try others.map { try product.run(shared, $0) }
      let inputs = [weights] + gradients + [shared] + others
      for input in 1...4 { #expect(pass.take(product, for: input, a: 6, b: 6 + input)) }
      #expect(!pass.take(product, for: 5, a: 6, b: 11))
      try checkDelayed(pass, steps, inputs, "several products") {
        for input in 1...5 { $0[input] = try product.run($0[6], $0[6 + input]) }
      }
    }

    private func factor(_ shape: [Int], _ dtype: DType, _ random: inout SeededNumbers) throws -> Tensor {
      let values = (0..<shape[0] * shape[1]).map { _ in Double.random(in: -1...1, using: &random) }
      return try Tensor(values).reshaped(shape).converted(to: dtype)
    }

    @Test func whatIsNoProductOfAPass() throws {
      let step = PlannedPass.Step(.binary(.add), [.whole(0), .row(1)])
      func takes(_ a: [Int], _ b: [Int], input: Int = 0, transposeB: Bool = false) throws -> Bool {
        let pass = try #require(PlannedPass([step], shape: [300, 64], dtype: .f32, rowLength: 64))
        let product = try PlannedProduct(.f32, a, b, transposeA: false, transposeB: transposeB)
        return pass.take(product, for: input, a: 2, b: 3)
      }
      #expect(try takes([300, 20], [20, 64]))
      #expect(try !takes([300, 20], [20, 64], input: 1))
      #expect(try !takes([300, 20], [64, 20], transposeB: true))
      #expect(try !takes([100, 20], [20, 64]))
      #expect(try !takes([300, 2000], [2000, 64]))
    }

    /// The same left for later, with inputs that nobody else holds, whose memory may be taken, and with some that are held.
    private func checkDelayed(
      _ pass: PlannedPass, _ steps: [PlannedPass.Step], _ inputs: [Tensor], _ trial: Comment,
      computing: (inout [Tensor]) throws -> Void = { _ in }
    ) throws {
      for path in ProcessorPath.allCases where path.rawValue <= ProcessorPath.current.rawValue {
        try on(path) {
          // A function's last bit is the path's own.
          var inputs = inputs
          try computing(&inputs)
          let expected = try piecewise(steps, inputs, pass.dtype)
          let before = try inputs.map { try $0.array(Double.self) }
          var copies = try inputs.map { try copy($0) }
          let held = copies[0]
          let results = try DelayedPass.results(of: pass, copies)
          copies = []
          for (a, b) in zip(results, expected) { #expect(try sameBits(a, b), trial) }
          #expect(try held.array(Double.self) == before[0])
        }
      }
    }

    private func copy(_ tensor: Tensor) throws -> Tensor {
      if tensor.rank == 0 { return tensor }
      return try Tensor(tensor.dtype, tensor.shape) { to in
        try tensor.withBytes { to.copyMemory(from: $0, byteCount: tensor.byteCount) }
      }
    }

    /// In the memory of an input that nobody else holds, and in fresh memory where somebody does.
    @Test func inTheMemoryOfInputs() throws {
      let chain: [PlannedPass.Step] = [
        PlannedPass.Step(.binary(.multiply), [.whole(0), .number(1)]),
        PlannedPass.Step(.binary(.add), [.result(0), .whole(2)]),
      ]
      var steps = chain
      steps[1].isKept = true
      let pass = try #require(PlannedPass(steps, shape: [30, 20], dtype: .f32, rowLength: nil))
      func filled(_ number: Double) throws -> Tensor {
        try Tensor.filled(number, shape: [30, 20], dtype: .f32)
      }
      let nothing = Tensor(scalar: 0.0)
      var values: ContiguousArray<Tensor> = [try filled(3), Tensor(scalar: 2.0), try filled(1), nothing]
      // Nobody is told that numbers are finite which are others by now.
      for _ in 0..<4 { _ = values[0].isKnownToBeFinite }
      #expect(values[0].isKnownToBeFinite)
      let memory = values[0].place
      try pass.run(&values, inputs: [0, 1, 2], results: [3], in: [0])
      #expect(values[3].place == memory && values[0].storage == nil)
      #expect(!values[3].isKnownToBeFinite)
      #expect(try values[3].bitEqual(filled(7)))
      // Held, or a part of what is held.
      let held = values[3]
      for input in [held, try Tensor.filled(7, shape: [40, 20], dtype: .f32).rows(3..<33)] {
        values = [input, Tensor(scalar: 2.0), try filled(1), nothing]
        try pass.run(&values, inputs: [0, 1, 2], results: [3], in: [0])
        #expect(try values[3].bitEqual(filled(15)) && input.bitEqual(filled(7)))
      }
    }

    @Test func whatHasNoPlaceInAPass() {
      let one = PlannedPass.Step(.unary(.exp), [.whole(0)])
      #expect(PlannedPass([one], shape: [3], dtype: .i64, rowLength: nil) == nil)
      #expect(PlannedPass([one], shape: [], dtype: .f32, rowLength: nil) == nil)
      #expect(PlannedPass([one], shape: [0, 3], dtype: .f32, rowLength: nil) == nil)
      #expect(PlannedPass([one], shape: [4, 3], dtype: .f32, rowLength: 5) == nil)
      let test = PlannedPass.Step(.binary(.less), [.whole(0), .whole(1)])
      #expect(PlannedPass([test], shape: [3], dtype: .f32, rowLength: nil) == nil)
      let ahead = PlannedPass.Step(.unary(.exp), [.result(0)])
      #expect(PlannedPass([ahead], shape: [3], dtype: .f32, rowLength: nil) == nil)
      let many = [PlannedPass.Step](repeating: one, count: PlannedPass.mostSteps + 1)
      #expect(PlannedPass(many, shape: [3], dtype: .f32, rowLength: nil) == nil)
    }
  }
}
