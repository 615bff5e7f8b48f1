import Checking
import Syntax
import Testing

/// `maas-repl check`: what is wrong is found without running, and nothing else is.
@Suite(.serialized) struct NameCheckTests {
  @Test(arguments: [
    ("print(learnig_rate)\nlet learning_rate = 1", "E0201 1:7"), ("fn f(x) = x\nf()", "E0204 2:1"),
    ("fn f(x) = x\nf(1, 2)", "E0207 2:6"), ("fn f(x, lr = 1) = x\nf(1, rl: 2)", "E0205 2:6"),
    ("fn f(x) = x\nf(1, x: 2)", "E0206 2:6"), ("Adam(learning: 0.1)", "E0205 1:6"), ("zip([1])", "E0204 1:1"),
    ("y = 3", "E0203 1:1"), ("let x = (1", "E0102 1:9"), ("let x = 1\nfn f() { x + z }", "E0201 2:14"),
    ("[a for b in [1]]", "E0201 1:2"), ("try { q } catch e { e.code }", "E0201 1:7"),
    ("3 |> len(4)", "E0207 1:10"),
    ("fn f() { let a = 1\na = 2 }", "E0202 2:1"),
  ])
  func wrong(_ text: String, _ expected: String) {
    let problems = ScriptCheck.problems(in: Source(name: "test", text: text))
    let found = problems.map {
      "\($0.code.rawValue) " + ($0.position.map { "\($0.line):\($0.column)" } ?? "")
    }
    #expect(found.first == expected, "\(found)")
  }

  @Test(arguments: [
    "fn even(n) = if n == 0 { true } else { odd(n - 1) }\nfn odd(n) = if n == 0 { false } else { even(n - 1) }",
    "let f = x => { let g = y => g(y); g(x) }", "for (i, x) in enumerate([1]) { print(i, x) }",
    "let {a, b} = {a: 1, b: 2}\nprint(a + b)", "optimizer O(lr = 1) { state v = x; v = g * t; v }",
    "model M(n) { let w = n * 1.0; fn call(x) = w * x }\nM(3)(2)", "print(args, pi, std.sum([1]))",
    "[x + y for x in 0..3 for y in 0..x if y > 0]", "let sum = (a, b, c) => a\nsum(1, 2, 3)",
    "fn f(...xs) = xs\nf(1, 2, 3)",
    "fn f(x) = x\ntry f() catch e { e.code }",
    "try error(\"a\") catch e { print(e.message) }", "[1, 2] |> map(x => x + 1) |> len",
  ])
  func right(_ text: String) {
    let problems = ScriptCheck.problems(in: Source(name: "test", text: text))
    #expect(problems.map(\.brief) == [])
  }
}
