import Checking
import Syntax

/// One run of `maas-repl test`.
package struct TestRun: Sendable {
  private let paths: [String]
  private let limits: RunLimits

  package init(paths: [String], limits: RunLimits) { (self.paths, self.limits) = (paths, limits) }

  package func perform() -> ExitStatus {
    let console = Console()
    var outcome = TestOutcome()
    if paths.isEmpty {
      outcome = LibraryTest.run(prepare: limits.apply)
      report(outcome, console)
    }
    for path in TestFiles.found(at: paths) {
      let part = run(path)
      report(part, console)
      outcome.add(part)
    }
    console.write(outcome.summary + "\n")
    console.output.flush()
    return outcome.failures.isEmpty ? .success : .failure
  }

  private func run(_ path: String) -> TestOutcome {
    do throws(Diagnostic) {
      return ScriptTest(try ScriptFile.read(path: path), prepare: limits.apply).run()
    } catch {
      return TestOutcome(unreadable: path, error)
    }
  }

  private func report(_ outcome: TestOutcome, _ console: Console) {
    for failure in outcome.failures { console.write(failure.text + "\n") }
    console.output.flush()
  }
}
