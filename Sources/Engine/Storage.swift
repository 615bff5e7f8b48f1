import CEngine
import Synchronization

/// One block of memory, 64-byte aligned, given back to the pool with its last user.
///
/// What it holds may be computed later, together with what is computed from it: see `Deferred`.
final class Storage: @unchecked Sendable {
  /// The memory, which holds nothing yet while the storage is pending.
  let block: UnsafeMutableRawPointer
  private let byteCount: Int
  private let isSettled: Atomic<Bool>
  /// What is to be computed. Only touched with `Deferred.lock` held.
  private(set) var pending: Deferred?

  init(byteCount: Int) throws {
    block = try Storage.allocated(byteCount)
    self.byteCount = byteCount
    isSettled = Atomic(true)
  }

  /// No memory at all.
  init() {
    block = UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
    byteCount = -1
    isSettled = Atomic(true)
  }

  /// Memory that will hold what `deferred` computes.
  init(byteCount: Int, for deferred: Deferred) throws {
    block = try Storage.allocated(byteCount)
    self.byteCount = byteCount
    isSettled = Atomic(false)
    pending = deferred
    deferred.owner = self
  }

  private static func allocated(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    _ = MemoryLimit.standard
    guard let block = maas_block_allocate(byteCount) else { throw EngineError.outOfMemory(bytes: byteCount) }
    return block
  }

  /// Whether the memory holds its numbers.
  @inline(__always)
  var isReady: Bool { isSettled.load(ordering: .acquiring) }

  /// Makes sure that the memory holds its numbers. Errors: `cancelled`; they then wait to be computed as before.
  @inline(__always)
  func settle() throws { if !isReady { try compute() } }

  @inline(never)
  private func compute() throws {
    try Deferred.lock.withLock { _ in
      if let pending { try FusedPass.run(pending) }
    }
  }

  /// The numbers are there. Only called with the lock held.
  func finish() {
    pending = nil
    isSettled.store(true, ordering: .releasing)
  }

  deinit {
    if !isReady { Deferred.lock.withLock { _ in pending?.owner = nil } }
    if byteCount >= 0 { maas_block_free(block, byteCount) }
  }
}
