/// Probabilities of bits as their contexts have seen them, each with how often it was seen: learnt quickly first, then
/// ever more slowly. Whole numbers throughout, so that a writer and a reader on different machines agree.
struct BitCounters {
  /// In 1/65536.
  private var probabilities: [UInt16]
  private var seen: [UInt8]
  private static let most: UInt8 = 250

  init(_ count: Int) {
    probabilities = [UInt16](repeating: 1 << 15, count: count)
    seen = [UInt8](repeating: 0, count: count)
  }

  var count: Int { probabilities.count }

  /// In 1/4096, from 1 to 4095.
  @inline(__always)
  func probability(_ context: Int) -> Int { min(4095, max(1, Int(probabilities[context]) >> 4)) }

  @inline(__always)
  mutating func update(_ context: Int, _ bit: Bool) {
    let old = Int(probabilities[context])
    let target = bit ? 65535 : 0
    probabilities[context] = UInt16(clamping: old + (target - old) * 2 / (2 * Int(seen[context]) + 3))
    if seen[context] < Self.most { seen[context] += 1 }
  }
}

/// Several probabilities of one bit made into one: a logistic regression that learns as it goes (Mahoney, 2005).
struct BitMixer {
  private let inputs: Int
  private var weights: [Int]
  private var stretched: [Int]
  private var base = 0
  private var mixed = 2048

  /// - Parameter sets: how many sets of weights there are to choose between.
  init(inputs: Int, sets: Int) {
    self.inputs = inputs
    weights = [Int](repeating: 65536 * 2 / (inputs + 1), count: inputs * sets)
    stretched = [Int](repeating: 0, count: inputs)
  }

  @inline(__always)
  mutating func put(_ probability: Int, at input: Int) { stretched[input] = Logistic.stretch[probability] }

  /// In 1/4096, from 1 to 4095.
  @inline(__always)
  mutating func mix(set: Int) -> Int {
    base = set * inputs
    var sum = 0
    for input in 0..<inputs { sum &+= weights[base + input] &* stretched[input] }
    mixed = min(4095, max(1, Logistic.squash(sum >> 16)))
    return mixed
  }

  @inline(__always)
  mutating func update(_ bit: Bool) {
    let error = ((bit ? 4096 : 0) - mixed) * 6
    for input in 0..<inputs {
      let weight = weights[base + input] &+ (stretched[input] &* error &+ 0x2000) >> 14
      weights[base + input] = min(1 << 20, max(-(1 << 20), weight))
    }
  }
}

/// ln(p / (1 − p)) and back, in 1/4096 and 1/256, by a table of whole numbers.
private enum Logistic {
  private static let knots = [
    1, 2, 3, 6, 10, 16, 27, 45, 73, 120, 194, 310, 488, 747, 1101, 1546, 2047, 2549, 2994, 3348, 3607, 3785,
    3901,
    3975, 4022, 4050, 4068, 4079, 4085, 4089, 4092, 4093, 4094,
  ]

  /// 4096 / (1 + e^(−x / 256))
  @inline(__always)
  static func squash(_ x: Int) -> Int {
    if x > 2047 { return 4095 }
    if x < -2047 { return 1 }
    let (part, knot) = (x & 127, (x >> 7) + 16)
    return (knots[knot] * (128 - part) + knots[min(32, knot + 1)] * part + 64) >> 7
  }

  /// The inverse of `squash`, for each probability.
  static let stretch: [Int] = {
    var table = [Int](repeating: 2047, count: 4096)
    var next = 0
    for x in -2047...2047 {
      let value = squash(x)
      while next <= value, next < 4096 {
        table[next] = x
        next += 1
      }
    }
    return table
  }()
}
