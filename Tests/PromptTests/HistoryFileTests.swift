import Foundation
import Testing

@testable import Prompt

@Suite struct HistoryFileTests {
  /// A file in a folder that does not exist yet.
  let folder = FileManager.default.temporaryDirectory.appending(path: "maas-history-\(UUID().uuidString)")
  var file: HistoryFile { HistoryFile(path: folder.appending(path: "deep/history").path) }

  func cleanUp() { try? FileManager.default.removeItem(at: folder) }

  @Test(arguments: [
    "1 + 1", "fn f(x) {\n  \"a\\n\\\"b\\\"\"\n}", "θ = 学习率", "👩‍🔬\t\u{1b}[0m\u{0}\u{7f}\r\n", "\u{2028}", "",
    "\\u0041",
  ])
  func keepsEveryText(text: String) {
    defer { cleanUp() }
    #expect(file.append(text))
    #expect(file.load() == [text])
    let line = HistoryEntry.encode(text)
    #expect(!line.contains("\n"))
    #expect((try? JSONDecoder().decode(String.self, from: Data(line.utf8))) == text, "a line is JSON")
  }

  @Test func readsJSONThatOthersWrote() {
    let text = "a/b \u{8}\u{c} 😀 é"
    #expect(HistoryEntry.decode(Array(#""a\/b \b\f \ud83d\ude00 \u00E9""#.utf8)) == text)
  }

  @Test func skipsDamagedLines() throws {
    defer { cleanUp() }
    #expect(file.append("first"))
    let handle = try #require(FileHandle(forWritingAtPath: file.path))
    try handle.seekToEnd()
    let damaged: [[UInt8]] = [
      Array("no quotes\n\"open\n\"bad \\q\"\n\"\\ud800\"\n\"\\u+123\"\n\"x\" y\n\n\"\\u12".utf8), [0x0a],
      [0x22, 0xff, 0xfe, 0x22, 0x0a], [0, 0, 0, 0x0a],
    ]
    try handle.write(contentsOf: Data(damaged.joined()))
    try handle.write(contentsOf: Data("\"cut of".utf8))  // a writer that died
    try handle.close()
    #expect(file.append("second"))
    #expect(file.load() == ["first", "second"])
  }

  @Test func twoWritersLoseNothing() async {
    defer { cleanUp() }
    let file = file
    await withTaskGroup(of: Bool.self) { group in
      for writer in 0..<2 {
        group.addTask {
          (0..<500).allSatisfy { file.append("\(writer): \(String(repeating: "x", count: $0)) \($0)") }
        }
      }
      for await isWhole in group { #expect(isWhole) }
    }
    let entries = file.load()
    #expect(entries.count == 1000)
    for writer in 0..<2 {
      #expect(
        entries.filter { $0.hasPrefix("\(writer):") }.map { Int($0.split(separator: " ").last ?? "") }
          == Array(0..<500))
    }
  }

  @Test func readsTheEndOfALongFile() {
    defer { cleanUp() }
    let long = String(repeating: "y", count: HistoryFile.readLimit / 4)
    for index in 0..<6 { #expect(file.append("\(index)" + long)) }
    #expect(file.load().map { $0.first } == ["3", "4", "5"])
  }

  @Test func aMissingOrForbiddenFileIsNoHistory() {
    #expect(file.load().isEmpty)
    #expect(!HistoryFile(path: "/proc/nothing/history").append("x"))
    #expect(HistoryFile(path: "/").load().isEmpty)
  }

  @Test func standsWhereTheConventionSays() {
    func path(_ environment: [String: String]) -> String? {
      HistoryFile.standard { environment[$0] }?.path
    }
    #expect(path(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/maas/history")
    #expect(path(["XDG_STATE_HOME": "relative", "HOME": "/h"]) == "/h/.local/state/maas/history")
    #expect(path(["HOME": "/h"]) == "/h/.local/state/maas/history")
    #expect(path([:]) == nil)
  }
}
