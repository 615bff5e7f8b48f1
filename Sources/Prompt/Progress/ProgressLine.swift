import Runtime

/// Lays progress out in one line no wider than the window; what matters least goes first when it is narrow.
struct ProgressLine {
  var progress: Progress
  var perRound: Double?
  var left: Double?
  var unit: String

  private static let widestBar = 25
  private static let narrowestBar = 5
  private static let gap = "  "

  /// The line, without escape sequences unless `colour`; at most `columns` characters are visible.
  func text(columns: Int, colour: Bool) -> String {
    for parts in layouts {
      let fixed = parts.reduce(0) { $0 + ($1?.count ?? 0) } + Self.gap.count * (parts.count - 1)
      let room = columns - fixed
      guard parts.contains(nil) ? room >= Self.narrowestBar : room >= 0 else { continue }
      return parts.map { $0 ?? bar(cells: min(Self.widestBar, room), colour: colour) }.joined(
        separator: Self.gap)
    }
    return String(progress.title.prefix(max(0, columns)))
  }

  /// From everything to the title alone; `nil` stands for the bar.
  private var layouts: [[String?]] {
    let title = progress.title
    let total = String(progress.total)
    let done = String(progress.done)
    let count = String(repeating: " ", count: max(0, total.count - done.count)) + done + "/" + total
    let loss = progress.loss.map { ["loss " + ProgressFigures.loss($0)] } ?? []
    let history = progress.history.count > 1 ? [ProgressFigures.sparkline(progress.history.suffix(10))] : []
    let left = left.map { [ProgressFigures.seconds($0) + " left"] } ?? []
    let pace = pace.map { rate in [left.first.map { "\(rate), \($0)" } ?? rate] } ?? left
    return [
      [title, nil, count] + loss + history + pace, [title, nil, count] + loss + history + left,
      [title, nil, count] + loss + left, [title, nil, count] + loss, [title, nil] + loss, [title] + loss,
    ]
  }

  private var pace: String? {
    guard let perRound, let first = unit.first else { return nil }
    let article = "aeiouAEIOU".contains(first) ? "an" : "a"
    return "\(ProgressFigures.seconds(perRound)) \(article) \(unit)"
  }

  private func bar(cells: Int, colour: Bool) -> String {
    let total = Double(max(1, progress.total))
    let halves = Int((min(1, max(0, Double(progress.done) / total)) * Double(cells * 2)).rounded(.down))
    let full = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    let rest = String(repeating: "─", count: cells - halves / 2 - halves % 2)
    return colour ? "\u{1b}[36m\(full)\u{1b}[0m\u{1b}[2m\(rest)\u{1b}[0m" : full + rest
  }
}
