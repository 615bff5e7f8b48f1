import Syntax

/// An expression as `explain` shows it: its text, and where the names stand that numbers are put in for.
final class ExplainedLine {
  /// The name that takes the value; `nil` for a bare expression.
  let name: String?
  /// A step of an inner rule: its lines stand in this one's place.
  var isInnerStep = false
  /// What an `if` asks.
  var isCondition = false
  /// Of an expression that is one call: how many arguments lie before the leaves.
  var argumentCount: Int?
  private let bytes: [UInt8]
  private let leaves: [Range<Int>]
  /// Functions that go by another name where the line is read: `keras.cast`.
  private let renamed: [(range: Range<Int>, name: String)]

  /// - Parameters:
  ///   - span: what of the source is the expression.
  ///   - combined: `v +` of `v += 1`, of which `v` is the first leaf.
  init(
    _ span: Span, name: String?, combined: (name: String, op: BinaryOperator)? = nil, leaves: [Span],
    renamed: [(Span, String)], source: Source
  ) {
    self.name = name
    var head: [UInt8] = []
    var tail: [UInt8] = []
    var found: [Range<Int>] = []
    if let combined {
      head = Array("\(combined.name) \(combined.op.rawValue) (".utf8)
      tail = [UInt8(ascii: ")")]
      found = [0..<combined.name.utf8.count]
    }
    let start = Int(span.start) - head.count
    func range(_ span: Span) -> Range<Int> { Int(span.start) - start..<Int(span.end) - start }
    bytes = head + Array(source[span].utf8) + tail
    self.leaves = found + leaves.map(range)
    self.renamed = renamed.map { (range($0.0), $0.1) }
  }

  /// The expression as written, on one line.
  var symbols: String { ExplainedLine.oneLine(bytes) }

  /// The expression with values in place of its names; readable back as the same expression.
  func substituted(_ values: [String]) -> String {
    let changes =
      (zip(leaves, values).map { (range: $0, text: $1, isValue: true) }
      + renamed.map { (range: $0.range, text: $0.name, isValue: false) })
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
    var text: [UInt8] = []
    var end = 0
    for change in changes where change.range.lowerBound >= end {
      text += bytes[end..<change.range.lowerBound]
      let needsParentheses = change.isValue && change.text.hasPrefix("-") && bindsTighter(change.range)
      text += Array((needsParentheses ? "(\(change.text))" : change.text).utf8)
      end = change.range.upperBound
    }
    return ExplainedLine.oneLine(text + bytes[end...])
  }

  /// Whether a sign at a place would be read with its neighbours: `-x`, `x^2`.
  private func bindsTighter(_ place: Range<Int>) -> Bool {
    if place.lowerBound > 0, bytes[place.lowerBound - 1] == UInt8(ascii: "-") { return true }
    let next = bytes[place.upperBound...].first { $0 != UInt8(ascii: " ") }
    return next == UInt8(ascii: "^") || next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
  }

  private static func oneLine(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
