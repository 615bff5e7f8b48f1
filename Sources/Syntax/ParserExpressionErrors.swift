/// What is wrong with an expression, and what to write.
extension Parser {
  mutating func failOperand() -> Stop {
    if kind == .plus {
      return unexpected("`+` before a number is not needed", help: ["leave out the `+`"])
    }
    if kind == .dots || kind == .closedDots {
      return unexpected(
        "a range needs a start here",
        help: ["0\(text(token))n", "open ranges stand only inside an index: x[..5]"])
    }
    if kind == .else { return unexpected("this `else` has no `if`") }
    if kind == .catch { return unexpected("this `catch` has no `try`") }
    if next == statementStart { return unexpected("\(found) cannot begin a statement") }
    if kind.isWord {
      return unexpected("expected an expression after \(before), found the reserved word \(found)")
    }
    return unexpected("expected an expression after \(before), found \(found)")
  }

  /// The line ends where its expression should go on.
  mutating func failLineEnd() -> Stop {
    if kind == .failure { return unexpected("") }
    let end = previousEnd
    return stop(
      .unexpectedText, "expected an expression after \(before), found the end of the line",
      [Label(Span(end, end), "the line ends here")],
      help: ["write it on the same line, or open a bracket: lines inside `(` and `[` go on"])
  }

  mutating func failChainedComparison(
    _ a: Expression, _ first: BinaryOperator, _ place: Span, _ b: Expression, _ second: BinaryOperator,
    _ sign: Token
  ) -> Stop {
    let start = Int(sign.end)
    // The right side is read only to quote it; its own errors are of no interest here.
    var ahead = self
    ahead.advance()
    let right = (try? ahead.expression(.range)).map { source[$0.span] } ?? "…"
    let end = right == "…" ? start : ahead.previousEnd
    let help =
      "\(source[a.span]) \(first.rawValue) \(source[b.span]) and \(source[b.span]) \(second.rawValue) \(right)"
    return stop(
      .chainedComparison, "comparisons do not chain",
      [Label(sign.span, "a second comparison"), Label(place, "the first")],
      help: end - Int(a.span.start) < 400 ? [help] : [])
  }

  mutating func failChainedRange() -> Stop {
    stop(
      .unexpectedText, "a range has two ends", [Label(token.span)],
      help: ["a range with a step is range(0, 10, 2)"])
  }

  mutating func failOpenRange(_ start: Int) -> Stop {
    stop(
      .misplaced, "an open range stands only inside an index", [Label(Span(start, start + 2))],
      help: ["x[1..]", "elsewhere give both ends: 0..n"])
  }

  /// A form that binds loosely stands right of an operator that binds tightly.
  mutating func failLoose(_ word: String) -> Stop {
    let place = word == "=>" ? Span(Int(token.start), Int(token.end)) : token.span
    if word == "=>" {
      let isPiped = next > 0 && tokens[next - 1].kind == .pipe
      return stop(
        .misplaced, "a function after \(before) stands in parentheses", [Label(place)],
        help: [isPiped ? "x |> (y => …)" : "(x => …)"])
    }
    return stop(
      .misplaced, "`\(word)` binds more loosely than \(before)", [Label(place)],
      help: ["put it in parentheses: (\(word) …)"])
  }

  mutating func failEmptyIndex() -> Stop {
    stop(
      .unexpectedText, "an index needs a place", [Label(token.span)], help: ["x[0]", "the whole is x[..]"])
  }

  mutating func failField() -> Stop {
    let message = "expected a field's name after `.`, found"
    if token.startsLine, !ignoresLines, kind != .failure, kind != .end {
      let end = previousEnd
      return stop(
        .unexpectedText, "\(message) the end of the line", [Label(Span(end, end), "the line ends here")],
        help: ["a line goes on with `.` at its start, not at its end"])
    }
    return unexpected(
      "\(message) \(found)", help: kind == .number ? ["an element is taken by its index: x[0]"] : [])
  }

  mutating func failSpread() -> Stop {
    stop(
      .misplaced, "`...` stands only in a record or before the last parameter of a function",
      [Label(token.span)],
      help: ["{...r, lr: 0.2}", "fn f(x, ...rest) = …"])
  }

  mutating func failIgnore() -> Stop {
    stop(
      .misplaced, "`_` has no value", [Label(token.span)],
      help: ["`_` stands where a value is left aside: for _ in 0..3 { … }, let (a, _) = pair"])
  }

  mutating func failUsePath() -> Stop {
    stop(.misplaced, "`use` takes a plain string", [Label(token.span)], help: ["use \"lab.maas\""])
  }

  mutating func failIn(_ pattern: Pattern) -> Stop {
    let name = source[pattern.span]
    return unexpected("expected `in` after `for \(name)`, found \(found)", help: ["for \(name) in xs { … }"])
  }

  mutating func failRepeated(_ what: String, _ name: Name, _ first: Span) -> Stop {
    stop(
      .duplicateName, "\(what) `\(name.text)` stands here twice",
      [Label(name.span, "again"), Label(first, "first")])
  }

  mutating func failRecordEntry() -> Stop {
    unexpected("expected a field's name, found \(found)", help: ["{lr: 0.1, steps: 10}", "{...r, lr: 0.2}"])
  }

  mutating func failRecordColon(_ name: Name) -> Stop {
    if kind == .comma || kind == .rightBrace {
      return unexpected("the field `\(name.text)` needs a value", help: ["\(name.text): \(name.text)"])
    }
    return unexpected(
      "expected `:` after the field `\(name.text)`, found \(found)", help: ["\(name.text): …"])
  }

  mutating func failCatch(_ start: Int32) -> Stop {
    let word = Span(Int(start), Int(start) + 3)
    if kind == .failure || kind == .end && !openings.isEmpty { return unexpected("") }
    if kind == .end { endedEarly = true }
    let place = kind == .end || token.startsLine ? Span(previousEnd, previousEnd) : token.span
    return stop(
      .unexpectedText, "this `try` has no `catch`", [Label(word), Label(place, "`catch` was expected here")],
      help: ["try E catch e { … }"])
  }

  mutating func failEmptyInterpolation() -> Stop {
    stop(
      .badString, "`\\()` holds no expression", [Label(Span(Int(tokens[next - 1].start), Int(token.end)))],
      help: ["\"x = \\(x)\"", "a backslash as it is: \\\\"])
  }

  // MARK: Literals

  mutating func failLargeInteger(_ digits: ArraySlice<UInt8>, _ isHexadecimal: Bool) -> Stop {
    var plain = String(decoding: digits, as: UTF8.self)
    if isHexadecimal {
      let value = digits.dropFirst(2).filter { $0 != UInt8(ascii: "_") }
      plain = "\(Printer.float(Double("0x" + String(decoding: value, as: UTF8.self)) ?? .infinity))"
    } else {
      plain += ".0"
    }
    return stop(
      .badNumber, "this integer is beyond 64 bits", [Label(token.span)],
      notes: ["the largest integer is 9223372036854775807"],
      help: plain.count < 60
        ? ["write it as a float: \(plain)"] : ["write it as a float, with a point or an exponent"])
  }

  mutating func failLargeFloat() -> Stop {
    stop(
      .badNumber, "this number is beyond what a float holds", [Label(token.span)],
      notes: ["the largest float is 1.7976931348623157e308"], help: ["infinity is inf"])
  }

  mutating func failEscape(_ place: Int) -> Stop {
    let rest = source[Span(place + 1, min(place + 5, source.bytes.count))]
    let character = rest.first.map(String.init) ?? ""
    return stop(
      .badString, "a string has no escape `\\\(character)`",
      [Label(Span(place, place + 1 + character.utf8.count))],
      notes: ["escapes are \\n \\t \\r \\0 \\\" \\\\ \\u{3b7} and \\(expression)"],
      help: ["a backslash as it is: \\\\\(character)"])
  }

  mutating func failUnicodeEscape(_ place: Int, _ end: Int) -> Stop {
    stop(
      .badString, "`\\u` takes the number of a Unicode character in braces", [Label(Span(place, end))],
      help: ["\\u{3b7} is η"])
  }
}
