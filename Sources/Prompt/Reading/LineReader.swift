import CEdit
import Glibc
import Syntax

/// Reads inputs at a terminal: libedit edits, and the frames drawn here are what is seen.
package final class LineReader: InputReader {
  private var handle: OpaquePointer?
  private let editor: LineEditor
  private let terminal: Terminal
  private let history: SharedHistory?
  private let canvas: BufferedOutput
  private var screen = FrameScreen()
  private let isLibraryName: (String) -> Bool
  private let reflows = Terminal.reflows()
  private var prompt = ""
  package var colours: Bool
  /// What is to be said before the first input.
  package private(set) var remark: String?

  /// - Parameters:
  ///   - terminal: where the lines are drawn.
  ///   - history: where inputs outlive the session; `nil` keeps them in memory alone.
  ///   - isLibraryName: whether a name is the library's, for its colour.
  /// - Returns: `nil` when the terminal refuses.
  package init?(
    terminal: Terminal, history: HistoryFile?, completer: (any Completer)?,
    isIncomplete: @escaping (String) -> Bool, isLibraryName: @escaping (String) -> Bool
  ) {
    // Where no UTF-8 can be had the prompt still works, for ASCII.
    _ = cedit_use_utf8()
    (self.terminal, self.isLibraryName) = (terminal, isLibraryName)
    self.history = history.map(SharedHistory.init)
    colours = terminal.usesColour
    canvas = BufferedOutput(descriptor: terminal.descriptor)
    editor = LineEditor(completer: completer, isIncomplete: isIncomplete)
    handle = cedit_open("maas", terminal.descriptor, !terminal.isCapable, client)
    guard let handle else { return nil }
    cedit_read_settings(handle)
    for (keys, name) in EditCommand.standardKeys { _ = cedit_bind_standard(handle, keys, name) }
    for command in EditCommand.allCases {
      for keys in command.keys {
        guard cedit_bind(handle, command.rawValue, "maas-\(command)", keys, command.isForEveryMode) else {
          return nil
        }
      }
    }
    remark = self.history?.mend()
    for text in self.history?.load() ?? [] { editor.recall.add(text) }
  }

  deinit { cedit_close(handle) }

  package var mended: String? {
    get { editor.mended }
    set { editor.mended = newValue }
  }
  package var suggests: Bool {
    get { editor.suggests }
    set { editor.suggests = newValue }
  }
  package var remembered: [String] { editor.recall.entries.filter { !$0.isForeign }.map(\.text) }

  package func remember(_ text: String) {
    editor.recall.add(text)
    history?.append(text)
  }

  package func read(prompt: String, begin: String) -> Input {
    guard let handle else { return .failed("there is no terminal") }
    for text in history?.news() ?? [] { editor.recall.add(text, isForeign: true) }
    self.prompt = prompt
    _ = cedit_set_prompt(handle, prompt)
    editor.restart()
    let initial = begin.unicodeScalars.map(\.value)
    let outcome = cedit_read(handle, initial, initial.count)
    let reason = errno
    defer { cedit_prepare_terminal(handle, false) }
    takeFromLibedit()
    switch outcome {
    case CEDIT_TEXT:
      finish(editor.line.string)
      return .text(editor.line.string)
    case CEDIT_INTERRUPTED:
      finish(editor.line.string + "^C")
      return .interrupted
    case CEDIT_END:
      if terminal.isCapable {
        finish("")
      } else {
        canvas.write("\n")
        canvas.flush()
      }
      return .end
    default: return .failed(String(cString: strerror(reason)))
    }
  }

  // MARK: What is seen

  /// The whole input stays on the screen, without what helped to write it.
  private func finish(_ text: String) {
    guard terminal.isCapable else { return }
    var content = FrameLayout.Content(prompt: prompt, line: LineText(text))
    if colours {
      content.inks = SourceColours(isLibraryName: isLibraryName).inks(LineText(text), showsPartner: false)
    }
    draw(content, whole: true)
    canvas.write(screen.leave())
    canvas.flush()
  }

  fileprivate func show() {
    guard terminal.isCapable else { return }
    takeFromLibedit()
    let columns = terminal.window.columns
    var content = FrameLayout.Content(prompt: prompt, line: editor.line)
    if colours { content.inks = SourceColours(isLibraryName: isLibraryName).inks(editor.line) }
    content.suggestion = editor.suggestion
    if let search = editor.search {
      markFound(search, &content)
      content.below = [searchRow(search)]
    } else if let menu = editor.menu {
      content.below = menu.rows(columns: columns)
    }
    draw(content, whole: false)
  }

  private func draw(_ content: FrameLayout.Content, whole: Bool) {
    let (columns, rows) = terminal.window
    let frame = FrameLayout.frame(content, columns: columns, height: whole ? nil : rows, colour: colours)
    canvas.write(screen.draw(frame, columns: columns))
    canvas.flush()
  }

  private func markFound(_ search: HistorySearch, _ content: inout FrameLayout.Content) {
    let text = editor.line.string
    guard !search.pattern.isEmpty, !search.hasFailed, let match = search.match(in: text) else { return }
    if content.inks.isEmpty { content.inks = Array(repeating: .plain, count: editor.line.scalars.count) }
    let lower = text.unicodeScalars.distance(from: text.startIndex, to: match.lowerBound)
    let upper = text.unicodeScalars.distance(from: text.startIndex, to: match.upperBound)
    for place in lower..<min(upper, content.inks.count) { content.inks[place] = .match }
  }

  private func searchRow(_ search: HistorySearch) -> [InkedText] {
    let found = search.hasFailed ? "nothing earlier has " : "search: "
    let keys = search.pattern.isEmpty ? "   type to find an earlier input" : "   ^R older  ^S newer  ^G back"
    return [InkedText(found, .hint), InkedText(search.pattern), InkedText(keys, .hint)]
  }

  // MARK: libedit's questions

  private var client: cedit_client {
    cedit_client(
      context: Unmanaged.passUnretained(self).toOpaque(),
      show: { LineReader.of($0)?.show() },
      takes: { LineReader.of($0)?.takes($1) ?? false },
      run: { LineReader.of($0)?.run($1) ?? CEDIT_REFUSE },
      paste: { LineReader.of($0)?.paste($1, $2) },
      window: { LineReader.of($0)?.windowChanged(resumed: $1) })
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> LineReader? {
    context.map { Unmanaged<LineReader>.fromOpaque($0).takeUnretainedValue() }
  }

  private func takeFromLibedit() {
    guard let handle else { return }
    var (length, cursor) = (0, 0)
    guard let text = cedit_text(handle, &length, &cursor) else { return }
    let scalars = UnsafeBufferPointer(start: text, count: length).map { Unicode.Scalar($0) ?? "\u{fffd}" }
    editor.note(LineText(scalars, cursor: cursor))
  }

  private func giveToLibedit() {
    guard let handle else { return }
    let scalars = editor.line.scalars.map(\.value)
    _ = cedit_replace(handle, scalars, scalars.count, editor.line.cursor)
  }

  fileprivate func takes(_ key: UInt32) -> Bool {
    takeFromLibedit()
    guard editor.takes(Unicode.Scalar(key) ?? "\u{fffd}") else { return false }
    giveToLibedit()
    return true
  }

  fileprivate func run(_ number: Int32) -> cedit_answer {
    guard let command = EditCommand(rawValue: number) else { return CEDIT_REFUSE }
    takeFromLibedit()
    let answer = editor.run(command)
    giveToLibedit()
    switch answer {
    case .goOn: return CEDIT_GO_ON
    case .refuse: return CEDIT_REFUSE
    case .handOver: return CEDIT_HAND_OVER
    case .leave: return CEDIT_LEAVE
    case .giveUp: return CEDIT_GIVE_UP
    case .clearScreen:
      screen.forget()
      if terminal.isCapable { canvas.write("\u{1b}[H\u{1b}[2J") }
      return CEDIT_GO_ON
    case .editElsewhere:
      editElsewhere()
      return CEDIT_GO_ON
    }
  }

  fileprivate func paste(_ text: UnsafePointer<UInt32>?, _ length: Int) {
    takeFromLibedit()
    var view = String.UnicodeScalarView()
    view.append(contentsOf: UnsafeBufferPointer(start: text, count: length).compactMap { Unicode.Scalar($0) })
    editor.paste(String(view))
    giveToLibedit()
  }

  fileprivate func windowChanged(resumed: Bool) {
    guard terminal.isCapable else { return }
    if resumed {
      screen.forget()
      canvas.write("\r\u{1b}[K")
    } else {
      canvas.write(screen.resize(reflows: reflows, columns: terminal.window.columns))
    }
  }

  /// The text in `$EDITOR`, and back.
  private func editElsewhere() {
    guard let handle else { return }
    if terminal.isCapable {
      canvas.write(screen.leave())
      canvas.flush()
    }
    cedit_prepare_terminal(handle, false)
    let edited = ExternalEditor.edit(editor.line.string)
    cedit_prepare_terminal(handle, true)
    if case .text(let text) = edited { editor.replace(with: text) }
    giveToLibedit()
  }
}
