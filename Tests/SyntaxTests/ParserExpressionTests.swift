import Testing

@testable import Syntax

@Suite struct ParserExpressionTests {
  @Test(arguments: [
    ("a + b * c", "(+ a (* b c))"),
    ("a - b - c", "(- (- a b) c)"),
    ("a / b // c % d @ e", "(@ (% (// (/ a b) c) d) e)"),
    ("a ^ b ^ c", "(^ a (^ b c))"),
    ("-x^2", "(- (^ x 2))"),
    ("2 ^ -1", "(^ 2 (- 1))"),
    ("2 ^ -x ^ 2 * 3", "(* (^ 2 (- (^ x 2))) 3)"),
    ("-a * b", "(* (- a) b)"),
    ("- -a", "(- (- a))"),
    ("-f(x)[0].a", "(- (. (index (call f x) 0) a))"),
    ("f(x)^2", "(^ (call f x) 2)"),
    ("a + 1..b * 2", "(.. (+ a 1) (* b 2))"),
    ("0..=n - 1", "(..= 0 (- n 1))"),
    ("a < b + c", "(< a (+ b c))"),
    ("x in 0..10", "(in x (.. 0 10))"),
    ("not a == b", "(not (== a b))"),
    ("not a and not b or c", "(or (and (not a) (not b)) c)"),
    ("a or b and c", "(or a (and b c))"),
    ("a or b |> f", "(|> (or a b) f)"),
    ("x |> f |> g(1)", "(|> (|> x f) (call g 1))"),
    ("x |> f.g", "(|> x (. f g))"),
    ("x |> (grad(f))", "(|> x (group (call grad f)))"),
    ("x => x |> f", "(fn (x) (|> x f))"),
    ("x => y => x + y", "(fn (x) (fn (y) (+ x y)))"),
    ("explain a |> f", "(explain (|> a f))"),
    ("explain x => x + 1", "(explain (fn (x) (+ x 1)))"),
    ("explain run[2], at: \"w\"", "(explain (index run 2) at: \"<w>\")"),
    ("f(explain x, 2)", "(call f (explain x) 2)"),
    ("f(explain x, at: 2, b: 3)", "(call f (explain x at: 2) b: 3)"),
    ("{a: explain x, at: 1}", "(record a: (explain x), at: 1)"),
    ("a != b and c >= d", "(and (!= a b) (>= c d))"),
  ])
  func precedence(_ text: String, _ tree: String) throws {
    #expect(try TreeSketch.of(text) == tree)
  }

  /// Every pair of left-associative operators groups as the table says.
  @Test(arguments: BinaryOperator.allCases, BinaryOperator.allCases)
  func pairs(_ a: BinaryOperator, _ b: BinaryOperator) throws {
    let text = "x \(a.rawValue) y \(b.rawValue) z"
    if a.isComparison, b.isComparison {
      #expect(throws: Diagnostic.self) { try TreeSketch.of(text) }
      return
    }
    let groupsLeft = a.precedence > b.precedence || a.precedence == b.precedence && a != .power
    let expected =
      groupsLeft
      ? "(\(b.rawValue) (\(a.rawValue) x y) z)" : "(\(a.rawValue) x (\(b.rawValue) y z))"
    #expect(try TreeSketch.of(text) == expected)
  }

  @Test(
    arguments: [
      ("none", "none"), ("true", "true"), ("false", "false"), ("42", "42"), ("1_000", "1000"),
      ("0xff", "255"),
      ("0xFF_ff", "65535"), ("1.5", "1.5"), ("1e-3", "0.001"), ("1E+2", "100.0"),
      ("1_0.2_5e1_0", "102500000000.0"),
      ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
      ("0x7fff_ffff_ffff_ffff", "9223372036854775807"), ("1..3", "(.. 1 3)"), ("1.5..2.5", "(.. 1.5 2.5)"),
      ("1.T", "(. 1 T)"), ("θ", "θ"), ("学习率", "学习率"), ("x₁", "x₁"), ("_1", "_1"), ("model", "model"),
      ("state", "state"),
      ("whole", "whole"), ("use", "use"), ("optimizer", "optimizer"),
      ("\"\"", "\"\""), ("\"a\\n\\t\\\"\\\\\\u{3b7}\\0\"", "\"<a\n\t\"\\η\0>\""),
      ("\"x = \\(x)!\"", "\"<x = >\\(x)<!>\""), ("\"\\(a)\\(b)\"", "\"\\(a)\\(b)\""),
      ("\"\\(f(\"in \\(x + 1)\"))\"", "\"\\((call f \"<in >\\((+ x 1))\"))\""),
      ("\"\\({a: (1)}.a)\"", "\"\\((. (record a: (group 1)) a))\""),
      ("\"\"\"\na \\n \"b\"\n\"\"\"", "\"<a \\n \"b\"\n>\""), ("\"\"\"a\"\"\"", "\"<a>\""),
      ("\"\"\"\"\"\"", "\"\""),
      ("\"\"\"\r\na\"\"\"", "\"<a>\""),
      ("[]", "[]"), ("[1, 2,]", "[1 2]"), ("[[1], [2]]", "[[1] [2]]"),
      ("()", "(tuple )"), ("(a)", "(group a)"), ("(a,)", "(tuple a)"), ("(a, b)", "(tuple a b)"),
      ("{}", "(record )"), ("{a: 1, \"b c\": 2, if: 3,}", "(record a: 1, b c: 2, if: 3)"),
      ("{...r, lr: 0.2}", "(record ...r, lr: 0.2)"), ("{ a }", "{a}"), ("{ a; b }", "{a; b}"),
      ("{ f(a) }", "{(call f a)}"),
      ("[f(x) for x in xs if p(x)]", "[(call f x) for x xs if (call p x)]"),
      ("[x * y for (x, _) in a if x for y in b]", "[(* x y) for (x _) a if x for y b]"),
      ("f()", "(call f)"), ("f(a, k: 1, if: 2)", "(call f a k: 1 if: 2)"), ("f(a)(b)", "(call (call f a) b)"),
      ("x[1..3, ..]", "(index x (.. 1 3) (.. · ·))"),
      ("x[2.., ..5, ..=6]", "(index x (.. 2 ·) (.. · 5) (..= · 6))"),
      ("x[a..=b, -1]", "(index x (..= a b) (- 1))"), ("x[-2..]", "(index x (.. (- 2) ·))"),
      ("x[n + 1..,]", "(index x (.. (+ n 1) ·))"),
      ("run.model.if", "(. (. run model) if)"), ("x.T", "(. x T)"),
      ("() => 1", "(fn () 1)"), ("(x, y = 2, ...z) => x", "(fn (x y=2 ...z) x)"), ("(x) => x", "(fn (x) x)"),
      ("x => {a: 1}", "(fn (x) (record a: 1))"), ("x => { let a = 1; a }", "(fn (x) {(let a 1); a})"),
      ("x => {}", "(fn (x) (record ))"),
      ("_ => 1", "(fn (_) 1)"),
      ("if a { b }", "(if a {b})"), ("if a { } else { c }", "(if a {} else {c})"),
      ("if a { 1 } else if b { 2 } else { 3 }", "(if a {1} else (if b {2} else {3}))"),
      ("if a { 1 } else if b { 2 }", "(if a {1} else (if b {2}))"),
      ("if a { 1 } else { 2 } + 3", "(+ (if a {1} else {2}) 3)"), ("if x { a: 1 }", nil),
      ("for x in xs { f(x) }", "(for x xs {(call f x)})"),
      ("for (i, {a, b}) in xs { }", "(for (i {a b}) xs {})"),
      ("while a < b { break; continue }", "(while (< a b) {break; continue})"),
      ("try f(x) catch e { e.code }", "(try (call f x) e {(. e code)})"),
      ("try { a; b } catch { 0 }", "(try {a; b} · {0})"),
      ("try a + b catch e { }", "(try (+ a b) e {})"),
      ("use \"lab.maas\"", "(use <lab.maas>)"), ("f(use \"a\")", "(call f (use <a>))"),
    ] as [(String, String?)])
  func form(_ text: String, _ tree: String?) throws {
    guard let tree else {
      #expect(throws: Diagnostic.self) { try TreeSketch.of(text) }
      return
    }
    #expect(try TreeSketch.of(text) == tree)
  }

  @Test func spansAreTheTextRead() throws {
    let text = "let y = f(x, k: 1)[2].a + (b)"
    let program = try Parser.parse(Source(name: "test", text: text))
    guard case .bind(_, let value, _, _) = program.statements[0].form,
      case .binary(_, let sign, let left, let right) = value.form,
      case .field(let base, let name) = left.form,
      case .index(let call, _) = base.form, case .call(_, let arguments) = call.form
    else {
      Issue.record("another tree")
      return
    }
    let source = program.source
    #expect(source[program.statements[0].span] == text)
    #expect(source[value.span] == "f(x, k: 1)[2].a + (b)")
    #expect(source[sign] == "+")
    #expect(source[left.span] == "f(x, k: 1)[2].a")
    #expect(source[name.span] == "a")
    #expect(source[base.span] == "f(x, k: 1)[2]")
    #expect(source[call.span] == "f(x, k: 1)")
    #expect(source[arguments[1].span] == "k: 1")
    #expect(source[right.span] == "(b)")
  }
}
