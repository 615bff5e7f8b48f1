/// How long work is going on, as the edges show it.
package struct Progress: Sendable {
  /// `epoch  4/10`
  package var title: String
  package var done: Int
  package var total: Int
  package var loss: Double?
  /// The mean loss of earlier epochs.
  package var history: [Double]

  package init(title: String, done: Int, total: Int, loss: Double? = nil, history: [Double] = []) {
    self.title = title
    self.done = done
    self.total = total
    self.loss = loss
    self.history = history
  }
}

/// Told of progress from the session's thread, up to 100,000 times a second.
package protocol ProgressReporter: AnyObject {
  func update(_ progress: Progress)
  /// The work is over: whatever was shown goes.
  func finish()
}
