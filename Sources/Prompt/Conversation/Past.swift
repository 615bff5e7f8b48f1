import Runtime

/// What the names meant before each input, for `:undo`.
final class Past {
  private struct Moment {
    /// The input that came next.
    let number: Int
    let checkpoint: Checkpoint
  }

  private let session: Session
  private let beginning: Checkpoint
  private var moments: [Moment] = []
  private static let limit = 20
  /// Bytes that only the past may keep.
  private static let budget = 256_000_000

  init(_ session: Session) {
    self.session = session
    beginning = session.checkpoint()
  }

  func keep(before number: Int) {
    moments.append(Moment(number: number, checkpoint: session.checkpoint()))
    if moments.count > Past.limit { moments.removeFirst() }
    while moments.count > 1, moments.reduce(0, { $0 &+ $1.checkpoint.bytes(beside: session) }) > Past.budget {
      moments.removeFirst()
    }
  }

  /// Brings back what the names meant before the last input that is not undone.
  /// - Returns: that input's number and the names that changed; `nil` where nothing is kept.
  func undo() -> (number: Int, names: [String])? {
    guard let moment = moments.popLast() else { return nil }
    return (moment.number, session.restore(moment.checkpoint))
  }

  /// Forgets everything that was bound.
  func reset() {
    moments = []
    _ = session.restore(beginning)
    session.reset()
  }
}
