import Glibc

/// What is known of the terminal behind a descriptor.
package struct Terminal: Sendable {
  package let descriptor: Int32
  package let isTerminal: Bool
  /// Whether escape sequences are welcome: a terminal that is not dumb.
  package let isCapable: Bool
  /// Whether colours are welcome: a capable terminal, and no `NO_COLOR`.
  package let usesColour: Bool

  package init(descriptor: Int32, environment: (String) -> String? = environmentValue) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
    let kind = environment("TERM") ?? ""
    isCapable = isTerminal && !kind.isEmpty && kind != "dumb"
    usesColour = isCapable && (environment("NO_COLOR") ?? "").isEmpty
  }

  /// The window's width in columns; 80 where it cannot be known.
  package var columns: Int { window.columns }

  /// The window's size; 80 columns and 24 rows where it cannot be known.
  package var window: (columns: Int, rows: Int) {
    var window = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0 else { return (80, 24) }
    return (window.ws_col > 0 ? Int(window.ws_col) : 80, window.ws_row > 0 ? Int(window.ws_row) : 24)
  }

  /// Whether rows that have become too long are broken anew when the window narrows: what most terminals do.
  package static func reflows(environment: (String) -> String? = environmentValue) -> Bool {
    environment("XTERM_VERSION") == nil && environment("TERM") != "linux"
  }
}

/// The value of an environment variable; `nil` when it is not set.
package func environmentValue(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

/// Seconds on a clock that only moves forward.
package func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}
