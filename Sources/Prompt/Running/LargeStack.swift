import Glibc

/// A thread with room for deep recursion.
package enum LargeStack {
  /// Only the pages that are touched take memory.
  private static let sizes = [1 << 30, 256 << 20, 64 << 20, 16 << 20]

  /// Runs `body` on a thread with the largest stack to be had, and waits for it; on this thread if there is none.
  package static func run(_ body: @escaping @Sendable () -> ExitStatus) -> ExitStatus {
    for size in sizes {
      let work = Work(body)
      if start(work, stackSize: size) { return work.status }
    }
    return body()
  }

  private static func start(_ work: Work, stackSize: Int) -> Bool {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    guard pthread_attr_setstacksize(&attributes, stackSize) == 0 else { return false }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(work)
    let failure = pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().perform() }
        return nil
      }, context.toOpaque())
    defer { context.release() }
    return failure == 0 && pthread_join(thread, nil) == 0
  }

  /// Written by the thread, read after it was joined.
  private final class Work: @unchecked Sendable {
    private let body: @Sendable () -> ExitStatus
    private(set) var status = ExitStatus.failure
    init(_ body: @escaping @Sendable () -> ExitStatus) { self.body = body }
    func perform() { status = body() }
  }
}
