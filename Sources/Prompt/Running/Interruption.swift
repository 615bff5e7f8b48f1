import Glibc
import Runtime

/// Turns Ctrl-C into a request to the running program.
package enum Interruption {
  /// From now on SIGINT asks `interrupt` to stop what runs.
  ///
  /// - Parameter insists: whether a second SIGINT, while the first is still being served, ends the process.
  package static func install(_ interrupt: Interrupt, insists: Bool) {
    target = interrupt
    endsAtSecond = insists
    requests = 0
    // Whoever started this may have held the signal back.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      if Interruption.requests > 0 && Interruption.endsAtSecond { _exit(ExitStatus.interrupted.rawValue) }
      Interruption.requests &+= 1
      Interruption.target?.request()
    }
    action.sa_flags = Int32(SA_RESTART)
    sigaction(SIGINT, &action, nil)
  }

  // Set before the handler is, on the thread that runs programs; the handler only reads the first two.
  nonisolated(unsafe) private static var target: Interrupt?
  nonisolated(unsafe) private static var endsAtSecond = false
  nonisolated(unsafe) private static var requests = 0
}
