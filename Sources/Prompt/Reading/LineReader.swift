import CEdit
import Glibc
import Syntax

/// Reads inputs at a terminal with libedit: keys as in emacs, Enter inserts a line while the input is incomplete,
/// Up and Ctrl-R bring back what was remembered, here or in earlier sessions.
package final class LineReader: InputReader {
  private let editor: OpaquePointer
  private let file: HistoryFile?
  private let colour: Bool
  private let rules: InputRules
  private var lastRemembered: String?

  /// - Parameters:
  ///   - file: where the history outlives the session; `nil` keeps it in memory alone.
  ///   - drawsOnStandardError: for a standard output that is no terminal.
  /// - Returns: `nil` with `errno` when the terminal refuses.
  package init?(file: HistoryFile?, colour: Bool, drawsOnStandardError: Bool) {
    // Where no UTF-8 can be had the prompt still works, for ASCII.
    _ = cedit_use_utf8()
    guard let editor = cedit_open("maas", drawsOnStandardError) else { return nil }
    self.editor = editor
    self.file = file
    self.colour = colour
    rules = InputRules()
    for text in file?.load() ?? [] { addToEditor(text) }
    cedit_set_is_incomplete(
      editor,
      { context, bytes, length in
        guard let context, let bytes else { return false }
        return Unmanaged<InputRules>.fromOpaque(context).takeUnretainedValue().goesOn(after: bytes, length)
      }, Unmanaged.passUnretained(rules).toOpaque())
  }

  deinit { cedit_close(editor) }

  package func read(prompt: String, continuation: String) -> Input {
    rules.earlier = ""
    var shown = prompt
    while true {
      cedit_set_prompt(editor, styled(shown))
      var bytes: UnsafeMutablePointer<CChar>?
      var length = 0
      let outcome = cedit_read(editor, &bytes, &length)
      defer { free(bytes) }
      switch outcome {
      case CEDIT_TEXT:
        let text = rules.earlier + Self.text(bytes, length)
        // A text as tall as the window is handed over in parts.
        guard Parser.isIncomplete(text) else { return .text(text) }
        rules.earlier = text + "\n"
        shown = continuation
      case CEDIT_INTERRUPTED: return .interrupted
      case CEDIT_END: return rules.earlier.isEmpty ? .end : .text(rules.earlier)
      default: return .failed(String(cString: strerror(errno)))
      }
    }
  }

  package func remember(_ text: String) {
    guard text != lastRemembered else { return }
    addToEditor(text)
    // A history that cannot be written is no reason to disturb the session.
    _ = file?.append(text)
  }

  private func addToEditor(_ text: String) {
    guard text != lastRemembered, !text.utf8.contains(0) else { return }
    lastRemembered = text
    _ = cedit_add_history(editor, text)
  }

  /// The prompt in green; libedit wants a printable character behind the last escape sequence.
  private func styled(_ prompt: String) -> String {
    guard colour, prompt.last == " " else { return prompt }
    return "\u{1}\u{1b}[32m\u{1}" + prompt.dropLast() + "\u{1}\u{1b}[0m\u{1} "
  }

  private static func text(_ bytes: UnsafeMutablePointer<CChar>?, _ length: Int) -> String {
    guard let bytes else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
  }
}

/// Decides at Enter, for the editor.
private final class InputRules {
  /// The lines of this input that were handed over already.
  var earlier = ""

  func goesOn(after bytes: UnsafePointer<CChar>, _ length: Int) -> Bool {
    let text = String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
    return Parser.isIncomplete(earlier + text)
  }
}
