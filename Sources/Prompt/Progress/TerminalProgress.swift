import Runtime

/// Progress as one line at a terminal, redrawn in place and gone when done.
package final class TerminalProgress: ProgressReporter {
  /// Redraws come no closer together than this many seconds.
  package static let interval = 0.05

  private let clock: () -> Double
  private let columns: () -> Int
  private let colour: Bool
  private let write: (String) -> Void
  private var timing = RoundTiming()
  private var lastDrawing = -Double.infinity
  private var isDrawn = false

  /// - Parameters:
  ///   - clock: seconds, only forward.
  ///   - columns: the window's width, asked at each redraw.
  package init(
    clock: @escaping () -> Double, columns: @escaping () -> Int, colour: Bool,
    write: @escaping (String) -> Void
  ) {
    self.clock = clock
    self.columns = columns
    self.colour = colour
    self.write = write
  }

  package func update(_ progress: Progress) {
    let now = clock()
    if timing.startsRound(progress) { timing.startRound(progress, at: now) }
    guard now - lastDrawing >= Self.interval else { return }
    lastDrawing = now
    isDrawn = true
    let line = ProgressLine(
      progress: progress, perRound: timing.secondsPerRound(progress, at: now),
      left: timing.secondsLeft(progress, at: now), unit: timing.unit)
    // The last column stays free: a full row would wrap.
    write("\r" + line.text(columns: max(1, columns() - 1), colour: colour) + "\u{1b}[K")
  }

  package func finish() {
    withdraw()
    timing = RoundTiming()
    lastDrawing = -.infinity
  }

  /// Takes the line away until the next redraw, so that something else can be written.
  package func withdraw() {
    guard isDrawn else { return }
    isDrawn = false
    write("\r\u{1b}[K")
  }
}
