import CEngine

/// One block of memory, 64-byte aligned, given back to the pool with its last user.
final class Storage: @unchecked Sendable {
  let address: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int) throws {
    _ = MemoryLimit.standard
    guard let block = maas_block_allocate(byteCount) else { throw EngineError.outOfMemory(bytes: byteCount) }
    address = block
    self.byteCount = byteCount
  }

  /// No memory at all.
  init() {
    address = UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
    byteCount = -1
  }

  deinit { if byteCount >= 0 { maas_block_free(address, byteCount) } }
}
