/// What is wrong with a statement or a declaration, and what to write.
extension Parser {
  mutating func failStatementEnd() -> Stop {
    if kind == .assign || kind.combining != nil {
      return unexpected("an assignment is a statement of its own, not a part of an expression")
    }
    if kind == .arrow { return failArrow() }
    if kind == .comma {
      return unexpected(
        "`,` stands only inside brackets",
        help: ["one statement a line, or `;` between them", "a tuple is (a, b)"])
    }
    if kind == .else { return unexpected("this `else` has no `if`") }
    if next == statementStart + 1, kind == .name, kind(1) == .leftBrace {
      let word = text(tokens[statementStart])
      if word == "model" || word == "optimizer" {
        return unexpected(
          "the parameters of `\(text(token))` stand in parentheses", help: ["\(word) \(text(token))() { … }"])
      }
    }
    var help = ["one statement a line, or `;` between them"]
    if isOnLine, next == statementStart + 1, tokens[statementStart].kind == .name,
      [.name, .number, .string].contains(kind)
    {
      help.append("a call has its arguments in parentheses: \(text(tokens[statementStart]))(\(text(token)))")
    }
    return unexpected(
      "expected the end of the statement after \(before), found \(found)", help: help)
  }

  mutating func failMisplaced(_ message: String, help: [String] = []) -> Stop {
    if kind == .failure || kind == .end { return unexpected(message) }
    return stop(.misplaced, message, [Label(token.span)], help: help)
  }

  mutating func failBinding(_ first: Token, _ pattern: Pattern) -> Stop {
    let start = "\(text(first)) \(source[pattern.span])"
    if kind == .end || token.startsLine && !ignoresLines {
      if kind == .end, !openings.isEmpty { return unexpected("") }
      if kind == .failure { return unexpected("") }
      if kind == .end { endedEarly = true }
      return stop(
        .unexpectedText, "`\(start)` needs a value",
        [Label(Span(previousEnd, previousEnd), "`=` was expected here")],
        help: ["\(start) = 0"])
    }
    return unexpected("expected `=` after `\(start)`, found \(found)", help: ["\(start) = …"])
  }

  mutating func failTupleUpdate() -> Stop {
    stop(
      .misplaced, "`\(text(token))` updates one variable at a time", [Label(token.span)],
      help: ["(a, b) = (…, …)"])
  }

  mutating func failTarget(_ value: Expression) -> Stop {
    switch value.form {
    case .call(let callee, _):
      if case .name(let name) = callee.form, kind == .assign {
        let head = source[value.span]
        return stop(
          .foreignIdiom, "a function is defined with `fn`", [Label(value.span)],
          help: head.count < 60 ? ["fn \(head) = \(restOfLine)"] : ["fn \(name)(…) = …"])
      }
    case .binary(let sign, let place, _, _) where sign.isComparison:
      return stop(
        .misplaced, "a comparison cannot be assigned to", [Label(place)], help: ["equality is `==`"])
    case .none, .bool:
      return stop(
        .misplaced, "`\(source[value.span])` is a reserved word and cannot be assigned to",
        [Label(value.span)])
    default: break
    }
    return stop(
      .misplaced, "this cannot be assigned to", [Label(value.span)],
      notes: ["assigned are names, x[i], r.a and tuples of them"])
  }

  mutating func failBody(after word: String) -> Stop {
    if kind == .leftBrace {
      return stop(
        .unexpectedText, "the `{` of this `\(word)` belongs on the same line",
        [Label(token.span), Label(Span(previousEnd, previousEnd), "here")])
    }
    if kind == .assign {
      return unexpected("`=` assigns; equality is `==`", help: ["\(before.filter { $0 != "`" }) == …"])
    }
    if kind == .end, openings.isEmpty { endedEarly = true }
    if token.startsLine, !ignoresLines, kind != .failure, kind != .end {
      return stop(
        .unexpectedText, "expected the body of `\(word)`",
        [Label(Span(previousEnd, previousEnd), "`{` was expected here")],
        help: ["bodies stand in braces: { … }"])
    }
    return unexpected(
      "expected `{`, the body of `\(word)`, found \(found)", help: ["bodies stand in braces: { … }"])
  }

  /// What stands on the line after the token, if short enough to quote.
  private var restOfLine: String {
    let line = source.line(at: Int(token.end))
    let end = line < source.lineStarts.count ? source.lineStarts[line] : source.bytes.count
    let text = Diagnostic.visible(source[Span(Int(token.end), end)])
    return text.isEmpty || text.utf8.count > 60 ? "…" : String(text.drop { $0 == " " })
  }

  // MARK: Functions

  mutating func failArrow() -> Stop {
    if kind == .arrow, !isOnLine {
      return unexpected("`=>` belongs on the line of the parameters")
    }
    return unexpected(
      "`=>` follows a name or parameters in parentheses", help: ["x => x^2", "(x, y) => x + y"])
  }

  mutating func failFunctionName() -> Stop {
    if kind == .leftParenthesis {
      return unexpected(
        "a function without a name is written with `=>`", help: ["(x, y) => x + y"], code: .foreignIdiom)
    }
    if kind.isWord { return unexpected("\(found) is a reserved word and cannot name a function") }
    return unexpected("expected a function's name after `fn`, found \(found)", help: ["fn f(x) = x^2"])
  }

  mutating func failParameterList(_ word: String, _ name: Name) -> Stop {
    unexpected(
      "expected the parameters of `\(name.text)` in parentheses, found \(token.startsLine ? "the end of the line" : found)",
      help: ["\(word) \(name.text)(x) = …", "\(word) \(name.text)() = …"])
  }

  mutating func failFunctionBody(_ name: Name) -> Stop {
    if kind == .arrow {
      return unexpected(
        "the body of `\(name.text)` follows `=`", help: ["fn \(name.text)(…) = …"], code: .foreignIdiom)
    }
    if kind == .leftBrace { return failBody(after: "fn") }
    if token.startsLine, !ignoresLines, kind != .failure, kind != .end {
      return stop(
        .unexpectedText, "the function `\(name.text)` has no body",
        [Label(Span(previousEnd, previousEnd), "`=` or `{` was expected here")],
        help: ["fn \(name.text)(…) = …"])
    }
    return unexpected(
      "expected `=` or `{`, the body of `\(name.text)`, found \(found)",
      help: ["fn \(name.text)(…) = …", "fn \(name.text)(…) { … }"])
  }

  mutating func failAfterRest(_ rest: Parameter) -> Stop {
    if kind == .failure || kind == .end { return unexpected("") }
    return stop(
      .misplaced, "`...\(rest.name.text)` takes all arguments that are left: it comes last",
      [Label(token.span, "nothing is left for this"), Label(rest.name.span)])
  }

  mutating func failRequiredAfterOptional(_ parameter: Parameter, _ before: Parameter) -> Stop {
    stop(
      .misplaced, "`\(parameter.name.text)` has no default and stands after one that has",
      [Label(parameter.name.span), Label(before.name.span, "has a default")],
      help: ["put it first, or give it a default: \(parameter.name.text) = 0"])
  }

  mutating func failParameter() -> Stop {
    if kind.isWord { return unexpected("\(found) is a reserved word and cannot name a parameter") }
    if kind == .leftParenthesis || kind == .leftBrace {
      return unexpected(
        "a parameter is a name", help: ["take it apart in the body: { let (a, b) = pair; … }"])
    }
    return unexpected("expected a parameter's name, found \(found)", help: ["(x, y = 2, ...rest)"])
  }

  mutating func failPattern() -> Stop {
    if !isOnLine, kind != .failure, kind != .end {
      return stop(
        .unexpectedText, "expected a name after \(before), found the end of the line",
        [Label(Span(previousEnd, previousEnd))])
    }
    if kind.isWord { return unexpected("\(found) is a reserved word and cannot be a name") }
    return unexpected(
      "expected a name after \(before), found \(found)",
      help: ["a name, `_`, (a, b) or {loss, model}"])
  }

  mutating func failState(_ name: Name) -> Stop {
    if token.startsLine, !ignoresLines, kind != .failure, kind != .end {
      return stop(
        .unexpectedText, "the state `\(name.text)` needs a first value",
        [Label(Span(previousEnd, previousEnd), "`=` was expected here")],
        help: ["state \(name.text) = 0"])
    }
    return unexpected(
      "expected `=` after `state \(name.text)`, found \(found)", help: ["state \(name.text) = 0"])
  }
}
