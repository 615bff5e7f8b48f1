import Testing

@testable import Syntax

@Suite struct ParserStatementTests {
  @Test(arguments: [
    ("let a = 1", "(let a 1)"), ("var a = 1", "(var a 1)"), ("let (a, b) = p", "(let (a b) p)"),
    ("let (a, (_, b)) = p", "(let (a (_ b)) p)"), ("let {loss, model} = run", "(let {loss model} run)"),
    ("let _ = f()", "(let _ (call f))"), ("let (a) = p", "(let a p)"), ("let (a,) = p", "(let (a) p)"),
    ("a = 2", "(= a 2)"), ("a += 1; a -= 1; a *= 2; a /= 2", "(+= a 1) ; (-= a 1) ; (*= a 2) ; (/= a 2)"),
    ("a //= 1; a %= 1; a @= w; a ^= 2", "(//= a 1) ; (%= a 1) ; (@= a w) ; (^= a 2)"),
    ("x[i] += v", "(+= (index x i) v)"), ("x[1.., ..] = 0", "(= (index x (.. 1 ·) (.. · ·)) 0)"),
    ("r.a.b = v", "(= (. (. r a) b) v)"), ("x[0].a[1] = v", "(= (index (. (index x 0) a) 1) v)"),
    ("(a, b) = (b, a)", "(= (tuple a b) (tuple b a))"),
    ("(net, opt) = step(opt, net, g)", "(= (tuple net opt) (call step opt net g))"),
    ("(a.x, (b, c[0])) = p", "(= (tuple (. a x) (tuple b (index c 0))) p)"), ("(a) = 1", "(= a 1)"),
    ("x == y", "(== x y)"), ("x;", "x silent"), ("x; y", "x silent ; y"), ("let a = 1;", "(let a 1)"),
    (";;x", "x"),
    ("{ x; }", "{x}"),
    ("fn f(x) = x^2", "(fn f (x) (^ x 2))"),
    ("fn f(x, lr = 0.1, ...more) { x }", "(fn f (x lr=0.1 ...more) {x})"),
    ("fn f() = {a: 1}", "(fn f () (record a: 1))"), ("fn f() { }", "(fn f () {})"),
    ("fn f() { return }", "(fn f () {(return)})"),
    ("fn f() { return 1 }", "(fn f () {(return 1)})"), ("fn f() { return; }", "(fn f () {(return)})"),
    ("x => { return x }", "(fn (x) {(return x)})"),
    (
      "model M(a, b = 2) { let d = Dense(a, b); fn call(x) = d(x) }",
      "(model M (a b=2) {(let d (call Dense a b)); (fn call (x) (call d x))})"
    ),
    ("model M() { }", "(model M () {})"),
    (
      "optimizer O(lr = 1) {\n  state v = 0\n  v = v - g\n  x + v\n}",
      "(optimizer O (lr=1) {(state v 0); (= v (- v g)); (+ x v)})"
    ),
    ("optimizer O() whole { x - g }", "(optimizer O () whole {(- x g)})"),
    ("let model = 3; model = 4; model + 1", "(let model 3) ; (= model 4) ; (+ model 1)"),
    (
      "let state = 1\nstate = 2\nuse = 3\nwhole(1)",
      "(let state 1) ; (= state 2) ; (= use 3) ; (call whole 1)"
    ),
    ("model(x)\noptimizer(y)", "(call model x) ; (call optimizer y)"),
    ("", ""), ("# only a comment", ""), ("\u{feff}a", "a"), ("a\r\nb\r\n", "a ; b"),
    ("a # c\n# %% T\nb", "a ; b"),
  ])
  func statement(_ text: String, _ tree: String) throws {
    #expect(try TreeSketch.of(text) == tree)
  }

  @Test func documentation() throws {
    let text = """
      # not this

      ## Two lines,
      ##   the second indented.
      ##
      ## > f(1)
      fn f(x) = x

      ## A constant.
      let a = 1

      ## Too far away.

      var b = 2
      ## of what follows
      # broken
      let c = 3
      model M() {
        ## inside
        let d = 1
        let e = 2  ## beside
        let g = 3
      }
      """
    let sketch = try TreeSketch.of(text).split(separator: " ; ").map(String.init)
    #expect(sketch[0] == "(fn f ##Two lines,\n  the second indented.\n\n> f(1)## (x) x)")
    #expect(sketch[1] == "(let a 1 ##A constant.##)")
    #expect(sketch[2] == "(var b 2)")
    #expect(sketch[3] == "(let c 3)")
    #expect(sketch[4] == "(model M () {(let d 1 ##inside##); (let e 2); (let g 3)})")
  }

  @Test func documentationIsNotInsideText() throws {
    #expect(try TreeSketch.of("let s = \"\"\"\n## a\"\"\"\nlet t = 1") == "(let s \"<## a>\") ; (let t 1)")
  }

  // MARK: Where a line goes on

  @Test(arguments: [
    // After a binary operator, `=`, `=>` or `,`.
    "a +\nb", "a and\nb", "a ==\n\n# comment\nb", "a |>\nf", "x in\nxs", "0..\n3", "let a =\n1", "a =\n1",
    "a +=\n1",
    "x =>\nx", "fn f(x) =\nx", "explain a,\nat: 1", "a ^\n-1",
    // Before `|>`, `.`, `else` or `catch`.
    "x\n|> f", "x\n  # comment\n\n  |> f\n  |> g", "x\n.a", "x\n\n# c\n.a.b", "if a { b }\nelse { c }",
    "if a { b }\n# c\n\nelse if d { e }\nelse { f }",
    "try f(x)\ncatch e { g }", "let y = x\n  |> f", "try { f }\n\ncatch { g }",
    // Inside `(`, `[` and a record's `{`.
    "f(\na\n,\nb\n)", "(a\n+ b)", "[\n1,\n2\n]", "x[\n0\n]", "{\na: 1,\nb: 2\n}", "(f\n(a))",
    "(\nx,\ny = 2\n) => x", "fn f(\na,\nb\n) = a",
    "let (\na,\nb\n) = p", "(a\n- b)", "[x\nfor x in xs\nif x]", "\"\\(a\n+ b)\"",
    "f(x => {\nlet a = 1\na\n})",
  ])
  func lineGoesOn(_ text: String) throws {
    let program = try Parser.parse(Source(name: "test", text: text))
    #expect(program.statements.count == 1)
  }

  @Test(arguments: [
    ("a\nb", "a ; b"), ("a\n- b", "a ; (- b)"), ("f\n(x)", "f ; (group x)"), ("x\n[0]", "x ; [0]"),
    ("{ a\n- b }", "{a; (- b)}"), ("({ a\n(b) })", "(group {a; (group b)})"), ("[{ a\nb }]", "[{a; b}]"),
    ("f({ a\n[b] }, (c\n[d]))", "(call f {a; [b]} (group (index c d)))"),
    ("x => {\na\n-b\n}", "(fn (x) {a; (- b)})"),
    ("fn f() { return\nx }", "(fn f () {(return); x})"), ("use\n\"a\"", "use ; \"<a>\""),
    ("model\nM(x)", "model ; (call M x)"),
    ("a\n\n\nb;\nc", "a ; b silent ; c"), ("a\nnot b", "a ; (not b)"),
  ])
  func lineEnds(_ text: String, _ tree: String) throws {
    #expect(try TreeSketch.of(text) == tree)
  }

  @Test(arguments: [
    "a\n+ b", "a\n== b", "a\n=> b", "let a\n= 1", "if\na { b }", "if a\n{ b }", "for x\nin xs { }",
    "fn\nf(x) = x", "fn f\n(x) = x",
    "x.\na", "not\na", "x\n..3", "let\na = 1", "while a\n{ }", "try\nf catch { }", "try f catch e\n{ }",
    "optimizer O()\nwhole { }", "a\nin b", "else\n{ a }",
  ])
  func lineDoesNotGoOn(_ text: String) {
    #expect(throws: Diagnostic.self) { try TreeSketch.of(text) }
  }
}
