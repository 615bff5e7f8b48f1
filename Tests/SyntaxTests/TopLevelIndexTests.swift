import Testing

@testable import Syntax

@Suite struct TopLevelIndexTests {
  private func texts(_ text: String) -> [String] {
    let source = Source(name: "test", text: text)
    return TopLevelIndex.definitions(in: source).map { "\($0.name)|\(source[$0.span])" }
  }

  @Test func definitions() {
    let text = """
      # %% Losses

      ## The mean of squares.
      ##
      fn mse(a, b) = mean((a - b)^2)

      # plain comment
      let limit = 3
      var count = 0
      ## A model.
      model Net(n) {
        let d = Dense(n, 1)
      fn call(x) = d(x)
      }

      ## Text with ## inside and `fn x`.
      optimizer SGD(lr = 0.01) { x - lr * g }
      model = 3
      fnord(1)
      let s = \"\"\"
      fn not_this() = 1
      \"\"\"
      let (a, _, b) = triple
      let {loss, 学} = run  # fn no() = 1
      let q = "\\" ## # fn"
      """
    let found = texts(text)
    #expect(
      found.map { $0.split(separator: "|")[0] } == [
        "mse", "limit", "count", "Net", "call", "SGD", "s", "a", "b", "loss", "学", "q",
      ])
    #expect(
      found[0] == "mse|## The mean of squares.\n##\nfn mse(a, b) = mean((a - b)^2)\n\n# plain comment\n")
    #expect(found[2] == "count|var count = 0\n")
    #expect(found[5].hasSuffix("optimizer SGD(lr = 0.01) { x - lr * g }\nmodel = 3\nfnord(1)\n"))
    #expect(found[5].hasPrefix("SGD|## Text with"))
    #expect(found[6].contains("not_this"))
    #expect(found[7] == "a|let (a, _, b) = triple\n" && found[8] == "b|let (a, _, b) = triple\n")
    #expect(found[11] == "q|let q = \"\\\" ## # fn\"")
  }

  /// What the index finds is what the parser defines.
  @Test func agreesWithTheParser() throws {
    for program in SamplePrograms.all {
      let source = Source(name: "test", text: program)
      var names: [String] = []
      for statement in try Parser.parse(source).statements
      where source.position(at: Int(statement.span.start)).column == 1 {
        switch statement.form {
        case .bind(let pattern, _, _, _): names += pattern.names.map(\.text)
        case .function(let function): names += [function.name?.text ?? ""]
        case .model(let model): names += [model.name.text]
        case .optimizer(let optimizer): names += [optimizer.name.text]
        default: break
        }
      }
      #expect(TopLevelIndex.definitions(in: source).map(\.name) == names)
    }
  }

  @Test(arguments: [
    "", "fn", "fn ", "let", "let (", "let {a", "model", "model M", "model M(", "var \"\"\"", "## only",
    "\"\"\"", "\"\\",
  ])
  func fragments(_ text: String) {
    let source = Source(name: "test", text: text)
    for (_, span) in TopLevelIndex.definitions(in: source) { #expect(Int(span.end) <= source.bytes.count) }
  }
}
