/// Words that begin statements in other languages, and forms without a sign of their own.
extension ForeignSyntax {
  /// What a foreign word is told by: its language, what maas does, and what to write.
  private struct Row {
    let message: String
    let help: String
  }

  private static let definition = "maas defines a function with `fn`"

  private static let rows: [String: Row] = [
    "import": Row(
      message: "nothing is imported: the standard library is there, a file is read with `use`",
      help: "let lab = use \"lab.maas\""),
    "from": Row(
      message: "nothing is imported: the standard library is there, a file is read with `use`",
      help: "let {f} = use \"lab.maas\""),
    "class": Row(
      message: "maas has records and models in place of classes", help: "model Name(inputs, outputs) { … }"),
    "struct": Row(message: "maas has records in place of structures", help: "{lr: 0.1, steps: 10}"),
    "enum": Row(message: "maas has strings and records in place of enumerations", help: "{kind: \"a\"}"),
    "type": Row(message: "maas has no types to declare", help: "{lr: 0.1, steps: 10}"),
    "raise": Row(message: "an error is raised by calling `error`", help: "error(\"…\")"),
    "throw": Row(message: "an error is raised by calling `error`", help: "error(\"…\")"),
    "except": Row(message: "`except` is Python; maas writes `catch`", help: "try E catch e { … }"),
    "finally": Row(message: "maas has no `finally`", help: "try E catch e { … }"),
    "del": Row(message: "maas has no `del`: what nobody uses is released", help: "x = none"),
    "global": Row(
      message: "`global` is Python; a function may assign the `var`s around it", help: "var x = 0"),
    "nonlocal": Row(
      message: "`nonlocal` is Python; a function may assign the `var`s around it", help: "var x = 0"),
    "with": Row(
      message: "maas has no `with`: files are read and written by one call", help: "load(\"net.maasm\")"),
    "switch": Row(
      message: "maas writes choices with `if`", help: "if x == 1 { … } else if x == 2 { … } else { … }"),
    "match": Row(
      message: "maas writes choices with `if`", help: "if x == 1 { … } else if x == 2 { … } else { … }"),
    "case": Row(
      message: "maas writes choices with `if`", help: "if x == 1 { … } else if x == 2 { … } else { … }"),
    "repeat": Row(message: "maas repeats with `while`", help: "while condition { … }"),
    "do": Row(
      message: "maas repeats with `while` and catches with `try E catch e { … }`",
      help: "while condition { … }"),
    "unless": Row(message: "maas writes `if not`", help: "if not condition { … }"),
    "until": Row(message: "maas writes `while not`", help: "while not condition { … }"),
    "end": Row(message: "blocks end in `}`", help: "}"),
    "guard": Row(message: "`guard` is Swift; maas writes `if not`", help: "if not condition { return }"),
    "async": Row(message: "maas has no `async`", help: "fn f(x) = …"),
    "public": Row(message: "everything at top level can be used from other files", help: "fn f(x) = …"),
  ]

  private static let constants: [String: String] = [
    "const": "JavaScript and C", "final": "Java", "int": "C", "float": "C", "double": "C", "auto": "C++",
    "val": "Kotlin",
    "local": "Lua", "static": "C", "bool": "C", "string": "C#",
  ]

  private static let functionWords: [String: String] = [
    "def": "Python", "func": "Swift", "function": "MATLAB and JavaScript", "fun": "Kotlin", "defn": "Clojure",
  ]

  func word() -> Finding? {
    if let finding = definitionWord() ?? lambda() ?? elseIf() { return finding }
    let first = text(start)
    if kind(start) == .name, stop == start + 1, isOnLine(stop), kind(stop) != .comma {
      if let language = ForeignSyntax.constants[first], kind(stop) == .name {
        return Finding(
          "`\(first)` is \(language); a name is bound with `let`", start,
          "let \(rest(stop) ?? "\(text(stop)) = …")")
      }
      if let row = ForeignSyntax.rows[first] { return Finding(row.message, start, row.help) }
      if let call = bareCall(first) { return call }
    }
    if kind(start) == .name, let row = ForeignSyntax.rows[first],
      ["class", "with", "except", "finally"].contains(first),
      kind(stop) == .colon
    {
      return Finding(row.message, start, row.help)
    }
    if text(start + 1) == "mut", kind(start) == .let, stop == start + 2 {
      return Finding(
        "`let mut` is Rust; what changes is bound with `var`", start + 1, "var \(rest(stop) ?? "x = …")")
    }
    return nil
  }

  /// `def f(x): return x^2`, `func f(x) { … }`, `function f(x)`.
  private func definitionWord() -> Finding? {
    guard let language = ForeignSyntax.functionWords[text(start)], kind(start) == .name,
      kind(start + 1) == .name || text(start) == "function", stop <= start + 2
    else { return nil }
    let message = "`\(text(start))` is \(language); \(ForeignSyntax.definition)"
    guard kind(start + 2) == .leftParenthesis, tokens[start + 2].partner > 0 else {
      return Finding(message, start, "fn f(x) = …")
    }
    let closing = Int(tokens[start + 2].partner)
    let head = "fn \(text((start + 1)..<(closing + 1)))"
    guard head.count < 60 else { return Finding(message, start, "fn f(x) = …") }
    if kind(closing + 1) == .leftBrace { return Finding(message, start, "\(head) { … }") }
    guard kind(closing + 1) == .colon, closing + 2 < tokens.count, isOnLine(closing + 2) else {
      return Finding(message, start, kind(closing + 1) == .colon ? "\(head) { … }" : "\(head) = …")
    }
    let body = kind(closing + 2) == .return ? closing + 3 : closing + 2
    return Finding(message, start, "\(head) = \(rest(body) ?? "…")")
  }

  /// `lambda x: x^2`, wherever it stands.
  private func lambda() -> Finding? {
    guard
      let word = (max(start, stop - 1)...max(start, stop)).first(where: {
        text($0) == "lambda" && kind($0) == .name
      })
    else { return nil }
    let message = "`lambda` is Python; a function is `x => …`"
    guard let colon = first(.colon, from: word), colon - word < 40 else {
      return Finding(message, word, "x => …")
    }
    let names = text((word + 1)..<colon)
    let parameters = colon - word == 2 ? names : "(\(names))"
    return Finding(message, word, "\(parameters) => \(lambdaBody(colon + 1))")
  }

  /// The body up to the end of the line, or the bracket or comma that ends it.
  private func lambdaBody(_ first: Int) -> String {
    var index = first
    while index < lineEnd(first) {
      if kind(index).isCloser || kind(index) == .comma || kind(index) == .end { break }
      let partner = Int(tokens[index].partner)
      index = partner > index ? partner + 1 : index + 1
    }
    let body = index > first && index <= tokens.count ? text(first..<index) : ""
    return body.isEmpty || body.utf8.count > 60 ? "…" : body
  }

  private func elseIf() -> Finding? {
    for index in [stop, start]
    where ["elif", "elseif", "elsif"].contains(text(index)) && kind(index) == .name {
      let language = text(index) == "elif" ? "Python" : "MATLAB"
      return Finding("`\(text(index))` is \(language); maas writes `else if`", index, "} else if condition {")
    }
    return nil
  }

  /// `print "x"`, `assert x > 0`, `f"…{x}"`, `new Dense(1, 2)`.
  private func bareCall(_ name: String) -> Finding? {
    let argument = rest(stop) ?? "…"
    switch kind(stop) {
    case .string, .stringOpen, .rawString:
      if tokens[stop].start == tokens[start].end {
        return Finding("a string needs no letter before it; values stand in `\\(…)`", start, "\"x = \\(x)\"")
      }
    case .name, .number, .true, .false, .none, .not: break
    default: return nil
    }
    guard ["print", "assert", "println", "echo", "puts", "printf", "new", "disp"].contains(name) else {
      return nil
    }
    if name == "new" { return Finding("`new` is Java; a value is made by calling its name", start, argument) }
    let maas = name == "assert" ? "assert" : "print"
    return Finding("a call has its arguments in parentheses", start, "\(maas)(\(argument))")
  }

  // MARK: Forms without a sign of their own

  func shape() -> Finding? {
    stringPrefix() ?? loopShape() ?? bracketShape() ?? conditionShape() ?? tupleShape()
  }

  private func stringPrefix() -> Finding? {
    switch kind(stop) {
    case .string, .stringOpen, .rawString: break
    default: return nil
    }
    guard kind(stop - 1) == .name, tokens[stop - 1].end == tokens[stop].start,
      ["f", "r", "b", "F", "R"].contains(text(stop - 1))
    else { return nil }
    return Finding("a string needs no letter before it; values stand in `\\(…)`", stop - 1, "\"x = \\(x)\"")
  }

  private func loopShape() -> Finding? {
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
      return Finding("`a if c else b` is Python; maas writes `if` first", stop, "if c { a } else { b }")
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
