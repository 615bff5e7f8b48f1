/// Recognises syntax of other languages around the token where reading stopped.
///
/// Nothing here touches a text that can be read, so a row may be as free as its words are telling.
struct ForeignSyntax {
  let source: Source
  let tokens: [Token]
  /// Where reading stopped, and where the innermost statement began.
  let stop: Int
  let start: Int
  /// The innermost open bracket.
  let bracket: Parser.Opening?

  struct Finding {
    let message: String
    let token: Int
    let help: [String]

    init(_ message: String, _ token: Int, _ help: String...) {
      (self.message, self.token, self.help) = (message, token, help)
    }
  }

  func find() -> Finding? { sign() ?? word() ?? shape() }

  func kind(_ index: Int) -> TokenKind { index >= 0 && index < tokens.count ? tokens[index].kind : .end }

  func text(_ index: Int) -> String {
    index >= 0 && index < tokens.count && tokens[index].kind != .end ? source[tokens[index].span] : ""
  }

  /// The text of tokens, as written.
  func text(_ range: Range<Int>) -> String {
    guard let first = range.first, let last = range.last, first >= 0, last < tokens.count else { return "" }
    return source[tokens[first].span.union(tokens[last].span)]
  }

  /// A single word or number that can be quoted in a help line.
  func operand(_ index: Int, or other: String) -> String {
    switch kind(index) {
    case .name, .number, .true, .false, .none: text(index)
    default: other
    }
  }

  /// Both tokens stand on one line.
  func isOnLine(_ index: Int) -> Bool { index < tokens.count && !tokens[index].startsLine }

  /// The index of the first token of the next line.
  func lineEnd(_ index: Int) -> Int {
    var end = index + 1
    while end < tokens.count, !tokens[end].startsLine, tokens[end].kind != .end { end += 1 }
    return min(end, tokens.count)
  }

  /// The first token of a kind from an index to the end of its line.
  func first(_ wanted: TokenKind, from index: Int) -> Int? {
    guard index < tokens.count else { return nil }
    return (index..<max(index, lineEnd(index))).first { tokens[$0].kind == wanted }
  }

  /// The text of the rest of a line, if short enough to quote.
  func rest(_ index: Int) -> String? {
    let text = text(index..<lineEnd(index))
    return index < lineEnd(index) && !text.isEmpty && text.utf8.count < 60 ? text : nil
  }

  // MARK: Signs

  private func sign() -> Finding? {
    let left = operand(stop - 1, or: "a")
    let right = operand(stop + 1, or: "b")
    switch kind(stop) {
    case .doubleStar: return Finding("`**` is Python; the power is `^`", stop, "\(left)^\(right)")
    case .doubleAmpersand:
      return Finding("`&&` is Swift and C; maas writes `and`", stop, "\(left) and \(right)")
    case .doubleBar: return Finding("`||` is Swift and C; maas writes `or`", stop, "\(left) or \(right)")
    case .exclamation: return Finding("`!` is Swift and C; maas writes `not`", stop, "not \(right)")
    case .tilde: return Finding("`~` is MATLAB; maas writes `not`", stop, "not \(right)")
    case .tildeEqual: return Finding("`~=` is MATLAB; maas writes `!=`", stop, "\(left) != \(right)")
    case .lessGreater: return Finding("`<>` is Basic; maas writes `!=`", stop, "\(left) != \(right)")
    case .tripleEqual: return Finding("`===` is JavaScript; equality is `==`", stop, "\(left) == \(right)")
    case .doublePlus:
      let name = kind(stop - 1) == .name && isOnLine(stop) ? text(stop - 1) : operand(stop + 1, or: "i")
      return Finding("`++` is C; a variable is counted up by assigning it", stop, "\(name) += 1")
    case .colonAssign:
      return Finding(
        "`:=` is Go; a name is bound with `let`", stop, "let \(left) = \(rest(stop + 1) ?? right)")
    case .dollar: return Finding("`$0` is Swift; a function names its parameter", stop, "x => x^2")
    case .dottedCall:
      return Finding("`f.(x)` is Julia; functions act on every element by themselves", stop, "\(left)(x)")
    case .dottedOperator:
      let sign = text(stop).dropFirst()
      return Finding(
        "`.\(sign)` is MATLAB; operators act on every element by themselves", stop, "\(left) \(sign) \(right)"
      )
    case .ampersand: return Finding("`&` is NumPy; maas writes `and`", stop, "\(left) and \(right)")
    case .bar: return bar(left, right)
    case .question:
      return Finding(
        "`? :` is C; maas writes `if` as an expression", stop, "if \(left) { \(right) } else { … }")
    case .thinArrow: return thinArrow()
    default: return arithmeticSign() ?? colon()
    }
  }

  private func bar(_ left: String, _ right: String) -> Finding {
    if kind(stop + 1) == .name, kind(stop + 2) == .bar || kind(stop + 2) == .comma {
      return Finding("`|x|` is Rust; a function is `x => …`", stop, "\(right) => …")
    }
    return Finding("`|` is NumPy; maas writes `or`", stop, "\(left) or \(right)")
  }

  private func thinArrow() -> Finding {
    if kind(start) == .fn {
      return Finding("`->` is Swift; maas has no types to write", stop, "\(text(start..<stop)) = …")
    }
    let body = rest(stop + 1) ?? "…"
    return Finding(
      "`->` is Julia; a function is written with `=>`", stop, "\(operand(stop - 1, or: "(x, y)")) => \(body)")
  }

  private func arithmeticSign() -> Finding? {
    if kind(stop - 1) == .minus, kind(stop - 2) == .minus, kind(stop - 3) == .name {
      return Finding(
        "`--` is C; a variable is counted down by assigning it", stop - 2, "\(text(stop - 3)) -= 1")
    }
    if stop == start {
      switch kind(stop) {
      case .percent:
        return Finding("`%` begins a comment in MATLAB; here `#` does", stop, "# \(rest(stop + 1) ?? "…")")
      case .floorSlash:
        return Finding(
          "`//` begins a comment in Swift and C; here `#` does", stop, "# \(rest(stop + 1) ?? "…")")
      case .slash where kind(stop + 1) == .star || kind(stop + 1) == .doubleStar:
        return Finding("`/*` begins a comment in Swift and C; here `#` does, on every line", stop, "# …")
      case .at:
        return Finding(
          "`@` before a definition is Python; a function is wrapped by calling another", stop,
          "let g = wrap(f)")
      default: return nil
      }
    }
    if kind(stop) == .name, kind(stop - 1) == .name, kind(stop - 2) == .floorSlash, isOnLine(stop),
      isOnLine(stop - 1)
    {
      return Finding("`//` divides; a comment begins with `#`", stop - 2, "# \(rest(stop - 1) ?? "…")")
    }
    return nil
  }

  // MARK: Colons

  private func colon() -> Finding? {
    guard kind(stop) == .colon else { return nil }
    let word = text(start)
    switch word {
    case "def", "lambda": return nil
    case "if", "while", "for", "else", "try", "elif", "except", "with", "finally", "class":
      if bracket?.kind == .block || bracket == nil { return blockColon(word) }
    default: break
    }
    if kind(stop - 1) == .else { return blockColon("else") }
    switch bracket?.kind {
    case .index: return slice()
    case .parameters:
      return Finding("`: type` is Swift; maas has no types to write", stop, "\(text(stop - 1))")
    default: break
    }
    if kind(start) == .let || kind(start) == .var {
      guard let value = first(.assign, from: stop) else {
        return stop == start + 2
          ? Finding("`: type` is Swift; maas has no types to write", stop, "\(text(start..<stop)) = …")
          : span()
      }
      if stop == start + 2 {
        return Finding(
          "`: type` is Swift; maas has no types to write", stop,
          "\(text(start..<stop)) = \(rest(value + 1) ?? "…")")
      }
    }
    if (0..<stop).contains(where: { $0 >= start && text($0) == "lambda" }) { return nil }
    return span()
  }

  private func blockColon(_ word: String) -> Finding {
    let head = text(start..<stop)
    let body = rest(stop + 1) ?? "…"
    let translated = word == "elif" ? "else if" + head.dropFirst(4) : head
    let loop = rangeLoop() ?? translated
    return Finding(
      "`:` before a block is Python; maas puts it in braces", stop,
      "\(loop.count < 60 ? loop : word + " …") { \(body) }")
  }

  /// `for i in range(10)`, written with a range.
  private func rangeLoop() -> String? {
    guard kind(start) == .for, let call = first(.in, from: start), text(call + 1) == "range",
      kind(call + 2) == .leftParenthesis, tokens[call + 2].partner == stop - 1
    else { return nil }
    let head = text(start..<(call + 1))
    let inside = (call + 3)..<(stop - 1)
    let commas = inside.filter { tokens[$0].kind == .comma }
    switch commas.count {
    case 0 where inside.count == 1: return "\(head) 0..\(text(inside))"
    case 1 where inside.count == 3:
      return "\(head) \(text(inside.lowerBound))..\(text(inside.upperBound - 1))"
    default: return nil
    }
  }

  private func slice() -> Finding? {
    guard let bracket, bracket.token > 0 else { return nil }
    let end = Int(tokens[bracket.token].partner)
    guard end > stop else { return Finding("`a:b` is Python; maas writes a range", stop, "x[a..b]") }
    var axes: [String] = []
    var axis = bracket.token + 1
    for index in (bracket.token + 1)...end where index == end || kind(index) == .comma {
      axes.append(axisText(axis..<index))
      axis = index + 1
    }
    let owner = operand(bracket.token - 1, or: "x")
    let help = "\(owner)[\(axes.joined(separator: ", "))]"
    return Finding(
      "`a:b` in an index is Python; maas writes the range `a..b`", stop, help.count < 60 ? help : "x[a..b]")
  }

  private func axisText(_ range: Range<Int>) -> String {
    let colons = range.filter { tokens[$0].kind == .colon }
    guard let colon = colons.first, colons.count == 1 else { return text(range) }
    return "\(text(range.lowerBound..<colon))..\(text((colon + 1)..<range.upperBound))"
  }

  /// `1:n` of MATLAB and Julia, whose end is included.
  private func span() -> Finding? {
    guard kind(stop - 1) == .number || kind(stop - 1) == .name, stop - 1 >= start,
      kind(stop + 1) == .number || kind(stop + 1) == .name
    else { return nil }
    if kind(stop + 2) == .colon, kind(stop + 3) == .number || kind(stop + 3) == .name {
      return Finding(
        "`a:step:b` is MATLAB; maas has `range`", stop,
        "range(\(text(stop - 1)), \(text(stop + 3)), \(text(stop + 1)))")
    }
    return Finding(
      "`a:b` is MATLAB; maas writes a range with `..=`, or `..` without its end", stop,
      "\(text(stop - 1))..=\(text(stop + 1))", "counting from 0: 0..\(text(stop + 1))")
  }
}

extension Parser {
  /// The problem in the words of the language the text was meant in, where that is certain.
  mutating func foreignIdiom(_ problem: Diagnostic) -> Diagnostic? {
    guard kind != .failure else { return nil }
    let syntax = ForeignSyntax(
      source: source, tokens: tokens, stop: next, start: statementStart, bracket: openings.last)
    guard let finding = syntax.find() else { return nil }
    endedEarly = false
    return Diagnostic(
      .foreignIdiom, finding.message, source: source, labels: [Label(tokens[finding.token].span)],
      help: finding.help)
  }
}
