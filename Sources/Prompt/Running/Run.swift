import Builtins
import Glibc
import Runtime
import Syntax

/// One run of maas, from the command line's wish to the exit status.
package struct Run: Sendable {
  /// Where the program comes from.
  package enum Origin: Sendable, Equatable {
    case file(String)
    /// Code given on the command line; its last value is shown.
    case code(String)
    /// Standard input: the prompt at a terminal, a script otherwise.
    case standardInput
  }

  package let origin: Origin
  /// What the script sees as `args`.
  package let arguments: [String]
  package let limits: RunLimits

  package init(origin: Origin, arguments: [String], limits: RunLimits = RunLimits()) {
    self.origin = origin
    self.arguments = arguments
    self.limits = limits
  }

  /// Runs it to its end on the calling thread.
  package func perform() -> ExitStatus {
    // A reader that went away shows as a failed write, which ends the run in order.
    signal(SIGPIPE, SIG_IGN)
    let console = Console()
    let session = makeSession(
      output: console.write, progress: console.makeProgressReporter(), input: console.readLine)
    limits.apply(to: session)
    console.output.onFailure = { session.interrupt.request() }
    let status = self.status(session, console)
    console.output.flush()
    return outcome(of: console, status)
  }

  private func status(_ session: Session, _ console: Console) -> ExitStatus {
    if origin == .standardInput, isatty(STDIN_FILENO) == 1 {
      return Conversation(session: session, console: console).runAtTerminal()
    }
    Interruption.install(session.interrupt, insists: true)
    do {
      let value = try session.run(source(), arguments: arguments)
      if case .code = origin, let value { try show(value, session, console) }
      return .success
    } catch let diagnostic as Diagnostic {
      if console.output.failure == nil { console.report(diagnostic) }
      return diagnostic.code == .interrupted ? .interrupted : .failure
    } catch {
      console.writeError("error: \(error)\n")
      return .failure
    }
  }

  private func source() throws(Diagnostic) -> Source {
    switch origin {
    case .file(let path): try ScriptFile.read(path: path)
    case .code(let code): try Source.decoding(name: "-e", bytes: Array(code.utf8))
    case .standardInput: try ScriptFile.read(descriptor: STDIN_FILENO, name: "standard input")
    }
  }

  private func show(_ value: Value, _ session: Session, _ console: Console) throws {
    let text = session.display(value)
    if !text.isEmpty { console.write(text.endingInNewline) }
  }

  /// Output that did not arrive decides over the program's own end.
  private func outcome(of console: Console, _ status: ExitStatus) -> ExitStatus {
    guard let failure = console.output.failure else { return status }
    if failure == EPIPE { return .brokenPipe }
    console.report(
      Diagnostic(
        .unreadableFile, "standard output cannot be written: \(String(cString: strerror(failure)))",
        help: failure == ENOSPC ? ["the disk is full: make room, or write elsewhere"] : []))
    return .failure
  }
}
