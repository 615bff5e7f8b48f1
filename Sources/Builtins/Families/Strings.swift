import Runtime
import Syntax

#if canImport(Glibc)
  import Glibc
#endif

/// Functions over strings; they count and cut by grapheme.
enum Strings {
  static var all: [Builtin] {
    [
      Builtin(
        "upper(text)",
        """
        The text in capitals.
        > upper("größe")
        "GRÖSSE"
        """
      ) { call in .string(try text(call, 0).uppercased()) },
      Builtin(
        "lower(text)",
        """
        The text in small letters.
        > lower("Adam")
        "adam"
        """
      ) { call in .string(try text(call, 0).lowercased()) },
      Builtin(
        "trim(text)",
        """
        The text without blanks and line breaks at its ends.
        > trim("  a b\\n")
        "a b"
        """
      ) { call in .string(String(trimmed(try text(call, 0)))) },
      Builtin(
        "replace(text, old, new)",
        """
        The text with every `old` replaced by `new`.
        > replace("a-b-c", "-", "+")
        "a+b+c"
        """
      ) { call in
        let (whole, old, new) = (try text(call, 0), try text(call, 1), try text(call, 2))
        guard !old.isEmpty else { throw Failure(.badValue, "`old` is an empty string", argument: 1) }
        return .string(try joined(parts(of: whole, by: old), with: new))
      },
      Builtin(
        "join(parts, separator = \"\")",
        """
        The parts as one text, with the separator between them.
        > join(["a", "b"], ", ")
        "a, b"
        > join([1, 2, 3], "-")
        "1-2-3"
        """
      ) { call in
        let separator = try call.values[1].map { try text($0, 1, "separator") } ?? ""
        let printer = ValuePrinter()
        return .string(
          try joined(Collections.elements(call[0], call.machine).map(printer.text), with: separator))
      },
      Builtin(
        "starts_with(text, part)",
        """
        Whether the text begins with the part.
        > starts_with("f32[3]", "f32")
        true
        """
      ) { call in
        let (whole, part) = (try text(call, 0), try text(call, 1))
        return .bool(whole.hasPrefix(part))
      },
      Builtin(
        "ends_with(text, part)",
        """
        Whether the text ends with the part.
        > ends_with("net.maasm", ".maasm")
        true
        """
      ) { call in
        let (whole, part) = (try text(call, 0), try text(call, 1))
        return .bool(whole.hasSuffix(part))
      },
      Builtin(
        "contains(x, part)",
        """
        Whether a text holds a part, a list or tensor an element, a record a field: `part in x`.
        > contains("maas", "aa")
        true
        > contains([1, 2], 3)
        false
        """
      ) { call in try call.machine.binary(.contains, call[1], call[0]) },
      Builtin(
        "format(value, digits = none, width = 0, align = \"right\", fill = \" \")",
        """
        A value as text: a number with so many digits after the point, rounded to the nearest; padded to a width of so
        many characters, with the value at the "right", "left" or "center".
        > format(0.1234, digits: 2)
        "0.12"
        > format(3, digits: 1, width: 6)
        "   3.0"
        > format("ab", width: 5, align: "left", fill: ".")
        "ab..."
        > format(42, width: 6, align: "center", fill: "*")
        "**42**"
        > format(-7, width: 4, fill: "0")
        "-007"
        """
      ) { call in .string(try format(call)) },
    ]
  }

  // MARK: Arguments

  private static func text(_ call: BuiltinCall, _ index: Int) throws -> String {
    try text(call[index], index, call.builtin.parameters[index].name)
  }

  static func text(_ value: Value, _ index: Int, _ name: String) throws -> String {
    guard case .text(let text) = value else {
      throw Failure(
        .wrongType, "`\(name)` is a string, not \(Failure.article(value.kind))",
        help: value.isNumber ? ["string(value) makes text of a number"] : [], argument: index)
    }
    return text.string
  }

  // MARK: Parts

  private static func trimmed(_ text: String) -> Substring {
    var rest = text[...]
    while rest.first?.isWhitespace ?? false { rest.removeFirst() }
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    return rest
  }

  /// What stands between the separators, by grapheme; between runs of blanks where there is none.
  static func split(_ text: String, by separator: String?) throws -> Value {
    guard let separator else {
      return .list(List(text.split(whereSeparator: \.isWhitespace).map { .string(String($0)) }))
    }
    let parts = separator.isEmpty ? text.map { String($0) } : parts(of: text, by: separator)
    try MemoryWatch.need(parts.count, of: 32)
    return .list(List(parts.map { .string($0) }))
  }

  private static func parts(of text: String, by separator: String) -> [String] {
    let wanted = Array(separator)
    let characters = Array(text)
    var parts: [String] = []
    var (start, place) = (0, 0)
    while place + wanted.count <= characters.count {
      if characters[place] == wanted[0], characters[place..<(place + wanted.count)].elementsEqual(wanted) {
        parts.append(String(characters[start..<place]))
        place += wanted.count
        start = place
      } else {
        place += 1
      }
    }
    parts.append(String(characters[start...]))
    return parts
  }

  private static func joined(_ parts: [String], with separator: String) throws -> String {
    let (between, overflow) = separator.utf8.count.multipliedReportingOverflow(by: max(0, parts.count - 1))
    let (total, more) = parts.reduce(0) { $0 &+ $1.utf8.count }.addingReportingOverflow(between)
    try MemoryWatch.need(overflow || more ? Int.max : total)
    return parts.joined(separator: separator)
  }

  // MARK: Format

  private static func format(_ call: BuiltinCall) throws -> String {
    var body = ValuePrinter().text(call[0])
    if let wish = call.values[1], case .none = wish {
    } else if let wish = call.values[1] {
      let digits = try Making.whole(wish, "digits", 1)
      guard (0...100).contains(digits) else {
        throw Failure(.badValue, "`digits` is a whole number from 0 to 100", argument: 1)
      }
      guard let number = Conversion.number(call[0]) else {
        throw Failure(
          .wrongType, "only a number has `digits`, this is \(Failure.article(call[0].kind))", argument: 0)
      }
      if case .int(let whole) = call[0] {
        body = "\(whole)" + (digits > 0 ? "." + String(repeating: "0", count: digits) : "")
      } else {
        body = fixed(number, digits)
      }
    }
    let width = try call.values[2].map { try Making.whole($0, "width", 2) } ?? 0
    let align = try call.values[3].map { try text($0, 3, "align") } ?? "right"
    let fill = try call.values[4].map { try text($0, 4, "fill") } ?? " "
    guard fill.count == 1 else { throw Failure(.badValue, "`fill` is one character", argument: 4) }
    guard width >= 0 else { throw Failure(.badValue, "`width` is not negative", argument: 2) }
    try MemoryWatch.need(width, of: fill.utf8.count)
    let missing = max(0, width - body.count)
    func pad(_ count: Int) -> String { String(repeating: fill, count: count) }
    switch align {
    case "right":
      // Zeros stand between the sign and the digits: -07.
      if fill == "0", body.hasPrefix("-"), Conversion.number(call[0]) != nil {
        return "-" + pad(missing) + body.dropFirst()
      }
      return pad(missing) + body
    case "left": return body + pad(missing)
    case "center": return pad(missing / 2) + body + pad(missing - missing / 2)
    default:
      throw Failure(.badValue, "`align` is \"right\", \"left\" or \"center\"", argument: 3)
    }
  }

  /// Rounded to the nearest, to even at a tie of the number's exact value.
  private static func fixed(_ number: Double, _ digits: Int) -> String {
    guard number.isFinite else { return Numbers.text(number) }
    var buffer = [CChar](repeating: 0, count: 512)
    let length = withVaList([Int32(digits), number]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
    return String(decoding: buffer.prefix(Int(max(0, length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
