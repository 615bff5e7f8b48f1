/// Forms of other languages that have no sign or word of their own.
extension ForeignSyntax {
  func shape() -> Finding? {
    definition() ?? stringPrefix() ?? loopShape() ?? bracketShape() ?? conditionShape() ?? tupleShape()
  }

  /// `let f(x) = x^2`, `xs.map { … }`.
  private func definition() -> Finding? {
    if kind(start) == .let || kind(start) == .var, stop == start + 2, kind(stop) == .leftParenthesis,
      case let closing = Int(tokens[stop].partner), closing > stop, kind(closing + 1) == .assign
    {
      let head = text((start + 1)..<(closing + 1))
      return Finding(
        "a function is defined with `fn`", start,
        "fn \(head.utf8.count < 60 ? head : "f(x)") = \(rest(closing + 2) ?? "…")")
    }
    if kind(stop) == .leftBrace, isOnLine(stop), stop > start, bracket == nil || bracket?.kind == .block {
      guard kind(stop - 1) == .name || kind(stop - 1) == .rightParenthesis, !kind(start).isWord else {
        return nil
      }
      return Finding("a block after a call is Swift; maas passes a function", stop, "map(xs, x => …)")
    }
    return nil
  }

  private func stringPrefix() -> Finding? {
    switch kind(stop) {
    case .string, .stringOpen, .rawString: break
    default: return nil
    }
    guard kind(stop - 1) == .name, tokens[stop - 1].end == tokens[stop].start,
      ["f", "r", "b", "F", "R"].contains(text(stop - 1))
    else { return nil }
    return prefixed(stop - 1)
  }

  /// `f"x = {x}"` with the letter at a token.
  func prefixed(_ letter: Int) -> Finding {
    let string = text(letter + 1)
    let isFormatted =
      text(letter).lowercased() == "f" && kind(letter + 1) == .string && string.utf8.count < 60
    return Finding(
      "a string needs no letter before it; values stand in `\\(…)`", letter,
      isFormatted && string.contains("{") ? interpolated(string) : "\"x = \\(x)\"")
  }

  /// `{x}` as `\(x)`, `{x:.2f}` as `\(format(x, digits: 2))`.
  private func interpolated(_ string: String) -> String {
    var result = ""
    var rest = string[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      let parts = rest[rest.index(after: open)..<close].split(separator: ":", maxSplits: 1)
      let value = parts.first ?? ""
      let digits = parts.count > 1 ? parts[1].drop { $0 != "." }.dropFirst().prefix { $0.isNumber } : ""
      result += digits.isEmpty ? "\\(\(value))" : "\\(format(\(value), digits: \(digits)))"
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  private func loopShape() -> Finding? {
    if kind(stop) == .comma, kind(stop - 2) == .for, stop - 2 != start, kind(stop + 1) == .name {
      return Finding(
        "several names stand in parentheses", stop, "for (\(text(stop - 1)), \(text(stop + 1))) in xs")
    }
    guard kind(start) == .for else { return nil }
    if kind(start + 1) == .leftParenthesis, first(.semicolon, from: start) != nil {
      return Finding("`for (…; …; …)` is C; a loop runs over a range", start, "for i in 0..n { … }")
    }
    if kind(stop) == .assign, stop == start + 2 {
      return Finding(
        "`for i = …` is MATLAB; maas writes `in` and a range", stop, "for \(text(start + 1)) in 0..n { … }")
    }
    if kind(stop) == .comma, stop == start + 2, kind(start + 3) == .name {
      let end = first(.in, from: stop) ?? start + 4
      return Finding(
        "several names stand in parentheses", stop, "for (\(text((start + 1)..<end))) in xs { … }")
    }
    return nil
  }

  private func bracketShape() -> Finding? {
    switch bracket?.kind {
    case .list: return matrix()
    case .call:
      if kind(stop) == .assign, kind(stop - 1) == .name {
        return Finding("an argument is named with `:`", stop, "\(text(stop - 1)): \(lambdaBody(stop + 1))")
      }
      if kind(stop) == .for, let bracket {
        return Finding(
          "a comprehension stands in brackets", stop,
          "\(operand(bracket.token - 1, or: "f"))([… for x in xs])")
      }
    case .record:
      if kind(stop) == .assign { return Finding("a field is named with `:`", stop, "\(text(stop - 1)): …") }
    default: break
    }
    return nil
  }

  /// `[1 2; 3 4]` of MATLAB.
  private func matrix() -> Finding? {
    guard let bracket, case let end = Int(tokens[bracket.token].partner), end > stop else { return nil }
    let inside = (bracket.token + 1)..<end
    guard inside.count < 30,
      inside.allSatisfy({ [.number, .semicolon, .comma, .name, .minus].contains(kind($0)) })
    else { return nil }
    let isSpaced = kind(stop) == .number || kind(stop) == .name
    guard isSpaced || kind(stop) == .semicolon else { return nil }
    let rows = inside.split { kind($0) == .semicolon }.map { row in rowText(row) }
    let help =
      rows.count > 1 ? "[\(rows.map { "[\($0)]" }.joined(separator: ", "))]" : "[\(rows.first ?? "")]"
    return Finding(
      rows.count > 1
        ? "`;` between rows is MATLAB; every row stands in brackets"
        : "elements of a bracket stand between commas", stop, help)
  }

  private func rowText(_ row: Range<Int>) -> String {
    var items: [String] = []
    var sign = ""
    for index in row {
      switch kind(index) {
      case .minus: sign = "-"
      case .number, .name:
        items.append(sign + text(index))
        sign = ""
      default: break
      }
    }
    return items.joined(separator: ", ")
  }

  private func conditionShape() -> Finding? {
    guard isOnLine(stop) else { return nil }
    if kind(stop) == .if, kind(stop - 1).endsOperand {
      return Finding(
        "`a if c else b` is Python; maas writes `if` first", stop, conditional() ?? "if c { a } else { b }")
    }
    if kind(stop) == .not, kind(stop + 1) == .in {
      return Finding(
        "`not in` is Python; maas negates the whole", stop,
        "not (\(operand(stop - 1, or: "x")) in \(operand(stop + 2, or: "xs")))")
    }
    if text(stop) == "is", kind(stop) == .name, kind(stop - 1).endsOperand {
      let negated = kind(stop + 1) == .not
      let right = operand(stop + (negated ? 2 : 1), or: "none")
      return Finding(
        "`is` is Python; maas compares with `==`", stop,
        "\(operand(stop - 1, or: "x")) \(negated ? "!=" : "==") \(right == "None" ? "none" : right)")
    }
    if text(stop) == "then" || text(stop) == "do", kind(stop) == .name,
      kind(start) == .if || kind(start) == .while || kind(start) == .for
    {
      return Finding("`\(text(stop))` before a block is not needed; maas puts it in braces", stop, "{ … }")
    }
    return nil
  }

  /// `a if c else b` as maas writes it, where it is short enough to quote.
  private func conditional() -> String? {
    guard bracket == nil || bracket?.kind == .block, let other = first(.else, from: stop), other > stop + 1
    else {
      return nil
    }
    let (yes, condition) = (text(valueStart..<stop), text((stop + 1)..<other))
    let no = rest(other + 1) ?? "…"
    return condition.utf8.count + yes.utf8.count + no.utf8.count < 60
      ? "if \(condition) { \(yes) } else { \(no) }" : nil
  }

  /// `let a, b = pair`, `a, b = b, a`.
  private func tupleShape() -> Finding? {
    guard kind(stop) == .comma, bracket == nil || bracket?.kind == .block,
      let sign = first(.assign, from: stop)
    else {
      return nil
    }
    let isBinding = kind(start) == .let || kind(start) == .var
    let names = text((start + (isBinding ? 1 : 0))..<sign)
    guard names.utf8.count < 40 else { return nil }
    let value = rest(sign + 1) ?? "…"
    let right = first(.comma, from: sign) != nil && !isCall(sign + 1) ? "(\(value))" : value
    return Finding(
      "several names stand in parentheses", stop, "\(isBinding ? text(start) + " " : "")(\(names)) = \(right)"
    )
  }

  /// A call or bracket takes the whole rest of the line.
  private func isCall(_ index: Int) -> Bool {
    let last = lineEnd(index) - 1
    return kind(index) == .name && kind(index + 1) == .leftParenthesis
      && Int(tokens[index + 1].partner) == last
  }
}
