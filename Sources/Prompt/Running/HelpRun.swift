import Builtins
import Runtime
import Syntax

/// One run of `maas-repl help NAME`: what an error code or a name of the standard library stands for.
package struct HelpRun: Sendable {
  private let topic: String
  package init(topic: String) { self.topic = topic }

  package func perform() -> ExitStatus {
    let console = Console()
    defer { console.output.flush() }
    do throws(Diagnostic) {
      console.write(try page().endingInNewline)
      return .success
    } catch {
      console.report(error)
      return .failure
    }
  }

  private func page() throws(Diagnostic) -> String {
    if let code = ErrorCode(rawValue: topic.uppercased()) { return HelpRun.page(code) }
    let session = makeSession(output: { _ in })
    if case .function(let function)? = try? session.libraryValue(of: topic) {
      return [function.signature, function.documentation].compactMap { $0 }.joined(separator: "\n\n")
    }
    let near = Spelling.nearest(topic, in: session.libraryNames)
    throw Diagnostic(
      .unknownName, "nothing is known of `\(topic)`", help: near.map { ["did you mean `\($0)`?"] } ?? [])
  }

  private static func page(_ code: ErrorCode) -> String {
    let example = code.example.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    return "\(code.rawValue) · \(code.title)\n\n\(code.explanation)\n\n\(example.joined(separator: "\n"))"
  }
}
