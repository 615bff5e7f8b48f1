/// Signs of other languages.
extension ForeignSyntax {
  func sign() -> Finding? {
    let left = operand(stop - 1, or: "a")
    let right = operand(stop + 1, or: "b")
    switch kind(stop) {
    case .doubleStar: return Finding("`**` is Python; the power is `^`", stop, "\(left)^\(right)")
    case .doubleAmpersand:
      return Finding("`&&` is Swift and C; maas writes `and`", stop, logical("and"))
    case .doubleBar: return Finding("`||` is Swift and C; maas writes `or`", stop, logical("or"))
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
        "`? :` is C; maas writes `if` as an expression", stop, ternary() ?? "if c { a } else { b }")
    case .thinArrow: return thinArrow()
    default: return arithmeticSign() ?? colon()
    }
  }

  /// Both sides of a sign that stands for `and` or `or`, as far as they can be quoted.
  private func logical(_ word: String) -> String {
    let left = side(before: stop) ?? operand(stop - 1, or: "a")
    let right = side(after: stop) ?? operand(stop + 1, or: "b")
    return "\(left) \(word) \(right)"
  }

  /// The comparison or operand before a token: back to the sign or word that begins it.
  private func side(before index: Int) -> String? {
    var first = index
    var depth = 0
    while first > start {
      let before = kind(first - 1)
      if before.isCloser { depth += 1 } else if before.isOpener { depth -= 1 }
      if depth < 0 || depth == 0 && before.endsSide { break }
      first -= 1
    }
    return quoted(first..<index)
  }

  private func side(after index: Int) -> String? {
    var end = index + 1
    while end < lineEnd(index), kind(end) != .leftBrace, !kind(end).endsSide, !kind(end).isCloser {
      let partner = Int(tokens[end].partner)
      end = partner > end ? partner + 1 : end + 1
    }
    return quoted((index + 1)..<max(index + 1, end))
  }

  private func quoted(_ range: Range<Int>) -> String? {
    let text = text(range)
    return text.isEmpty || text.utf8.count > 40 ? nil : text
  }

  private func bar(_ left: String, _ right: String) -> Finding {
    if kind(stop + 1) == .name, kind(stop + 2) == .bar || kind(stop + 2) == .comma {
      return Finding("`|x|` is Rust; a function is `x => …`", stop, "\(right) => …")
    }
    return Finding("`|` is NumPy; maas writes `or`", stop, "\(left) or \(right)")
  }

  private func thinArrow() -> Finding {
    if kind(start) == .fn {
      let body = first(.leftBrace, from: stop) == nil ? "= …" : "{ … }"
      return Finding("`->` is Swift; maas has no types to write", stop, "\(text(start..<stop)) \(body)")
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

  /// `c ? a : b` as maas writes it, where it is short enough to quote.
  private func ternary() -> String? {
    guard bracket == nil || bracket?.kind == .block, let colon = first(.colon, from: stop), colon > stop + 1
    else {
      return nil
    }
    let condition = text(valueStart..<stop)
    let (yes, no) = (text((stop + 1)..<colon), rest(colon + 1) ?? "…")
    return condition.utf8.count + yes.utf8.count + no.utf8.count < 60
      ? "if \(condition) { \(yes) } else { \(no) }" : nil
  }
}

extension TokenKind {
  /// Stands between the sides of `and` and `or`, not in one.
  fileprivate var endsSide: Bool {
    switch self {
    case .if, .while, .return, .let, .var, .and, .or, .not, .else, .in, .assign, .arrow, .comma, .semicolon,
      .pipe, .doubleAmpersand, .doubleBar, .end, .question, .colon:
      true
    default: false
    }
  }
}
