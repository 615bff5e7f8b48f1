import Foundation
import Testing

/// The prompt at a real pseudo-terminal.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"), .serialized)
final class PromptTests {
  let home = FileManager.default.temporaryDirectory.appending(path: "maas-home-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: home) }

  func start(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(ProgramUnderTest.path ?? "", home: home, environment: environment)
    try terminal.expect("In [1]: ")
    return terminal
  }

  /// Leaves at the prompt that follows what was expected last.
  func leave(_ terminal: PseudoTerminal) throws {
    try terminal.expect("In [")
    try terminal.expect("]: ")
    terminal.type("\u{4}")
    #expect(try terminal.wait() == 0)
  }

  @Test func showsTheValueOfAnInput() throws {
    let terminal = try start()
    terminal.type("1 + 1\r")
    try terminal.expect("Out[1]: 2\n")
    try terminal.expect("In [2]: ")
    terminal.type("let a = 20\r")
    try terminal.expect("In [3]: ")
    terminal.type("a + 1;\r")
    try terminal.expect("In [4]: ")
    #expect(!terminal.text.contains("Out[2]") && !terminal.text.contains("Out[3]"))
    terminal.type("a + 1\r")
    try terminal.expect("Out[4]: 21\n")
    try leave(terminal)
  }

  @Test func anErrorLeavesTheSessionStanding() throws {
    let terminal = try start()
    terminal.type("let a = 20\r")
    try terminal.expect("In [2]: ")
    terminal.type("a + nothing_of_the_kind\r")
    try terminal.expect("error[E0201]")
    try terminal.expect("In [2]:1:5")
    try terminal.expect("In [3]: ")
    terminal.type("a + 1\r")
    try terminal.expect("Out[3]: 21\n")
    try leave(terminal)
  }

  @Test func controlCClearsTheLine() throws {
    let terminal = try start()
    terminal.type("this is (no maas")
    try terminal.expect("no maas")
    terminal.type("\u{3}")
    try terminal.expect("^C\n")
    try terminal.expect("In [1]: ")
    terminal.type("1 + 1\r")
    try terminal.expect("Out[1]: 2\n")
    try leave(terminal)
  }

  @Test func controlCStopsWhatRunsAndKeepsTheSession() throws {
    let terminal = try start()
    terminal.type("let a = 20\r")
    try terminal.expect("In [2]: ")
    terminal.type("while true { }\r")
    usleep(300_000)
    terminal.type("\u{3}")
    try terminal.expect("E0509")
    try terminal.expect("In [3]: ")
    terminal.type("a + 1\r")
    try terminal.expect("Out[3]: 21\n")
    try leave(terminal)
  }

  @Test func anInterruptBetweenInputsHurtsNothing() throws {
    let terminal = try start()
    terminal.type("\u{3}")
    try terminal.expect("^C\n")
    try terminal.expect("In [1]: ")
    terminal.type("1 + 1\r")
    try terminal.expect("Out[1]: 2\n")
    try leave(terminal)
  }

  @Test func anInputGoesOnWhileItIsIncomplete() throws {
    let terminal = try start()
    terminal.type("fn double(x) {\r2 * x\r}\r")
    try terminal.expect("In [2]: ")
    terminal.type("double(\r21\r)\r")
    try terminal.expect("Out[2]: 42\n")
    // Ctrl-C drops an unfinished input with all its lines.
    terminal.type("double(\r1")
    try terminal.expect("1")
    terminal.type("\u{3}")
    try terminal.expect("In [3]: ")
    terminal.type("2 + 3\r")
    try terminal.expect("Out[3]: 5\n")
    try leave(terminal)
  }

  @Test func anInputTallerThanTheWindowArrivesWhole() throws {
    let terminal = try start()
    terminal.type("(\r" + (0..<60).map { "\($0) +\r" }.joined() + "60)\r")
    try terminal.expect("Out[1]: 1830\n")
    try leave(terminal)
  }

  @Test func aPasteArrivesAsOneInput() throws {
    let terminal = try start()
    terminal.type("\u{1b}[200~let a = if 1 > 2 {\r  3\r}\relse { 4 }\r\u{1b}[201~")
    try terminal.expect("else { 4 }")
    terminal.type("\r")
    try terminal.expect("In [2]: ")
    terminal.type("a\r")
    try terminal.expect("Out[2]: 4\n")
    try leave(terminal)
  }

  @Test func upBringsBackEarlierInputsAndSessions() throws {
    let first = try start()
    first.type("1 + 1\r")
    try first.expect("Out[1]: 2\n")
    first.type("\u{1b}[A")
    try first.expect("1 + 1")
    first.type("0\r")
    try first.expect("Out[2]: 11\n")
    try leave(first)
    let second = try start()
    second.type("\u{1b}[A\u{1b}[A\u{1b}[B0\r")
    try second.expect("Out[1]: 101\n")
    try leave(second)
  }

  @Test func aLongLineSurvivesUpAndDown() throws {
    let terminal = try start()
    terminal.type("1 + 1\r")
    try terminal.expect("In [2]: ")
    let long = (0..<1500).map { _ in "1" }.joined(separator: " + ")
    terminal.type(long)
    terminal.type("\u{1b}[A\u{1b}[B\r")
    try terminal.expect("Out[2]: 1500\n")
    try leave(terminal)
  }

  @Test(arguments: ["C", "C.UTF-8", "nonsense"])
  func unicodeIsTypedAndShown(locale: String) throws {
    let terminal = try start(["LC_ALL": locale])
    terminal.type("let θ = \"学习率 é 😀\"\r")
    try terminal.expect("In [2]: ")
    terminal.type("θ\r")
    try terminal.expect("Out[2]: \"学习率 é 😀\"\n")
    try leave(terminal)
  }

  @Test func coloursAreForThoseWhoWantThem() throws {
    let plain = try start(["NO_COLOR": "1"])
    plain.type("1 + 1\r")
    try plain.expect("Out[1]: 2\n")
    #expect(!plain.raw.contains("\u{1b}[3"))
    try leave(plain)
    let dumb = try start(["TERM": "dumb"])
    dumb.type("1 + 1\r")
    try dumb.expect("Out[1]: 2\n")
    #expect(!dumb.raw.contains("\u{1b}"))
    try leave(dumb)
    let coloured = try start()
    #expect(coloured.raw.contains("\u{1b}[32mIn [1]:"))
    coloured.type("1 + 1\r")
    try coloured.expect("Out[1]: 2\n")
    try leave(coloured)
  }

  @Test func aWindowThatChangesItsSizeHurtsNothing() throws {
    let terminal = try start()
    terminal.type("1 +")
    try terminal.expect("1 +")
    terminal.resize(rows: 10, columns: 30)
    usleep(100_000)
    terminal.type(" 1\r")
    try terminal.expect("Out[1]: 2\n")
    try leave(terminal)
  }

  @Test func controlDOnAnUnfinishedLineStays() throws {
    let terminal = try start()
    terminal.type("1 + 1\u{4}\r")
    try terminal.expect("Out[1]: 2\n")
    try leave(terminal)
  }
}
