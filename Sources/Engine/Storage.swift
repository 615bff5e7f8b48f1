import CEngine
import Synchronization

/// One block of memory, 64-byte aligned, given back to the pool with its last user.
///
/// What it holds may be computed later: together with what is computed from it (`Deferred`), or when somebody asks for it
/// (`DelayedPass`). In the second case there is no memory before that either.
final class Storage: @unchecked Sendable {
  /// What is to be computed.
  enum Pending {
    case operation(Deferred)
    case pass(DelayedPass)
  }

  /// The memory, which holds nothing yet while the storage is pending. It is set once, before the storage is settled.
  private(set) var block: UnsafeMutableRawPointer
  let byteCount: Int
  /// Whether the block is this storage's to give back.
  private var ownsBlock: Bool
  private let isSettled: Atomic<Bool>
  /// What is to be computed. Only touched with `Deferred.lock` held.
  private(set) var pending: Pending?
  /// What is known of the numbers; who writes to the block of a storage that was read makes it forget.
  let finiteness = Finiteness()

  init(byteCount: Int) throws {
    block = try Storage.allocated(byteCount)
    self.byteCount = byteCount
    ownsBlock = true
    isSettled = Atomic(true)
  }

  /// No memory at all.
  init() {
    block = Storage.nowhere
    byteCount = -1
    ownsBlock = false
    isSettled = Atomic(true)
  }

  /// Memory that will hold what `deferred` computes.
  init(byteCount: Int, for deferred: Deferred) throws {
    block = try Storage.allocated(byteCount)
    self.byteCount = byteCount
    ownsBlock = true
    isSettled = Atomic(false)
    pending = .operation(deferred)
    deferred.owner = self
  }

  /// A result of a pass, which will bring the memory.
  init(byteCount: Int, of pass: DelayedPass) {
    block = Storage.nowhere
    self.byteCount = byteCount
    ownsBlock = false
    isSettled = Atomic(false)
    pending = .pass(pass)
  }

  private static var nowhere: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
  }

  static func allocated(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
    _ = MemoryLimit.standard
    guard let block = maas_block_allocate(byteCount) else { throw EngineError.outOfMemory(bytes: byteCount) }
    return block
  }

  static func free(_ block: UnsafeMutableRawPointer, _ byteCount: Int) { maas_block_free(block, byteCount) }

  /// Whether the memory holds its numbers.
  @inline(__always)
  var isReady: Bool { isSettled.load(ordering: .acquiring) }

  /// Makes sure that the memory holds its numbers. Errors: `cancelled`, and `outOfMemory` where there is no memory before;
  /// they then wait to be computed as before.
  @inline(__always)
  func settle() throws { if !isReady { try compute() } }

  @inline(never)
  private func compute() throws {
    try Deferred.lock.withLock { _ in
      switch pending {
      case .operation(let deferred): try FusedPass.run(deferred)
      case .pass(let pass): try pass.run()
      case nil: break
      }
    }
  }

  /// The numbers are there. Only called with the lock held.
  func finish() {
    pending = nil
    isSettled.store(true, ordering: .releasing)
  }

  /// The numbers are there, in a block that is this storage's from now on. Only called with the lock held.
  func finish(in block: UnsafeMutableRawPointer) {
    self.block = block
    ownsBlock = true
    finish()
  }

  /// The block is somebody else's from now on; nobody may read the storage any more.
  func surrender() { ownsBlock = false }

  deinit {
    if !isReady {
      Deferred.lock.withLock { _ in
        switch pending {
        case .operation(let deferred): deferred.owner = nil
        case .pass(let pass): pass.forget(self)
        case nil: break
        }
      }
    }
    if ownsBlock { Storage.free(block, byteCount) }
  }
}
