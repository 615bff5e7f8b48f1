import Foundation
import Testing

/// What outlives a session, and what two sessions share.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"), .serialized)
final class HistoryAtTerminalTests: PromptCase {
  private var file: URL { home.appending(path: ".local/state/maas/history") }

  @Test func upBringsBackEarlierSessions() throws {
    let first = try start()
    try run(["let 学习率 = 0.1", "1 + 1"], at: first)
    try leave(first)
    let second = try start()
    second.type("\u{1b}[A")
    try second.seeLine("In [1]: 1 + 1")
    second.type("\u{1b}[A")
    try second.seeLine("In [1]: let 学习率 = 0.1")
    second.type("\u{1b}[B0\r")
    try second.see("Out[1]: 11")
    try leave(second)
  }

  @Test func twoSessionsShareTheirInputs() throws {
    let (first, second) = (try start(), try start())
    for number in 1...5 {
      try run(["\"第一 \(number)\""], at: first, from: number)
      try run(["\"second \(number)\""], at: second, from: number)
    }
    // Up is the session's own, the search finds what the other has typed.
    first.type("\u{1b}[A")
    try first.seeLine("In [6]: \"第一 5\"")
    first.type("\u{3}")
    try first.seeLine("In [6]:")
    first.type("\u{12}second 4")
    try first.see("In [6]: \"second 4\"")
    first.type("\u{7}")
    try leave(first)
    try leave(second)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 10)
    let third = try start()
    third.type("\u{12}第一 3")
    try third.see("\"第一 3\"")
    third.type("\u{7}")
    try leave(third)
  }

  @Test func aDamagedHistoryIsSetAside() throws {
    let folder = file.deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var bytes = Array("\"1 + 1\"\nno json\n\"open\n".utf8)
    bytes += [0xff, 0x00, 0xfe, 0x0a] + Array("\"2 + 2\"\n".utf8)
    try Data(bytes).write(to: file)
    let terminal = try start()
    try terminal.see("the history was damaged: 3 lines are set aside in")
    terminal.type("\u{1b}[A\u{1b}[A")
    try terminal.seeLine("In [1]: 1 + 1")
    terminal.type("\r")
    try terminal.see("Out[1]: 2")
    try leave(terminal)
    #expect(try Data(contentsOf: folder.appending(path: "history.damaged")).count == 18)
    let again = try start()
    #expect(!again.screen.text.contains("damaged"))
    try leave(again)
  }

  @Test func aHistoryThatCannotBeWrittenDisturbsNobody() throws {
    try Data().write(to: home.appending(path: ".local"))
    let terminal = try start()
    try run(["1 + 1"], at: terminal)
    terminal.type("\u{1b}[A")
    try terminal.seeLine("In [2]: 1 + 1")
    terminal.type("\u{3}")
    try leave(terminal)
  }
}
