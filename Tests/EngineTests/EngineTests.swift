import Foundation
import SeededRandom
import Testing

@testable import Engine

/// All suites run one after another: they select processor paths, thread counts and the memory limit.
@Suite(.serialized) struct EngineTests {}

/// The paths this processor has.
let processorPaths: [ProcessorPath] = {
  let chosen = ProcessorPath.current
  defer { _ = chosen.select() }
  return ProcessorPath.allCases.filter { $0.select() }
}()

/// Runs `body` on one path, then returns to the former.
func on<R>(_ path: ProcessorPath, _ body: () throws -> R) rethrows -> R {
  let former = ProcessorPath.current
  #expect(path.select())
  defer { _ = former.select() }
  return try body()
}

/// Runs `body` with a number of threads.
func with<R>(threads: Int, _ body: () throws -> R) rethrows -> R {
  let former = WorkerPool.threadCount
  WorkerPool.setThreadCount(threads)
  defer { WorkerPool.setThreadCount(former) }
  return try body()
}

/// Seeded numbers of ordinary size.
func numbers(_ count: Int, seed: UInt64, in range: ClosedRange<Double> = -3...3) -> [Double] {
  var generator = SeededNumbers(state: seed)
  return (0..<count).map { _ in Double.random(in: range, using: &generator) }
}

private struct Missing: Error {}

/// What is there. (`#require` takes no calls that change something.)
func must<T>(_ value: T?) throws -> T {
  guard let value else { throw Missing() }
  return value
}

func tensor(_ values: [Double], _ shape: [Int]? = nil, _ dtype: DType = .f64) throws -> Tensor {
  try Tensor(values, shape: shape).converted(to: dtype)
}

/// Units in the last place of f32 between a result and the exact value.
func ulps(_ got: Float, _ exact: Double) -> Double {
  if got.isNaN && exact.isNaN { return 0 }
  let nearest = Float(exact)
  if got == nearest { return 0 }
  if got.isNaN || exact.isNaN || got.isInfinite || nearest.isInfinite { return .infinity }
  return abs(Double(got) - exact) / Double(max(nearest.ulp, .leastNonzeroMagnitude))
}

func ulps(_ got: Double, _ exact: Double) -> Double {
  if got == exact || (got.isNaN && exact.isNaN) { return 0 }
  if got.isNaN || exact.isNaN || got.isInfinite || exact.isInfinite { return .infinity }
  return abs(got - exact) / exact.ulp
}

/// What an error says, without its payload's types.
func refusal(_ body: () throws -> Void) -> EngineError? {
  do {
    try body()
    return nil
  } catch { return error as? EngineError }
}
