/// One input as one line of the history file: a JSON string.
enum HistoryEntry {
  static func encode(_ text: String) -> String {
    var line = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: line += "\\u" + hexadecimal(scalar.value)
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line + "\""
  }

  /// The input a line holds; `nil` when the line is damaged.
  static func decode(_ line: some Collection<UInt8>) -> String? {
    guard let line = String(validating: line, as: UTF8.self) else { return nil }
    var rest = line.unicodeScalars[...]
    guard rest.popFirst() == "\"" else { return nil }
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return rest.isEmpty ? String(text) : nil
      case "\\":
        guard let meant = escaped(&rest) else { return nil }
        text.append(meant)
      default:
        guard scalar.value >= 0x20 else { return nil }
        text.append(scalar)
      }
    }
    return nil
  }

  private static func escaped(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
    switch rest.popFirst() {
    case "\"": "\""
    case "\\": "\\"
    case "/": "/"
    case "n": "\n"
    case "r": "\r"
    case "t": "\t"
    case "b": "\u{8}"
    case "f": "\u{c}"
    case "u": unicode(&rest)
    default: nil
    }
  }

  private static func unicode(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
    guard let first = fourDigits(&rest) else { return nil }
    guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
    guard rest.popFirst() == "\\", rest.popFirst() == "u", let second = fourDigits(&rest),
      (0xDC00..<0xE000).contains(second)
    else { return nil }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private static func fourDigits(_ rest: inout Substring.UnicodeScalarView) -> UInt32? {
    let digits = rest.prefix(4)
    guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
    rest = rest.dropFirst(4)
    return UInt32(String(digits), radix: 16)
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
