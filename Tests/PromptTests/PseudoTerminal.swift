import Foundation

/// A program at the other end of a real pseudo-terminal.
final class PseudoTerminal {
  private let controller: Int32
  private let process: pid_t
  private var transcript: [UInt8] = []
  /// Where the next search starts.
  private var position = 0
  private var hasEnded = false
  /// What stands on the screen.
  private(set) var screen: TerminalScreen
  /// What the terminal answers when it is asked what it is; `nil` keeps silent.
  private let identity: String?
  private var answered = 0

  struct Failure: Error { let reason: String }

  /// Starts `path` with 24 rows of 80 columns, its own home folder, and the variables given beside the usual.
  init(
    _ path: String, _ arguments: [String] = [], home: URL, environment: [String: String] = [:],
    columns: UInt16 = 80, rows: UInt16 = 24, identity: String? = "\u{1b}[?62;22c"
  ) throws {
    screen = TerminalScreen(columns: Int(columns), rows: Int(rows))
    self.identity = identity
    // Glibc's module leaves posix_openpt and its like out: what they do is said to the kernel directly.
    controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (unlocked, number): (Int32, UInt32) = (0, 0)
    guard controller >= 0, ioctl(controller, 0x4004_5431 /* TIOCSPTLCK */, &unlocked) == 0,
      ioctl(controller, 0x8004_5430 /* TIOCGPTN */, &number) == 0
    else { throw Failure(reason: "no pseudo-terminal: \(String(cString: strerror(errno)))") }
    let name = "/dev/pts/\(number)"
    var window = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(controller, UInt(TIOCSWINSZ), &window)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a new session that opens a terminal gets it as its own, and with it Ctrl-C.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // This process may hold signals back or ignore them; a program started by a shell does not.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | 0x80 /* POSIX_SPAWN_SETSID */
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var variables = ["TERM": "xterm", "HOME": home.path, "PATH": "/usr/bin:/bin", "LANG": "C"]
    variables.merge(environment) { $1 }
    let argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    let envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var started: pid_t = 0
    let failure = posix_spawn(&started, path, &actions, &attributes, argv, envp)
    process = started
    guard failure == 0 else {
      throw Failure(reason: "cannot start \(path): \(String(cString: strerror(failure)))")
    }
  }

  deinit {
    if !hasEnded {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(controller)
  }

  func type(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  func resize(rows: UInt16, columns: UInt16) {
    screen.resize(columns: Int(columns), rows: Int(rows))
    var window = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(controller, UInt(TIOCSWINSZ), &window)
  }

  /// Waits until the screen is as wanted; the failure shows it.
  func wait(
    for what: String, within seconds: Double = 15, until isThere: (TerminalScreen) -> Bool
  ) throws {
    let limit = Date().addingTimeInterval(seconds)
    while !isThere(screen) {
      guard read(until: limit) else {
        throw Failure(
          reason: "waited for \(what); the screen is\n\(screen.text)\ncursor \(screen.row):\(screen.column)")
      }
    }
  }

  /// Waits until a text stands on the screen.
  func see(_ text: String, within seconds: Double = 15) throws {
    try wait(for: text.debugDescription, within: seconds) { $0.text.contains(text) }
  }

  /// Waits until the row of the cursor is this.
  func seeLine(_ line: String, within seconds: Double = 15) throws {
    try wait(for: "the line \(line.debugDescription)", within: seconds) { $0.currentLine == line }
  }

  /// Waits until nothing comes for a while: what was typed has been answered.
  func settle(_ seconds: Double = 0.15) {
    while read(until: Date().addingTimeInterval(seconds)) {}
  }

  /// Waits until `text` appears behind what was found last, escape sequences apart.
  func expect(_ text: String, within seconds: Double = 20) throws {
    let limit = Date().addingTimeInterval(seconds)
    while true {
      let screen = Self.plain(transcript)
      let fresh = screen.dropFirst(position)
      if let found = fresh.firstRange(of: Array(text.utf8)) {
        position = found.upperBound
        return
      }
      guard read(until: limit) else {
        let seen = String(decoding: fresh, as: UTF8.self)
        throw Failure(
          reason: "waited for \(text.debugDescription), saw at last \(seen.suffix(300).debugDescription)")
      }
    }
  }

  /// Everything the program wrote, escape sequences apart.
  var text: String { String(decoding: Self.plain(transcript), as: UTF8.self) }
  /// Everything the program wrote, as it came.
  var raw: String { String(decoding: transcript, as: UTF8.self) }

  /// Waits for the end; the exit status, or the negative number of the signal.
  func wait(within seconds: Double = 20) throws -> Int32 {
    let limit = Date().addingTimeInterval(seconds)
    while Date() < limit {
      _ = read(until: Date().addingTimeInterval(0.02))
      var status: Int32 = 0
      guard waitpid(process, &status, WNOHANG) == process else { continue }
      hasEnded = true
      return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }
    throw Failure(reason: "did not end")
  }

  /// Takes what there is; false when nothing came before the limit.
  private func read(until limit: Date) -> Bool {
    var ready = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
    let patience = Int32(max(0, limit.timeIntervalSinceNow * 1000))
    guard poll(&ready, 1, patience) > 0 else { return false }
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = Foundation.read(controller, &chunk, chunk.count)
    guard count > 0 else {
      usleep(10_000)  // a closed terminal is always ready
      return Date() < limit
    }
    transcript += chunk[..<count]
    screen.feed(chunk[..<count])
    while answered < screen.questions {
      answered += 1
      if let identity { type(identity) }
    }
    return true
  }

  /// Without CSI sequences, carriage returns and bells.
  private static func plain(_ bytes: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x1b, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "[") {
        index += 2
        while index < bytes.count, !(0x40...0x7e).contains(bytes[index]) { index += 1 }
      } else if bytes[index] != 0x0d && bytes[index] != 0x07 {
        plain.append(bytes[index])
      }
      index += 1
    }
    return plain
  }
}
