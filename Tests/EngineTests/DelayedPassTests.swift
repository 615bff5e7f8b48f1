import Testing

@testable import Engine

extension EngineTests {
  /// Passes that wait until somebody asks for their results, and then run in the memory of what nobody holds any more.
  @Suite struct DelayedPassTests {
    private static let count = 5000

    /// u = a + b, v = u · b: once u is written nothing reads a, once v is written nothing reads b.
    private func pass() throws -> PlannedPass {
      var sum = PlannedPass.Step(.binary(.add), [.whole(0), .whole(1)])
      sum.isKept = true
      var product = PlannedPass.Step(.binary(.multiply), [.result(0), .whole(1)])
      product.isKept = true
      return try #require(
        PlannedPass([sum, product], shape: [DelayedPassTests.count], dtype: .f32, rowLength: nil))
    }

    private func filled(_ number: Double) throws -> Tensor {
      try Tensor.filled(number, shape: [DelayedPassTests.count], dtype: .f32)
    }

    private func place(of tensor: Tensor) throws -> UnsafeRawPointer { try tensor.withBytes { $0 } }

    @Test func resultsTakeTheMemoryOfWhatNobodyHolds() throws {
      var inputs = try [filled(2), filled(3)]
      let places = try inputs.map(place)
      let results = try DelayedPass.results(of: pass(), inputs)
      #expect(results.filter(\.isPending).count == 2)
      inputs = []
      let taken = try results.map(place)
      #expect(taken == places)
      #expect(try results[0].array(Double.self) == Array(repeating: 5, count: DelayedPassTests.count))
      #expect(try results[1].array(Double.self) == Array(repeating: 15, count: DelayedPassTests.count))
    }

    @Test func whatIsHeldKeepsItsNumbers() throws {
      var inputs = try [filled(2), filled(3)]
      let held = inputs[0]
      let view = try inputs[1].viewed([2], offset: 1, count: 2)
      let results = try DelayedPass.results(of: pass(), inputs)
      inputs = []
      #expect(try results[1].double(at: 0) == 15)
      #expect(try held.double(at: 7) == 2)
      #expect(try view.double(at: 1) == 3)
    }

    @Test func theSameTensorTwiceIsNotWrittenOver() throws {
      let tensor = try filled(2)
      let results = try DelayedPass.results(of: pass(), [tensor, tensor])
      #expect(try results[1].double(at: 0) == 8)
      #expect(try tensor.double(at: 0) == 2)
    }

    @Test func aResultThatNobodyWantsIsNoHindrance() throws {
      var results = try DelayedPass.results(of: pass(), [filled(2), filled(3)])
      results.remove(at: 0)
      #expect(try results[0].double(at: 1) == 15)
      _ = try DelayedPass.results(of: pass(), [filled(2), filled(3)])
    }

    @Test func aPassOnPendingResultsSettlesThem() throws {
      var tensors = try [filled(1), filled(1)]
      for _ in 0..<10_000 {
        tensors = try DelayedPass.results(of: pass(), [tensors[0], filled(1)])
      }
      #expect(try tensors[0].double(at: 0) == 10_001)
    }

    @Test func aPendingResultIsReadInEveryWay() throws {
      func result() throws -> Tensor { try DelayedPass.results(of: pass(), [filled(2), filled(3)])[0] }
      #expect(try result().viewed([1], offset: 9, count: 1).double(at: 0) == 5)
      #expect(try result().reshaped([10, 500]).double(at: 4999) == 5)
      #expect(try Tensor.binary(.add, result(), result()).double(at: 4000) == 10)
      #expect(try Tensor.unary(.sqrt, result()).double(at: 3) == 5.0.squareRoot().rounded(toDigits: 24))
      #expect(try result().converted(to: .f64).double(at: 1) == 5)
    }

    @Test func itIsNotCancelledHalfway() throws {
      var flag: Int32 = 1
      let results = try DelayedPass.results(of: pass(), [filled(2), filled(3)])
      try withUnsafePointer(to: &flag) {
        Cancellation.watch($0)
        defer { Cancellation.watch(nil) }
        #expect(throws: EngineError.self) { try Cancellation.check() }
        try results[0].settle()
      }
      #expect(try results[1].double(at: DelayedPassTests.count - 1) == 15)
    }

    @Test func withoutMemoryItWaitsAsBefore() throws {
      let inputs = try [filled(2), filled(3)]
      let results = try DelayedPass.results(of: pass(), inputs)
      MemoryLimit.withRoom(for: 100) {
        _ = #expect(throws: EngineError.self) { try results[0].settle() }
      }
      #expect(try results[0].double(at: 0) == 5)
      #expect(try inputs[0].double(at: 0) == 2)
    }
  }
}

extension Double {
  /// The nearest number with so many binary digits.
  fileprivate func rounded(toDigits digits: Int) -> Double {
    guard self != 0, isFinite else { return self }
    let unit = scalbn(1.0, Int(exponent) - digits + 1)
    return (self / unit).rounded() * unit
  }

  private func scalbn(_ x: Double, _ power: Int) -> Double {
    x * Double(sign: .plus, exponent: power, significand: 1)
  }
}
