#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The elements of a packed tensor as the bytes of an arithmetic code.
enum ElementStream {
  /// - Returns: the bytes, and how many bits of them say which elements are zero.
  static func write(
    _ elements: Elements, _ layout: PackedLayout, stride: Int
  ) -> (bytes: [UInt8], indexBits: Double) {
    var encoder = BinaryEncoder()
    var model = ElementModel(columns: layout.columns, stride: stride, bytesOfSymbol: layout.widths.count)
    let widths = layout.widths
    var indexBits = 0.0
    for (symbol, isZero) in zip(elements.symbols, elements.isZero) {
      let probability = model.probabilityOfSymbol()
      indexBits -= log2(Double(isZero ? 4096 - probability : probability) / 4096)
      encoder.encode(!isZero, probability: probability)
      model.learn(isSymbol: !isZero)
      guard !isZero else { continue }
      for (byte, width) in widths.enumerated() {
        let part = Int(truncatingIfNeeded: symbol >> UInt64(8 * (widths.count - 1 - byte)))
        _ = model.walk(byte: byte, width: width) { place, probability in
          let bit = part >> place & 1 == 1
          encoder.encode(bit, probability: probability)
          return bit
        }
      }
    }
    encoder.finish()
    return (encoder.bytes, indexBits)
  }

  /// - Returns: `nil` where bytes are left over.
  static func read(_ bytes: ArraySlice<UInt8>, _ layout: PackedLayout, stride: Int) -> Elements? {
    var decoder = BinaryDecoder(bytes)
    var model = ElementModel(columns: layout.columns, stride: stride, bytesOfSymbol: layout.widths.count)
    let widths = layout.widths
    let count = layout.count
    var elements = Elements(
      symbols: [UInt64](repeating: 0, count: count), isZero: [Bool](repeating: true, count: count))
    for index in 0..<count {
      let isSymbol = decoder.decode(probability: model.probabilityOfSymbol())
      model.learn(isSymbol: isSymbol)
      guard isSymbol else { continue }
      elements.isZero[index] = false
      for (byte, width) in widths.enumerated() {
        let part = model.walk(byte: byte, width: width) { _, probability in
          decoder.decode(probability: probability)
        }
        elements.symbols[index] = elements.symbols[index] << 8 | UInt64(part)
      }
    }
    return decoder.isAtEnd ? elements : nil
  }
}
