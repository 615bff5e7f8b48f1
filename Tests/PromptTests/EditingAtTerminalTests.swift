import Foundation
import Testing

/// Writing an input at a real pseudo-terminal.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"), .serialized)
final class EditingAtTerminalTests: PromptCase {
  private enum Key {
    static let up = "\u{1b}[A", down = "\u{1b}[B", right = "\u{1b}[C", left = "\u{1b}[D"
    static let home = "\u{1b}[H", end = "\u{1b}[F", nextWord = "\u{1b}[1;5C", shiftTab = "\u{1b}[Z"
    static let undo = "\u{1f}", redo = "\u{1b}_", search = "\u{12}", searchForward = "\u{13}"
    static func paste(_ text: String) -> String { "\u{1b}[200~\(text)\u{1b}[201~" }
  }

  private func clear(_ terminal: PseudoTerminal) throws {
    terminal.type("\u{3}")
    try terminal.wait(for: "an empty prompt") {
      $0.currentLine.hasPrefix("In [") && $0.currentLine.hasSuffix("]:")
    }
  }

  @Test(arguments: ["let total = 1 + 2", "let 总数 = \"学习率\""])
  func suggestsEarlierInputs(earlier: String) throws {
    let terminal = try start()
    try run([earlier], at: terminal)
    let start = String(earlier.prefix(5))
    let rest = String(earlier.dropFirst(5))
    terminal.type(start)
    try terminal.seeLine("In [2]: \(earlier)")
    #expect(terminal.screen.inks(of: rest).allSatisfy { $0 == [2] }, "the suggestion is faint")
    terminal.type(Key.nextWord)
    try terminal.wait(for: "a word") { $0.column > 13 && $0.currentLine == "In [2]: \(earlier)" }
    terminal.type(Key.right)
    terminal.settle()
    #expect(!terminal.screen.inks(of: rest).contains([2]), "it was taken")
    terminal.type("\r")
    try terminal.seeLine("In [3]:")
    terminal.type(start)
    try terminal.seeLine("In [3]: \(earlier)")
    // A suggestion that is not taken is not there.
    terminal.type("x\r")
    try terminal.seeLine("In [4]:")
    #expect(terminal.screen.text.contains("In [3]: \(start)x\n"))
    try leave(terminal)
  }

  @Test func aPasteIsOneChange() throws {
    let terminal = try start()
    terminal.type("# ")
    terminal.type(Key.paste("let a = if 1 > 2 {\r  \"\t3\"\r}\relse { \"学\" }\r"))
    try terminal.seeLine("   ...: else { \"学\" }")
    terminal.type(Key.undo)
    try terminal.seeLine("In [1]: #")
    terminal.type(Key.redo)
    try terminal.seeLine("   ...: else { \"学\" }")
    terminal.type(Key.up + Key.up + Key.up + Key.home + "\u{1b}[3~\u{1b}[3~\u{1b}>\r")
    try terminal.seeLine("In [2]:")
    try run(["a"], at: terminal, from: 2)
    try terminal.see("Out[2]: \"学\"")
    try leave(terminal)
  }

  @Test func sixtyRowsArePasted() throws {
    let terminal = try start()
    let rows = (1...60).map { "let 变量\($0) = \($0)" }
    terminal.type(Key.paste(rows.joined(separator: "\r")))
    try terminal.seeLine("   ...: let 变量60 = 60")
    #expect(terminal.screen.text.split(separator: "\n").count == 24, "the window is full, no more")
    terminal.type(Key.up + Key.up)
    try terminal.seeLine("   ...: let 变量58 = 58")
    for _ in 0..<57 { terminal.type(Key.up) }
    try terminal.seeLine("In [1]: let 变量1 = 1")
    terminal.type("\r")
    try terminal.seeLine("In [2]:")
    #expect(terminal.screen.wholeText.components(separatedBy: "变量").count == 61, "each row stands there once")
    try run(["变量1 + 变量60"], at: terminal, from: 2)
    try terminal.see("Out[2]: 61")
    try leave(terminal)
  }

  @Test func twoThousandCharactersAreEdited() throws {
    let terminal = try start()
    try run(["1 + 1"], at: terminal)
    let long = (0..<500).map { _ in "1 +" }.joined(separator: " ") + " 1"
    terminal.type(long)
    try terminal.wait(for: "the end of the line") { $0.currentLine.hasSuffix("1 + 1") && $0.row == 23 }
    terminal.type(Key.up)
    try terminal.seeLine("In [2]: 1 + 1")
    terminal.type(Key.down)
    try terminal.wait(for: "the end of the line") { $0.currentLine.hasSuffix("1 + 1") && $0.row == 23 }
    terminal.type("\u{1}2 * ")
    try terminal.wait(for: "the start of the line") { $0.currentLine.hasPrefix("In [2]: 2 * 1 + 1") }
    terminal.type("\r")
    try terminal.see("Out[2]: 502")
    try leave(terminal)
  }

  @Test func twoThousandWideCharacters() throws {
    let terminal = try start(columns: 79)
    terminal.type("len(\"" + String(repeating: "学习率", count: 667) + "\")")
    try terminal.wait(for: "the end") { $0.currentLine.hasSuffix("率\")") }
    terminal.type("\r")
    try terminal.see("Out[1]: 2001")
    try leave(terminal)
  }

  @Test func movesWithinATextOfSeveralLines() throws {
    let terminal = try start()
    try run(["1 + 1"], at: terminal)
    terminal.type("[\"学习\",\r\"ab\"]")
    try terminal.seeLine("   ...:   \"ab\"]")
    // Up stays in the text, in the same column of the screen, and then goes to what was before.
    terminal.type("\u{1}" + Key.right + Key.right + Key.right + Key.right + Key.up)
    try terminal.wait(for: "the first row") { $0.currentLine == "In [2]: [\"学习\"," && $0.column == 12 }
    terminal.type(Key.up)
    try terminal.seeLine("In [2]: 1 + 1")
    terminal.type(Key.down)
    try terminal.see("   ...:   \"ab\"]")
    terminal.type("\u{1b}>\r")
    try terminal.see("Out[2]: [\"学习\", \"ab\"]")
    try leave(terminal)
  }

  @Test func charactersStayWhole() throws {
    let terminal = try start()
    // A letter with its accent, a family, a flag: one key each.
    terminal.type("\"e\u{301}x👩‍👩‍👧🇩🇪\"" + Key.left + "\u{7f}\u{7f}" + Key.left + "\u{7f}\r")
    try terminal.see("Out[1]: \"x\"")
    try leave(terminal)
  }

  @Test(arguments: [("gradient = 1", "descent", "let descent = 12345", "let 学习率 = 6789", "学习")])
  func searchesBackward(
    _: String, _ word: String, _ first: String, _ second: String, _ chinese: String
  ) throws {
    let terminal = try start()
    try run([first, second, "1 + 1", "descent + 1"], at: terminal)
    terminal.type("abc" + Key.search + chinese)
    try terminal.see(second)
    try terminal.see("search: \(chinese)")
    #expect(
      terminal.screen.inks(of: chinese).allSatisfy { $0.contains(7) }
        || !terminal.screen.inks(of: chinese).isEmpty)
    // Back to what stood there.
    terminal.type("\u{7}")
    try terminal.seeLine("In [5]: abc")
    terminal.type(Key.search + word)
    try terminal.see("In [5]: descent + 1")
    terminal.type(Key.search)
    try terminal.see("In [5]: \(first)")
    terminal.type(Key.searchForward)
    try terminal.see("In [5]: descent + 1")
    terminal.type("zzz")
    try terminal.see("nothing earlier has descentzzz")
    terminal.type("\u{7f}\u{7f}\u{7f}")
    try terminal.see("search: descent")
    // Any other key goes on with what was found.
    terminal.type(Key.end + "\u{7f}2\r")
    try terminal.see("Out[5]: 12347")
    try leave(terminal)
  }

  @Test func completesNames() throws {
    let terminal = try start()
    try run(["let learning_rate = 0.1", "let 学习率 = 0.2", "let 学习步数 = 3"], at: terminal)
    terminal.type("learning_r\t")
    try terminal.seeLine("In [4]: learning_rate")
    try clear(terminal)
    terminal.type("学\t")
    try terminal.seeLine("In [4]: 学习")
    try terminal.see("学习步数  学习率")
    terminal.type("\t")
    try terminal.seeLine("In [4]: 学习步数")
    terminal.type("\t")
    try terminal.seeLine("In [4]: 学习率")
    terminal.type(Key.shiftTab)
    try terminal.seeLine("In [4]: 学习步数")
    // Enter takes the choice and does not yet run it.
    terminal.type("\r")
    try terminal.wait(for: "the menu to go") { !$0.text.contains("学习步数  学习率") }
    terminal.type("\r")
    try terminal.see("Out[4]: 3")
    try leave(terminal)
  }

  @Test func completesFieldsArgumentsAndFiles() throws {
    let terminal = try start()
    let folder = home.appending(path: "data folder")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appending(path: "数据.csv"))
    try run(
      ["let r = {rate: {inner: 1, other: 2}, steps: 3}", "fn noisy(x) { print(\"RAN\"); {field: x} }"],
      at: terminal)
    terminal.type("r.ra\t")
    try terminal.seeLine("In [3]: r.rate")
    terminal.type(".in\t")
    try terminal.seeLine("In [3]: r.rate.inner")
    try clear(terminal)
    terminal.type("descend(x => x, fr\t")
    try terminal.seeLine("In [3]: descend(x => x, from:")
    try terminal.see("descend(f, from, with = SGD(), steps = 100)")
    terminal.type("1.0, wi\t")
    try terminal.see("with: SGD()")
    terminal.type("\t")
    try terminal.seeLine("In [3]: descend(x => x, from: 1.0, with:")
    try clear(terminal)
    terminal.type("Adam(\t")
    try terminal.see("lr: 0.001")
    try clear(terminal)
    terminal.type("csv(\"\(home.path)/da\t")
    try terminal.see("/data folder/")
    terminal.type("\t")
    try terminal.wait(for: "the file") { $0.text.filter { !$0.isWhitespace }.contains("datafolder/数据.csv\"") }
    try clear(terminal)
    terminal.type(":lo\t")
    try terminal.seeLine("In [3]: :load")
    try clear(terminal)
    // Nobody's code runs for a completion.
    terminal.type("noisy(1).f\t\t")
    terminal.settle()
    #expect(terminal.screen.text.components(separatedBy: "RAN").count == 2, "it stands in the input alone")
    try clear(terminal)
    try leave(terminal)
  }

  @Test func controlCForgetsAtEveryStage() throws {
    let terminal = try start()
    try run(["let total = 1"], at: terminal)
    let stages = [
      "this is (no maas", "let 学", "to\t\t", "fn f(x) {\r  2 * x", Key.paste("a\rb\rc"), "\"open", "",
      "\u{1b}",
    ]
    for stage in stages {
      terminal.type(stage)
      terminal.settle()
      try clear(terminal)
      try terminal.seeLine("In [2]:")
    }
    terminal.type(Key.search + "tot\u{3}")
    terminal.settle()
    try clear(terminal)
    terminal.type("total + 1\r")
    try terminal.see("Out[2]: 2")
    try leave(terminal)
  }

  @Test(arguments: [
    "let descent = \"a line that is longer than a narrow window has columns\"",
    "let 学习率 = \"比窄窗口的列数更长的一行字，应当正确地换行显示出来\"",
  ])
  func theWindowChangesItsSizeWhileOneWrites(line: String) throws {
    let terminal = try start()
    try run(["1 + 1"], at: terminal)
    terminal.type(line)
    try terminal.seeLine("In [2]: \(line)")
    for (columns, rows) in [(30, 10), (17, 24), (100, 24), (41, 12), (80, 24)] as [(UInt16, UInt16)] {
      terminal.resize(rows: rows, columns: columns)
      terminal.settle()
      let whole = terminal.screen.text.filter { !$0.isWhitespace }
      let parts = whole.components(separatedBy: line.filter { !$0.isWhitespace })
      #expect(parts.count == 2, "\(columns) columns: \(terminal.screen.text)")
    }
    terminal.type("\r")
    try terminal.seeLine("In [3]:")
    try leave(terminal)
  }

  @Test(arguments: [8, 12, 20] as [UInt16])
  func narrowWindowsWork(columns: UInt16) throws {
    let terminal = try PseudoTerminal(ProgramUnderTest.path ?? "", home: home, columns: columns)
    terminal.settle(0.5)
    terminal.type("let 学习率 = 0.25\r学习率 * 4\rlear\t\t\u{3}Sequential(Dense(2, 3))\rnothing_here\r")
    terminal.settle(0.5)
    #expect(terminal.screen.wholeText.replacing("\n", with: "").contains("1.0"))
    terminal.type("\u{4}")
    #expect(try terminal.wait() == 0)
    #expect(terminal.screen.unknown.isEmpty)
  }

  @Test func theUsersOwnKeysCount() throws {
    try "bind -v\n".write(to: home.appending(path: ".editrc"), atomically: true, encoding: .utf8)
    let terminal = try start()
    try run(["let 学 = 1"], at: terminal)
    terminal.type("7 + 学")
    try terminal.seeLine("In [2]: 7 + 学")
    terminal.type("\u{1b}")
    terminal.settle()
    terminal.type("0x")
    terminal.settle()
    #expect(terminal.screen.currentLine == "In [2]:  + 学")
    terminal.type("i2\u{1b}[F + 1")
    try terminal.seeLine("In [2]: 2 + 学 + 1")
    terminal.type(Key.up)
    try terminal.seeLine("In [2]: let 学 = 1")
    terminal.type("\u{1b}")
    terminal.settle()
    terminal.type("\u{3}")
    try terminal.seeLine("In [2]:")
    try run(["1 + 1"], at: terminal, from: 2)
    try terminal.see("Out[2]: 2")
    try leave(terminal)
  }

  @Test func theEditorIsCalledAndComesBack() throws {
    let editor = home.appending(path: "editor.sh")
    try "#!/bin/sh\nsed -i 's/one/二/; s/1/2/' \"$1\"\n".write(to: editor, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: editor.path)
    let terminal = try start(["EDITOR": editor.path])
    terminal.type("let one = 1\u{18}\u{5}")
    try terminal.see("let 二 = 2")
    terminal.type("\r")
    try run([], at: terminal, from: 2)
    try run(["二 + 10"], at: terminal, from: 2)
    try terminal.see("Out[2]: 12")
    terminal.type(":edit 2\r")
    try terminal.see("Out[3]: 22")
    try leave(terminal)
  }
}
