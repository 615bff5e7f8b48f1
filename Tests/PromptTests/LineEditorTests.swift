import Builtins
import Runtime
import Syntax
import Testing

@testable import Prompt

/// What keys do to a text, without a terminal.
@Suite struct LineEditorTests {
  func editor(_ text: String, cursor: Int? = nil, completer: (any Completer)? = nil) -> LineEditor {
    let editor = LineEditor(completer: completer, isIncomplete: Sigil.isIncomplete)
    editor.restart(LineText(text, cursor: cursor))
    return editor
  }

  /// As libedit would, one letter after the other.
  func type(_ text: String, into editor: LineEditor) {
    for scalar in text.unicodeScalars {
      var line = editor.line
      line.insert(String(scalar))
      editor.note(line)
    }
  }

  @Test func wordsAreUndoneOneByOne() {
    let editor = editor("")
    type("let 学习率 = 1", into: editor)
    var steps = [editor.line.string]
    while editor.run(.undo) == .goOn { steps.append(editor.line.string) }
    #expect(steps == ["let 学习率 = 1", "let 学习率 = ", "let 学习率 ", "let ", ""])
    while editor.run(.redo) == .goOn {}
    #expect(editor.line.string == "let 学习率 = 1")
  }

  @Test func aPasteIsUndoneAtOnce() {
    let editor = editor("")
    type("a", into: editor)
    editor.paste("b c\nd e\n")
    #expect(editor.line.string == "ab c\nd e")
    _ = editor.run(.undo)
    #expect(editor.line.string == "a")
  }

  @Test func theLiveLineSurvivesUpAndDown() {
    let editor = editor("")
    for text in ["first", "second\nline"] { editor.recall.add(text) }
    editor.restart()
    let long = String(repeating: "x", count: 5_000)
    type(long, into: editor)
    _ = editor.run(.up)
    #expect(editor.line.string == "second\nline")
    _ = editor.run(.up)  // within the text
    #expect(editor.line.string == "second\nline")
    _ = editor.run(.up)
    #expect(editor.line.string == "first")
    #expect(editor.run(.up) == .refuse)
    _ = editor.run(.down)
    _ = editor.run(.down)
    #expect(editor.line.string == long)
    #expect(editor.run(.down) == .refuse)
  }

  @Test func bracesFallInLine() {
    let editor = editor("for x in xs {", cursor: nil)
    _ = editor.run(.enter)
    #expect(editor.line.string == "for x in xs {\n  ")
    _ = editor.run(.closingBrace)
    #expect(editor.line.string == "for x in xs {\n}")
    #expect(editor.run(.enter) == .handOver)
  }

  @Test(arguments: [
    ("fn f(x) {", true), ("## 说明", true), ("# a remark", false), ("1 +", true), (":time (1 +", true),
    (":time 1", false),
    ("?Adam", false), ("!echo (", false), ("|> map(x =>", true), ("let s = \"\"\"a", true), (") oops", false),
  ])
  func knowsWhatGoesOn(text: String, isIncomplete: Bool) {
    #expect(Sigil.isIncomplete(text) == isIncomplete)
  }

  @Test(arguments: [
    ("le", InputContext.name(start: 0, call: nil)), ("x.sha", .field(path: ["x"], start: 2)),
    ("a.b.", .field(path: ["a", "b"], start: 4)), ("f(x).sh", .nothing), ("# le", .nothing),
    ("1.5", .nothing),
    ("\"da", .string(start: 1)), ("csv(\"学", .string(start: 5)),
    ("\"done\" + na", .name(start: 9, call: nil)),
    ("\"\\(na", .name(start: 3, call: nil)), ("1; 学", .name(start: 3, call: nil)),
    ("f(", .name(start: 2, call: .init(path: ["f"], named: [], startsArgument: true))),
    (
      "t.Adam(lr: 1, be",
      .name(start: 14, call: .init(path: ["t", "Adam"], named: ["lr"], startsArgument: true))
    ),
    ("f(g(1), x + ", .name(start: 12, call: .init(path: ["f"], named: [], startsArgument: false))),
    ("f([1, ", .name(start: 6, call: nil)), ("f(1) + ", .name(start: 7, call: nil)),
  ])
  func knowsWhatIsBeingWritten(text: String, context: InputContext) {
    #expect(InputContext.read(text) == context)
  }

  @Test func everyCommandIsHelpedCompletedAndChecked() {
    let session = makeSession(output: { _ in })
    let completer = SessionCompleter(session)
    for command in Command.all {
      #expect(!command.summary.isEmpty)
      #expect(Command.parse(command.name)?.command.name == command.name)
      guard command.isTyped else { continue }
      let start = String(command.name.dropLast())
      let completion = completer.completion(of: LineText(start))
      #expect(completion?.candidates.contains { $0.text.trimmingBlanks == command.name } == true)
    }
    #expect(Set(Command.all.map(\.name)).count == Command.all.count)
    #expect(EditCommand.allCases.count <= 32, "as many as CEdit has functions for")
  }

  @Test func completionLooksOnlyAtWhatIsThere() throws {
    var printed = ""
    let session = makeSession(output: { printed += $0 })
    _ = try session.run(
      Source(
        name: "test", text: "let r = {a: {学: 1}}\nfn loud() { print(1); {field: 2} }\nlet m = Dense(2, 3)"),
      arguments: [])
    let completer = SessionCompleter(session)
    func candidates(_ text: String) -> [String] {
      completer.completion(of: LineText(text))?.candidates.map(\.text) ?? []
    }
    #expect(candidates("r.") == ["a"])
    #expect(candidates("r.a.") == ["学"])
    #expect(candidates("loud().") == [])
    #expect(candidates("m.we") == ["weight"])
    #expect(candidates("m.weight.sh") == ["shape"])
    #expect(candidates("Dense(2, 3, bia") == ["bias: "])
    #expect(candidates("Dense(2, bias: true, bia") == [])
    #expect(candidates("torch.Ada").contains("Adam"))
    #expect(candidates("let total = 1; tot") == ["total"])
    #expect(candidates("") == [])
    #expect(printed == "")
  }

  @Test func graphicsAreReadFromTheAnswer() {
    #expect(TerminalGraphics.kind(of: "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?62;22c") == .kitty)
    #expect(TerminalGraphics.kind(of: "\u{1b}_Gi=31;ENOTSUP\u{1b}\\\u{1b}[?62;4c") == .sixel)
    #expect(TerminalGraphics.kind(of: "\u{1b}[?4;22c") == nil, "the first number is the terminal's class")
    #expect(TerminalGraphics.kind(of: "") == nil)
    #expect(KittyGraphics.base64(Array("Man".utf8)) == "TWFu")
    #expect(KittyGraphics.base64(Array("Ma".utf8)) == "TWE=")
    #expect(KittyGraphics.base64(Array("M".utf8)) == "TQ==")
    let picture = Picture(width: 2, height: 1, bytes: [255, 0, 0, 0, 0, 255])
    #expect(Sixel.text(picture) == "\u{1b}Pq\"1;1;2;1#5;2;0;0;100#180;2;100;0;0#5?@$#180@?-\u{1b}\\")
  }
}
