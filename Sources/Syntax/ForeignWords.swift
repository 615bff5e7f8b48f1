/// Words that begin statements in other languages.
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
    let head = "fn \(text(start + 1))(\(parameters((start + 3)..<closing)))"
    guard head.count < 60 else { return Finding(message, start, "fn f(x) = …") }
    if kind(closing + 1) != .colon, first(.leftBrace, from: closing) != nil {
      return Finding(message, start, "\(head) { … }")
    }
    guard kind(closing + 1) == .colon, closing + 2 < tokens.count, isOnLine(closing + 2) else {
      return Finding(message, start, kind(closing + 1) == .colon ? "\(head) { … }" : "\(head) = …")
    }
    let body = kind(closing + 2) == .return ? closing + 3 : closing + 2
    return Finding(message, start, "\(head) = \(rest(body) ?? "…")")
  }

  /// Parameters without their types: `x: Int, _ y: Int = 2` as `x, y = 2`.
  private func parameters(_ range: Range<Int>) -> String {
    range.split { kind($0) == .comma }.map { (part: Range<Int>) in
      let colon = part.first { kind($0) == .colon }
      let sign = part.first { kind($0) == .assign }
      let name = text((colon ?? sign ?? part.endIndex) - 1)
      return sign.map { "\(name) = \(text(($0 + 1)..<part.endIndex))" } ?? name
    }.joined(separator: ", ")
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
  func lambdaBody(_ first: Int) -> String {
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
        return prefixed(start)
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
}
