import Testing

@testable import Syntax

@Suite struct DiagnosticRenderingTests {
  private func lines(_ diagnostic: Diagnostic, width: Int = 110) -> String {
    diagnostic.rendered(width: width)
  }

  @Test func shapesOfTheManual() {
    let source = Source(name: "train.maas", text: String(repeating: "\n", count: 11) + "let y = x @ w")
    let diagnostic = Diagnostic(
      .shapeMismatch, "shapes do not match in `x @ w`", source: source,
      labels: [
        Label(Span(19, 20), "x: f32[32×784], from line 5"), Label(Span(21, 22)),
        Label(Span(23, 24), "w: f32[100×10], from line 8"),
      ],
      notes: ["x has 784 columns, w has 100 rows: they must be equal"],
      help: ["did you mean `x @ v`? v is f32[784×10]"])
    #expect(
      diagnostic.rendered() == """
        error[E0301]: shapes do not match in `x @ w`
          --> train.maas:12:9
           |
        12 | let y = x @ w
           |         ‾ ‾ ‾ w: f32[100×10], from line 8
           |         x: f32[32×784], from line 5
           = x has 784 columns, w has 100 rows: they must be equal
           = help: did you mean `x @ v`? v is f32[784×10]
        """)
  }

  /// The whole text of one error of each kind.
  @Test(arguments: [
    (
      "(1, 2",
      """
      error[E0102]: this `(` is never closed
        --> test.maas:1:1
        |
      1 | (1, 2
        | ‾    ‾ the text ends here
        = help: close it with `)`
      """
    ),
    (
      "let x = f(1,\n  2\nlet y = 2",
      """
      error[E0102]: this `(` is never closed
        --> test.maas:1:10
        |
      1 | let x = f(1,
        |          ‾
      2 |   2
      3 | let y = 2
        | ‾‾‾ `)` is missing before this
        = help: close it with `)`
      """
    ),
    (
      "fn f() {\n  a\n  b\n  c\n",
      """
      error[E0102]: this `{` is never closed
        --> test.maas:1:8
        |
      1 | fn f() {
        |        ‾
      …
      4 |   c
        |    ‾ the text ends here
        = help: close it with `}`
      """
    ),
    (
      "fn f(x) {\n  if x > 1 {\n    g(x)\n}\n\nfn g(x) = 3",
      """
      error[E0102]: this `{` is never closed
        --> test.maas:2:12
        |
      2 |   if x > 1 {
        |            ‾
      3 |     g(x)
      4 | }
        | ‾ this `}` closes it, but stands further left
        = help: close it with `}`
      """
    ),
    (
      "let x = \"abc\nlet y = 3",
      """
      error[E0102]: this string is never closed
        --> test.maas:1:9
        |
      1 | let x = "abc
        |         ‾   ‾ the line ends here
        = help: close it with `"`; a text over several lines stands between `\"""` and `\"""`
      """
    ),
    (
      "def f(x): return x^2",
      """
      error[E0104]: `def` is Python; maas defines a function with `fn`
        --> test.maas:1:1
        |
      1 | def f(x): return x^2
        | ‾‾‾
        = help: fn f(x) = x^2
      """
    ),
    (
      "let 学习率 = 0.1\nlet b = [学习率 ** 2]",
      """
      error[E0104]: `**` is Python; the power is `^`
        --> test.maas:2:14
        |
      2 | let b = [学习率 ** 2]
        |                 ‾‾
        = help: 学习率^2
      """
    ),
    (
      "\tlet x = 3\t4",
      """
      error[E0101]: expected the end of the statement after `3`, found `4`
        --> test.maas:1:12
        |
      1 |     let x = 3   4
        |                 ‾
        = help: one statement a line, or `;` between them
      """
    ),
    (
      "a < b < c",
      """
      error[E0106]: comparisons do not chain
        --> test.maas:1:7
        |
      1 | a < b < c
        |   ‾   ‾ a second comparison
        |   the first
        = help: a < b and b < c
      """
    ),
    (
      "x = 99999999999999999999",
      """
      error[E0103]: this integer is beyond 64 bits
        --> test.maas:1:5
        |
      1 | x = 99999999999999999999
        |     ‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
        = the largest integer is 9223372036854775807
        = help: write it as a float: 99999999999999999999.0
      """
    ),
    (
      "print(\"C:\\data\")",
      """
      error[E0105]: a string has no escape `\\d`
        --> test.maas:1:10
        |
      1 | print("C:\\data")
        |          ‾‾
        = escapes are \\n \\t \\r \\0 \\" \\\\ \\u{3b7} and \\(expression)
        = help: a backslash as it is: \\\\d
      """
    ),
    (
      "if a { return 1 }",
      """
      error[E0107]: `return` stands only in a function
        --> test.maas:1:8
        |
      1 | if a { return 1 }
        |        ‾‾‾‾‾‾
      """
    ),
    (
      "fn f(x, x) = 1",
      """
      error[E0209]: the parameter `x` stands here twice
        --> test.maas:1:9
        |
      1 | fn f(x, x) = 1
        |      ‾  ‾ again
        |      first
      """
    ),
  ])
  func snapshot(_ text: String, _ expected: String) {
    #expect(Marked.error(text)?.rendered() == expected)
  }

  @Test func nesting() {
    let error = Marked.error("let x = " + String(repeating: "(", count: 300))
    #expect(
      error?.rendered(width: 50) == """
        error[E0109]: forms are nested more than 256 deep
          --> test.maas:1:265
          |
        1 | …((((((((((((((((((((((((((((((((((((((((((((…
          |                       ‾ here
          = help: bind an inner part with `let`
        """)
  }

  @Test func invalidBytes() {
    var bytes = Array("let a = 1\nlet é = \"x".utf8)
    bytes += [0xe9, 0x22, 0x0a]
    #expect(throws: Diagnostic.self) { try Source.decoding(name: "latin.maas", bytes: bytes) }
    do throws(Diagnostic) {
      _ = try Source.decoding(name: "latin.maas", bytes: bytes)
    } catch {
      #expect(
        error.rendered() == """
          error[E0108]: the byte 0xe9 at line 2, column 11 is not UTF-8
            --> latin.maas:2:11
            |
          2 | let é = "x\u{fffd}"
            |           ‾ 0xe9
            = help: save the file as UTF-8
          """)
    }
  }

  @Test(
    arguments: [
      ([], 0, 0), ([0xff], 0, 1), ([0x61, 0xc3], 1, 1), ([0x0a, 0x0a, 0x61, 0xf0, 0x9f], 3, 3),
      ([0xc0, 0x80], 0, 1), ([0xed, 0xa0, 0x80], 0, 1),
    ] as [([UInt8], Int, Int)])
  func firstInvalidByte(_ bytes: [UInt8], _ offset: Int, _ line: Int) {
    do throws(Diagnostic) {
      let source = try Source.decoding(name: "a", bytes: bytes)
      #expect(bytes.isEmpty && source.text.isEmpty)
    } catch {
      #expect(error.code == .invalidEncoding)
      #expect(error.labels.first?.span.start == Int32(offset))
      #expect(error.source?.line(at: offset) == line)
    }
  }

  // MARK: Layout

  @Test func threeLabelsOnALine() {
    let source = Source(name: "a", text: "f(a, b, c)")
    let diagnostic = Diagnostic(
      .wrongType, "m", source: source,
      labels: [
        Label(Span(5, 6), "the second"), Label(Span(2, 3), "the first"), Label(Span(8, 9), "the third"),
      ])
    #expect(
      diagnostic.rendered() == """
        error[E0401]: m
          --> a:1:6
          |
        1 | f(a, b, c)
          |   ‾  ‾  ‾ the third
          |   │  the second
          |   the first
        """)
  }

  @Test func longLinesAreCutAroundTheMark() {
    let text =
      "let total = " + (1...60).map { "x\($0)" }.joined(separator: " + ") + " + wrong + "
      + String(repeating: "y + ", count: 60) + "z"
    let place = text.utf8.count - 260
    let source = Source(name: "a", text: text)
    let start = text.utf8.count - "wrong + ".utf8.count - 241
    let diagnostic = Diagnostic(
      .unknownName, "nothing is called `wrong`", source: source,
      labels: [Label(Span(start, start + 5), "here")])
    let rendered = diagnostic.rendered(width: 60).split(separator: "\n").map(String.init)
    #expect(place > 0)
    #expect(rendered[3].hasPrefix("1 | …") && rendered[3].hasSuffix("…"))
    #expect(rendered.allSatisfy { $0.count <= 61 })
    let column =
      rendered[4].firstIndex(of: "‾").map { rendered[4].distance(from: rendered[4].startIndex, to: $0) } ?? 0
    #expect(String(Array(rendered[3])[column..<(column + 5)]) == "wrong")
    #expect(rendered[4].hasSuffix("‾‾‾‾‾ here"))
  }

  @Test func wideCharactersAreCutOnAFullColumn() {
    let text = String(repeating: "学", count: 100) + "x" + String(repeating: "习", count: 100)
    let source = Source(name: "a", text: text)
    for width in 20...80 {
      let rendered = Diagnostic(.unknownName, "m", source: source, labels: [Label(Span(300, 301))]).rendered(
        width: width
      )
      .split(separator: "\n").map(String.init)
      #expect(rendered.count == 5)
      let x = rendered[3].firstIndex(of: "x").map { DisplayWidth.of(String(rendered[3][..<$0])) }
      let mark = rendered[4].firstIndex(of: "‾").map { DisplayWidth.of(String(rendered[4][..<$0])) }
      #expect(x == mark)
      #expect(DisplayWidth.of(rendered[3]) <= max(width, 24) + 1)
    }
  }

  /// Spans of every kind, on texts of every kind, give lines without blanks at their ends, and no trap.
  @Test(arguments: [
    "", "a", "a\n", "\n\n", "学习\tx  \n  y", "\u{1b}[31m red", "a\u{301}é👨‍👩‍👧‍👦 z", "x\r\ny\r\n",
    String(repeating: "long ", count: 100),
  ])
  func anySpan(_ text: String) {
    let source = Source(name: "a\nb", text: text)
    let size = text.utf8.count
    let places = [Int.min, -5, 0, 1, 2, 3, 4, 5, 8, size - 1, size, size + 1, size + 100, Int.max]
    for start in places {
      for end in places {
        for width in [0, 30, 110] {
          for colour in [false, true] {
            let diagnostic = Diagnostic(
              .wrongType, "m ", source: source,
              labels: [Label(Span(start, end), "t "), Label(Span(end, start), "u"), Label(Span(0, 1))],
              notes: ["a\nb "], help: [""])
            let rendered = diagnostic.rendered(colour: colour, width: width)
            let lines = rendered.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
            #expect(colour || !rendered.contains("\u{1b}"))
          }
        }
      }
    }
  }

  @Test func noSourceAndNoLabels() {
    #expect(
      Diagnostic(.unreadableFile, "gone", help: ["look"]).rendered() == "error[E0601]: gone\n  = help: look")
    let source = Source(name: "a.maas", text: "x")
    #expect(Diagnostic(.raised, "m", source: source).rendered() == "error[E0507]: m\n  --> a.maas")
  }

  @Test func colourOnlyAdds() {
    let error = Marked.error("let 学 = f(1,\nlet y = 2")
    let plain = error?.rendered() ?? ""
    var coloured = error?.rendered(colour: true) ?? ""
    #expect(coloured.contains("\u{1b}[1;31merror[E0102]\u{1b}[0m"))
    while let start = coloured.firstIndex(of: "\u{1b}"), let end = coloured[start...].firstIndex(of: "m") {
      coloured.removeSubrange(start...end)
    }
    #expect(coloured == plain)
  }

  @Test(arguments: [
    ("a", 1), ("é", 1), ("e\u{301}", 1), ("学", 2), ("ｱ", 1), ("Ａ", 2), ("👨‍👩‍👧‍👦", 2), ("⠿", 1), ("‾", 1), ("한", 2),
    ("\u{301}", 0),
  ])
  func width(_ character: Character, _ columns: Int) { #expect(DisplayWidth.of(character) == columns) }
}
