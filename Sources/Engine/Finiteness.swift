import CEngine
import Synchronization

/// Whether the f32 numbers of a storage are all finite: found when it is asked for the third time, for a matrix that is
/// learning is another after each product, and remembered. It takes about as long as to multiply a row with them.
struct Finiteness: ~Copyable, Sendable {
  private static let timesAsked: UInt8 = 2
  private static let yes: UInt8 = 254
  private static let no: UInt8 = 255

  /// How often it was asked, or the answer.
  private let state = Atomic<UInt8>(0)

  /// - Returns: false where it is not known yet.
  func isKnown(of numbers: UnsafePointer<Float>, count: Int) -> Bool {
    let now = state.load(ordering: .relaxed)
    if now >= Finiteness.yes { return now == Finiteness.yes }
    if now < Finiteness.timesAsked {
      state.store(now + 1, ordering: .relaxed)
      return false
    }
    let isFinite = maas_is_finite(numbers, count) != 0
    state.store(isFinite ? Finiteness.yes : Finiteness.no, ordering: .relaxed)
    return isFinite
  }

  /// The numbers are about to be others.
  func forget() { state.store(0, ordering: .relaxed) }
}
