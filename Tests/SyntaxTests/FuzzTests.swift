import Fuzzing
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
    var mutation = TextMutation(seed: seed)
    for _ in 0..<100 {
      let bytes = mutation.bytes()
      if let source = try? Source.decoding(name: "fuzz", bytes: bytes) { read(source.text) }
      read(String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test(arguments: 100..<140)
  func tokens(_ seed: UInt64) {
    var mutation = TextMutation(seed: seed)
    for _ in 0..<150 { read(mutation.soup(30)) }
  }

  @Test(arguments: 200..<240)
  func mutations(_ seed: UInt64) {
    var mutation = TextMutation(seed: seed)
    for _ in 0..<30 {
      let (text, other) = (
        mutation.numbers.pick(SamplePrograms.all), mutation.numbers.pick(SamplePrograms.all)
      )
      read(String(decoding: mutation.mutated(text, other: other), as: UTF8.self))
    }
  }
}
