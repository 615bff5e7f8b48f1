/// Signs of other languages.
extension ForeignSyntax {
  func sign() -> Finding? {
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
        "`? :` is C; maas writes `if` as an expression", stop, ternary() ?? "if c { a } else { b }")
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
