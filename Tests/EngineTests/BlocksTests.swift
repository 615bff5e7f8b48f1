import SeededRandom
import Testing

@testable import Engine

extension EngineTests {
  /// Blocks of memory, of which those of 64 kB to 4 MB lie beside each other.
  @Suite struct BlocksTests {
    private struct Block {
      let place: UnsafeMutableRawPointer
      let byteCount: Int
      let byte: UInt8

      init(_ byteCount: Int, _ byte: UInt8) throws {
        place = try Storage.allocated(byteCount)
        place.initializeMemory(as: UInt8.self, repeating: byte, count: byteCount)
        (self.byteCount, self.byte) = (byteCount, byte)
      }

      /// Whether every byte is what it was, before the block is given back.
      func close() -> Bool {
        defer { Storage.free(place, byteCount) }
        return UnsafeRawBufferPointer(start: place, count: byteCount).allSatisfy { $0 == byte }
      }
    }

    /// Half of the blocks stay while the others come and go and what waits for reuse is given back to the system.
    @Test func noBlockIsWrittenByAnother() throws {
      var random = SeededNumbers(state: 3)
      var blocks: [Block] = []
      for round in 0..<300 {
        let byteCount = random.below(6) == 0 ? 1 + random.below(6 << 20) : 1 + random.below(500_000)
        blocks.append(try Block(byteCount, UInt8(round % 251)))
        #expect(Int(bitPattern: blocks[blocks.count - 1].place) % 64 == 0)
        if round % 2 == 0 { #expect(blocks.remove(at: random.below(blocks.count)).close()) }
        if round % 40 == 0 { MemoryLimit.giveBack() }
      }
      for block in blocks { #expect(block.close()) }
      MemoryLimit.giveBack()
      #expect(try Block(300_000, 7).close())
    }

    @Test func severalThreadsTakeAndGive() async {
      await withTaskGroup(of: Bool.self) { group in
        for thread in 0..<4 {
          group.addTask {
            var random = SeededNumbers(state: UInt64(thread))
            return (0..<200).allSatisfy { _ in
              (try? Block(60_000 + random.below(200_000), UInt8(thread)).close()) == true
            }
          }
        }
        for await isRight in group { #expect(isRight) }
      }
    }
  }
}
