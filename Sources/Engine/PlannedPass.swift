import CEngine

/// A chain of elementwise operations over tensors of one dtype and shape, written down once to be run in one pass over
/// memory as often as wanted.
///
/// Each operation rounds as it does alone: the bits are those of operations done one after the other. One thread at a time
/// runs a pass.
package final class PlannedPass {
  package enum Operation: Sendable {
    case unary(UnaryKernel)
    case binary(BinaryKernel)
  }

  /// Where an operation finds an operand.
  package enum Operand: Sendable, Equatable {
    /// An input of as many elements as the results have.
    case whole(Int)
    /// An input that is the same row for every row.
    case row(Int)
    /// An input with one number for each row.
    case column(Int)
    /// An input of one element.
    case number(Int)
    /// What an earlier operation gave.
    case result(Int)
  }

  /// What a chain is made of; `isKept` says that somebody wants the result.
  package struct Step: Sendable {
    package let operation: Operation
    package let operands: [Operand]
    package var isKept = false
    package init(_ operation: Operation, _ operands: [Operand]) {
      (self.operation, self.operands) = (operation, operands)
    }
  }

  /// More operations are more passes.
  package static let mostSteps = 48

  package let shape: [Int]
  package let dtype: DType
  let count: Int
  /// Elements of a row; all of them, where no operand is a row or a column and no product is computed with the pass.
  private(set) var rowLength: Int
  /// With nothing yet in the place of addresses and numbers, or what the last run had there.
  let steps: UnsafeMutableBufferPointer<maas_fused_step>
  /// Which input each operand of a step is; `~k` where it is the k-th result that is kept.
  private var inputs: [(x: Int, y: Int)] = []
  /// How many results are kept.
  private(set) var resultCount = 0
  /// Of each of them, the inputs that nothing reads once it is computed.
  private var candidates: [[Int]] = []
  private(set) var blocks: Int32 = 0
  /// Products that are computed in the pass, a few rows at a time.
  private(set) var products: [Product] = []
  /// The product that the pass follows, part by part.
  private(set) var leading: Leading?
  /// Places in `steps` that each run fills in.
  private(set) var addresses: ContiguousArray<Field> = []
  private(set) var numbers: ContiguousArray<Field> = []
  private(set) var results: ContiguousArray<UnsafeMutablePointer<maas_fused_place>> = []

  /// A place, and the input that fills it; `~k`, where that is the k-th result that is kept.
  struct Field {
    let place: UnsafeMutablePointer<maas_fused_place>
    let input: Int
  }

  /// A product, and which inputs its factors are.
  struct Product {
    let plan: ProductPlan
    let a: Int, b: Int
  }

  /// A product whose elements the pass goes over as soon as they are computed.
  struct Leading {
    let product: Product
    /// Which input its elements are.
    let input: Int
  }

  /// Bytes of a result.
  package var resultBytes: Int { count &* dtype.byteCount }

  /// - Parameter rowLength: elements of a row, where an operand is a row or a column; it divides the count.
  /// - Returns: nil where an operation has no place in such a chain.
  package init?(_ chain: [Step], shape: [Int], dtype: DType, rowLength: Int?) {
    guard dtype.isFloat, !shape.isEmpty, chain.count <= PlannedPass.mostSteps,
      let count = try? Shape.count(shape, dtype), count > 0
    else { return nil }
    (self.shape, self.dtype, self.count) = (shape, dtype, count)
    self.rowLength = rowLength ?? count
    steps = .allocate(capacity: chain.count)
    steps.initialize(repeating: maas_fused_step())
    guard self.rowLength > 0, count % self.rowLength == 0, write(chain) else { return nil }
    listFields()
  }

  deinit { steps.deallocate() }

  private func write(_ chain: [Step]) -> Bool {
    var lastUses = Array(chain.indices)
    for (index, step) in chain.enumerated() {
      for case .result(let from) in step.operands {
        guard from < index else { return false }
        lastUses[from] = index
      }
    }
    var homes = [Int32](repeating: -1, count: chain.count)
    var free: [Int32] = []
    // Of each step whose result is kept, its place among those.
    var order = [Int](repeating: -1, count: chain.count)
    for (index, step) in chain.enumerated() {
      guard var written = PlannedPass.written(step) else { return false }
      let x = place(step.operands[0], order, homes)
      let y = step.operands.count > 1 ? place(step.operands[1], order, homes) : x
      (written.x, written.y) = (x.place, y.place)
      inputs.append((x.input, y.input))
      if step.isKept {
        order[index] = resultCount
        resultCount += 1
        candidates.append(PlannedPass.inputs(of: chain, readLastBy: index))
        written.result.kind = MAAS_FUSED_MEMORY
      } else {
        homes[index] = free.popLast() ?? newBlock()
        written.result = PlannedPass.block(homes[index])
      }
      for case .result(let from) in step.operands where lastUses[from] == index && homes[from] >= 0 {
        free.append(homes[from])
        homes[from] = -1
      }
      steps[index] = written
    }
    return true
  }

  /// Finds what each run fills in.
  private func listFields() {
    (addresses, numbers, results) = ([], [], [])
    guard let first = steps.baseAddress else { return }
    for index in steps.indices {
      let step = first + index
      list(step.place(.x), inputs[index].x)
      if step.pointee.operands == 2 { list(step.place(.y), inputs[index].y) }
      if step.pointee.result.kind == MAAS_FUSED_MEMORY { results.append(step.place(.result)) }
    }
  }

  private func list(_ place: UnsafeMutablePointer<maas_fused_place>, _ input: Int) {
    switch place.pointee.kind {
    case MAAS_FUSED_BLOCK, MAAS_FUSED_PRODUCT: break
    case MAAS_FUSED_NUMBER: numbers.append(Field(place: place, input: input))
    default: addresses.append(Field(place: place, input: input))
    }
  }

  /// The inputs as large as the results that no step after this one reads.
  private static func inputs(of chain: [Step], readLastBy index: Int) -> [Int] {
    func whole(_ steps: ArraySlice<Step>) -> [Int] {
      steps.flatMap(\.operands).compactMap { if case .whole(let input) = $0 { input } else { nil } }
    }
    let later = Set(whole(chain[(index + 1)...]))
    return Set(whole(chain[...index])).subtracting(later).sorted()
  }

  private static func written(_ step: Step) -> maas_fused_step? {
    var written = maas_fused_step()
    switch step.operation {
    case .unary(let kernel):
      guard kernel.rawValue < UnaryKernel.not.rawValue, step.operands.count == 1 else { return nil }
      (written.op, written.operands) = (kernel.rawValue, 1)
    case .binary(let kernel):
      guard !kernel.givesBool, step.operands.count == 2 else { return nil }
      (written.op, written.operands) = (kernel.rawValue, 2)
    }
    return written
  }

  private func newBlock() -> Int32 {
    blocks += 1
    return blocks - 1
  }

  private static func block(_ index: Int32) -> maas_fused_place {
    maas_fused_place(kind: MAAS_FUSED_BLOCK, block: index, number: 0, address: nil)
  }

  /// A place, and the input that fills it; `~k`, where that is the k-th result that is kept.
  private func place(
    _ operand: Operand, _ order: [Int], _ homes: [Int32]
  ) -> (
    place: maas_fused_place, input: Int
  ) {
    func place(_ kind: maas_fused_kind) -> maas_fused_place {
      maas_fused_place(kind: kind, block: 0, number: 0, address: nil)
    }
    switch operand {
    case .whole(let input): return (place(MAAS_FUSED_MEMORY), input)
    case .row(let input): return (place(MAAS_FUSED_ROW), input)
    case .column(let input): return (place(MAAS_FUSED_COLUMN), input)
    case .number(let input): return (place(MAAS_FUSED_NUMBER), input)
    case .result(let from):
      return order[from] >= 0
        ? (place(MAAS_FUSED_MEMORY), ~order[from]) : (PlannedPass.block(homes[from]), 0)
    }
  }

  /// Computes an input in the pass itself, if it is a product that is as fast that way: what it gives is read from the
  /// nearest cache then, and never written to memory.
  ///
  /// - Parameters:
  ///   - a, b: the inputs that are the product's factors.
  /// - Returns: whether the pass has taken the product.
  package func take(_ product: PlannedProduct, for input: Int, a: Int, b: Int) -> Bool {
    let plan = product.plan
    guard fits(product), leading == nil, !plan.transposeB, products.count < MAAS_FUSED_PRODUCTS,
      maas_fused_takes(dtype.code, plan.m, plan.n, plan.k) != 0, readsAsWhole(input)
    else { return false }
    for index in steps.indices {
      read(&steps[index].x, inputs[index].x, ifInput: input)
      if steps[index].operands == 2 { read(&steps[index].y, inputs[index].y, ifInput: input) }
    }
    spare([input, a, b])
    products.append(Product(plan: plan, a: a, b: b))
    rowLength = plan.n
    listFields()
    return true
  }

  /// Follows an input, if it is a product of the results' shape: the steps go over each part of it while that is in the
  /// nearest cache.
  ///
  /// - Parameters:
  ///   - a, b: the inputs that are the product's factors.
  /// - Returns: whether the pass follows the product.
  package func follow(_ product: PlannedProduct, for input: Int, a: Int, b: Int) -> Bool {
    guard fits(product), leading == nil, products.isEmpty, readsAsWhole(input) else { return false }
    spare([input, a, b])
    leading = Leading(product: Product(plan: product.plan, a: a, b: b), input: input)
    rowLength = product.plan.n
    return true
  }

  /// Every row needs a whole factor: no result takes the memory of these inputs.
  private func spare(_ inputs: [Int]) {
    for index in candidates.indices { candidates[index].removeAll { inputs.contains($0) } }
  }

  /// Whether a product has the rows of the pass.
  private func fits(_ product: PlannedProduct) -> Bool {
    let plan = product.plan
    return plan.isSingle && product.dtype == dtype && plan.shape == shape && shape.count == 2
      && (rowLength == count || rowLength == plan.n)
  }

  private func readsAsWhole(_ input: Int) -> Bool {
    func reads(_ place: maas_fused_place, _ index: Int) -> Bool {
      place.kind == MAAS_FUSED_MEMORY || place.kind == MAAS_FUSED_BLOCK || index != input
    }
    return zip(steps, inputs).allSatisfy { step, inputs in
      reads(step.x, inputs.x) && (step.operands == 1 || reads(step.y, inputs.y))
    }
  }

  /// An operand that is the input is found in the product that comes next.
  private func read(_ place: inout maas_fused_place, _ index: Int, ifInput input: Int) {
    guard place.kind == MAAS_FUSED_MEMORY, index == input else { return }
    place.kind = MAAS_FUSED_PRODUCT
    place.block = Int32(products.count)
  }

  /// Which input each result may take the memory of, if `isFree` says so; each input once.
  package func heirs(_ isFree: (Int) -> Bool) -> [Int?] {
    var heirs: [Int?] = []
    for inputs in candidates { heirs.append(inputs.first { !heirs.contains($0) && isFree($0) }) }
    return heirs
  }

  /// The inputs of which the chain takes one number.
  var numberInputs: Set<Int> {
    var numbers: Set<Int> = []
    for (step, input) in zip(steps, inputs) {
      if step.x.kind == MAAS_FUSED_NUMBER { numbers.insert(input.x) }
      if step.operands == 2, step.y.kind == MAAS_FUSED_NUMBER { numbers.insert(input.y) }
    }
    return numbers
  }

  /// The chain as a step of a program with these inputs and results; nil where they are not as many.
  func chain(_ places: [ProgramWriter.Place], _ results: [ProgramWriter.Place]) -> ProgramWriter.Chain? {
    guard products.isEmpty else { return nil }
    var chain = ProgramWriter.Chain(
      steps: Array(steps), blocks: Int(blocks), rows: count / rowLength, n: rowLength, operands: [],
      results: [])
    var next = 0
    for index in steps.indices {
      for (field, place, input) in [
        (ProgramWriter.Chain.Field.x, steps[index].x, inputs[index].x), (.y, steps[index].y, inputs[index].y),
      ] where place.kind != MAAS_FUSED_BLOCK && (field == .x || steps[index].operands == 2) {
        let from = input < 0 ? results : places
        let position = input < 0 ? ~input : input
        guard position < from.count else { return nil }
        chain.operands.append((index, field, from[position]))
      }
      if steps[index].result.kind == MAAS_FUSED_MEMORY {
        guard next < results.count else { return nil }
        chain.results.append((index, .result, results[next]))
        next += 1
      }
    }
    return chain
  }
}

extension UnsafeMutablePointer<maas_fused_step> {
  /// Where an operand or the result of the step is described.
  func place(_ field: ProgramWriter.Chain.Field) -> UnsafeMutablePointer<maas_fused_place> {
    let path: PartialKeyPath<maas_fused_step> =
      switch field {
      case .x: \.x
      case .y: \.y
      case .result: \.result
      }
    let offset = MemoryLayout<maas_fused_step>.offset(of: path) ?? 0
    return (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: maas_fused_place.self)
  }
}
