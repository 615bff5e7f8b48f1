import Builtins
import Runtime
import Syntax

/// A script run without its data, to find what cannot work: shapes that do not fit, above all.
///
/// Where the program turns on what only its data would say, both ways are gone. A mistake on the way that every run takes
/// is one; on another, it is one where no way at all gets past that place.
struct ScriptRehearsal {
  private let source: Source
  private let cells: [Cell]

  init(_ source: Source) {
    self.source = source
    cells = Cell.cells(of: source)
  }

  /// Ways that are gone at most, and what one may take.
  private static let mostWays = 24
  private static let mostOperations = 200_000
  private static let mostSteps = 4_000_000

  private struct Finding {
    let problem: Diagnostic
    let place: Exploration.Place?
    let isCertain: Bool
  }

  /// What is wrong, each thing once.
  func problems() -> [Diagnostic] {
    var findings: [Finding] = []
    var successes: Set<Exploration.Place> = []
    var waiting: [[Bool]] = [[]]
    var ways = 0
    while ways < Self.mostWays, let script = waiting.popLast() {
      ways += 1
      let exploration = Exploration(script: script, limit: Self.mostOperations)
      if let finding = go(exploration) { findings.append(finding) }
      successes.formUnion(exploration.successes)
      for turn in script.count..<max(script.count, exploration.decisions.count) {
        waiting.append(exploration.decisions[..<turn] + [!exploration.decisions[turn]])
      }
    }
    let isComplete = waiting.isEmpty
    var problems: [Diagnostic] = []
    for finding in findings {
      let isMistake =
        finding.isCertain || isComplete && finding.place.map { !successes.contains($0) } ?? false
      if isMistake, !problems.contains(where: { $0.labels.first?.span == finding.problem.labels.first?.span })
      {
        problems.append(finding.problem)
      }
    }
    return problems
  }

  /// One way through the script, as far as it goes.
  private func go(_ exploration: Exploration) -> Finding? {
    let session = makeSession(output: { _ in })
    session.limit(memory: nil, steps: Self.mostSteps)
    return session.rehearse(exploration) {
      for cell in cells {
        exploration.failurePlace = nil
        do throws(Diagnostic) { _ = try session.run(cell.source(in: source)) } catch {
          if cell.expectedError != nil { continue }
          let isCertain = exploration.decisions.isEmpty && !exploration.hasMerged
          guard ScriptRehearsal.concerns(error, isCertain: isCertain) else { return nil }
          return Finding(problem: error, place: exploration.failurePlace, isCertain: isCertain)
        }
      }
      return nil
    }
  }

  /// Whether an error is the script's own. What a script raises itself may be meant for other arguments, and files may
  /// come later.
  private static func concerns(_ error: Diagnostic, isCertain: Bool) -> Bool {
    switch error.code {
    case .raised, .assertionFailed, .interrupted, .stepLimit: return false
    default: break
    }
    let family = error.code.rawValue.prefix(3)
    return family == "E03" || isCertain && family != "E06"
  }
}
