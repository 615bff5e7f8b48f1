/// How numbers are written: shortest-exact, floats always with a point or an exponent.
package enum Numbers {
  /// `3.0`, `0.001`, `1e21`; exponents from 1e16 on and below 1e-4.
  package static func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return normalized(value.description)
  }

  /// The same for a float32, with the digits it needs.
  package static func text(_ value: Float) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let magnitude = abs(value)
    // Swift turns to exponents at 2^24 for Float: spell those with the digits of the double.
    if magnitude >= 16_777_216, magnitude < 1e16 { return text(Double(value)) }
    return normalized(value.description)
  }

  /// `1e-05` becomes `1e-5`, `1e+16` becomes `1e16`.
  private static func normalized(_ text: String) -> String {
    guard let e = text.firstIndex(of: "e") else { return text }
    var mantissa = String(text[..<e])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    var exponent = text[text.index(after: e)...]
    let isNegative = exponent.first == "-"
    if exponent.first == "-" || exponent.first == "+" { exponent = exponent.dropFirst() }
    while exponent.count > 1, exponent.first == "0" { exponent = exponent.dropFirst() }
    return "\(mantissa)e\(isNegative ? "-" : "")\(exponent)"
  }
}
