import Runtime
import Syntax

/// Repeated runs of an expression.
struct Timing {
  /// Seconds of each run, in ascending order.
  private let seconds: [Double]

  /// About so long everything together takes, if the expression is quick.
  private static let patience = 1.0
  private static let mostSamples = 101
  /// A sample is as many runs as take this long.
  private static let shortestSample = 1e-3

  /// Runs the expression once as it stands, so that errors point into it, and then until the time is up.
  init(_ text: String, _ talk: Conversation) throws(Diagnostic) {
    let start = monotonicSeconds()
    _ = try talk.value(of: text, name: ":time")
    let first = monotonicSeconds() - start
    guard first < Timing.patience, let function = try talk.value(of: "() => {\n\(text)\n}", name: ":time")
    else {
      seconds = [first]
      return
    }
    // What it prints has been seen.
    talk.console.isMuted = true
    defer { talk.console.isMuted = false }
    var samples: [Double] = []
    var count = 1
    let end = monotonicSeconds() + Timing.patience
    while samples.count < Timing.mostSamples, monotonicSeconds() < end || samples.count < 3 {
      let start = monotonicSeconds()
      for _ in 0..<count { try talk.session.call(function) }
      let taken = monotonicSeconds() - start
      if taken < Timing.shortestSample, count < 1 << 20 {
        count *= 4
        continue
      }
      samples.append(taken / Double(count))
    }
    seconds = samples.sorted()
  }

  private func quantile(_ share: Double) -> Double {
    seconds[Int((Double(seconds.count - 1) * share).rounded())]
  }

  /// `12.3 ms, the median of 80 samples`, and how far they spread.
  var text: String {
    let median = Duration.text(quantile(0.5))
    guard seconds.count > 1 else { return "\(median), in one run" }
    func range(_ low: Double, _ high: Double) -> String {
      "\(Duration.text(quantile(low))) to \(Duration.text(quantile(high)))"
    }
    return "\(median), the median of \(seconds.count) samples\n"
      + "half of them \(range(0.25, 0.75)), all \(range(0, 1))"
  }
}
