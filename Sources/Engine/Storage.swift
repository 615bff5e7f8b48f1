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

  deinit { maas_block_free(address, byteCount) }
}
