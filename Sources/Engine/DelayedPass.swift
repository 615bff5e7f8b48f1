/// A pass whose results nobody has asked for yet.
///
/// An optimizer's step makes new parameters of old ones. By the time the new ones are read, the next forward pass, the
/// program has put them in the old ones' place and nobody holds those any more: the pass then runs in their memory, and
/// parameters and states stay where they are in the caches. Where somebody still holds an input, results have memory of
/// their own. Tensors are immutable, so it does not matter when they are computed.
final class DelayedPass {
  private let pass: PlannedPass
  private var inputs: [Tensor]
  /// The storages that want the results, while somebody holds them: they clear their places.
  private var owners: [Unmanaged<Storage>?] = []

  /// - Returns: the pass's results, pending.
  /// - Errors: `cancelled`, where an input is pending itself: what waits for each other would be without an end.
  static func results(of pass: PlannedPass, _ inputs: [Tensor]) throws -> [Tensor] {
    for input in inputs { try input.settle() }
    return results(of: pass, settled: inputs)
  }

  /// The same of inputs that are there.
  static func results(of pass: PlannedPass, settled inputs: [Tensor]) -> [Tensor] {
    let delayed = DelayedPass(pass, inputs)
    let storages = (0..<pass.resultCount).map { _ in Storage(byteCount: pass.resultBytes, of: delayed) }
    delayed.owners = storages.map(Unmanaged.passUnretained)
    return storages.map { Tensor(pending: $0, pass.dtype, pass.shape, count: pass.count) }
  }

  private init(_ pass: PlannedPass, _ inputs: [Tensor]) {
    (self.pass, self.inputs) = (pass, inputs)
  }

  /// A storage dies that nobody has read. Only called with `Deferred.lock` held, like `run`.
  func forget(_ storage: Storage) {
    for index in owners.indices
    where owners[index]?.toOpaque() == Unmanaged.passUnretained(storage).toOpaque() {
      owners[index] = nil
    }
  }

  /// Errors: `outOfMemory`; everything then waits as before. Once it has begun it is not cancelled: half of the inputs
  /// may be gone.
  func run() throws {
    // Taken out of here, so that a tensor knows whether it is the last.
    var inputs = self.inputs
    self.inputs = []
    let heirs = pass.heirs { inputs[$0].isLastOfWholeStorage }
    var fresh: [UnsafeMutableRawPointer] = []
    do {
      let blocks = try heirs.map { heir in
        if let block = heir.flatMap({ inputs[$0].storage?.block }) { return block }
        let block = try Storage.allocated(pass.resultBytes)
        fresh.append(block)
        return block
      }
      try Cancellation.postponed { try pass.compute(inputs, into: blocks) }
      for heir in heirs { if let heir { inputs[heir].storage?.surrender() } }
      for (owner, block) in zip(owners, blocks) { hand(block, to: owner) }
    } catch {
      for block in fresh { Storage.free(block, pass.resultBytes) }
      self.inputs = inputs
      throw error
    }
  }

  private func hand(_ block: UnsafeMutableRawPointer, to owner: Unmanaged<Storage>?) {
    if let owner {
      owner.takeUnretainedValue().finish(in: block)
    } else {
      Storage.free(block, pass.resultBytes)
    }
  }
}
