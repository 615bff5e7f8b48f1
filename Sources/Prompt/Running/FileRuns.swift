import Checking
import Glibc
import Syntax

/// One run of `maas-repl check`.
package struct CheckRun: Sendable {
  private let paths: [String]
  package init(paths: [String]) { self.paths = paths }

  package func perform() -> ExitStatus {
    let console = Console()
    var count = 0
    for path in TestFiles.found(at: paths) {
      var problems: [Diagnostic]
      do throws(Diagnostic) { problems = ScriptCheck.problems(in: try ScriptFile.read(path: path)) } catch {
        problems = [error]
      }
      for problem in problems { console.report(problem) }
      count += problems.count
    }
    return count == 0 ? .success : .failure
  }
}

/// One run of `maas-repl format`.
package struct FormatRun: Sendable {
  private let paths: [String]
  /// Only says which files are laid out otherwise.
  private let onlyChecks: Bool
  package init(paths: [String], onlyChecks: Bool) { (self.paths, self.onlyChecks) = (paths, onlyChecks) }

  package func perform() -> ExitStatus {
    let console = Console()
    var status = ExitStatus.success
    for path in TestFiles.found(at: paths) {
      do throws(Diagnostic) {
        if try !format(path, console) { status = .failure }
      } catch {
        console.report(error)
        status = .failure
      }
    }
    console.output.flush()
    return status
  }

  /// - Returns: whether the file is in order now.
  private func format(_ path: String, _ console: Console) throws(Diagnostic) -> Bool {
    if path == "-" {
      console.write(
        try Formatter.format(try ScriptFile.read(descriptor: STDIN_FILENO, name: "standard input")))
      return true
    }
    let source = try ScriptFile.read(path: path)
    let text = try Formatter.format(source)
    if text == source.text { return true }
    if onlyChecks {
      console.write("\(path) is laid out otherwise\n")
      return false
    }
    try ScriptFile.write(text, path: path)
    return true
  }
}
