/// Texts compared with numbers in them allowed to differ.
enum NumericText {
  /// Whether two texts agree: word for word, and each number within `tolerance`, relative to the larger of it and 1.
  static func agree(_ wanted: String, _ got: String, tolerance: Double?) -> Bool {
    guard let tolerance else { return wanted == got }
    let (a, b) = (pieces(wanted), pieces(got))
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { x, y in
      if case .number(let x) = x, case .number(let y) = y {
        return x == y || x.isNaN && y.isNaN || abs(x - y) <= tolerance * max(1, abs(x))
      }
      if case .text(let x) = x, case .text(let y) = y { return x == y }
      return false
    }
  }

  private enum Piece {
    case text(String)
    case number(Double)
  }

  /// A text as numbers and what stands between them, runs of blanks as one.
  private static func pieces(_ text: String) -> [Piece] {
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    func isInName() -> Bool { plain.last?.isLetter ?? false || plain.last == "_" }
    while let first = rest.first {
      let number = isInName() ? "" : numberPrefix(rest)
      if let value = Double(number), !number.isEmpty {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        pieces.append(.number(value))
        rest = rest.dropFirst(number.count)
      } else {
        if !(first == " " && plain.last == " ") { plain.append(first) }
        rest = rest.dropFirst()
      }
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    return pieces
  }

  private static func numberPrefix(_ text: Substring) -> Substring {
    for word in ["nan", "inf", "-inf"] where text.hasPrefix(word) { return text.prefix(word.count) }
    var end = text.startIndex
    var digits = false
    if text.first == "-" { end = text.index(after: end) }
    func passDigits() {
      while end < text.endIndex, text[end].isASCII, text[end].isNumber {
        end = text.index(after: end)
        digits = true
      }
    }
    passDigits()
    if digits, end < text.endIndex, text[end] == ".", text[text.index(after: end)...].first?.isNumber ?? false
    {
      end = text.index(after: end)
      passDigits()
    }
    guard digits else { return "" }
    if end < text.endIndex, text[end] == "e" {
      var place = text.index(after: end)
      if place < text.endIndex, text[place] == "-" || text[place] == "+" { place = text.index(after: place) }
      if place < text.endIndex, text[place].isASCII, text[place].isNumber {
        end = place
        passDigits()
      }
    }
    return text[..<end]
  }
}
