import Glibc

/// Lengths of time, in the unit that suits them: `12.3 ms`.
enum Duration {
  static func text(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "–" }
    let (value, unit): (Double, String) =
      switch abs(seconds) {
      case ..<1e-6: (seconds * 1e9, "ns")
      case ..<1e-3: (seconds * 1e6, "µs")
      case ..<1: (seconds * 1e3, "ms")
      default: (seconds, "s")
      }
    return "\(threeDigits(value)) \(unit)"
  }

  /// Three significant digits, without an exponent.
  static func threeDigits(_ value: Double) -> String {
    let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2
    let scale = pow(10, Double(places))
    let whole = (abs(value) * scale).rounded()
    guard whole < 1e15 else { return "\(value)" }
    let digits = String(Int(whole))
    guard places > 0 else { return (value < 0 ? "-" : "") + digits }
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return (value < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
  }
}
