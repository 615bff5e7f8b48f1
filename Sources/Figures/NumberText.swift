#if canImport(Glibc)
  import Glibc
#endif

/// Numbers as axes, legends and coordinates write them.
enum NumberText {
  /// At most so many significant digits, no zeros at the end: `0.25`, `1e6`, `-3`.
  static func short(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let size = abs(value)
    if size != 0, size < 1e-3 || size >= 1e6 { return scientific(value, digits: digits - 1) }
    return trimmed(formatted("%.\(max(0, min(17, digits)))g", value))
  }

  /// `1.5e-7`
  static func scientific(_ value: Double, digits: Int) -> String {
    let text = formatted("%.\(max(0, min(17, digits)))e", value)
    guard let e = text.firstIndex(of: "e") else { return text }
    let exponent = Int(text[text.index(after: e)...].filter { $0 != "+" }) ?? 0
    return "\(trimmed(String(text[..<e])))e\(exponent)"
  }

  static func fixed(_ value: Double, decimals: Int) -> String {
    formatted("%.\(max(0, min(17, decimals)))f", value)
  }

  /// Without the zeros after the point that say nothing, and without the sign of zero.
  static func trimmed(_ text: String) -> String {
    var text = text
    if text.contains("."), !text.contains("e") {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    return text == "-0" ? "0" : text
  }

  private static func formatted(_ format: String, _ value: Double) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      let length = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
      let bytes = buffer.prefix(max(0, min(Int(length), buffer.count - 1))).map { UInt8(bitPattern: $0) }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
