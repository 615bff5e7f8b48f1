import CEngine

/// Decides where everything in a program lies, and puts the steps together.
struct ProgramLayout {
  private let writer: ProgramWriter
  private var homes: [Program.Home?]
  private var ownSize = 0
  private var blockSize = 0
  private var outsideCount = 0
  /// Pieces of the block that nothing needs any more.
  private var free: [(offset: Int, size: Int)] = []
  private var slots: [maas_program_slot] = []
  private var matrices: [(step: Int, input: Int)] = []
  private var kept: [Tensor] = []

  init(_ writer: ProgramWriter) {
    self.writer = writer
    homes = Array(repeating: nil, count: writer.roots.count)
  }

  /// Aligned, with room for loops that read a little past the end.
  private static func room(_ bytes: Int) -> Int { (bytes + 127) / 64 * 64 }

  mutating func program(_ outputs: [ProgramWriter.Place]) throws -> Program {
    for input in writer.inputs { settle(input, outside: true) }
    for constant in writer.constants { settle(constant.place, outside: false) }
    for output in outputs where homes[output.root] == nil { settle(output, outside: true) }
    settleSteps()
    let memory = self.memory()
    // From here on the program gives the memory back.
    let program = Program(inputs: writer.inputs.map(port), outputs: outputs.map(port), memory: memory)
    for (place, tensor) in writer.constants {
      guard case .own(let offset) = homes[place.root] else { continue }
      try tensor.withBytes { (memory.own + offset).copyMemory(from: $0, byteCount: place.byteCount) }
    }
    return program
  }

  private func port(_ place: ProgramWriter.Place) -> Program.Port {
    var home = homes[place.root] ?? .own(0)
    if case .own(let offset) = home { home = .own(offset + place.offset) }
    return Program.Port(dtype: place.dtype, shape: place.shape, count: place.count, home: home)
  }

  /// Single numbers, and everything in a small program, lie in the program's own memory.
  private mutating func settle(_ place: ProgramWriter.Place, outside: Bool) {
    if writer.isSmall || place.shape.isEmpty || !outside {
      homes[place.root] = .own(ownSize)
      ownSize += ProgramLayout.room(writer.roots[place.root])
    } else {
      homes[place.root] = .outside(outsideCount)
    }
    if outside { outsideCount += 1 }
  }

  /// What steps compute on the way: in the block, as long as a later step reads it.
  private mutating func settleSteps() {
    var lastUses: [Int: Int] = [:]
    for (index, draft) in writer.drafts.enumerated() {
      for place in draft.operands + draft.results { lastUses[place.root] = index }
    }
    for (index, draft) in writer.drafts.enumerated() {
      for place in draft.results where homes[place.root] == nil { settleInner(place) }
      let ended = Set((draft.operands + draft.results).map(\.root)).filter { lastUses[$0] == index }
      for root in ended.sorted() {
        if case .block(let offset) = homes[root] {
          free.append((offset, ProgramLayout.room(writer.roots[root])))
        }
      }
    }
  }

  private mutating func settleInner(_ place: ProgramWriter.Place) {
    if writer.isSmall || place.shape.isEmpty { return settle(place, outside: false) }
    let size = ProgramLayout.room(writer.roots[place.root])
    let fitting = free.indices.filter { free[$0].size >= size }.min { free[$0].size < free[$1].size }
    if let fitting {
      let piece = free.remove(at: fitting)
      if piece.size > size { free.append((piece.offset + size, piece.size - size)) }
      homes[place.root] = .block(piece.offset)
    } else {
      homes[place.root] = .block(blockSize)
      blockSize += size
    }
  }

  private mutating func memory() -> Program.Memory {
    let own = UnsafeMutableRawPointer.allocate(byteCount: max(ownSize, 64), alignment: 64)
    own.initializeMemory(as: UInt8.self, repeating: 0, count: max(ownSize, 64))
    let steps = UnsafeMutableBufferPointer<maas_program_step>.allocate(capacity: writer.drafts.count)
    var details: [UnsafeMutableRawPointer] = []
    for (index, draft) in writer.drafts.enumerated() {
      steps.initializeElement(at: index, to: draft.step)
      guard let step = steps.baseAddress.map({ $0 + index }) else { continue }
      write(draft, step, index, own, &details)
    }
    maas_program_prepare(steps.baseAddress, steps.count)
    return Program.Memory(
      steps: steps, slots: slots, matrices: matrices, own: own, details: details, kept: kept,
      blockSize: blockSize)
  }

  /// Fills a step's addresses in, or notes where they go.
  private mutating func write(
    _ draft: ProgramWriter.Draft, _ step: UnsafeMutablePointer<maas_program_step>, _ index: Int,
    _ own: UnsafeMutableRawPointer, _ details: inout [UnsafeMutableRawPointer]
  ) {
    let at = UnsafeMutableRawPointer(step)
    func field(_ path: PartialKeyPath<maas_program_step>) -> UnsafeMutableRawPointer {
      at + (MemoryLayout<maas_program_step>.offset(of: path) ?? 0)
    }
    place(draft.x, at: field(\.x), own)
    place(draft.y, at: field(\.y), own)
    place(draft.w, at: field(\.w), own)
    place(draft.z, at: field(\.z), own)
    switch draft.detail {
    case .none: break
    case .product(var product, let looksForZeros, let chain):
      if looksForZeros, let matrix = writer.inputs.firstIndex(where: { $0.root == draft.y?.root }) {
        let list = UnsafeMutablePointer<UInt32>.allocate(capacity: product.k + 16)
        details.append(UnsafeMutableRawPointer(list))
        product.list = list
        matrices.append((index, matrix))
      }
      product.then = chain.map { write($0, own, &details) }
      step.pointee.detail = UnsafeRawPointer(ProgramLayout.kept(product, &details))
    case .extents(let extents): step.pointee.detail = UnsafeRawPointer(ProgramLayout.kept(extents, &details))
    case .codes(let codes, let tensors):
      step.pointee.detail = UnsafeRawPointer(ProgramLayout.kept(codes, &details))
      kept += tensors
    case .chain(let chain): step.pointee.detail = UnsafeRawPointer(write(chain, own, &details))
    }
  }

  private static func kept<T>(_ value: T, _ details: inout [UnsafeMutableRawPointer]) -> UnsafePointer<T> {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
    memory.initialize(to: value)
    details.append(UnsafeMutableRawPointer(memory))
    return UnsafePointer(memory)
  }

  private mutating func write(
    _ chain: ProgramWriter.Chain, _ own: UnsafeMutableRawPointer, _ details: inout [UnsafeMutableRawPointer]
  ) -> UnsafePointer<maas_fused_pass> {
    let steps = UnsafeMutablePointer<maas_fused_step>.allocate(capacity: chain.steps.count)
    for (index, step) in chain.steps.enumerated() { (steps + index).initialize(to: step) }
    details.append(UnsafeMutableRawPointer(steps))
    for (index, field, place) in chain.operands + chain.results {
      self.place(place, at: ProgramLayout.address(of: field, in: steps + index), own)
    }
    let kept = maas_fused_pass(
      steps: steps, count: chain.steps.count, blocks: chain.blocks, rows: chain.rows, n: chain.n,
      products: nil, product_count: 0)
    return ProgramLayout.kept(kept, &details)
  }

  private static func address(
    of field: ProgramWriter.Chain.Field, in step: UnsafeMutablePointer<maas_fused_step>
  ) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(step.place(field)) + (MemoryLayout<maas_fused_place>.offset(of: \.address) ?? 0)
  }

  private mutating func place(
    _ place: ProgramWriter.Place?, at field: UnsafeMutableRawPointer, _ own: UnsafeMutableRawPointer
  ) {
    guard let place, let home = homes[place.root] else { return }
    let address = field.assumingMemoryBound(to: UnsafeRawPointer?.self)
    switch home {
    case .own(let offset): address.pointee = UnsafeRawPointer(own + offset + place.offset)
    case .block(let offset):
      slots.append(maas_program_slot(address: address, base: 0, offset: offset + place.offset))
    case .outside(let index):
      slots.append(maas_program_slot(address: address, base: 1 + index, offset: place.offset))
    }
  }
}
