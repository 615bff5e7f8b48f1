import Builtins
import Syntax

/// One run of `maas-repl help NAME`: what an error code or a name of the standard library stands for.
package struct HelpRun: Sendable {
  private let topic: String
  package init(topic: String) { self.topic = topic }

  package func perform() -> ExitStatus {
    let console = Console()
    defer { console.output.flush() }
    do throws(Diagnostic) {
      console.write(try page(console).endingInNewline)
      return .success
    } catch {
      console.report(error)
      return .failure
    }
  }

  /// What the prompt shows for `?topic`, and for `??name` where the topic begins with a `?`.
  private func page(_ console: Console) throws(Diagnostic) -> String {
    let session = makeSession(output: { _ in })
    if topic.hasPrefix("?") { return try HelpPage.source(of: String(topic.dropFirst()), session) }
    let terminal = console.outputTerminal
    return try HelpPage.text(topic, session, width: terminal.isTerminal ? terminal.columns : 100, sigil: "")
  }
}
