/// `500MB`, `2GB`, `1048576`: powers of 1000.
package enum ByteSize {
  private static let units: [String: Double] = [
    "": 1, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
  ]

  package static func parse(_ text: String) -> Int? {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let number = Double(digits), let unit = units[text.dropFirst(digits.count).uppercased()],
      let bytes = Int(exactly: (number * unit).rounded()), bytes > 0
    else { return nil }
    return bytes
  }
}
