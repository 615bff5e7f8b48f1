/// Numbers from a seed (SplitMix64), the same on every machine.
package struct SeededNumbers: RandomNumberGenerator {
  package var state: UInt64
  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension SeededNumbers {
  package mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
  /// True once in so many times.
  package mutating func once(in times: Int) -> Bool { below(times) == 0 }
  package mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}
