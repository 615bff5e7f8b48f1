import Foundation
import Fuzzing
import Syntax
import Testing

/// `maas-repl format`: every script of the project keeps its meaning, and a second time changes nothing.
@Suite struct FormatterTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().standardized

  static let scripts: [String] = ["stdlib", "scripts", "Tests/Programs", "Tests/EndToEnd"].flatMap {
    folder -> [String] in
    let files = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".maas") }.map {
      "\(folder)/\($0)"
    }
  }

  @Test(arguments: scripts)
  func script(_ path: String) throws {
    let text = try String(contentsOf: FormatterTests.root.appending(path: path), encoding: .utf8)
    let source = Source(name: path, text: text)
    // Wrong programs cannot be laid out.
    guard let program = try? Parser.parse(source) else { return }
    let once = try Formatter.format(source)
    let again = Source(name: path, text: once)
    #expect(Printer.text(of: try Parser.parse(again)) == Printer.text(of: program))
    #expect(try Formatter.format(again) == once)
    #expect(FormatterTests.comments(in: once) == FormatterTests.comments(in: text))
  }

  /// Programs made from a seed keep their meaning too.
  @Test(arguments: 0..<20)
  func generated(_ seed: UInt64) throws {
    var written = WrittenProgram(seed: seed)
    var trees = TreeGenerator(seed: seed)
    for _ in 0..<20 {
      for text in [written.text(), Printer.text(of: trees.statement())] {
        let source = Source(name: "generated", text: text)
        guard let program = try? Parser.parse(source) else { continue }
        let once = try Formatter.format(source)
        let again = Source(name: "generated", text: once)
        #expect(Printer.text(of: try Parser.parse(again)) == Printer.text(of: program), "\(text)")
        #expect(try Formatter.format(again) == once, "\(text)")
      }
    }
  }

  /// What stands behind `#`, in order, in texts without `#` inside of strings.
  private static func comments(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.firstIndex(of: "#").map { String(line[$0...]).trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test(arguments: [
    ("let  x=3+4*2", "let x = 3 + 4 * 2"), ("f( a,k :1 )", "f(a, k: 1)"), ("x ^2", "x^2"), ("2^-1", "2 ^ -1"),
    ("(x)=>-x", "(x) => -x"), ("a - -b", "a - -b"), ("fn f(x){x}", "fn f(x) { x }"),
    ("x[1.. ,..]", "x[1.., ..]"),
    ("{a:1,...r}", "{a: 1, ...r}"), ("if a{b}else{c}", "if a { b } else { c }"), ("a;", "a;"),
    ("f()# c", "f()  # c"), ("\n\n\nlet a = 1\n\n\n\nlet b = 2", "let a = 1\n\nlet b = 2"),
    ("if a { b }\nelse { c }", "if a { b } else { c }"),
    ("fn f(x) { let y = x\ny }", "fn f(x) {\n  let y = x\n  y\n}"),
    ("x\n|> f\n|> g", "x\n  |> f\n  |> g"), ("f(a,\nb)", "f(a,\n  b)"), ("let {a,b}=r", "let {a, b} = r"),
    ("(a,_)=p", "(a, _) = p"), ("not  a", "not a"), ("for (x,y) in z{ }", "for (x, y) in z { }"),
    ("\"a \\( f( x ) ) b\"", "\"a \\( f( x ) ) b\""), ("x.T @ w", "x.T @ w"),
    ("let t = (1 ,)", "let t = (1,)"),
    ("return", "return"),
  ])
  func layout(_ text: String, _ expected: String) throws {
    let program = text == "return" ? "fn f() { return }" : text
    let wanted = text == "return" ? "fn f() { return }" : expected
    #expect(try Formatter.format(Source(name: "test", text: program)) == wanted + "\n")
  }

  @Test func wideLinesAreBroken() throws {
    let call = "let run = fit(" + (1...12).map { "argument\($0): \($0)" }.joined(separator: ", ") + ")"
    let text = try Formatter.format(Source(name: "test", text: call))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(text.hasPrefix("let run = fit(\n  argument1: 1,\n"))
    let sum = "let total = " + (1...20).map { "summand\($0)" }.joined(separator: " + ")
    let lines = try Formatter.format(Source(name: "test", text: sum)).split(separator: "\n")
    #expect(lines.count > 1 && lines.allSatisfy { $0.count <= 100 })
  }

  /// Found by fuzzing: a line broken inside a block made that block tall only the second time.
  @Test func aBrokenLineOpensItsBlockAtOnce() throws {
    let program = #"""
      let (xs1, a2) = grad(r => ones(0, 1))(maximum([2, c], (not xs)))
      fn r(a1, t2 = (1e300 * r)) {
      for a in floor((xs + -2.5)) {
      try { {a: a, b: r} } catch e { print(e.message) }
      }
      (xs => make_run(1000000, c, 0)) |> end_progress
      }
      c -= ((grad(xs, 1000000) // {a: 1e300, b: a}))[((not f)).size]
      if (r => (softplus(4611686018427387904, 1e-3) and (if f { 0 } else { a }))) { try { for b in (1e300)[..] {
      values(t)
      } } catch e { print(e.message) } } else { print((lower(-9223372036854775808) ^ (-f))) }
      b["text \((xs => a))"] = gelu({a: acos(a), b: randn(1, 1)}, (grad(b => c)(r))[..2])
      print(string(i64((f // 3), (not 1000000))))
      var c = ["text \([1e-3, -2.5])" for t in "text \((-9223372036854775808 < 1))"]
      print(equal((not zeros(2, 3))))
      """#
    let once = try Formatter.format(Source(name: "fuzz", text: program))
    #expect(try Formatter.format(Source(name: "fuzz", text: once)) == once)
  }
}
