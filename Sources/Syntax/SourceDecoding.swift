extension Source {
  /// Reads a source from bytes, which must be UTF-8.
  ///
  /// Throws E0108 at the first byte that is not, with its line, column and value.
  package static func decoding(name: String, bytes: [UInt8]) throws(Diagnostic) -> Source {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw invalid(name, bytes) }
    return Source(name: name, text: text)
  }

  private static func invalid(_ name: String, _ bytes: [UInt8]) -> Diagnostic {
    let place = firstInvalid(bytes)
    // The text up to the byte, and the rest with the replacement character, so that the message can show the line.
    let source = Source(name: name, text: String(decoding: bytes, as: UTF8.self))
    let offset = String(decoding: bytes[..<place], as: UTF8.self).utf8.count
    let (line, column) = source.position(at: offset)
    let value = place < bytes.count ? String(bytes[place], radix: 16) : "00"
    let byte = "0x" + String(repeating: "0", count: max(0, 2 - value.count)) + value
    return Diagnostic(
      .invalidEncoding, "the byte \(byte) at line \(line), column \(column) is not UTF-8", source: source,
      labels: [Label(Span(offset, offset + 3), byte)], help: ["save the file as UTF-8"])
  }

  /// The first byte of the first ill-formed sequence.
  private static func firstInvalid(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var place = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): place += UTF8.width(scalar)
      case .emptyInput, .error: return place
      }
    }
  }
}
