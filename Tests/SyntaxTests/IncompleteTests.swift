import Testing

@testable import Syntax

@Suite struct IncompleteTests {
  @Test(arguments: [
    "(", "f(1,", "[1, 2", "{a: 1", "fn f() {", "if a {", "if a { b } else {", "let x =", "x = 1 +", "x =>",
    "a and", "x |>", "explain a,",
    "\"\"\"", "let s = \"\"\"\nabc\n", "f(x => {\n  let a = 1", "let x = # comment", "x[1..", "0..",
    "\"a \\(f(", "a in", "x +=", "model M(", "fn f(x) =",
    "(a", "try {", "try { a } catch e {", "let (a", "a ==\n\n", "for x in", "[x for x in xs", "f(\n\n", "-",
    "f(\"a\"",
  ])
  func incomplete(_ text: String) { #expect(Parser.isIncomplete(text)) }

  @Test(arguments: [
    "", "a", "a + b", "let x = 3", "f(1)", "\"abc", "# comment", "## documentation", "if a { b }", ")",
    "f(1]", "let x = )", "a b (", "if", "let",
    "fn", "fn f", "fn f(x)", "for x", "x.", "not", "if a", "try f(x)", "1.", "'a", "(1 2", "\"\\q\" (",
    "x == 1 == 2 (", "{ a }", "\"\"\"a\"\"\"",
    "return (", "def f(x):", "let x", "99999999999999999999 + (",
  ])
  func complete(_ text: String) {
    #expect(!Parser.isIncomplete(text))
  }
}
