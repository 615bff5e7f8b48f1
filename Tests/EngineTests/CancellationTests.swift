import Testing

@testable import Engine

/// A flag that says to stop: an operation then has no result, and what it was to be computed from is as before.
@Suite(.serialized)
struct CancellationTests {
  private let count = 300_000

  /// Runs `body` on this thread with the flag set.
  private func stopped<R>(_ body: () throws -> R) rethrows -> R {
    let flag = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    flag.initialize(to: 1)
    Cancellation.watch(flag)
    defer {
      Cancellation.watch(nil)
      flag.deallocate()
    }
    return try body()
  }

  private func expectStopped(_ name: String, _ body: () throws -> Tensor) {
    stopped {
      do {
        let result = try body()
        // What is deferred is stopped where its numbers are asked for.
        _ = try result.array(Double.self)
        Issue.record("\(name) was not stopped")
      } catch EngineError.cancelled {
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
  }

  @Test func aProgramHasNoResult() throws {
    for isSmall in [true, false] {
      var writer = ProgramWriter(small: isSmall)
      let input = writer.input(.f64, [3])
      let sum = try writer.reduce(.sum, #require(input), axis: nil, [])
      let written = try writer.program([#require(sum)])
      let program = try #require(written)
      let numbers = try Tensor([1.0, 2, 4])
      #expect(try program.run([numbers])?.first?.scalarDouble == 7)
      stopped { _ = #expect(throws: EngineError.self) { try program.run([numbers]) } }
    }
  }

  @Test func everyLoopStops() throws {
    let x = try Tensor.uniform(shape: [count], key: RandomKey(seed: 1), dtype: .f32)
    let i = try Tensor.randomIntegers(low: 0, high: 1000, shape: [count], key: RandomKey(seed: 2))
    let m = try x.reshaped([500, 600])
    let mask = try Tensor.binary(.less, x, Tensor(scalar: 0.5, dtype: .f32))
    let loops: [(String, () throws -> Tensor)] = [
      ("a deferred function", { try Tensor.unary(.exp, x) }),
      ("a function", { try Tensor.unary(.negate, i) }),
      ("a comparison", { try Tensor.binary(.less, x, x) }),
      ("integers", { try Tensor.binary(.add, i, i) }),
      ("rows", { try Tensor.binary(.add, m, m.rows(0..<1)) }),
      ("a conversion", { try i.converted(to: .f64) }),
      ("a sum", { try Tensor.reduce(.sum, x, axes: nil, keep: false) }),
      ("a sum of integers", { try Tensor.reduce(.sum, i, axes: nil, keep: false) }),
      ("columns", { try Tensor.reduce(.max, m, axes: [0], keep: false) }),
      ("argmax", { try Tensor.argReduce(max: true, x, axis: 0, keep: false) }),
      ("softmax", { try Tensor.softmax(x) }), ("running sums", { try x.cumulated() }),
      ("sorting", { try x.sorted() }), ("the order", { try i.argsorted() }),
      ("a mask", { try x.masked(by: mask) }), ("a choice", { try Tensor.select(mask, x, x) }),
      ("gathering", { try x.taken(i, axis: 0) }),
      ("scattering", { try Tensor.scatterAdded(x, indices: i, axis: 0, shape: [1000]) }),
      ("one_hot", { try Tensor.oneHot(i, classes: 1000, dtype: .f32) }),
      ("turning", { try m.permuted([1, 0]) }),
      ("repeating", { try Tensor.filled(1, shape: [count], dtype: .f32) }),
      ("joining", { try Tensor.concatenated([x, x], axis: 0) }),
      ("even draws", { try Tensor.uniform(shape: [count], key: RandomKey(seed: 3), dtype: .f64) }),
      ("normal draws", { try Tensor.normal(shape: [count], key: RandomKey(seed: 3), dtype: .f32) }),
      ("a permutation", { try Tensor.permutation(count, key: RandomKey(seed: 3)) }),
      ("counting", { try Tensor.counted(from: 0, by: 1, count: count) }),
      ("spacing", { try Tensor.spaced(from: 0, by: 1, over: 2, count: count) }),
    ]
    for (name, body) in loops { expectStopped(name, body) }
  }

  @Test func aStoppedPassIsComputedLater() throws {
    let x = try Tensor.uniform(shape: [count], key: RandomKey(seed: 1), dtype: .f32)
    let root = try Tensor.unary(.sqrt, x)
    let sum = try Tensor.binary(.add, root, x)
    stopped {
      #expect(throws: EngineError.self) { try sum.array(Float.self) }
      #expect(throws: EngineError.self) { try sum.row(7) }
    }
    let numbers = try x.array(Float.self)
    #expect(try sum.array(Float.self) == numbers.map { $0.squareRoot() + $0 })
    #expect(try root.array(Float.self) == numbers.map { $0.squareRoot() })
  }
}
