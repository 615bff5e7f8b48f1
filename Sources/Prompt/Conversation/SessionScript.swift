import Syntax

/// A session as a script, a cell an input: run from its beginning, it gives the values that the session has given.
///
/// Inputs that failed or were undone are left out. An output that a later input speaks of, as `ans` or `_3`, gets a
/// name, `out3`, by which the script speaks of it; where inputs that are left out have drawn random numbers, the cell
/// after them begins with where the stream then stood.
struct SessionScript {
  private let inputs: [Conversation.LoggedInput]

  init(_ log: [Conversation.LoggedInput]) { inputs = log.filter { $0.hasSucceeded && !$0.isUndone } }

  var count: Int { inputs.count }

  var text: String {
    let usages = inputs.indices.map { AnswerUse.all(in: inputs[$0].text, outputs: outputs(before: $0)) }
    let used = Set(usages.joined().map(\.output))
    var (cells, stream) = ([String](), RandomPlace.start)
    for (input, uses) in zip(inputs, usages) {
      var text = AnswerUse.renamed(
        input.text, uses, binding: used.contains(input.number) ? input.number : nil)
      if input.drawsFrom != stream { text = "random_state(\(input.drawsFrom.text))\n\(text)" }
      stream = input.drawsTo
      cells.append("# %% In [\(input.number)]\n\(text)\n")
    }
    return cells.joined(separator: "\n")
  }

  /// The numbers of the outputs that an input could speak of, in their order.
  private func outputs(before index: Int) -> [Int] { inputs[..<index].filter(\.hasOutput).map(\.number) }
}

/// Where the session's random stream stands.
struct RandomPlace: Equatable {
  let seed: Int
  let draws: Int
  static let start = RandomPlace(seed: 0, draws: 0)
  var text: String { "(\(seed), \(draws))" }
}

/// A place in an input's text that speaks of an earlier output.
private struct AnswerUse {
  let span: Span
  let output: Int

  /// `outputs` are those before the input, in their order.
  static func all(in text: String, outputs: [Int]) -> [AnswerUse] {
    guard let program = try? Parser.parse(Source(name: "input", text: text)) else { return [] }
    var search = NameSearch()
    for statement in program.statements { search.visit(statement) }
    return search.found.compactMap { name, span in
      if name == "ans" { return outputs.last.map { AnswerUse(span: span, output: $0) } }
      guard name.first == "_", let number = Int(name.dropFirst()), outputs.contains(number) else {
        return nil
      }
      return AnswerUse(span: span, output: number)
    }
  }

  /// The text with its uses called by the outputs' names, and its own value bound to one.
  static func renamed(_ text: String, _ uses: [AnswerUse], binding number: Int?) -> String {
    var edits = uses.map { ($0.span, "out\($0.output)") }
    if let number, let start = valueStart(text) { edits.append((Span(start, start), "let out\(number) = ")) }
    var bytes = Array(text.utf8)
    // From the end; what goes in before a place goes in after what stands there was renamed.
    for (span, word) in edits.sorted(by: { ($0.0.start, $0.0.end) > ($1.0.start, $1.0.end) }) {
      bytes.replaceSubrange(Int(span.start)..<Int(span.end), with: word.utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Where the expression begins whose value is the input's.
  private static func valueStart(_ text: String) -> Int? {
    guard let last = (try? Parser.parse(Source(name: "input", text: text)))?.statements.last,
      case .expression = last.form
    else { return nil }
    return Int(last.span.start)
  }

  private struct NameSearch: TreeVisitor {
    var found: [(String, Span)] = []
    mutating func visit(_ expression: Expression) {
      if case .name(let name) = expression.form { found.append((name, expression.span)) }
      visitParts(of: expression)
    }
  }
}
