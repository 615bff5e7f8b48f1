import Testing

@testable import Syntax

@Suite struct SyntaxErrorTests {
  /// Every error at its exact place.
  @Test(
    arguments: [
      // E0101
      ("let x = 3 ⟦4⟧", ErrorCode.unexpectedText), ("⟦)⟧", .unexpectedText), ("a ⟦}⟧", .unexpectedText),
      ("let x =⟦⟧", .unexpectedText),
      ("1 +⟦⟧\n\n", .unexpectedText), ("x +⟦*⟧ y", .unexpectedText), ("let ⟦if⟧ = 3", .unexpectedText),
      ("f(x,⟦,⟧ y)", .unexpectedText),
      ("⟦else⟧ { 3 }", .unexpectedText), ("x = y ⟦=⟧ 3", .unexpectedText), ("⟦+⟧3", .unexpectedText),
      ("let x⟦⟧\n", .unexpectedText),
      ("if⟦⟧\nx { 3 }", .unexpectedText), ("if x\n⟦{⟧ 3 }", .unexpectedText), ("if x⟦⟧\ny", .unexpectedText),
      ("x.⟦⟧\ny", .unexpectedText),
      ("⟦try⟧ f(x)", .unexpectedText), ("{a⟦,⟧ b}", .unexpectedText), ("{a: 1 ⟦b⟧: 2}", .unexpectedText),
      ("fn f⟦⟧", .unexpectedText),
      ("fn f(x)⟦⟧\nx", .unexpectedText), ("fn ⟦let⟧() = 1", .unexpectedText),
      ("fn f(⟦3⟧) = 1", .unexpectedText), ("let ⟦3⟧ = x", .unexpectedText),
      ("x[⟦]⟧", .unexpectedText), ("1..2⟦..⟧3", .unexpectedText), ("let x = ⟦“⟧abc”", .unexpectedText),
      ("x⟦²⟧", .unexpectedText),
      ("a ⟦\\⟧", .unexpectedText), ("\"\\(a ⟦b⟧)\"", .unexpectedText), ("(x => x ⟦=⟧ 3)", .unexpectedText),
      ("if a ⟦=⟧ 3 { }", .unexpectedText),
      ("model ⟦M⟧ { }", .unexpectedText), ("[a ⟦\"b\"⟧]", .unexpectedText), ("a\n⟦=>⟧ b", .unexpectedText),
      ("for x ⟦of⟧ xs { }", .unexpectedText),
      ("{...r, ⟦3⟧}", .unexpectedText), ("optimizer O() { state v⟦⟧\n}", .unexpectedText),
      ("⟦..⟧3", .unexpectedText), ("f(⟦..⟧)", .unexpectedText),
      // E0102
      ("⟦(⟧1, 2", .unclosed), ("f(1, ⟦[⟧2, 3)", .unclosed), ("let x = f⟦(⟧1,\nlet y = 2", .unclosed),
      ("if x ⟦{⟧ 1", .unclosed),
      ("let x = ⟦\"⟧abc\nlet y = 3", .unclosed), ("x = ⟦\"\"\"⟧\nabc", .unclosed),
      ("x = f⟦(⟧a\ny = 3", .unclosed), ("⟦{⟧a: 1\n", .unclosed),
      ("x⟦[⟧1)", .unclosed), ("\"a ⟦\\(⟧b", .unclosed), ("⟦\"⟧a \\(b) c", .unclosed),
      ("fn f() ⟦{⟧\nlet a = 3\n", .unclosed), ("fn f⟦(⟧a", .unclosed),
      ("⟦(⟧1 + ]", .unclosed), ("⟦\"⟧a\\", .unclosed), ("[⟦[⟧1, 2}, 3]", .unclosed),
      // E0103
      ("⟦99999999999999999999⟧", .badNumber), ("⟦9223372036854775808⟧", .badNumber),
      ("-⟦9223372036854775808⟧^2", .badNumber),
      ("⟦0xffffffffffffffff⟧", .badNumber), ("⟦1e999⟧", .badNumber), ("⟦1__0⟧", .badNumber),
      ("⟦1_⟧ + 2", .badNumber), ("⟦2x⟧", .badNumber),
      ("⟦0b101⟧", .badNumber), ("⟦1.⟧", .badNumber), ("f(⟦1.⟧)", .badNumber), ("⟦.5⟧", .badNumber),
      ("⟦1.5.2⟧", .badNumber), ("⟦0x⟧", .badNumber),
      ("⟦1e⟧", .badNumber), ("⟦1e+⟧", .badNumber), ("⟦3é⟧", .badNumber),
      ("-⟦9_223_372_036_854_775_809⟧", .badNumber),
      // E0105
      ("\"a ⟦\\q⟧ b\"", .badString), ("\"⟦\\u{zz}⟧\"", .badString), ("\"⟦\\u⟧41\"", .badString),
      ("\"⟦\\u{110000}⟧\"", .badString), ("\"⟦\\u{}⟧\"", .badString),
      ("\"\\(x) ⟦\\é⟧\"", .badString), ("\"⟦\\()⟧\"", .badString),
      // E0106
      ("a < b ⟦<⟧ c", .chainedComparison), ("a == b + 1 ⟦!=⟧ c", .chainedComparison),
      ("a in b ⟦in⟧ c", .chainedComparison), ("a < b ⟦<⟧", .chainedComparison),
      // E0107
      ("⟦return⟧ 3", .misplaced), ("⟦break⟧", .misplaced), ("⟦continue⟧", .misplaced),
      ("for x in y { f(() => { ⟦break⟧ }) }", .misplaced),
      ("⟦state⟧ v = 0", .misplaced), ("optimizer O() { if a { ⟦state⟧ v = 0 } }", .misplaced),
      ("model M() { ⟦var⟧ x = 3 }", .misplaced),
      ("model M() { ⟦print⟧(3) }", .misplaced), ("x |> ⟦y⟧ => y", .misplaced), ("a == ⟦not⟧ b", .misplaced),
      ("let r = [1⟦..⟧, 2]", .misplaced),
      ("x[(1⟦..⟧, 2)]", .misplaced), ("f(⟦...⟧xs)", .misplaced),
      ("⟦3⟧ = x", .misplaced), ("x ⟦==⟧ 3 = y", .misplaced),
      ("⟦true⟧ = 3", .misplaced), ("(a, b) ⟦+=⟧ 1", .misplaced), ("⟦_⟧ + 1", .misplaced),
      ("use ⟦\"⟧\\(a)\"", .misplaced), ("fn f(...x, ⟦y⟧) = 3", .misplaced),
      ("fn f(x = 1, ⟦y⟧) = 3", .misplaced), ("⟦f(x)⟧ += 1", .misplaced),
      ("optimizer O() { ⟦return⟧ 3 }", .misplaced), ("1 + ⟦explain⟧ x", .misplaced),
      // E0209
      ("{a: 1, ⟦a⟧: 2}", .duplicateName), ("fn f(x, ⟦x⟧) = 3", .duplicateName),
      ("let (a, ⟦a⟧) = p", .duplicateName), ("for {a, ⟦a⟧} in p { }", .duplicateName),
    ])
  func place(_ marked: String, _ code: ErrorCode) throws {
    let expected = Marked(marked)
    let error = try #require(Marked.error(expected.text))
    #expect(error.code == code)
    #expect(error.labels.first?.span == expected.span, "\(error.rendered())")
    #expect(error.source != nil)
  }

  /// The example of every syntax error raises it.
  @Test(
    arguments: ErrorCode.allCases.filter { $0.rawValue.hasPrefix("E01") && $0 != .invalidEncoding } + [
      .duplicateName
    ])
  func example(_ code: ErrorCode) {
    #expect(Marked.error(code.example)?.code == code)
  }

  /// All other examples can be read: what they raise, they raise when they run.
  @Test(arguments: ErrorCode.allCases)
  func catalogue(_ code: ErrorCode) {
    #expect(!code.title.isEmpty && code.title.first?.isUppercase != true)
    #expect(code.explanation.hasSuffix("."))
    #expect(!code.example.isEmpty)
    if !code.rawValue.hasPrefix("E01"), code != .duplicateName { #expect(Marked.error(code.example) == nil) }
  }

  @Test func theFirstErrorIsReported() {
    #expect(Marked.error("let = 3\nlet x = \"abc")?.code == .unexpectedText)
    #expect(Marked.error("let x = \"abc\nlet = 3")?.code == .unclosed)
    #expect(Marked.error("a b ** c")?.labels.first?.span == Span(2, 3))
  }

  // MARK: Depth

  @Test(arguments: [
    "(", "[", "{", "f(", "-", "not ", "x => ", "{a:", "\"\\(", "if x {", "x[", "fn f() {", "2^",
    "a == (b == ", "try ", "explain (", "[x for y in ",
    "for x in ", "while ", "() => ", "{...", "let (", "model M() { fn f() = ", "optimizer O() {", "f(x, ",
    "x |> (", "if a { } else ", "(x = ", "fn f(x = ",
  ])
  func depth(_ piece: String) {
    for count in [1, 255, 257, 2_000] {
      let error = Marked.error(String(repeating: piece, count: count))
      #expect(error != nil)
      if count > 20 { _ = error?.rendered() }
    }
  }

  @Test func twoHundredThousandBrackets() {
    for piece in ["(", "[", "{", "\"\\("] {
      let error = Marked.error(String(repeating: piece, count: 200_000))
      #expect(error?.code == .nestedTooDeeply)
    }
    let balanced = String(repeating: "(", count: 200_000) + "x" + String(repeating: ")", count: 200_000)
    #expect(Marked.error(balanced)?.code == .nestedTooDeeply)
  }

  @Test func nestingUpToTheLimit() throws {
    let count = Parser.nestingLimit - 1
    _ = try TreeSketch.of(String(repeating: "(", count: count) + "x" + String(repeating: ")", count: count))
    #expect(
      Marked.error(String(repeating: "(", count: count + 1) + "x" + String(repeating: ")", count: count + 1))?
        .code == .nestedTooDeeply)
    let chain = String(repeating: "if a { 1 } else ", count: 200) + "{ 2 }"
    #expect(Marked.error(chain) == nil)
  }

  @Test(arguments: [" + x", ".a", "[0]", "(1)", " |> f", " and y"])
  func longChains(_ link: String) throws {
    let source = Source(name: "test", text: "x" + String(repeating: link, count: 10_000))
    let program = try Parser.parse(source)
    #expect(Printer.text(of: program) == source.text + "\n")
    #expect(Marked.error("x" + String(repeating: link, count: 15_000))?.code == .nestedTooDeeply)
  }

  /// Chains inside chains add up: what counts is the height of the tree.
  @Test func chainsInChains() {
    let half = String(repeating: " + x", count: 7_000)
    #expect(Marked.error("(x\(half))\(half)")?.code == .nestedTooDeeply)
    #expect(Marked.error("[x\(half), x\(half), x\(half)]") == nil)
    #expect(Marked.error("x[0]" + String(repeating: "[0]", count: 9_000) + " = 1") == nil)
  }

  @Test func manyStatementsAreNoDepth() throws {
    let text = String(repeating: "x = x + 1\n", count: 20_000)
    #expect(try Parser.parse(Source(name: "test", text: text)).statements.count == 20_000)
  }
}
