import Runtime

/// Progress as plain lines, for files and pipes: one at the end of each round (epoch), and in between at most one
/// every few seconds.
package final class LineProgress: ProgressReporter {
  /// Seconds between lines within a round.
  package static let interval = 5.0

  private let clock: () -> Double
  private let write: (String) -> Void
  private var timing = RoundTiming()
  private var lastLine = 0.0
  private var last: Progress?
  private var hasEnded = false

  package init(clock: @escaping () -> Double, write: @escaping (String) -> Void) {
    self.clock = clock
    self.write = write
  }

  package func update(_ progress: Progress) {
    let now = clock()
    if timing.startsRound(progress) {
      endUnfinishedRound(before: progress, at: now)
      if last == nil { lastLine = now }
      timing.startRound(progress, at: now)
      hasEnded = false
    }
    last = progress
    if progress.done >= progress.total, !hasEnded {
      endRound(progress, at: now)
    } else if now - lastLine >= Self.interval {
      lastLine = now
      line(progress, ["\(progress.done)/\(progress.total)"])
    }
  }

  package func finish() {
    last = nil
    timing = RoundTiming()
    hasEnded = false
  }

  /// A round whose last step was not reported is known to have ended by its mean loss.
  private func endUnfinishedRound(before next: Progress, at now: Double) {
    guard var ended = last, !hasEnded, next.history.count > ended.history.count else { return }
    ended.loss = next.history.last
    endRound(ended, at: now)
  }

  private func endRound(_ progress: Progress, at now: Double) {
    hasEnded = true
    lastLine = now
    line(progress, [], [ProgressFigures.seconds(timing.elapsed(at: now))])
  }

  private func line(_ progress: Progress, _ before: [String], _ after: [String] = []) {
    let loss = progress.loss.map { ["loss " + ProgressFigures.loss($0)] } ?? []
    write(([progress.title] + before + loss + after).joined(separator: "  ") + "\n")
  }
}
