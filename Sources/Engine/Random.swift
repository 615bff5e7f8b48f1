import CEngine

/// The seed of one draw. Numbers are pure functions of a key and a place: no state, any order, any thread.
package struct RandomKey: Hashable, Sendable {
  let bits: UInt64

  package init(seed: Int) {
    self.init(mixing: UInt64(bitPattern: Int64(seed)), into: 0x6d61_6173)
  }

  /// A key of its own for the n-th use of this one (an epoch, a counter of draws, a layer).
  package func folded(_ n: Int) -> RandomKey {
    RandomKey(mixing: UInt64(bitPattern: Int64(n)), into: bits)
  }

  /// The key as a whole number that is not negative, to be handed on as a seed.
  package var number: Int { Int(truncatingIfNeeded: bits >> 1) }

  /// One block of Philox at a counter no draw uses.
  private init(mixing n: UInt64, into key: UInt64) {
    let block = Philox.block(
      counter: [UInt32(truncatingIfNeeded: n), UInt32(truncatingIfNeeded: n >> 32), 0, 1],
      key: [UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)])
    bits = UInt64(block[0]) << 32 | UInt64(block[1])
  }
}

/// Philox 4x32-10, the generator behind every draw.
package enum Philox {
  /// Four words of counter and two of key give four random words; missing words count as 0.
  package static func block(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var out: [UInt32] = [0, 0, 0, 0]
    maas_philox(Array((counter + [0, 0, 0, 0]).prefix(4)), Array((key + [0, 0]).prefix(2)), &out)
    return out
  }
}

extension Tensor {
  /// A draw, which in a rehearsal is hollow.
  private init(drawn dtype: DType, _ shape: [Int], fill: (UnsafeMutableRawPointer) -> Void) throws {
    let isHollow = Rehearsal.isOn
    try self.init(dtype, shape) { to in
      if isHollow { throw EngineError.hollow }
      fill(to)
    }
  }

  /// Uniform in [0, 1): 24 random bits an element for f32, 53 for f64.
  package static func uniform(shape: [Int], key: RandomKey, dtype: DType) throws -> Tensor {
    guard dtype.isFloat else { throw notAFloat("rand", dtype) }
    return try Tensor(drawn: dtype, shape) { maas_uniform(dtype.code, key.bits, $0, Shape.volume(shape)) }
  }

  /// Standard normal, by Box and Muller in f64.
  package static func normal(shape: [Int], key: RandomKey, dtype: DType) throws -> Tensor {
    guard dtype.isFloat else { throw notAFloat("randn", dtype) }
    return try Tensor(drawn: dtype, shape) { maas_normal(dtype.code, key.bits, $0, Shape.volume(shape)) }
  }

  private static func notAFloat(_ operation: String, _ dtype: DType) -> EngineError {
    .unsupported(operation: operation, dtype: dtype, reason: "these random numbers are floats")
  }

  /// Integers in low..<high, i64. Errors: an empty range.
  package static func randomIntegers(low: Int, high: Int, shape: [Int], key: RandomKey) throws -> Tensor {
    guard low < high else { throw EngineError.badValue("no integer lies from \(low) to below \(high)") }
    let span = UInt64(bitPattern: Int64(high)) &- UInt64(bitPattern: Int64(low))
    return try Tensor(drawn: .i64, shape) {
      maas_random_integers(
        key.bits, Int64(low), span, $0.assumingMemoryBound(to: Int64.self), Shape.volume(shape))
    }
  }

  /// 0..<n in random order, i64. Errors: n is negative.
  package static func permutation(_ n: Int, key: RandomKey) throws -> Tensor {
    try Tensor(drawn: .i64, [n]) { maas_permutation(key.bits, $0.assumingMemoryBound(to: Int64.self), n) }
  }
}
