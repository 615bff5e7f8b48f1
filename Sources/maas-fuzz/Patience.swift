import Glibc
import Runtime
import Synchronization

/// Interrupts a program that takes too long, as its user would; one that goes on all the same hangs.
enum Patience {
  /// Seconds until a program is interrupted, and until it is taken to hang.
  private static let limits: (interrupt: Int, hang: UInt32) = (10, 120)
  /// The interrupt of the program that runs, and the turns of the watch until it is asked for.
  private static let watched = Mutex<(interrupt: Interrupt, left: Int)?>(nil)

  /// Starts the thread that looks at the time.
  static func start() {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        while true {
          sleep(1)
          Patience.tick()
        }
      }, nil)
  }

  private static func tick() {
    watched.withLock { program in
      guard let (interrupt, left) = program else { return }
      if left == 0 { interrupt.request() }
      program = (interrupt, left - 1)
    }
  }

  static func begin(_ interrupt: Interrupt) { watched.withLock { $0 = (interrupt, limits.interrupt) } }
  static func end() { watched.withLock { $0 = nil } }

  /// Nothing catches the alarm: it ends the process, and the program stays in its file.
  static func setAlarm() { alarm(limits.hang) }
  static func endAlarm() { alarm(0) }
}
