import Fuzzing
import Testing

@testable import Syntax

@Suite struct PrinterTests {
  private func parse(_ text: String) throws -> Program { try Parser.parse(Source(name: "test", text: text)) }

  @Test(arguments: SamplePrograms.all)
  func programs(_ text: String) throws {
    let program = try parse(text)
    let printed = Printer.text(of: program)
    let again = try parse(printed)
    #expect(TreeSketch.of(again) == TreeSketch.of(program))
    #expect(Printer.text(of: again) == printed)
    // Without the source at hand too.
    for statement in program.statements {
      let text = Printer.text(of: statement)
      #expect(try TreeSketch.of(text) == TreeSketch.of(statement))
    }
  }

  @Test(arguments: [
    ("let  x=3+4*2", "let x = 3 + 4 * 2"), ("x^2", "x^2"), ("2 ^ -1", "2 ^ -1"),
    ("f( a,k :1 )", "f(a, k: 1)"), ("(x)=>x", "x => x"),
    ("fn f(x){x}", "fn f(x) { x }"), ("0x1F + 1_000 + 1e-3", "0x1F + 1_000 + 1e-3"), ("a;", "a;"),
    ("{ a;b }", "{\n  a\n  b\n}"),
    ("x[1.. ,..]", "x[1.., ..]"), ("if a{b}else{c}", "if a { b } else { c }"), ("(a ,)", "(a,)"),
    ("not  a", "not a"),
  ])
  func layout(_ text: String, _ expected: String) throws {
    #expect(Printer.text(of: try parse(text)) == expected + "\n")
  }

  @Test(arguments: [
    (0.001, "0.001"), (1e21, "1e21"), (1e-5, "1e-5"), (3.0, "3.0"), (2.5e-300, "2.5e-300"),
    (1.7976931348623157e308, "1.7976931348623157e308"),
  ])
  func floats(_ value: Double, _ text: String) {
    #expect(Printer.text(of: Expression(.float(value), Span(0, 0))) == text)
  }

  @Test func parenthesesWhereATreeNeedsThem() {
    func name(_ text: String) -> Expression { Expression(.name(text), Span(0, 0)) }
    func make(_ form: Expression.Form) -> Expression { Expression(form, Span(0, 0)) }
    func binary(_ sign: BinaryOperator, _ a: Expression, _ b: Expression) -> Expression {
      make(.binary(sign, Span(0, 0), a, b))
    }
    let sum = binary(.add, name("a"), name("b"))
    #expect(Printer.text(of: binary(.multiply, sum, sum)) == "(a + b) * (a + b)")
    #expect(Printer.text(of: binary(.power, binary(.power, name("a"), name("b")), name("c"))) == "(a^b)^c")
    #expect(Printer.text(of: binary(.subtract, name("a"), sum)) == "a - (a + b)")
    #expect(Printer.text(of: make(.unary(.negate, sum))) == "-(a + b)")
    #expect(Printer.text(of: make(.call(sum, []))) == "(a + b)()")
    #expect(Printer.text(of: binary(.power, make(.integer(.min)), name("x"))) == "(-9223372036854775808)^x")
  }

  /// Random trees, printed and read again, are the same trees.
  @Test(arguments: 0..<40)
  func generated(_ seed: UInt64) throws {
    var generator = TreeGenerator(seed: seed)
    for _ in 0..<50 {
      let tree = generator.statement()
      let text = Printer.text(of: tree)
      do {
        let program = try parse(text)
        #expect(program.statements.count == 1)
        #expect(TreeSketch.of(program, groups: false) == TreeSketch.of(tree, groups: false), "\(text)")
        #expect(Printer.text(of: program) == text + "\n")
      } catch let error as Diagnostic {
        Issue.record("\(error.rendered())\n\(text)\n\(TreeSketch.of(tree))")
      }
    }
  }
}
