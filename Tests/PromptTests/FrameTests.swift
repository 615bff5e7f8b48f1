import Testing

@testable import Prompt

/// Frames laid out and brought onto a screen, compared with what a terminal makes of the bytes.
@Suite struct FrameTests {
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 16 ^ state << 24
    }
  }

  static let pieces = ["a", "let x", " ", "\n", "学习", "率", "(", "é", "e\u{301}", "0.5", "\"", "\t", "\u{7}"]

  @Test(arguments: [1, 2, 5, 9, 20, 40, 80])
  func whatIsDrawnIsWhatIsSeen(columns: Int) {
    var random = Generator(state: UInt64(columns))
    var (frames, terminal) = (FrameScreen(), TerminalScreen(columns: columns, rows: 12))
    for _ in 0..<400 {
      let count = Int.random(in: 0...12, using: &random)
      let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
      var content = FrameLayout.Content(prompt: "In [1]: ", line: LineText(text))
      content.line.cursor = Int.random(in: 0...content.line.scalars.count, using: &random)
      content.inks = content.line.scalars.map { _ in Bool.random(using: &random) ? .keyword : .plain }
      if Bool.random(using: &random) { content.suggestion = "suggested 学\nmore" }
      if Bool.random(using: &random) { content.below = [[InkedText("one")], [InkedText("two", .selected)]] }
      let frame = FrameLayout.frame(content, columns: columns, height: 12, colour: true)
      terminal.feed(Array(frames.draw(frame, columns: columns).utf8))
      #expect(frame.rows.count <= 12)
      for (index, row) in frame.rows.enumerated() {
        let first = terminal.row - frame.cursorRow
        #expect(row.width <= columns)
        #expect(terminal.text(first + index) == plain(row.text), "\(text.debugDescription)")
      }
      for below in (terminal.row - frame.cursorRow + frame.rows.count)..<12 {
        #expect(terminal.text(below) == "")
      }
      #expect(terminal.column == min(frame.cursorColumn, columns - 1))
    }
    #expect(terminal.unknown.isEmpty)
    #expect(terminal.scrolledOff.allSatisfy { $0.isEmpty }, "nothing was pushed off the screen")
  }

  /// A terminal that takes the parts of a joined character for two leaves no trace of its mistake.
  @Test func joinedCharactersDoNotShiftWhatFollows() {
    var (frames, terminal) = (FrameScreen(), TerminalScreen(columns: 40, rows: 5))
    let content = FrameLayout.Content(prompt: "", line: LineText("a👩‍🔬b🇩🇪c"))
    terminal.feed(
      Array(frames.draw(FrameLayout.frame(content, columns: 40, height: 5, colour: false), columns: 40).utf8))
    #expect(terminal.column == 7)
    #expect(terminal.rows[0][3].text == "b" && terminal.rows[0][6].text == "c")
  }

  private func plain(_ text: String) -> String {
    var plain = text.replacing(#/\u{1b}\[[0-9;]*m/#, with: "")
    while plain.last == " " { plain.removeLast() }
    return plain
  }
}
