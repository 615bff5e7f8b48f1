import Testing

@testable import Engine

/// Programs that read tensors where they lie, beside those that keep everything in memory of their own.
@Suite struct ProgramWriterTests {
  typealias Place = ProgramWriter.Place

  private func numbers(_ shape: [Int], _ seed: Int, _ dtype: DType = .f32) throws -> Tensor {
    try Tensor.uniform(shape: shape, key: RandomKey(seed: seed), dtype: dtype)
  }

  /// Both kinds of program over these inputs; the outputs of both.
  private func outputs(
    _ inputs: [Tensor], _ write: (inout ProgramWriter, [Place]) throws -> [Place]
  ) throws -> [[Tensor]] {
    try [true, false].map { isSmall in
      var writer = ProgramWriter(small: isSmall)
      let places = try inputs.map { try must(writer.input($0.dtype, $0.shape)) }
      let results = try write(&writer, places)
      let program = try must(writer.program(results))
      let first = try program.run(inputs)
      let again = try must(program.run(inputs))
      for (a, b) in zip(try must(first), again) { #expect(a.hasBits(of: b)) }
      return again
    }
  }

  @Test func aProductItsBiasAndItsReduction() throws {
    let (x, w, b) = (try numbers([6, 40], 1), try numbers([40, 70], 2), try numbers([70], 3))
    let sums = try Tensor.binary(.add, Tensor.product(x, w), b)
    let expected = try Tensor.reduce(.sum, Tensor.unary(.relu, sums), axes: [0], keep: false)
    for outputs in try outputs(
      [x, w, b],
      { writer, p in
        let product = try must(writer.product(p[0], p[1], transposeA: false, transposeB: false))
        let sum = try must(writer.binary(.add, product, p[2], [6, 70]))
        let relu = try must(writer.unary(.relu, sum))
        return [try must(writer.reduce(.sum, relu, axis: 0, [70])), sum]
      })
    {
      #expect(outputs[0].hasBits(of: expected))
      #expect(outputs[1].hasBits(of: sums))
    }
  }

  @Test func memoryIsUsedAgainOnlyAfterItsLastReader() throws {
    let x = try numbers([50, 50], 4)
    var expected = x
    for _ in 0..<6 {
      expected = try Tensor.binary(.add, Tensor.binary(.multiply, expected, x), Tensor.unary(.sqrt, expected))
    }
    for outputs in try outputs(
      [x],
      { writer, p in
        var value = p[0]
        for _ in 0..<6 {
          let product = try must(writer.binary(.multiply, value, p[0], [50, 50]))
          let root = try must(writer.unary(.sqrt, value))
          value = try must(writer.binary(.add, product, root, [50, 50]))
        }
        return [value]
      })
    { #expect(outputs[0].hasBits(of: expected)) }
  }

  @Test func inputsPartsAndTheSameTwiceAreAnswers() throws {
    let x = try numbers([3, 4], 5)
    for outputs in try outputs(
      [x],
      { writer, p in
        let row = try must(writer.row(p[0], 1))
        let turned = try must(writer.reshaped(p[0], [4, 3]))
        let total = try must(writer.reduce(.sum, p[0], axis: nil, []))
        return [p[0], row, turned, total, total]
      })
    {
      #expect(outputs[0].hasBits(of: x))
      #expect(outputs[1].hasBits(of: try x.row(1)))
      #expect(outputs[2].hasBits(of: try x.reshaped([4, 3])))
      let total = try Tensor.reduce(.sum, x, axes: nil, keep: false)
      #expect(outputs[3].hasBits(of: total) && outputs[4].hasBits(of: total))
    }
  }

  @Test func answersAreNobodyElses() throws {
    var writer = ProgramWriter(small: false)
    let input = try must(writer.input(.f32, [100]))
    let double = try must(writer.binary(.add, input, input, [100]))
    let program = try must(writer.program([double]))
    let (x, y) = (try numbers([100], 6), try numbers([100], 7))
    let first = try must(program.run([x]))[0]
    _ = try program.run([y])
    #expect(first.hasBits(of: try Tensor.binary(.add, x, x)))
  }

  @Test func aPassIsAStep() throws {
    let (x, row) = (try numbers([20, 80], 8), try numbers([80], 9))
    let half = Tensor(scalar: 0.5)
    var steps: [PlannedPass.Step] = [
      .init(.binary(.multiply), [.whole(0), .number(1)]), .init(.binary(.add), [.result(0), .row(2)]),
      .init(.unary(.relu), [.result(1)]),
    ]
    for index in 1...2 { steps[index].isKept = true }
    let pass = try must(PlannedPass(steps, shape: [20, 80], dtype: .f32, rowLength: 80))
    let scaled = try Tensor.binary(.multiply, x, half.converted(to: .f32))
    let sum = try Tensor.binary(.add, scaled, row)
    for outputs in try outputs([x, half, row], { writer, p in try must(writer.pass(pass, p)) }) {
      #expect(outputs[0].hasBits(of: sum))
      #expect(outputs[1].hasBits(of: try Tensor.unary(.relu, sum)))
    }
  }

  @Test(arguments: [[0, 2, 1], [-1, 0, -3]])
  func elementsArePickedAndPut(_ labels: [Int]) throws {
    let (x, y) = (try numbers([3, 5], 10), try Tensor(labels))
    let picked = try x.alongLastAxis(y)
    let put = try Tensor.scatteredAlongLastAxis(picked, indices: y, count: 5)
    for outputs in try outputs(
      [x, y],
      { writer, p in
        let picked = try must(writer.picked(p[0], at: p[1]))
        return [picked, try must(writer.put(picked, at: p[1], extent: 5))]
      })
    { #expect(outputs[0].hasBits(of: picked) && outputs[1].hasBits(of: put)) }
  }

  @Test func aPositionOutsideHasNoAnswer() throws {
    for isSmall in [true, false] {
      var writer = ProgramWriter(small: isSmall)
      let x = try must(writer.input(.f32, [2, 3]))
      let y = try must(writer.input(.i64, [2]))
      let program = try must(writer.program([try must(writer.picked(x, at: y))]))
      let values = try numbers([2, 3], 11)
      #expect(try program.run([values, try Tensor([0, 2])]) != nil)
      #expect(try program.run([values, try Tensor([0, 3])]) == nil)
      #expect(try program.run([values, try Tensor([-4, 0])]) == nil)
    }
  }

  @Test func onlyWhatItWasWrittenForIsAccepted() throws {
    var writer = ProgramWriter(small: true)
    let x = try must(writer.input(.f32, [3]))
    let program = try must(writer.program([x]))
    #expect(program.accepts([try numbers([3], 1)]))
    #expect(!program.accepts([try numbers([4], 1)]))
    #expect(!program.accepts([try numbers([3], 1, .f64)]))
    #expect(!program.accepts([]))
  }
}
