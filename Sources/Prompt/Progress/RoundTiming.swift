import Runtime

/// Measures rounds (epochs) from progress alone: a round ends where `done` starts anew.
struct RoundTiming {
  /// The round, counted from 1, and how many there will be, read from the end of a title like `epoch  4/10`.
  private(set) var round = 1
  private(set) var rounds = 1
  /// What a round is called: the title's first word.
  private(set) var unit = ""

  /// Less than so many seconds say nothing about a pace.
  private static let shortestMeasure = 0.04

  private var isRunning = false
  private var roundStart = 0.0
  private var finishedRounds = 0
  private var finishedSeconds = 0.0
  private var lastDone = 0

  /// Whether this belongs to another round than the last, or is the first of all; cheap enough for every step.
  mutating func startsRound(_ progress: Progress) -> Bool {
    defer { lastDone = progress.done }
    return !isRunning || progress.done < lastDone
  }

  mutating func startRound(_ progress: Progress, at now: Double) {
    if isRunning {
      finishedRounds += 1
      finishedSeconds += now - roundStart
    }
    isRunning = true
    roundStart = now
    let words = progress.title.split(separator: " ")
    unit = words.first.map(String.init) ?? ""
    (round, rounds) = words.last.flatMap { Self.fraction($0) } ?? (1, 1)
  }

  private static func fraction(_ text: Substring) -> (Int, Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let round = Int(parts[0]), let rounds = Int(parts[1]), 1 <= round, round <= rounds
    else { return nil }
    return (round, rounds)
  }

  /// Seconds this round has taken.
  func elapsed(at now: Double) -> Double { max(0, now - roundStart) }

  /// Seconds a round takes: the mean of the finished ones, or this one's pace carried on; `nil` when too early.
  func secondsPerRound(_ progress: Progress, at now: Double) -> Double? {
    if finishedRounds > 0 { return finishedSeconds / Double(finishedRounds) }
    guard progress.done > 0, progress.total > 0, elapsed(at: now) >= Self.shortestMeasure else { return nil }
    return elapsed(at: now) * Double(progress.total) / Double(progress.done)
  }

  /// Seconds until the last round's end, at the pace so far.
  func secondsLeft(_ progress: Progress, at now: Double) -> Double? {
    guard let perRound = secondsPerRound(progress, at: now), progress.total > 0 else { return nil }
    let share = min(1, Double(max(0, progress.done)) / Double(progress.total))
    return perRound * (1 - share + Double(rounds - round))
  }
}
