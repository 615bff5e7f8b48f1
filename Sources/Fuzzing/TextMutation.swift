import SeededRandom
import Syntax

/// Text that nobody would write: words in any order, and real text with something wrong in it.
package struct TextMutation {
  package var numbers: SeededNumbers

  package init(seed: UInt64) { numbers = SeededNumbers(state: seed) }

  /// What a text of the language is made of, and much that other languages have.
  package static let words =
    TokenKind.words.keys.sorted() + [
      "model", "optimizer", "state", "whole", "use", "x", "f", "θ", "1", "2.5", "0xff", "1_000", "1e308",
      "9223372036854775807", "9223372036854775808", "\"a\"", "\"\\(", "\"", "\"\"\"", "\\u{3b7}", "\\n", "(",
      ")",
      "[", "]", "{", "}", ",", ";", ":", ".", "..", "..=", "...", "=", "=>", "|>", "+", "-", "*", "/", "//",
      "%",
      "@", "^", "==", "!=", "<", "<=", ">", ">=", "+=", "//=", "@=", "**", "&&", "||", "!", "++", "--", ":=",
      "->",
      "?", ".*", "~", "~=", "===", "<>", "$", "&", "|", "'", "\\", "#", "# c\n", "## d\n", "# %% t\n", "\n",
      "\n",
      "\n", "_", "def", "lambda", "elif", "import", "print", "is", "1:n", "\t", "\r\n", "é", "学", "“",
      "\u{feff}",
      "2x", ".5", "1.", "_1", "at", "{a:", "x =>", "(x) =>", "f(", "if x {", "} else {", "catch e {",
      "for x in",
      "let x =", "let (a, b) =", "grad(", "zeros(2, 3)", "[1, 2]", "x[", "x.T", "x |> f", "state v = 0",
      "model M(a) {", "optimizer O(lr = 1) {", "explain",
    ]

  package mutating func soup(_ longest: Int = 40) -> String {
    var text = ""
    for _ in 0..<(1 + numbers.below(longest)) {
      text += numbers.pick(TextMutation.words) + (numbers.once(in: 4) ? "" : " ")
    }
    return text
  }

  /// Bytes of any kind, mostly no UTF-8.
  package mutating func bytes(_ longest: Int = 200) -> [UInt8] {
    let limit: UInt8 = numbers.once(in: 2) ? 255 : 127
    return (0..<numbers.below(longest)).map { _ in UInt8.random(in: 0...limit, using: &numbers) }
  }

  /// A text with up to `most` mistakes in it; `other` is text to take pieces from.
  package mutating func mutated(_ text: String, other: String, most: Int = 4) -> [UInt8] {
    var bytes = Array(text.utf8)
    let pieces = Array(other.utf8)
    for _ in 0..<(1 + numbers.below(most)) { mutate(&bytes, pieces) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8], _ other: [UInt8]) {
    guard bytes.count > 2 else { return }
    let start = numbers.below(bytes.count)
    let end = min(bytes.count, start + numbers.below(20))
    switch numbers.below(12) {
    case 0: bytes.removeSubrange(start..<end)
    case 1: bytes.insert(contentsOf: bytes[start..<end], at: numbers.below(bytes.count + 1))
    case 2, 3: bytes.insert(contentsOf: Array(numbers.pick(TextMutation.words).utf8), at: start)
    case 4: bytes[start] = UInt8(0x20 + numbers.below(0x5f))
    case 5: bytes[start] = UInt8(numbers.below(256))
    case 6: bytes.removeSubrange(start...)
    case 7: swapLines(&bytes)
    case 8:
      bytes.replaceSubrange(word(at: start, in: bytes), with: Array(numbers.pick(TextMutation.words).utf8))
    case 9:
      bytes.replaceSubrange(
        word(at: start, in: bytes), with: bytes[word(at: numbers.below(bytes.count), in: bytes)])
    case 10: insertPiece(of: other, into: &bytes)
    default: changeNumber(after: start, in: &bytes)
    }
  }

  /// The letters and digits around a place, or the one byte there.
  private func word(at place: Int, in bytes: [UInt8]) -> Range<Int> {
    func isLetter(_ index: Int) -> Bool {
      let byte = bytes[index]
      return byte >= 0x80 || byte == 0x5f || (0x30...0x39).contains(byte)
        || (0x41...0x5a).contains(byte & 0xdf)
    }
    var (start, end) = (place, place + 1)
    guard isLetter(place) else { return start..<end }
    while start > 0, isLetter(start - 1) { start -= 1 }
    while end < bytes.count, isLetter(end) { end += 1 }
    return start..<end
  }

  private mutating func swapLines(_ bytes: inout [UInt8]) {
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    lines.swapAt(numbers.below(lines.count), numbers.below(lines.count))
    bytes = Array(lines.joined(separator: [0x0a]))
  }

  private mutating func insertPiece(of other: [UInt8], into bytes: inout [UInt8]) {
    guard !other.isEmpty else { return }
    let start = numbers.below(other.count)
    let piece = other[start..<min(other.count, start + numbers.below(80))]
    bytes.insert(contentsOf: piece, at: numbers.below(bytes.count + 1))
  }

  private mutating func changeNumber(after start: Int, in bytes: inout [UInt8]) {
    guard let digit = bytes[start...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
    bytes.replaceSubrange(digit...digit, with: Array(numbers.pick(LooseProgram.numbers).utf8))
  }
}
