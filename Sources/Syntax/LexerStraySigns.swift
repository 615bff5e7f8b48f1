/// Characters that begin nothing in maas, with what people mean by them.
extension Lexer {
  mutating func failAtSign() {
    let start = position
    guard let (scalar, length) = scalar(at: position) else {
      position += 1
      return fail(
        Diagnostic(
          .invalidEncoding, "this byte is not UTF-8", source: source, labels: [Label(Span(start, position))]))
    }
    position += length
    let label = Label(Span(start, position))
    if let replacement = Lexer.lookalikes[scalar] {
      return fail(
        Diagnostic(
          .unexpectedText, "maas does not know the character `\(scalar)`", source: source, labels: [label],
          help: [replacement]))
    }
    let name = "U+" + String(repeating: "0", count: max(0, 4 - hex(scalar).count)) + hex(scalar)
    let shown = scalar.value < 0x20 || scalar.value == 0x7f ? name : "`\(scalar)` (\(name))"
    fail(
      Diagnostic(
        .unexpectedText, "maas does not know the character \(shown)", source: source, labels: [label]))
  }

  private func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16, uppercase: true) }

  /// Typographic and mathematical characters that a text editor or a paper leaves behind.
  private static let lookalikes: [Unicode.Scalar: String] = [
    "“": "strings stand between straight quotes: \"…\"", "”": "strings stand between straight quotes: \"…\"",
    "„": "strings stand between straight quotes: \"…\"", "«": "strings stand between straight quotes: \"…\"",
    "‘": "strings stand between straight quotes: \"…\"", "’": "strings stand between straight quotes: \"…\"",
    "−": "the minus sign is `-`", "–": "the minus sign is `-`", "—": "the minus sign is `-`",
    "×": "the product is `*`", "·": "the product is `*`, the matrix product `@`", "⋅": "the product is `*`",
    "÷": "the quotient is `/`", "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`",
    "≈": "write `abs(a - b) < 1e-6`",
    "²": "write `^2`", "³": "write `^3`", "√": "write `sqrt(x)`", "∇": "write `grad(f)`",
    "∑": "write `sum(x)`",
    "∞": "write `inf`", "→": "a function is `x => …`", "⇒": "a function is `x => …`", "∈": "write `in`",
    "¬": "write `not`", "∧": "write `and`", "∨": "write `or`",
    "…": "write `..` for a range, `...` for a spread",
    "，": "write `,`", "（": "write `(`", "）": "write `)`", "：": "write `:`", "；": "write `;`",
    "\\": "a line goes on by itself after an operator, `=`, `=>` or `,`, and inside brackets",
    "`": "names and strings need no backticks",
  ]
}
