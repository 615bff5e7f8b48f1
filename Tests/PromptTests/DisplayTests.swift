import Foundation
import Testing

/// What values look like at the prompt: a capture of the screen each, kept in `Snapshots`.
///
/// `MAAS_UPDATE_SNAPSHOTS=1 swift test --filter DisplayTests` writes them anew; what changed is then looked at.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"), .serialized)
final class DisplayTests: PromptCase {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Snapshots")
  private static let isUpdating = ProcessInfo.processInfo.environment["MAAS_UPDATE_SNAPSHOTS"] != nil

  struct Display: CustomTestStringConvertible {
    let name: String
    let inputs: [String]
    var columns: UInt16 = 100
    var rows: UInt16 = 45
    var testDescription: String { name }
  }

  static let displays = [
    Display(
      name: "tensors",
      inputs: [
        "[1, 2, 3]", "[[1.5, -20], [0.001, 3e10]]", "reshape(range(0, 24, 1), 2, 3, 4)",
        "reshape(range(0, 3000, 1), 50, 60) / 7", "[0.0, nan, -inf]", "[true, false]", "zeros(0, 3)",
      ]),
    Display(name: "long vector", inputs: ["range(0, 1, 0.02)", "range(0, 1000, 1)"]),
    Display(
      name: "narrow tensor", inputs: ["reshape(range(0, 40, 1), 2, 20) * 1.5", "range(0, 1, 0.1)"],
      columns: 40),
    Display(
      name: "records",
      inputs: [
        "{lr: 0.1, 步数: 10}", "{名字: [\"甲\", \"乙\"], lr: [0.1, 0.25], steps: [10, 2000]}",
        "[{a: 1, b: \"x\"}, {a: 20, b: \"yy\"}]",
        "{net: Dense(2, 3), text: \"\(String(repeating: "a long text ", count: 12))\", x: zeros(3, 4), n: 1}",
      ]),
    Display(
      name: "model",
      inputs: [
        "let net = Sequential(Dense(784, 128, relu), Dropout(0.5), Dense(128, 10))", "net", "net |> summary",
        "model 网络(n) {\rlet 一 = Dense(n, 4, relu)\rlet 二 = Dense(4, 1)\rlet 偏移 = 0.5\rfn call(x) = x |> 一 |> 二\r}",
        "网络(3)",
      ]),
    Display(name: "data set", inputs: ["moons(200, seed: 1)", "digits(100, seed: 1)"]),
    Display(name: "figure", inputs: ["plot(x => sin(x), (0, 6.3), title: \"正弦\")"]),
    Display(
      name: "picture",
      inputs: ["image(digits(1, seed: 3).x[0])", "image([[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]])"]),
    Display(
      name: "run",
      inputs: ["descend(x => x^2 / 2, from: 1.0, with: Momentum(lr: 0.1), steps: 20)", "explain ans[2]"]),
    Display(name: "help", inputs: ["1"] + ["?Momentum", ":help", ":set"]),
    Display(name: "error", inputs: ["let x = zeros(3, 4)", "x @ x", "descnd(x)", "学习率 + 1"]),
  ]

  @Test(arguments: displays)
  func looksAsItDid(display: Display) throws {
    let terminal = try start(["NO_COLOR": "1"], columns: display.columns, rows: display.rows)
    var number = 1
    for input in display.inputs {
      terminal.type(input + "\r")
      if !input.hasPrefix(":") && !input.hasPrefix("?") { number += 1 }
      try terminal.wait(for: "the prompt after \(input)") { $0.currentLine == "In [\(number)]:" }
      terminal.settle()
    }
    let text = terminal.screen.wholeText + "\n"
    try leave(terminal)
    let file = DisplayTests.folder.appending(path: "\(display.name).txt")
    if DisplayTests.isUpdating { try text.write(to: file, atomically: true, encoding: .utf8) }
    #expect(text == (try? String(contentsOf: file, encoding: .utf8)))
  }

  @Test func picturesAreHalfBlocksInColour() throws {
    let terminal = try start()
    try run(["image([[0.0, 1.0], [1.0, 0.0]])"], at: terminal)
    try terminal.see("▀")
    #expect(terminal.raw.contains("38;2;255;255;255;48;2"))
    try leave(terminal)
  }

  @Test(arguments: [("\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?62;c", "_Ga=T,f=100"), ("\u{1b}[?62;4;22c", "Pq\"1;1;")])
  func picturesOfTheTerminal(identity: String, start sequence: String) throws {
    let terminal = try start(identity: identity)
    try run(["1 + 1"], at: terminal)
    #expect(terminal.screen.questions == 0, "nobody is asked before there is a picture")
    try run(["plot([1, 2, 3])", "plot([3, 2, 1])"], at: terminal, from: 2)
    #expect(terminal.screen.questions == 1, "asked once")
    #expect(terminal.screen.pictures.filter { $0.hasPrefix(sequence) }.count == 2)
    try leave(terminal)
  }

  @Test func aTerminalThatKeepsSilentGetsText() throws {
    let terminal = try start(identity: nil)
    terminal.type("plot([1, 2, 3])\r")
    try terminal.see("└")
    try terminal.seeLine("In [2]:")
    terminal.type("1 + 1\r")
    try terminal.see("Out[2]: 2")
    try leave(terminal)
  }
}
