import Synchronization
import Syntax

#if canImport(Glibc)
  import Glibc
#endif

/// Keeps the process within the memory it may hold: lists, strings and records as well as tensors.
///
/// Whoever makes something large says so first with `need`; whoever makes many small things says so with `note`. What
/// the process really holds is asked of the system, seldom enough to cost nothing.
package enum MemoryWatch {
  /// Bytes the process may hold; set before programs run.
  package static var limit: Int { stored.load(ordering: .relaxed) }
  private static let stored = Atomic<Int>(Int.max)
  /// Gives memory that waits for reuse back to the system.
  private static let giveBack = Mutex<@Sendable () -> Void>({})

  package static func setUp(limit: Int, giveBack: @escaping @Sendable () -> Void) {
    stored.store(max(0, limit), ordering: .relaxed)
    self.giveBack.withLock { $0 = giveBack }
  }
  /// Bytes noted since the system was last asked.
  private static let noted = Atomic<Int>(0)
  private static let large = 1 << 20
  private static let patience = 4 << 20

  /// Refuses what does not fit beside that which is there.
  /// - Throws: a failure with `.outOfMemory`.
  @inline(__always)
  package static func need(_ bytes: Int) throws {
    if bytes >= large { try check(adding: bytes) }
  }

  /// The same for `count` elements of `size` bytes, whose product may be beyond all counting.
  package static func need(_ count: Int, of size: Int) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    try need(overflow ? Int.max : bytes)
  }

  /// Adds something small that was made.
  package static func note(_ bytes: Int) throws {
    if bytes >= large { return try check(adding: bytes) }
    let (_, total) = noted.add(bytes, ordering: .relaxed)
    if total >= patience { try check(adding: 0) }
  }

  /// Adds a copy of so many values.
  package static func note(elements count: Int) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 16)
    try note(overflow ? Int.max : bytes)
  }

  /// What the process may hold as long as a rehearsal goes on.
  @TaskLocal private static var ceiling = Int.max

  /// Runs a rehearsal, which ends where it would take so many bytes more than there are now.
  package static func rehearse<R>(within bytes: Int, _ body: () throws -> R) rethrows -> R {
    try $ceiling.withValue(residentBytes + bytes, operation: body)
  }

  /// Looks at what the process holds.
  package static func check(adding bytes: Int) throws {
    noted.store(0, ordering: .relaxed)
    if ceiling < Int.max, !fits(bytes, ceiling) { throw Exploration.isOver }
    let limit = limit
    guard limit < Int.max else { return }
    if fits(bytes, limit) { return }
    giveBack.withLock { $0 }()
    if fits(bytes, limit) { return }
    let needed =
      bytes > 0
      ? "this needs \(text(bytes)), more than is left" : "the program needs more memory than there is"
    throw Failure(
      .outOfMemory, bytes == Int.max ? "this needs more memory than there is" : needed,
      notes: ["the limit is \(text(limit))"])
  }

  private static func fits(_ bytes: Int, _ limit: Int) -> Bool {
    let (total, overflow) = residentBytes.addingReportingOverflow(bytes)
    return !overflow && total <= limit
  }

  /// Bytes of memory the process occupies now; 0 where the system does not say.
  package static var residentBytes: Int {
    #if canImport(Glibc)
      guard statistics >= 0 else { return 0 }
      var buffer = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
      return withUnsafeMutableBytes(of: &buffer) { bytes in
        let count = pread(statistics, bytes.baseAddress, bytes.count, 0)
        guard count > 0 else { return 0 }
        // The second number, in pages.
        let words = bytes.prefix(count).split(separator: UInt8(ascii: " "))
        guard words.count > 1 else { return 0 }
        let pages = words[1].reduce(0) { $0 &* 10 &+ Int($1 &- UInt8(ascii: "0")) }
        return pages &* pageSize
      }
    #else
      return 0
    #endif
  }

  #if canImport(Glibc)
    private static let statistics = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
  #endif

  /// `1.6 GB`
  package static func text(_ bytes: Int) -> String {
    if bytes == Int.max { return "more bytes than can be counted" }
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(bytes) bytes" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}

/// How far one program may go.
package final class Limits {
  /// Backward jumps and calls; `nil` for any number.
  package var steps: Int?
  private var used = 0
  private var untilSample = samplePeriod
  private static let samplePeriod = 64

  package init() {}

  /// A new program starts counting.
  func restart() { used = 0 }

  /// Counts steps, and looks at the memory now and then.
  func count(_ number: Int) throws {
    used &+= number
    if let steps, used > steps {
      throw Failure(
        .stepLimit, "the program takes more than \(steps) steps",
        notes: ["a step is a turn of a loop or a call"])
    }
    untilSample -= 1
    guard untilSample <= 0 else { return }
    untilSample = Limits.samplePeriod
    try MemoryWatch.check(adding: 0)
  }

  /// Calls that Swift made since they were last counted.
  private var pending = 0

  /// All that was counted, and those calls.
  var taken: Int { used &+ pending }

  /// Counts one call made from Swift; answers whether it is time to look around.
  @inline(__always)
  func tick() -> Bool {
    pending &+= 1
    return pending & 1023 == 0
  }
}

extension Machine {
  /// Counts one turn of a loop in Swift: a program in `map(xs, f)` can be interrupted and limited like any other.
  @inline(__always)
  package func tick() throws {
    if limits.tick() { try checkInterrupt() }
  }

  /// Turns and calls that the program has taken.
  package var stepsTaken: Int { limits.taken &- interpreter.pointee.budget }

  /// Counts turns and calls that were not made, because it was known what would come of them.
  package func spend(_ steps: Int) throws {
    interpreter.pointee.budget -= steps
    let over = -interpreter.pointee.budget
    guard over >= 0 else { return }
    try limits.count(over)
    try checkInterrupt()
  }
}
