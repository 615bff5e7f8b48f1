import Engine
import Synchronization

/// A matrix that stands on the right of products, laid out as the way it is held allows.
///
/// Every layout gives the bits of the product with the values: which one a product takes is a matter of speed alone, and
/// may be another the next time.
package final class HeldFactor: Sendable {
  private enum Layout {
    case values
    case blocks(PackedBlocks)
    case codes(PackedCodedWeights)
  }

  let values: Tensor
  private let coding: Coding
  /// The layout, from the second product on: weights that are learning stand in one product each.
  private let state = Mutex<(products: Int, layout: Layout?)>((0, nil))

  init(_ values: Tensor, _ coding: Coding) { (self.values, self.coding) = (values, coding) }

  /// Whether x @ values is a product of this kind: f32, a matrix, and rows as long as it has rows.
  package func takes(_ x: Tensor) -> Bool {
    x.dtype == .f32 && values.dtype == .f32 && values.rank == 2 && !values.isHollow
      && x.shape.last == values.shape[0]
  }

  /// x @ values. Errors: those of `Tensor.product`.
  package func product(_ x: Tensor) throws -> Tensor {
    switch try layout() {
    case .values: break
    case .blocks(let blocks): if let result = try blocks.product(x) { return result }
    case .codes(let codes):
      if codes.pays(for: x), let result = try codes.product(x) { return result }
    }
    return try Tensor.product(x, values)
  }

  private func layout() throws -> Layout {
    try state.withLock { state in
      if let layout = state.layout { return layout }
      state.products += 1
      if state.products < 2 { return .values }
      let layout = try bestLayout()
      state.layout = layout
      return layout
    }
  }

  private func bestLayout() throws -> Layout {
    if let blocks = try PackedBlocks(values) { return .blocks(blocks) }
    if case .affine(let affine) = coding, let codes = try affine.packedCodes { return .codes(codes) }
    return .values
  }
}
