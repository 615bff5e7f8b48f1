/// Earlier inputs, as Up and Down, a suggestion and a search bring them back.
package struct Recall {
  package struct Entry: Sendable {
    package let text: String
    /// Whether another session, running at the same time, has typed it: found by searches, passed over by Up.
    package let isForeign: Bool
  }

  package private(set) var entries: [Entry] = []
  /// Which entry stands in the line; `entries.count` is the line being written.
  private var position = 0
  /// The line being written, while an entry stands in its place.
  private var live = LineText()

  package init() {}

  package mutating func add(_ text: String, isForeign: Bool = false) {
    if let last = entries.last, last.text == text, last.isForeign == isForeign { return }
    entries.append(Entry(text: text, isForeign: isForeign))
  }

  /// A new line begins.
  package mutating func restart() { position = entries.count }

  /// The entry before the one that stands there; `nil` at the oldest. The line being written is kept.
  mutating func older(than line: LineText) -> LineText? {
    if position >= entries.count { live = line }
    guard let place = entries[..<min(position, entries.count)].lastIndex(where: { !$0.isForeign }) else {
      return nil
    }
    position = place
    return LineText(entries[place].text)
  }

  /// The entry after the one that stands there, at last the line being written.
  mutating func newer() -> LineText? {
    guard position < entries.count else { return nil }
    if let place = entries[(position + 1)...].firstIndex(where: { !$0.isForeign }) {
      position = place
      return LineText(entries[place].text)
    }
    position = entries.count
    return live
  }

  /// What would complete a text as an earlier input went on.
  func suggestion(after text: String) -> String? {
    guard !text.isEmpty else { return nil }
    let start = text.utf8
    for entry in entries.reversed() {
      let whole = entry.text.utf8
      guard whole.count > start.count, whole.starts(with: start) else { continue }
      // The text may end inside a character of the entry.
      guard let rest = String(whole.dropFirst(start.count)) else { continue }
      return rest
    }
    return nil
  }
}

/// A search backward through earlier inputs, a letter at a time.
struct HistorySearch {
  var pattern = ""
  /// The entry found.
  private(set) var place: Int?
  /// What stood in the line before.
  let before: LineText
  private(set) var hasFailed = false

  init(before: LineText) { self.before = before }

  /// Finds the newest entry with the pattern at or before the one found, or strictly before it (`next`).
  mutating func search(_ entries: [Recall.Entry], next: Bool = false) {
    guard !pattern.isEmpty else {
      (place, hasFailed) = (nil, false)
      return
    }
    let current = place.map { entries[$0].text }
    var end = place.map { next ? $0 : $0 + 1 } ?? entries.count
    while let found = entries[..<end].lastIndex(where: { match(in: $0.text) != nil }) {
      end = found
      // The same input typed twice is one thing to find.
      if next, entries[found].text == current { continue }
      (place, hasFailed) = (found, false)
      return
    }
    hasFailed = true
  }

  mutating func searchForward(_ entries: [Recall.Entry]) {
    let start = place.map { $0 + 1 } ?? 0
    if let found = entries[min(start, entries.count)...].firstIndex(where: { match(in: $0.text) != nil }) {
      (place, hasFailed) = (found, false)
    } else {
      hasFailed = true
    }
  }

  /// A shorter pattern is searched for anew.
  mutating func shorten(_ entries: [Recall.Entry]) {
    _ = pattern.popLast()
    place = nil
    search(entries)
  }

  /// Where the pattern stands; capitals count only where the pattern has some.
  func match(in text: String) -> Range<String.Index>? {
    let exact = pattern.contains { $0.isUppercase }
    if exact { return text.firstRange(of: pattern) }
    if let range = text.firstRange(of: pattern) { return range }
    let small = text.lowercased()
    guard small.utf8.count == text.utf8.count, let range = small.firstRange(of: pattern) else { return nil }
    let start = small.utf8.distance(from: small.startIndex, to: range.lowerBound)
    let length = small.utf8.distance(from: range.lowerBound, to: range.upperBound)
    let lower = text.utf8.index(text.startIndex, offsetBy: start)
    return lower..<text.utf8.index(lower, offsetBy: length)
  }
}
