import Foundation
import Testing

/// What every test of the prompt at a pseudo-terminal begins with.
class PromptCase {
  let home = FileManager.default.temporaryDirectory.appending(path: "maas-home-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: home) }

  func start(
    _ environment: [String: String] = [:], columns: UInt16 = 80, rows: UInt16 = 24,
    identity: String? = "\u{1b}[?62;22c"
  ) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      ProgramUnderTest.path ?? "", home: home, environment: environment, columns: columns, rows: rows,
      identity: identity)
    try terminal.see("In [1]:")
    return terminal
  }

  /// Types inputs, each when the prompt before it is there, and waits for the prompt after the last.
  func run(_ inputs: [String], at terminal: PseudoTerminal, from number: Int = 1) throws {
    for (index, input) in inputs.enumerated() {
      try terminal.wait(for: "In [\(number + index)]:") { $0.currentLine == "In [\(number + index)]:" }
      terminal.type(input + "\r")
    }
    let next = number + inputs.count
    try terminal.wait(for: "In [\(next)]:") { $0.currentLine == "In [\(next)]:" }
  }

  /// Leaves at an empty prompt.
  func leave(_ terminal: PseudoTerminal) throws {
    try terminal.wait(for: "an empty prompt") {
      $0.currentLine.hasPrefix("In [") && $0.currentLine.hasSuffix("]:")
    }
    terminal.type("\u{4}")
    #expect(try terminal.wait() == 0)
    #expect(terminal.screen.unknown.isEmpty)
  }
}

/// The prompt at a real pseudo-terminal: inputs and what they give.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"), .serialized)
final class PromptTests: PromptCase {
  @Test func showsTheValueOfAnInput() throws {
    let terminal = try start()
    try run(["1 + 1", "let a = 20", "a + 1;", "a + 1"], at: terminal)
    #expect(
      terminal.screen.text == """
        In [1]: 1 + 1
        Out[1]: 2

        In [2]: let a = 20
        In [3]: a + 1;
        In [4]: a + 1
        Out[4]: 21

        In [5]:
        """)
    try leave(terminal)
  }

  @Test func keepsOutputs() throws {
    let terminal = try start()
    try run(["20", "ans + 1", "_1 + _2", "|> sqrt", "let ans = 7", "5", "ans"], at: terminal)
    try terminal.see("Out[2]: 21")
    try terminal.see("Out[3]: 41")
    try terminal.see("Out[4]: 6.4031242374328485")
    // What the user has bound himself stays his.
    try terminal.see("Out[7]: 7")
    try leave(terminal)
  }

  @Test func dropsOutputsBeyondTheBudget() throws {
    let terminal = try start()
    terminal.type(":set outputs 1MB\r")
    terminal.settle()
    try run(
      ["zeros(600, 300);", "zeros(600, 300)", "zeros(600, 300)", "ones(1000, 1000)", "_2", "ans.shape"],
      at: terminal)
    try terminal.see("is too much to keep as _4")
    try terminal.see("the output _2 was dropped: it held 720.0 kB")
    try terminal.see("type In [2] again: zeros(600, 300)")
    try terminal.see("Out[6]: [1000, 1000]")
    try leave(terminal)
  }

  @Test func anErrorLeavesTheSessionStanding() throws {
    let terminal = try start()
    try run(["let a = 20", "a + nothing_of_the_kind", "a + 1"], at: terminal)
    try terminal.see("error[E0201]: nothing is called `nothing_of_the_kind`")
    try terminal.see("--> In [2]:1:5")
    try terminal.see("Out[3]: 21")
    try leave(terminal)
  }

  @Test(arguments: [("descnd(x => x, from: 1.0)", "descend(x => x, from: 1.0)"), ("学习律 + 1", "学习率 + 1")])
  func aMistypedNameIsMendedWithOneKey(wrong: String, right: String) throws {
    let terminal = try start()
    try run(["let 学习率 = 1", wrong], at: terminal)
    try terminal.see("(Tab to mend)")
    terminal.type("\t")
    try terminal.seeLine("In [3]: \(right)")
    terminal.type("\u{3}")
    try terminal.see("^C")
    try leave(terminal)
  }

  @Test func aMistypedNameInACommandIsMended() throws {
    let terminal = try start()
    terminal.type(":time sqt(4.0)\r")
    try terminal.see("(Tab to mend)")
    terminal.type("\t")
    try terminal.seeLine("In [1]: :time sqrt(4.0)")
    terminal.type("\u{3}")
    try terminal.see("^C")
    try leave(terminal)
  }

  @Test func aMistypedFieldIsMendedWithOneKey() throws {
    let terminal = try start()
    try run(["let r = {lr: 0.1, steps: 3}", "r.stesp + 1"], at: terminal)
    terminal.type("\t")
    try terminal.seeLine("In [3]: r.steps + 1")
    terminal.type("\r")
    try terminal.see("Out[3]: 4")
    try leave(terminal)
  }

  @Test func controlCStopsWhatRunsAndKeepsTheSession() throws {
    let terminal = try start()
    try run(["var a = 20"], at: terminal)
    for (number, loop) in ["while true { a += 0 }", "map(0..1000000000, x => x)"].enumerated() {
      terminal.type(loop + "\r")
      usleep(300_000)
      terminal.type("\u{3}")
      try terminal.wait(for: "the interruption") {
        $0.text.components(separatedBy: "E0509").count == number + 2
          && $0.currentLine == "In [\(number + 3)]:"
      }
    }
    // Pressed again and again, while it stops and after, it never ends the session.
    terminal.type("while true { }\r")
    usleep(200_000)
    terminal.type("\u{3}\u{3}\u{3}")
    terminal.settle(0.5)
    terminal.type("a + 1\r")
    try terminal.see("Out[5]: 21")
    try leave(terminal)
  }

  @Test func controlCStopsALargeProduct() throws {
    let terminal = try start()
    try run(["let x = rand(4096, 4096)"], at: terminal)
    terminal.type("for _ in 0..100 { x @ x }\r")
    usleep(300_000)
    terminal.type("\u{3}")
    try terminal.see("E0509")
    try terminal.seeLine("In [3]:")
    terminal.type("x.shape\r")
    try terminal.see("Out[3]: [4096, 4096]")
    try leave(terminal)
  }

  @Test func anInputGoesOnWhileItIsIncomplete() throws {
    let terminal = try start()
    terminal.type("fn double(x) {\r2 * x\r}\r")
    try terminal.seeLine("In [2]:")
    #expect(
      terminal.screen.text.hasPrefix(
        """
        In [1]: fn double(x) {
           ...:   2 * x
           ...: }
        In [2]:
        """))
    terminal.type("double(\r21\r)\r")
    try terminal.see("Out[2]: 42")
    // Ctrl-C drops an unfinished input with all its lines.
    terminal.type("double(\r1")
    try terminal.seeLine("   ...:   1")
    terminal.type("\u{3}")
    try terminal.seeLine("In [3]:")
    try run(["2 + 3"], at: terminal, from: 3)
    try terminal.see("Out[3]: 5")
    try leave(terminal)
  }

  @Test func anInputTallerThanTheWindowArrivesWhole() throws {
    let terminal = try start()
    terminal.type("(\r" + (0..<60).map { "\($0) +\r" }.joined() + "60)\r")
    try terminal.see("Out[1]: 1830")
    // All of it has been left on the screen, or above it.
    for number in 0..<60 { #expect(terminal.screen.wholeText.contains("  \(number) +")) }
    try leave(terminal)
  }

  @Test(arguments: ["C", "C.UTF-8", "nonsense"])
  func unicodeIsTypedAndShown(locale: String) throws {
    let terminal = try start(["LC_ALL": locale])
    try run(["let θ = \"学习率 é 😀\"", "θ"], at: terminal)
    try terminal.see("Out[2]: \"学习率 é 😀\"")
    try leave(terminal)
  }

  @Test func coloursAreForThoseWhoWantThem() throws {
    let plain = try start(["NO_COLOR": "1"])
    try run(["let a = sqrt(4.0)", "a"], at: plain)
    try plain.see("Out[2]: 2.0")
    #expect(plain.raw.firstMatch(of: #/\u{1b}\[([0-9;]*;)?[349][0-9](;[0-9;]*)?m/#) == nil)
    try leave(plain)
    let coloured = try start()
    coloured.type("let a = sqrt(\"x\") # π")
    try coloured.see("# π")
    #expect(coloured.screen.inks(of: "In [1]:").allSatisfy { $0 == [32] })
    #expect(coloured.screen.inks(of: "let").allSatisfy { $0 == [35] })
    #expect(coloured.screen.inks(of: "sqrt").allSatisfy { $0 == [34] })
    #expect(coloured.screen.inks(of: "\"x\"").allSatisfy { $0 == [33] })
    #expect(coloured.screen.inks(of: "# π").allSatisfy { $0 == [90] })
    coloured.type("\u{3}")
    try leave(coloured)
  }

  @Test func aDumbTerminalGetsNoEscapes() throws {
    let terminal = try start(["TERM": "dumb"])
    terminal.type("1 + 1\r")
    try terminal.expect("Out[1]: 2\n")
    terminal.type("let 数 = [1,\r2]\r")
    try terminal.expect("In [3]: ")
    terminal.type("数\r")
    try terminal.expect("[1, 2]")
    terminal.type("1 +\u{3}")
    try terminal.expect("^C")
    try terminal.expect("In [4]: ")
    terminal.type("nothing_here\r")
    try terminal.expect("E0201")
    try terminal.expect("In [5]: ")
    terminal.type("\u{4}")
    #expect(try terminal.wait() == 0)
    #expect(!terminal.raw.contains("\u{1b}"))
  }

  @Test func controlDOnAnUnfinishedLineStays() throws {
    let terminal = try start()
    terminal.type("1 + 1\u{4}\r")
    try terminal.see("Out[1]: 2")
    try leave(terminal)
  }

  @Test func quitLeaves() throws {
    let terminal = try start()
    terminal.type(":quit\r")
    #expect(try terminal.wait() == 0)
  }
}
