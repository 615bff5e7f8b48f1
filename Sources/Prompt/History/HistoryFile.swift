import Glibc

/// Past inputs in a file that is only ever appended to: several prompts may write at once, and a crash costs at
/// most the line being written. Damaged lines are set aside in a file beside it.
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

  // MARK: Reading

  /// The inputs, oldest first; none when there is no file yet.
  package func load() -> [String] { read(from: nil).inputs }

  /// The whole lines behind a byte, or at the file's end, and the byte after the last of them.
  func read(from given: off_t?) -> (inputs: [String], end: off_t) {
    guard let file = opened(O_RDONLY) else { return ([], 0) }
    defer { close(file) }
    let size = max(0, lseek(file, 0, SEEK_END))
    let start = max(given ?? 0, size - off_t(Self.readLimit))
    // Shorter than it was: made anew meanwhile.
    if start > size { return ([], size) }
    guard let bytes = Self.read(file, from: start) else { return ([], size) }
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = Self.lines(given == nil ? bytes : Array(bytes[..<whole]), isCut: start > (given ?? 0))
    return (lines.compactMap { HistoryEntry.decode($0) }.suffix(Self.entryLimit), start + off_t(whole))
  }

  private static func lines(_ bytes: [UInt8], isCut: Bool) -> ArraySlice<ArraySlice<UInt8>> {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
    return isCut ? lines.dropFirst() : lines  // it may begin in the middle
  }

  private static func read(_ file: Int32, from start: off_t) -> [UInt8]? {
    guard lseek(file, start, SEEK_SET) == start else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= 2 * readLimit {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += chunk[..<count]
    }
    return bytes
  }

  // MARK: Writing

  /// Adds an input. False with `errno` when the file cannot be written.
  package func append(_ text: String) -> Bool {
    makeFolders()
    guard let file = lockedFile() else { return false }
    defer { close(file) }
    let line = (Self.endsMidLine(file) ? "\n" : "") + HistoryEntry.encode(text) + "\n"
    let bytes = Array(line.utf8)
    return bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == bytes.count
  }

  /// The file, open for reading and appending, with its lock: two writers take turns. On a file system without locks,
  /// appending alone must do.
  private func lockedFile() -> Int32? {
    for _ in 0..<10 {
      guard let file = opened(O_RDWR | O_APPEND | O_CREAT) else { return nil }
      flock(file, LOCK_EX)
      // Another session may have put a mended file in its place while this one waited.
      var (mine, theirs) = (stat(), stat())
      if fstat(file, &mine) == 0, stat(path, &theirs) == 0, mine.st_ino == theirs.st_ino { return file }
      close(file)
    }
    return nil
  }

  private func opened(_ flags: Int32) -> Int32? {
    // A pipe or a device of that name would be waited for.
    let file = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard file >= 0 else { return nil }
    var status = stat()
    if fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return file }
    close(file)
    errno = EINVAL
    return nil
  }

  /// Whether a writer died before its line's end.
  private static func endsMidLine(_ file: Int32) -> Bool {
    let size = lseek(file, 0, SEEK_END)
    var last: UInt8 = 0
    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != UInt8(ascii: "\n")
  }

  private func makeFolders() {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
  }

  // MARK: Damage

  /// Moves lines that are no inputs to a file beside it, and keeps the rest.
  /// - Returns: how many there were, and where they are; `nil` when all is well, or nothing can be done.
  package func setDamageAside() -> (lines: Int, path: String)? {
    guard access(path, F_OK) == 0, let file = lockedFile() else { return nil }
    defer { close(file) }
    guard lseek(file, 0, SEEK_END) <= off_t(Self.readLimit), let bytes = Self.read(file, from: 0) else {
      return nil
    }
    let lines = Self.lines(bytes, isCut: false)
    let damaged = lines.filter { HistoryEntry.decode($0) == nil }
    guard !damaged.isEmpty else { return nil }
    let aside = path + ".damaged"
    let good = lines.filter { HistoryEntry.decode($0) != nil }
    guard Self.write(damaged, to: aside, O_APPEND), Self.write(good, to: path + ".new", O_TRUNC),
      rename(path + ".new", path) == 0
    else { return nil }
    return (damaged.count, aside)
  }

  private static func write(_ lines: [ArraySlice<UInt8>], to path: String, _ flags: Int32) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
    guard file >= 0 else { return false }
    var bytes: [UInt8] = []
    for line in lines { bytes += line + [UInt8(ascii: "\n")] }
    let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    return close(file) == 0 && written == bytes.count
  }
}
