/// Numbers, strings and names as text.
extension Printer {
  /// How a number or a `"""` text is spelled in the source, if it is read from there.
  func spelling(_ value: Expression) -> String? {
    guard let source, value.span.start >= 0, Int(value.span.end) <= source.bytes.count else { return nil }
    let text = source[value.span]
    let tokens = Lexer(Source(name: "", text: text)).tokens
    guard tokens.count == 2 else { return nil }
    switch (value.form, tokens[0].kind) {
    case (.integer, .number), (.float, .number), (.string, .rawString): return text
    default: return nil
    }
  }

  /// The shortest spelling that gives the number back: `0.001`, `1e21`, `1e-5`.
  static func float(_ value: Double) -> String {
    let text = "\(value)"
    guard let exponent = text.firstIndex(of: "e") else { return text }
    let digits = text[text.index(after: exponent)...].filter { $0 != "+" }
    return text[...exponent] + "\(Int(digits) ?? 0)"
  }

  func string(_ parts: [StringPart], indent: Int) -> String {
    var result = "\""
    for part in parts {
      switch part {
      case .text(let text): result += Printer.escaped(text)
      case .expression(let value): result += "\\(\(expression(value, indent: indent)))"
      }
    }
    return result + "\""
  }

  package static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\0": result.append(contentsOf: "\\0".unicodeScalars)
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether a text can stand as a field's name without quotes.
  static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first == "_" || first.properties.isXIDStart else {
      return false
    }
    return text.unicodeScalars.dropFirst().allSatisfy { $0 == "_" || Lexer.continuesName($0) }
  }
}
