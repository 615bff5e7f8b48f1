/// How the program ends, for the shell.
package enum ExitStatus: Int32, Sendable {
  case success = 0
  case failure = 1
  case usage = 64
  case interrupted = 130
  /// The reader of standard output went away: what a process killed by SIGPIPE would say.
  case brokenPipe = 141
}
