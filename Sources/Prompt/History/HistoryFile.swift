import Glibc

/// Past inputs in a file that is only ever appended to: several prompts may write at once, and a crash costs at
/// most the line being written. Damaged lines are skipped.
package struct HistoryFile: Sendable {
  package let path: String

  /// So much of the file's end is read.
  static let readLimit = 4 << 20
  /// So many inputs are remembered at the start.
  static let entryLimit = 10_000

  package init(path: String) { self.path = path }

  /// `$XDG_STATE_HOME/maas/history`, or the same under `~/.local/state`; `nil` when there is no home either.
  package static func standard(environment: (String) -> String? = environmentValue) -> HistoryFile? {
    if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      return HistoryFile(path: state + "/maas/history")
    }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return HistoryFile(path: home + "/.local/state/maas/history")
  }

  /// The inputs, oldest first; none when there is no file yet.
  package func load() -> [String] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    let start = max(0, lseek(file, 0, SEEK_END) - Self.readLimit)
    guard lseek(file, start, SEEK_SET) == start, let bytes = Self.readToEnd(file) else { return [] }
    var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
    if start > 0 { lines = lines.dropFirst() }  // it may begin in the middle
    return lines.compactMap { HistoryEntry.decode($0) }.suffix(Self.entryLimit)
  }

  /// Adds an input. False with `errno` when the file cannot be written.
  package func append(_ text: String) -> Bool {
    makeFolders()
    let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    // Two writers take turns; on a file system without locks, appending alone must do.
    flock(file, LOCK_EX)
    let line = (Self.endsMidLine(file) ? "\n" : "") + HistoryEntry.encode(text) + "\n"
    let bytes = Array(line.utf8)
    return bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == bytes.count
  }

  /// Whether a writer died before its line's end.
  private static func endsMidLine(_ file: Int32) -> Bool {
    let size = lseek(file, 0, SEEK_END)
    var last: UInt8 = 0
    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != UInt8(ascii: "\n")
  }

  private static func readToEnd(_ file: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += chunk[..<count]
      if bytes.count > readLimit { return bytes }
    }
  }

  private func makeFolders() {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
  }
}
