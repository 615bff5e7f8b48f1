import Testing

@testable import Syntax

@Suite struct ForeignIdiomTests {
  /// Each idiom is E0104 at its place, and the help is what to write.
  @Test(arguments: [
    ("⟦def⟧ f(x): return x^2", "fn f(x) = x^2"), ("⟦def⟧ f(x):\n  return x", "fn f(x) { … }"),
    ("⟦func⟧ f(x) { x }", "fn f(x) { … }"),
    ("⟦function⟧ f(x) { x }", "fn f(x) { … }"), ("let f = ⟦lambda⟧ x: x^2", "x => x^2"),
    ("map(xs, ⟦lambda⟧ x, y: x + y)", "(x, y) => x + y"),
    ("⟦lambda⟧: 3", "() => 3"), ("x ⟦**⟧ 2", "x^2"), ("a ⟦&&⟧ b", "a and b"), ("a ⟦||⟧ b", "a or b"),
    ("let y = ⟦!⟧x", "not x"), ("⟦~⟧x", "not x"),
    ("a ⟦~=⟧ b", "a != b"), ("a ⟦<>⟧ b", "a != b"), ("a ⟦===⟧ b", "a == b"), ("i⟦++⟧", "i += 1"),
    ("⟦++⟧i", "i += 1"), ("i⟦-⟧-", "i -= 1"),
    ("if a { 2 } ⟦elif⟧ b { 3 }", "} else if condition {"),
    ("if a { 2 }\n⟦elif⟧ b { 3 }", "} else if condition {"),
    ("if a { 2 } ⟦elseif⟧ b { 3 }", "} else if condition {"),
    ("x ⟦:=⟧ 3", "let x = 3"), ("for i in 1⟦:⟧n { }", "1..=n"), ("let r = 1⟦:⟧n", "1..=n"),
    ("let r = 0⟦:⟧0.1:1", "range(0, 1, 0.1)"),
    ("⟦import⟧ numpy as np", "let lab = use \"lab.maas\""),
    ("⟦from⟧ numpy import dot", "let {f} = use \"lab.maas\""),
    ("for i in range(10)⟦:⟧ print(i)", "for i in 0..10 { print(i) }"),
    ("for i in range(2, n)⟦:⟧\n  print(i)", "for i in 2..n { … }"),
    ("if x == 1⟦:⟧ print(x)", "if x == 1 { print(x) }"), ("if x == 1⟦:⟧\n  print(x)", "if x == 1 { … }"),
    ("while x < 3⟦:⟧ x = x + 1", "while x < 3 { x = x + 1 }"),
    ("if x { 1 } else⟦:⟧ 2", "else { 2 }"), ("try⟦:⟧ f()", "try { f() }"), ("⟦print⟧ \"x\"", "print(\"x\")"),
    ("⟦print⟧ x, y", "print(x, y)"),
    ("a = 3\n⟦%⟧ a comment", "# a comment"), ("a ⟦.*⟧ b", "a * b"), ("1⟦./⟧x", "1 / x"),
    ("a ⟦.^⟧ 2", "a ^ 2"), ("f⟦.⟧(x)", "f(x)"),
    ("let s = ⟦'it \"is\"'⟧", "\"it \\\"is\\\"\""), ("let y = a > b ⟦?⟧ a : b", "if a > b { a } else { b }"),
    ("f(a ⟦?⟧ b : c)", "if c { a } else { b }"),
    ("fn f(x) ⟦->⟧ Int { x }", "fn f(x) { … }"), ("let f = x ⟦->⟧ x^2", "x => x^2"),
    ("let x⟦:⟧ Int = 3", "let x = 3"), ("var x⟦:⟧ Int", "var x = …"),
    ("fn f(x⟦:⟧ Int, y: Int) = 3", "(x, y) = …"), ("⟦const⟧ x = 3", "let x = 3"),
    ("⟦int⟧ x = 3", "let x = 3"), ("let ⟦mut⟧ x = 3", "var x = 3"),
    ("x[1⟦:⟧3]", "x[1..3]"), ("x[⟦:⟧, 0]", "x[.., 0]"), ("x[1⟦:⟧]", "x[1..]"), ("x[⟦:⟧5, 1:]", "x[..5, 1..]"),
    ("x[⟦:⟧:2]", "x[range(0, len(x), 2)]"),
    ("f(x⟦=⟧3)", "x: 3"), ("Adam(lr⟦=⟧0.1, eps=2)", "lr: 0.1"), ("let a⟦,⟧ b = f(x)", "let (a, b) = f(x)"),
    ("a⟦,⟧ b = b, a", "(a, b) = (b, a)"),
    ("for x⟦,⟧ y in zip(a, b) { }", "for (x, y) in xs { … }"), ("[x for x⟦,⟧ y in z]", "for (x, y) in xs"),
    ("y = x ⟦if⟧ x > 0 else 0", "if x > 0 { x } else { 0 }"),
    ("x ⟦not⟧ in xs", "not (x in xs)"), ("x ⟦is⟧ None", "x == none"), ("x ⟦is⟧ not None", "x != none"),
    ("⟦f⟧\"hi {x}\"", "\"hi \\(x)\""), ("⟦f⟧\"{x:.2f}\"", "\"\\(format(x, digits: 2))\""),
    ("a == 1 ⟦&&⟧ b(2, 3) > 1", "a == 1 and b(2, 3) > 1"), ("let q = a.b ⟦||⟧ c[1]", "a.b or c[1]"),
    ("⟦func⟧ f(_ x: Int, y: Double = 2) { x }", "fn f(x, y = 2) { … }"),
    ("print(⟦f⟧\"hi {x}\")", "\"hi \\(x)\""), ("[1 ⟦2⟧; 3 4]", "[[1, 2], [3, 4]]"),
    ("[1, 2⟦;⟧ 3, -4]", "[[1, 2], [3, -4]]"), ("[1 ⟦2⟧ 3]", "[1, 2, 3]"),
    ("A⟦'⟧ * B", "A.T"), ("sum(x ⟦for⟧ x in xs)", "sum([… for x in xs])"), ("⟦f(x)⟧ = x^2", "fn f(x) = x^2"),
    ("⟦let⟧ f(x) = x^2", "fn f(x) = x^2"),
    ("⟦for⟧ (let i = 0; i < 3; i++) { }", "for i in 0..n { … }"),
    ("for i ⟦=⟧ 1:10 { }", "for i in 0..n { … }"), ("if x ⟦then⟧", "{ … }"), ("while x ⟦do⟧", "{ … }"),
    ("⟦@⟧cached\nfn f(x) = 3", "let g = wrap(f)"), ("⟦//⟧ a comment", "# a comment"),
    ("let x = 3 ⟦//⟧ the number", "# the number"), ("⟦/⟧* a comment */", "# …"),
    ("⟦class⟧ Foo:\n  pass", "model Name(inputs, outputs) { … }"),
    ("⟦struct⟧ Foo { }", "{lr: 0.1, steps: 10}"), ("t⟦.0⟧", "t[0]"),
    ("⟦raise⟧ ValueError(\"x\")", "error(\"…\")"),
    ("⟦assert⟧ x > 0", "assert(x > 0)"), ("⟦$⟧0 + 1", "x => x^2"), ("xs.map ⟦{⟧ $0 + 1 }", "map(xs, x => …)"),
    ("⟦|⟧x| x + 1", "x => …"), ("a ⟦&⟧ b", "a and b"),
    ("a ⟦|⟧ b", "a or b"), ("fn ⟦(⟧x) { 3 }", "(x, y) => x + y"), ("fn f(x) ⟦=>⟧ 3", "fn f(…) = …"),
    ("⟦new⟧ Dense(1, 2)", "Dense(1, 2)"),
    ("⟦switch⟧ x { }", "if x == 1 { … } else if x == 2 { … } else { … }"),
  ])
  func idiom(_ marked: String, _ help: String) throws {
    let expected = Marked(marked)
    let error = try #require(Marked.error(expected.text))
    #expect(error.code == .foreignIdiom, "\(error.rendered())")
    #expect(error.help.first == help)
    #expect(error.labels.first?.span == expected.span, "\(error.rendered())")
  }

  /// Words of other languages are names here, and their signs mean what they mean.
  @Test(arguments: [
    "let def = 1; def + 1", "let lambda = 0.5", "let end = 3; x[end]", "let True = 1", "func(x)", "print(x)",
    "let class = [1]", "a // b",
    "x - -1", "let import = 3", "5 % 3", "let const = 2\nconst * 3", "f(x: 3)", "is(x)", "let is = 3", "A.T",
    "x |> new",
  ])
  func noIdiom(_ text: String) {
    #expect(Marked.error(text) == nil)
  }

  @Test(arguments: [
    ("True", "true"), ("None", "none"), ("nil", "none"), ("np.dot", "dot"), ("np.linalg.solve", "solve"),
    ("np.arange", "range(0, 10, 1)"),
    ("math.pi", "pi"), ("torch.relu", "relu"), ("plt.plot", "plot"), ("println", "print(x)"),
    ("ReLU", "relu"), ("NaN", "nan"),
  ])
  func names(_ name: String, _ replacement: String) {
    #expect(ForeignIdioms.replacement(forName: name) == replacement)
  }

  @Test(arguments: ["torch", "plt", "np", "length", "end", "self"])
  func namesAreKnown(_ name: String) { #expect(ForeignIdioms.replacement(forName: name) != nil) }

  @Test(arguments: ["", ".", "learnig_rate", "foo.bar", "x"])
  func namesAreUnknown(_ name: String) {
    #expect(ForeignIdioms.replacement(forName: name) == nil)
  }
}
