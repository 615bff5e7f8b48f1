import Testing

@testable import Syntax

/// No input, however wrong, does more than raise one diagnostic.
@Suite struct FuzzTests {
  private func read(_ text: String) {
    let source = Source(name: "fuzz", text: text)
    do throws(Diagnostic) {
      let program = try Parser.parse(source)
      // What can be read can be printed and read again.
      let printed = Printer.text(of: program)
      let again = try Parser.parse(Source(name: "fuzz", text: printed))
      #expect(TreeSketch.of(again) == TreeSketch.of(program), "\(text)")
    } catch {
      #expect(!error.message.isEmpty)
      #expect(error.code.rawValue.hasPrefix("E01") || error.code == .duplicateName)
      for label in error.labels {
        #expect(
          label.span.start >= 0 && label.span.start <= label.span.end
            && Int(label.span.end) <= max(source.bytes.count, error.source?.bytes.count ?? 0))
      }
      let rendered = error.rendered(width: 60)
      #expect(!rendered.split(separator: "\n").contains { $0.hasSuffix(" ") }, "\(text)")
    }
    _ = Parser.isIncomplete(text)
    for (_, span) in TopLevelIndex.definitions(in: source) { #expect(Int(span.end) <= source.bytes.count) }
  }

  @Test(arguments: 0..<20)
  func bytes(_ seed: UInt64) {
    var numbers = SeededNumbers(state: seed)
    for _ in 0..<100 {
      let count = Int.random(in: 0..<200, using: &numbers)
      let limit: UInt8 = Bool.random(using: &numbers) ? 255 : 127
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...limit, using: &numbers) }
      if let source = try? Source.decoding(name: "fuzz", bytes: bytes) { read(source.text) }
      read(String(decoding: bytes, as: UTF8.self))
    }
  }

  private static let words =
    TokenKind.words.keys.sorted() + [
      "model", "optimizer", "state", "whole", "use", "x", "f", "θ", "1", "2.5", "0xff", "\"a\"", "\"\\(",
      "\"", "\"\"\"", "(", ")", "[", "]", "{", "}", ",", ";",
      ":", ".", "..", "..=", "...", "=", "=>", "|>", "+", "-", "*", "/", "//", "%", "@", "^", "==", "!=", "<",
      "<=", ">", ">=", "+=", "//=", "**", "&&", "||", "!",
      "++", "--", ":=", "->", "?", ".*", "~", "~=", "===", "<>", "$", "&", "|", "'", "\\", "#", "## d", "\n",
      "\n", "\n", "_", "def", "lambda", "elif", "import",
      "print", "is", "1:n", "\t", "é", "学", "“", "2x", ".5", "1.", "_1", "at", "{a:", "x =>", "(x) =>", "f(",
      "if x {", "} else {", "for x in", "let x =",
    ]

  @Test(arguments: 100..<140)
  func tokens(_ seed: UInt64) {
    var numbers = SeededNumbers(state: seed)
    for _ in 0..<150 {
      var text = ""
      for _ in 0..<Int.random(in: 1..<30, using: &numbers) {
        text += FuzzTests.words.randomElement(using: &numbers) ?? ""
        if Int.random(in: 0..<4, using: &numbers) > 0 { text += " " }
      }
      read(text)
    }
  }

  @Test(arguments: 200..<240)
  func mutations(_ seed: UInt64) {
    var numbers = SeededNumbers(state: seed)
    for _ in 0..<30 {
      var bytes = Array((SamplePrograms.all.randomElement(using: &numbers) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &numbers) { mutate(&bytes, &numbers) }
      read(String(decoding: bytes, as: UTF8.self))
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
    guard bytes.count > 2 else { return }
    let start = Int.random(in: 0..<bytes.count, using: &numbers)
    let end = min(bytes.count, start + Int.random(in: 0..<20, using: &numbers))
    switch Int.random(in: 0..<5, using: &numbers) {
    case 0: bytes.removeSubrange(start..<end)
    case 1: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &numbers))
    case 2:
      bytes.insert(contentsOf: Array((FuzzTests.words.randomElement(using: &numbers) ?? "").utf8), at: start)
    case 3: bytes.removeSubrange(start...)
    default: bytes[start] = UInt8.random(in: 0x20...0x7e, using: &numbers)
    }
  }
}
