import Glibc

/// One session's view of the history file, which other sessions write to at the same time.
final class SharedHistory {
  private let file: HistoryFile
  private var position: off_t = 0
  /// What this session has appended since it last asked for news.
  private var own: [String] = []

  init(_ file: HistoryFile) { self.file = file }

  /// The inputs of earlier sessions, oldest first.
  func load() -> [String] {
    let (inputs, end) = file.read(from: nil)
    position = end
    return inputs
  }

  /// What other sessions have typed since this was asked last.
  func news() -> [String] {
    let (inputs, end) = file.read(from: position)
    position = end
    var found = inputs
    for text in own {
      if let place = found.firstIndex(of: text) { found.remove(at: place) }
    }
    own = []
    return found
  }

  func append(_ text: String) {
    // A history that cannot be written is no reason to disturb the session.
    if file.append(text) { own.append(text) }
  }

  /// A sentence about damage that was set aside; `nil` when all is well.
  func mend() -> String? {
    guard let (lines, path) = file.setDamageAside() else { return nil }
    return "the history was damaged: \(lines == 1 ? "a line is" : "\(lines) lines are") set aside in \(path)"
  }
}
