import Syntax

/// What a line of a script or an example says will happen.
package struct Expectation {
  package enum Kind {
    /// A line that is printed; numbers in it may differ by the tolerance.
    case output(String, tolerance: Double?)
    /// `…`: any number of lines.
    case anything
    case error(ExpectedError)
  }

  package let line: Int
  package let kind: Kind
}

/// `E0301 at 12:9: shapes do not match in …`: place and message only where they are written.
package struct ExpectedError {
  package let code: String
  package let line: Int?
  package let column: Int?
  package let message: String?

  init(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 2)
    var code = parts.first.map(String.init) ?? ""
    var rest = parts.dropFirst().joined(separator: " ")
    var place: [Int?] = []
    if parts.count > 1, parts[1] == "at" {
      let described = parts.count > 2 ? parts[2] : ""
      let position = described.prefix { $0.isNumber || $0 == ":" }
      place = position.split(separator: ":").map { Int($0) }
      rest = String(described.dropFirst(position.count))
    }
    if code.hasSuffix(":") { code.removeLast() }
    while rest.first == ":" || rest.first == " " { rest.removeFirst() }
    self.code = code
    line = place.first ?? nil
    column = place.count > 1 ? place[1] : nil
    message = rest.isEmpty ? nil : rest
  }

  /// Whether a diagnostic is the one expected.
  func matches(_ diagnostic: Diagnostic) -> Bool {
    guard diagnostic.code.rawValue == code else { return false }
    if let message, message != diagnostic.message { return false }
    guard let line else { return true }
    guard let found = diagnostic.position else { return false }
    return found.line == line && (column == nil || column == found.column)
  }

  var text: String {
    var text = code
    if let line { text += " at \(line)" + (column.map { ":\($0)" } ?? "") }
    return text + (message.map { ": \($0)" } ?? "")
  }
}

extension Diagnostic {
  /// The line and column of what is underlined first.
  package var position: (line: Int, column: Int)? {
    guard let source, let label = labels.first else { return nil }
    return source.position(at: Int(label.span.start))
  }

  /// `E0301 at 12:9: shapes do not match in …`
  package var brief: String {
    "\(code.rawValue)" + (position.map { " at \($0.line):\($0.column)" } ?? "") + ": \(message)"
  }
}

/// Finds `# expect: TEXT`, `# expect ~1e-6: TEXT` and `# expect error: E0301 …` in lines.
enum ExpectationReader {
  static func read(_ lines: [(number: Int, text: Substring)]) -> [Expectation] {
    lines.compactMap { number, text in
      expectation(in: text).map { Expectation(line: number, kind: $0) }
    }
  }

  /// The expectation of a line: a comment of its own, or one behind the line's code.
  private static func expectation(in line: Substring) -> Expectation.Kind? {
    guard let start = commentStart(in: line) else { return nil }
    let text = line[start...].dropFirst("# expect".count)
    if let rest = text.dropping(prefix: " error:") { return .error(ExpectedError(String(rest.trimmed))) }
    if let rest = text.dropping(prefix: ":") {
      let wanted = String(rest.hasPrefix(" ") ? rest.dropFirst() : rest)
      return wanted.trimmed == "…" ? .anything : .output(wanted, tolerance: nil)
    }
    guard let rest = text.dropping(prefix: " ~"), let colon = rest.firstIndex(of: ":"),
      let tolerance = Double(rest[..<colon].trimmed)
    else { return nil }
    return .output(String(rest[rest.index(after: colon)...].trimmed), tolerance: tolerance)
  }

  private static func commentStart(in line: Substring) -> Substring.Index? {
    var start = line.startIndex
    var isFree = true
    while start < line.endIndex {
      if isFree, line[start...].hasPrefix("# expect") { return start }
      isFree = line[start].isWhitespace
      start = line.index(after: start)
    }
    return nil
  }
}

extension StringProtocol {
  var trimmed: SubSequence {
    var text = self[...]
    while text.first?.isWhitespace ?? false { text = text.dropFirst() }
    while text.last?.isWhitespace ?? false { text = text.dropLast() }
    return text
  }

  func dropping(prefix: String) -> SubSequence? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
