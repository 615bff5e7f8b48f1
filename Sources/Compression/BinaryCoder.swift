/// Binary arithmetic coding: each bit costs as much as it surprises. Bytes leave as soon as both ends of the interval
/// begin with them.
///
/// A probability is that of a 1, in 1/4096, from 1 to 4095.
struct BinaryEncoder {
  private(set) var bytes: [UInt8] = []
  private var low: UInt32 = 0
  private var high: UInt32 = .max

  mutating func encode(_ bit: Bool, probability: Int) {
    let middle = BinaryInterval.middle(low, high, probability)
    if bit { high = middle } else { low = middle &+ 1 }
    while (low ^ high) & 0xff00_0000 == 0 {
      bytes.append(UInt8(high >> 24))
      low <<= 8
      high = high << 8 | 0xff
    }
  }

  /// The shortest end: a reader goes on with zeros.
  mutating func finish() {
    if low > 0 { bytes.append(UInt8(truncatingIfNeeded: (low >> 24) &+ (low & 0xff_ffff == 0 ? 0 : 1))) }
    while bytes.last == 0 { bytes.removeLast() }
  }
}

/// The reader of what `BinaryEncoder` wrote. It reads zeros beyond the end, whatever the bytes are.
struct BinaryDecoder {
  private let bytes: ArraySlice<UInt8>
  private var place: Int
  private var low: UInt32 = 0
  private var high: UInt32 = .max
  private var code: UInt32 = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
    for _ in 0..<4 { shift() }
  }

  /// Whether every byte has been looked at.
  var isAtEnd: Bool { place >= bytes.endIndex }

  private mutating func shift() {
    code = code << 8 | (place < bytes.endIndex ? UInt32(bytes[place]) : 0)
    place += 1
  }

  mutating func decode(probability: Int) -> Bool {
    let middle = BinaryInterval.middle(low, high, probability)
    let bit = code <= middle
    if bit { high = middle } else { low = middle &+ 1 }
    while (low ^ high) & 0xff00_0000 == 0 {
      low <<= 8
      high = high << 8 | 0xff
      shift()
    }
    return bit
  }
}

private enum BinaryInterval {
  /// The last number of the part that stands for a 1.
  @inline(__always)
  static func middle(_ low: UInt32, _ high: UInt32, _ probability: Int) -> UInt32 {
    low &+ UInt32(truncatingIfNeeded: (UInt64(high &- low) &* UInt64(probability)) >> 12)
  }
}
