import Engine
import Synchronization

/// A matrix that stands on the right of products, laid out as the way it is held allows.
///
/// Every layout gives the bits of the product with the values: which one a product takes is a matter of speed alone, and
/// may be another the next time. It is what was chosen for the matrix where it was measured, else what `LayoutTable` says.
package final class HeldFactor: Sendable {
  let values: Tensor
  private let coding: Coding
  private let choice: LayoutChoice?
  private let state = Mutex(State())

  private struct State {
    var products = 0
    /// `nil` until the second product, and where there is nothing to choose.
    var traits: LayoutTraits?
    /// What the table says for each class of rows, on one path.
    var fastest: [Layout] = []
    var path = ProcessorPath.base
    var blocks: PackedBlocks?
    var codes: PackedCodedWeights?
  }

  private enum LaidOut {
    case values
    case blocks(PackedBlocks)
    case codes(PackedCodedWeights)
  }

  init(_ values: Tensor, _ coding: Coding, _ choice: LayoutChoice?) {
    (self.values, self.coding, self.choice) = (values, coding, choice)
  }

  /// Whether x @ values is a product of this kind: f32, a matrix, and rows as long as it has rows.
  package func takes(_ x: Tensor) -> Bool {
    x.dtype == .f32 && values.dtype == .f32 && values.rank == 2 && !values.isHollow
      && x.shape.last == values.shape[0]
  }

  /// x @ values. Errors: those of `Tensor.product`.
  package func product(_ x: Tensor) throws -> Tensor {
    switch try laidOut(rows: x.count / max(1, values.shape[0])) {
    case .values: break
    case .blocks(let blocks): if let result = try blocks.product(x) { return result }
    case .codes(let codes): if let result = try codes.product(x) { return result }
    }
    return try Tensor.product(x, values)
  }

  private func laidOut(rows: Int) throws -> LaidOut {
    try state.withLock { state in
      // Weights that are learning stand in one product each: they are laid out for the second.
      if state.products < 2 {
        if state.products == 1 { state.traits = try traits() }
        state.products += 1
      }
      guard let traits = state.traits else { return .values }
      switch layout(rows: rows, traits, &state) {
      case .floats: break
      case .blocks:
        if state.blocks == nil { state.blocks = try PackedBlocks(values) }
        if let blocks = state.blocks { return .blocks(blocks) }
      case .codes:
        if state.codes == nil, case .affine(let affine) = coding { state.codes = try affine.packedCodes }
        if let codes = state.codes { return .codes(codes) }
      }
      return .values
    }
  }

  private func traits() throws -> LayoutTraits? {
    guard let traits = try LayoutTraits(values, coding), traits.possible != [.floats] else { return nil }
    return traits
  }

  private func layout(rows: Int, _ traits: LayoutTraits, _ state: inout State) -> Layout {
    let path = ProcessorPath.current
    if let chosen = choice?.layout(rows: rows, on: path) { return chosen }
    if state.fastest.isEmpty || state.path != path {
      state.fastest = LayoutTable.rowClasses.map { LayoutTable.fastest(traits, rows: $0, on: path) }
      state.path = path
    }
    return state.fastest[LayoutTable.rowClass(rows)]
  }
}
