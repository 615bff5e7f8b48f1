/// The name that was meant.
package enum Spelling {
  /// The candidate nearest to a name, if it is near enough to have been meant: a transposition, a change, a letter
  /// too many or too few each count one (Damerau–Levenshtein, restricted), and one mistake in three letters is the
  /// most. Capitals alone count half. Of equally near candidates the one first in the alphabet is taken.
  package static func nearest(_ name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(name)
    guard !wanted.isEmpty, wanted.count <= 100 else { return nil }
    let limit = wanted.count < 3 ? 1 : max(2, wanted.count / 3 * 2)
    let small = name.lowercased()
    var best: (cost: Int, name: String)?
    for candidate in candidates where candidate != name {
      let letters = Array(candidate)
      let bound = min(limit, best?.cost ?? limit)
      // Two half steps a letter: lengths that differ more cannot be near.
      guard !letters.isEmpty, abs(letters.count - wanted.count) * 2 <= bound,
        letters.count > 2 || letters.count == wanted.count
      else { continue }
      let cost = candidate.lowercased() == small ? 1 : distance(wanted, letters)
      guard cost <= limit, cost < letters.count * 2 else { continue }
      if let current = best, (current.cost, current.name) < (cost, candidate) { continue }
      best = (cost, candidate)
    }
    return best?.name
  }

  /// The distance of two words in half steps.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = (0...b.count).map { $0 * 2 }
    for i in 1...a.count {
      var row = [i * 2] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        let change = a[i - 1] == b[j - 1] ? 0 : a[i - 1].lowercased() == b[j - 1].lowercased() ? 1 : 2
        row[j] = min(last[j] + 2, row[j - 1] + 2, last[j - 1] + change)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 2)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
