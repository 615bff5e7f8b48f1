import Foundation
import Testing

/// The prompt's commands at a real pseudo-terminal.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"), .serialized)
final class CommandsAtTerminalTests: PromptCase {
  private func command(_ text: String, at terminal: PseudoTerminal, sees wanted: String) throws {
    try terminal.wait(for: "a prompt") { $0.currentLine.hasPrefix("In [") && $0.currentLine.hasSuffix("]:") }
    let before = prompts(terminal.screen)
    terminal.type(text + "\r")
    try terminal.wait(for: "the prompt after \(text)") {
      prompts($0) > before && $0.currentLine.hasPrefix("In [") && $0.currentLine.hasSuffix("]:")
    }
    try terminal.see(wanted, within: 1)
  }

  private func prompts(_ screen: TerminalScreen) -> Int {
    screen.wholeText.split(separator: "\n").filter { $0.hasPrefix("In [") }.count
  }

  @Test func helpExplains() throws {
    let terminal = try start(columns: 100, rows: 40)
    try command("?Momentum", at: terminal, sees: "optimizer · stdlib/optimizers/")
    try terminal.see("    v = beta * v - lr * g")
    try terminal.see("0.45999999999999996")
    try command("??Momentum", at: terminal, sees: "optimizer Momentum(lr = 0.01, beta = 0.9) {")
    try command("?E0301", at: terminal, sees: "E0301 · ")
    try command("?sqrt", at: terminal, sees: "sqrt(x)")
    try command("?torch.Adam", at: terminal, sees: "stdlib/dialects/torch.maas")
    try command("?velocity", at: terminal, sees: "know `velocity`")
    try command("?no_such_thing_at_all", at: terminal, sees: "nothing is known of `no_such_thing_at_all`")
    try command("??sqrt", at: terminal, sees: "is built into maas")
    try command(":help", at: terminal, sees: ":quit")
    try command("?", at: terminal, sees: ":help the prompt's commands and keys")
    try leave(terminal)
  }

  @Test func helpShowsWhatTheUserHasWritten() throws {
    let terminal = try start()
    try run(["## 学习率的一半。\rfn 一半(x) = x / 2"], at: terminal)
    try command("?一半", at: terminal, sees: "学习率的一半。")
    try command("??一半", at: terminal, sees: "fn 一半(x) = x / 2")
    try leave(terminal)
  }

  @Test func valuesAreTimedAndTyped() throws {
    let terminal = try start()
    try command(":time sum(range(0, 100, 1))", at: terminal, sees: "the median of")
    try command(":time print(\"学\")", at: terminal, sees: "the median of")
    #expect(terminal.screen.text.components(separatedBy: "\n学").count == 2, "its output is seen once")
    try command(":time nothing_here", at: terminal, sees: "--> :time:1:1")
    try command(":type [[1, 2], [3, 4]]", at: terminal, sees: "tensor i64[2×2]")
    try command(":type {率: 0.1, x: [1]}", at: terminal, sees: "record {率: number, x: i64[1]}")
    try command(":type descend", at: terminal, sees: "function descend(f, from, with = SGD(), steps = 100)")
    try leave(terminal)
  }

  @Test func namesAreListedAndTakenBack() throws {
    let terminal = try start()
    try command(":vars", at: terminal, sees: "nothing is bound yet")
    try run(["let 数 = rand(300, 200)", "var b = 1", "b = 2", "let c = rand(1)"], at: terminal)
    try command(":vars", at: terminal, sees: "f32[300×200]")
    try terminal.see("240.0 kB")
    try command(":undo", at: terminal, sees: "In [4] is undone; as before: c")
    try command(":undo", at: terminal, sees: "In [3] is undone; as before: b")
    try run(["b", "c"], at: terminal, from: 5)
    try terminal.see("Out[5]: 1")
    try terminal.see("nothing is called `c`")
    try command(":reset", at: terminal, sees: "every name is unbound")
    try run(["数"], at: terminal, from: 7)
    try terminal.see("nothing is called `数`")
    try leave(terminal)
  }

  @Test func undoBringsBackTheRandomNumbers() throws {
    let terminal = try start()
    try run(["let a = rand()", "let b = rand()"], at: terminal)
    try command(":undo", at: terminal, sees: "as before: b")
    try run(["let c = rand()", "a == c"], at: terminal, from: 3)
    try terminal.see("Out[4]: false")
    try command(":undo", at: terminal, sees: "In [4]")
    try command(":undo", at: terminal, sees: "In [3]")
    try command(":undo", at: terminal, sees: "In [1]")
    try run(["let d = rand()", "d"], at: terminal, from: 5)
    let first = try #require(terminal.screen.text.split(separator: "\n").last { $0.hasPrefix("Out[6]") })
    try command(":reset", at: terminal, sees: "every name is unbound")
    try run(["rand()"], at: terminal, from: 7)
    try terminal.see("Out[7]" + first.dropFirst(6))
    try leave(terminal)
  }

  /// What `ans` and `_3` were, what was undone, and what failed inputs drew: none of it may change the values.
  @Test func aSavedSessionGivesTheSameValues() throws {
    let file = home.appending(path: "again.maas").path
    let terminal = try start(columns: 140)
    try run(
      [
        "20 + 1", "ans * 2", "let b = 5", "\"\\(ans) und \\(_1)\"", "ans", "rand() + nothing",
        "let r = rand()",
        "|> len", "_2 + ans + b", "let b = 6",
      ], at: terminal)
    try command(":undo", at: terminal, sees: "In [10] is undone")
    try run(["print(_9, b, r)"], at: terminal, from: 11)
    let printed = try #require(terminal.screen.text.split(separator: "\n").last { $0.hasPrefix("56 5 0.") })
    try command(":save \(file)", at: terminal, sees: "9 inputs are in")
    let script = try String(contentsOfFile: file, encoding: .utf8)
    #expect(script.contains("let out2 = out1 * 2\n"))
    #expect(script.contains("let out4 = \"\\(out2) und \\(out1)\"\n"))
    #expect(!script.contains("ans") && !script.contains("let b = 6"))
    try command(":reset", at: terminal, sees: "every name is unbound")
    try run([], at: terminal, from: 12)
    terminal.type(":load \(file)\r")
    try terminal.wait(for: "the same line again") {
      $0.text.split(separator: "\n").filter { $0 == printed }.count == 2
    }
    try leave(terminal)
  }

  @Test func aSessionIsSavedAndLoaded() throws {
    let file = home.appending(path: "会话.maas").path
    let terminal = try start(columns: 140)
    try run(["let a = 20", "nothing_here", "fn f(x) {\rx + a\r}"], at: terminal)
    try command(":save \(file)", at: terminal, sees: "2 inputs are in")
    #expect(
      try String(contentsOfFile: file, encoding: .utf8) == """
        # %% In [1]
        let a = 20

        # %% In [3]
        fn f(x) {
          x + a
        }

        """)
    try command(":reset", at: terminal, sees: "every name is unbound")
    try run([], at: terminal, from: 4)
    terminal.type(":load \(file)\r")
    try run(["f(1)"], at: terminal, from: 5)
    try terminal.see("Out[5]: 21")
    try command(":load /no/such/file", at: terminal, sees: "there is no file `/no/such/file`")
    try command(":history", at: terminal, sees: "In [2]: nothing_here   # failed")
    try command(":history nothing", at: terminal, sees: "nothing_here")
    try leave(terminal)
  }

  @Test func settingsAndTheShell() throws {
    let terminal = try start()
    try command("!echo 你好; exit 3", at: terminal, sees: "你好\n(status 3)")
    try command("!cd \(home.path)", at: terminal, sees: "In [1]:")
    try command("!pwd", at: terminal, sees: home.lastPathComponent)
    try command(":set", at: terminal, sees: "suggestions  on")
    try command(":set suggestions off", at: terminal, sees: "In [1]:")
    try run(["let total = 1"], at: terminal)
    terminal.type("let")
    terminal.settle()
    #expect(terminal.screen.currentLine == "In [2]: let")
    terminal.type("\u{3}")
    try command(":set suggestion on", at: terminal, sees: "did you mean `suggestions`?")
    try command(":set outputs many", at: terminal, sees: "`many` is no value for `outputs`")
    try command(":tim 1", at: terminal, sees: "did you mean `:time`?")
    try command(":undo 3", at: terminal, sees: "`:undo` takes nothing after it")
    try command(":time", at: terminal, sees: "`:time` needs something after it")
    try command(":set time on", at: terminal, sees: "In [2]:")
    try run(["1 + 1"], at: terminal, from: 2)
    try terminal.see("took ")
    try leave(terminal)
  }

  @Test func stepsAreWalkedThrough() throws {
    let terminal = try start(columns: 100, rows: 40)
    terminal.type(":step descend(rosenbrock, from: [-1.2, 1.0], with: Momentum(lr: 1e-3), steps: 4)\r")
    try terminal.see("start · Momentum(lr: 0.001, beta: 0.9), 4 steps")
    terminal.type(" ")
    try terminal.see("step 1 · Momentum")
    try terminal.see("v = beta * v - lr * g")
    terminal.type("\u{1b}[C")
    try terminal.see("step 2 · Momentum")
    try terminal.see("⣀")
    terminal.type("\u{1b}[D")
    try terminal.see("step 1 · Momentum")
    // A prediction is asked for before the step is shown.
    terminal.type("p ")
    try terminal.see("your prediction of x after step 2:")
    terminal.type("[0.0, 1.0]\r")
    try terminal.see("you said [0.0, 1.0], it is [-0.833232, 1.14341]")
    terminal.type("p")
    // Another learning rate from here on, and a mistake on the way.
    terminal.type("e")
    try terminal.see("Momentum(lr: 0.001, beta: 0.9) →")
    terminal.type("learning: 1\r")
    try terminal.see("Momentum has no setting `learning`")
    terminal.type("elr: 0.0005\r")
    try terminal.see("from step 3 on: Momentum(lr: 0.0005, beta: 0.9)")
    terminal.type(" ")
    try terminal.see("0.9 * [0.15116847, 0.055408686] - 0.0005 *")
    terminal.type("\u{1b}[F")
    try terminal.see("step 4 · Momentum")
    terminal.type(" ")
    try terminal.see("this is the last step")
    terminal.type("q")
    // The run as it was left is a value.
    try terminal.see("Out[1]: Momentum(lr: 0.001, beta: 0.9), from step 3 on Momentum(lr: 0.0005, beta: 0.9)")
    try run(["len(ans.path)"], at: terminal, from: 2)
    try terminal.see("Out[2]: 5")
    try command(":step 1 + 1", at: terminal, sees: "`:step` walks through a run of `descend`")
    try leave(terminal)
  }

  @Test func stepsOfFunctionsOfOneAndOfManyNumbers() throws {
    let terminal = try start(columns: 100, rows: 30)
    terminal.type(":step descend(斜率 => 斜率^2, from: 1.0, steps: 3)\r")
    try terminal.see("start · SGD")
    terminal.type("\u{1b}[C\u{1b}[C")
    try terminal.see("step 2 · SGD")
    terminal.resize(rows: 24, columns: 70)
    terminal.settle()
    #expect(terminal.screen.text.components(separatedBy: "step 2 · SGD").count == 2)
    terminal.type("q")
    try run(["1"], at: terminal)
    terminal.type(":step descend(x => sum(x^2), from: ones(5), steps: 3)\r")
    try terminal.see("start · SGD")
    terminal.type("\u{1b}[C\u{3}")
    try leave(terminal)
  }

  @Test func progressIsOneLineAndGoneWhenDone() throws {
    let terminal = try start(columns: 110)
    try run(["let net = Sequential(Dense(2, 16, relu), Dense(16, 3))"], at: terminal)
    terminal.type("let run = fit(net, blobs(6000, classes: 3), epochs: 4, batch: 8);\r")
    try terminal.wait(for: "the progress") { $0.text.contains("━") && $0.text.contains("loss") }
    #expect(terminal.screen.text.split(separator: "\n").filter { $0.contains("━") }.count == 1)
    try terminal.wait(for: "its end", within: 60) { $0.currentLine == "In [3]:" }
    #expect(!terminal.screen.text.contains("━"))
    try leave(terminal)
  }
}
