import Testing

@testable import Runtime

@Suite struct TextTableTests {
  private static let table = TextTable(
    ["name", "bytes", "accuracy", "changed"],
    [["net", "2028", "98.10", "-0 +0"], ["small", "748", "97.9", "-12 +3"]],
    numeric: [1, 2])

  @Test func whatFitsIsOneTable() {
    let lines = """
      name   bytes  accuracy  changed
      net     2028     98.10  -0 +0
      small    748      97.9  -12 +3
      """
    for width in [32, 80] { #expect(Self.table.folded(width: width) == lines) }
  }

  @Test func whatIsWiderGoesOnBelow() {
    #expect(
      Self.table.folded(width: 26) == """
        name   bytes  accuracy
        net     2028     98.10
        small    748      97.9
        name   changed
        net    -0 +0
        small  -12 +3
        """)
  }

  /// Two columns that do not fit beside each other give way as ever, and no width is too small.
  @Test func aColumnThatIsTooWideIsCut() {
    let wide = TextTable(["name", "text", "n"], [["a", "twelve words", "1"]])
    #expect(
      wide.folded(width: 15) == """
        name  text
        a     twelve …
        name  n
        a     1
        """)
    for width in [-5, 0, 1, 3] { #expect(!wide.folded(width: width).isEmpty) }
  }
}
