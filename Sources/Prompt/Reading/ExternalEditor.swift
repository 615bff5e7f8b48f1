import Glibc
import Syntax

/// A text in the user's own editor.
enum ExternalEditor {
  enum Outcome {
    case text(String)
    /// Why there is no text, in a sentence.
    case failed(String)
  }

  /// `$VISUAL`, `$EDITOR`, or the first of the usual ones that is there.
  static var program: String? {
    for name in ["VISUAL", "EDITOR"] {
      if let program = environmentValue(name), !program.isEmpty { return program }
    }
    return ["editor", "nano", "vim", "vi"].first { name in
      (environmentValue("PATH") ?? "").split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }
  }

  /// `$TMPDIR` where that is a folder one can write to.
  private static var temporaryFolder: String {
    guard let folder = environmentValue("TMPDIR"), folder.hasPrefix("/"), access(folder, W_OK | X_OK) == 0
    else {
      return "/tmp"
    }
    return folder
  }

  /// Waits until the editor ends; the text without line breaks at its end.
  static func edit(_ text: String) -> Outcome {
    guard let program else { return .failed("there is no editor: set EDITOR to one") }
    var template = Array("\(temporaryFolder)/maas-XXXXXX.maas".utf8CString)
    let file = mkstemps(&template, 5)
    guard file >= 0 else { return .failed("no file can be made: \(String(cString: strerror(errno)))") }
    close(file)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    do throws(Diagnostic) {
      try ScriptFile.write(text.isEmpty ? "" : text.endingInNewline, path: path)
      let status = ShellCommand.run("\(program) \(ShellCommand.quoted(path))")
      guard status == 0 else { return .failed("`\(program)` ended with status \(status)") }
      var edited = try ScriptFile.read(path: path).text
      while edited.last?.isNewline == true { edited.removeLast() }
      return .text(edited)
    } catch {
      return .failed(error.message)
    }
  }
}
