/// The colon: before a block (Python), before a type (Swift), between the ends of a range (Python, MATLAB).
extension ForeignSyntax {
  func colon() -> Finding? {
    guard kind(stop) == .colon else { return nil }
    let isOpen = bracket == nil || bracket?.kind == .block
    switch text(start) {
    case "def", "lambda": return nil
    case "for" where isOpen && first(.leftBrace, from: stop) != nil && isOnLine(stop + 1):
      if let span = span() { return span }
    case "fn" where isOpen:
      let head = text(start..<stop)
      guard first(.assign, from: stop) == nil, first(.leftBrace, from: stop) == nil else {
        return type("\(head) = …")
      }
      return Finding(
        "`:` before a block is Python; maas puts it in braces", stop,
        rest(stop + 1).map { "\(head) = \($0)" } ?? "\(head) { … }")
    case "if", "while", "for", "else", "try", "elif", "except", "with", "finally", "class":
      if isOpen { return block() }
    default: break
    }
    if kind(stop - 1) == .else { return block() }
    switch bracket?.kind {
    case .index: return slice()
    case .parameters: return type("(\(parameterNames())) = …")
    default: return binding() ?? span()
    }
  }

  private func type(_ help: String) -> Finding {
    Finding("`: type` is Swift; maas has no types to write", stop, help)
  }

  /// `let x: Int = 3`.
  private func binding() -> Finding? {
    guard kind(start) == .let || kind(start) == .var, stop == start + 2 else { return nil }
    let value = first(.assign, from: stop).flatMap { rest($0 + 1) }
    return type("\(text(start..<stop)) = \(value ?? "…")")
  }

  /// The names in a list of parameters with types.
  private func parameterNames() -> String {
    guard let bracket, tokens[bracket.token].partner > 0 else { return "x" }
    let inside = (bracket.token + 1)..<Int(tokens[bracket.token].partner)
    let names = inside.filter { index in
      kind(index) == .name && (index == inside.lowerBound || kind(index - 1) == .comma)
    }
    return names.count < 8 ? names.map { text($0) }.joined(separator: ", ") : "x, y"
  }

  // MARK: Before a block

  private func block() -> Finding {
    let word = kind(stop - 1) == .else ? "else" : text(start)
    let head = word == "else" && kind(start) != .else ? "else" : text(start..<stop)
    let translated = word == "elif" ? "else if" + head.dropFirst(4) : head
    let loop = rangeLoop() ?? translated
    let body = rest(stop + 1) ?? "…"
    return Finding(
      "`:` before a block is Python; maas puts it in braces", stop,
      "\(loop.utf8.count < 60 ? loop : word + " …") { \(body) }")
  }

  /// `for i in range(10)`, written with a range.
  private func rangeLoop() -> String? {
    guard kind(start) == .for, let word = first(.in, from: start), text(word + 1) == "range",
      kind(word + 2) == .leftParenthesis, Int(tokens[word + 2].partner) == stop - 1
    else { return nil }
    let head = text(start..<(word + 1))
    let inside = (word + 3)..<(stop - 1)
    let commas = inside.filter { kind($0) == .comma }
    switch commas.count {
    case 0 where inside.count == 1: return "\(head) 0..\(text(inside))"
    case 1 where inside.count == 3:
      return "\(head) \(text(inside.lowerBound))..\(text(inside.upperBound - 1))"
    default: return nil
    }
  }

  // MARK: Between the ends of a range

  private func slice() -> Finding? {
    guard let bracket, bracket.token > 0 else { return nil }
    let message = "`a:b` in an index is Python; maas writes the range `a..b`"
    let end = Int(tokens[bracket.token].partner)
    guard end > stop else { return Finding(message, stop, "x[a..b]") }
    let owner = operand(bracket.token - 1, or: "x")
    var axes: [String] = []
    var axis = bracket.token + 1
    for index in (bracket.token + 1)...end where index == end || kind(index) == .comma {
      axes.append(axisText(axis..<index, owner))
      axis = index + 1
    }
    let help = "\(owner)[\(axes.joined(separator: ", "))]"
    return Finding(message, stop, help.utf8.count < 60 ? help : "x[a..b]")
  }

  private func axisText(_ range: Range<Int>, _ owner: String) -> String {
    let colons = range.filter { kind($0) == .colon }
    guard let colon = colons.first else { return text(range) }
    let start = text(range.lowerBound..<colon)
    guard colons.count > 1 else { return "\(start)..\(text((colon + 1)..<range.upperBound))" }
    let (end, step) = (text((colon + 1)..<colons[1]), text((colons[1] + 1)..<range.upperBound))
    return
      "range(\(start.isEmpty ? "0" : start), \(end.isEmpty ? "len(\(owner))" : end), \(step.isEmpty ? "1" : step))"
  }

  /// `1:n` of MATLAB and Julia, whose end is included.
  private func span() -> Finding? {
    func isEnd(_ index: Int) -> Bool { kind(index) == .number || kind(index) == .name }
    guard isEnd(stop - 1), stop - 1 >= start, isEnd(stop + 1) else { return nil }
    if kind(stop + 2) == .colon, isEnd(stop + 3) {
      return Finding(
        "`a:step:b` is MATLAB; maas has `range`", stop,
        "range(\(text(stop - 1)), \(text(stop + 3)), \(text(stop + 1)))")
    }
    return Finding(
      "`a:b` is MATLAB; maas writes a range with `..=`, or `..` without its end", stop,
      "\(text(stop - 1))..=\(text(stop + 1))", "counting from 0: 0..\(text(stop + 1))")
  }
}
