import CEngine

/// Long operations that are told to stop: every loop over elements looks at a flag now and then and ends early, and
/// whatever would have made a tensor of it throws `EngineError.cancelled`.
package enum Cancellation {
  /// Operations of this thread look at `flag` from now on, `nil` for none; it must outlive them.
  package static func watch(_ flag: UnsafePointer<Int32>?) { _ = maas_watch(flag) }

  /// Runs what must not end halfway: nothing on this thread's behalf looks at the flag meanwhile.
  static func postponed<R>(_ body: () throws -> R) rethrows -> R {
    let flag = maas_watch(nil)
    defer { _ = maas_watch(flag) }
    return try body()
  }

  /// - Throws: `EngineError.cancelled` once the flag is set: what was computed meanwhile may be unfinished.
  static func check() throws {
    if maas_cancelled() != 0 { throw EngineError.cancelled }
  }
}
