import CEngine

/// Computes a deferred tensor and everything it waits for in one pass over memory.
///
/// The operations are put in order, given places for what they compute (the memory of storages that are held, blocks of
/// the cache for the rest) and handed to `maas_fused`, which runs all of them on one block after the other.
struct FusedPass {
  private var order: [Deferred] = []
  /// The last operation that reads each one's result.
  private var lastUses: [Int] = []
  private var steps: [maas_fused_step] = []
  /// Cache blocks that are free again.
  private var free: [Int32] = []
  private var blocks: Int32 = 0
  private var homes: [Int32] = []

  /// Only called with `Deferred.lock` held. Errors: `cancelled`; everything then waits as before.
  static func run(_ root: Deferred) throws {
    guard root.result == nil else { return }
    var pass = FusedPass()
    pass.collect(root)
    for index in pass.order.indices { pass.plan(index) }
    let blocks = Int(pass.blocks)
    pass.steps.withUnsafeMutableBufferPointer {
      var written = maas_fused_pass(
        steps: $0.baseAddress, count: $0.count, blocks: blocks, rows: 1, n: root.count, products: nil,
        product_count: 0)
      maas_fused(root.dtype.code, &written)
    }
    for deferred in pass.order { deferred.place = -1 }
    // What was written may end anywhere. Its operands are still held, and nothing was written to them.
    try Cancellation.check()
    for deferred in pass.order { deferred.finish() }
  }

  /// Operands before what is computed from them.
  private mutating func collect(_ deferred: Deferred) {
    guard deferred.place < 0, deferred.result == nil else { return }
    for case .deferred(let operand) in deferred.operands { collect(operand) }
    deferred.place = order.count
    order.append(deferred)
    lastUses.append(order.count - 1)
    homes.append(-1)
    for case .deferred(let operand) in deferred.operands where operand.result == nil {
      lastUses[operand.place] = order.count - 1
    }
  }

  private mutating func plan(_ index: Int) {
    let deferred = order[index]
    var step = maas_fused_step()
    switch deferred.operation {
    case .unary(let kernel): (step.op, step.operands) = (kernel.rawValue, 1)
    case .binary(let kernel): (step.op, step.operands) = (kernel.rawValue, 2)
    }
    step.x = place(of: deferred.operands[0])
    if deferred.operands.count > 1 { step.y = place(of: deferred.operands[1]) }
    if let owner = deferred.owner {
      step.result.address = UnsafeRawPointer(owner.block)
    } else {
      // Taken before the operands' blocks are given back: no loop writes where it reads.
      homes[index] = free.popLast() ?? newBlock()
      step.result = maas_fused_place(kind: MAAS_FUSED_BLOCK, block: homes[index], number: 0, address: nil)
    }
    for case .deferred(let operand) in deferred.operands {
      guard operand.result == nil, lastUses[operand.place] == index, homes[operand.place] >= 0 else {
        continue
      }
      free.append(homes[operand.place])
      homes[operand.place] = -1
    }
    steps.append(step)
  }

  private mutating func newBlock() -> Int32 {
    blocks += 1
    return blocks - 1
  }

  private func place(of operand: Deferred.Operand) -> maas_fused_place {
    switch operand {
    case .number(let bits):
      return maas_fused_place(kind: MAAS_FUSED_NUMBER, block: 0, number: UInt64(bits), address: nil)
    case .memory(let tensor): return memory(tensor.place)
    case .deferred(let deferred):
      if let storage = deferred.result ?? deferred.owner { return memory(UnsafeRawPointer(storage.block)) }
      return maas_fused_place(
        kind: MAAS_FUSED_BLOCK, block: homes[deferred.place], number: 0, address: nil)
    }
  }

  private func memory(_ address: UnsafeRawPointer) -> maas_fused_place {
    maas_fused_place(kind: MAAS_FUSED_MEMORY, block: 0, number: 0, address: address)
  }
}
