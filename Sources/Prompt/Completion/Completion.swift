import Syntax

/// What could stand at the cursor.
package struct Completion: Sendable {
  package struct Candidate: Sendable, Equatable {
    /// What is put into the line.
    package let text: String
    /// What the menu shows.
    package let label: String

    package init(_ text: String, label: String? = nil) { (self.text, self.label) = (text, label ?? text) }
  }

  /// The scalars of the line that a candidate replaces.
  package var range: Range<Int>
  package var candidates: [Candidate]
  /// The signature of the function whose arguments are being written.
  package var signature: String?

  package init(range: Range<Int>, candidates: [Candidate], signature: String? = nil) {
    (self.range, self.candidates, self.signature) = (range, candidates, signature)
  }

  /// The beginning all candidates share.
  var commonStart: String {
    // What the first and the last in order share, all share.
    guard let first = candidates.lazy.map(\.text).min(), let last = candidates.lazy.map(\.text).max() else {
      return ""
    }
    return String(zip(first, last).prefix { $0 == $1 }.map(\.0))
  }
}

/// What completes lines: it reads names and fields and runs no one's code.
package protocol Completer: AnyObject {
  func completion(of line: LineText) -> Completion?
}

/// Candidates under the input, of which Tab takes one after the other.
struct CompletionMenu {
  let completion: Completion
  /// The line as it was before a candidate was put in.
  let before: LineText
  private(set) var selected: Int?

  init(_ completion: Completion, before: LineText) { (self.completion, self.before) = (completion, before) }

  /// The line with the next candidate, or the one before.
  mutating func next(back: Bool) -> LineText {
    let count = completion.candidates.count
    guard count > 0 else { return before }
    let place = selected.map { ($0 + (back ? count - 1 : 1)) % count } ?? (back ? count - 1 : 0)
    selected = place
    var line = before
    line.replace(completion.range, with: completion.candidates[place].text)
    return line
  }

  /// The columns of a label; quick for the usual ones, of which there may be thousands.
  private static func width(_ label: String) -> Int {
    label.utf8.allSatisfy { $0 < 0x80 } ? label.utf8.count : DisplayWidth.of(label)
  }

  /// Rows of the menu at most.
  private static let rowLimit = 8

  /// The signature, then the candidates in columns, of a long list the part around the selected one.
  func rows(columns: Int) -> [[InkedText]] {
    var rows: [[InkedText]] = []
    if let signature = completion.signature { rows.append([InkedText(signature, .hint)]) }
    let candidates = completion.candidates
    guard !candidates.isEmpty else { return rows }
    let widest = (candidates.lazy.map { CompletionMenu.width($0.label) }.max() ?? 1) + 2
    let across = max(1, min(candidates.count, (columns - 1) / widest))
    let count = (candidates.count + across - 1) / across
    let current = selected.map { $0 % count } ?? 0
    let top = max(0, min(current - CompletionMenu.rowLimit / 2, count - CompletionMenu.rowLimit))
    for row in top..<min(count, top + CompletionMenu.rowLimit) {
      rows.append(
        stride(from: row, to: candidates.count, by: count).map { place in
          let label = candidates[place].label
          let blanks = String(repeating: " ", count: max(0, widest - CompletionMenu.width(label)))
          return InkedText(label + blanks, place == selected ? .selected : .plain)
        })
    }
    if count > CompletionMenu.rowLimit { rows.append([InkedText("\(candidates.count) in all", .hint)]) }
    return rows
  }
}
