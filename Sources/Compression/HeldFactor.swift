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
  }

  let values: Tensor
  /// The layout, from the second product on: weights that are learning stand in one product each.
  private let state = Mutex<(products: Int, layout: Layout?)>((0, nil))

  init(_ values: Tensor) { self.values = values }

  /// Whether x @ values is a product of this kind: f32, a matrix, and rows as long as it has rows.
  package func takes(_ x: Tensor) -> Bool {
    x.dtype == .f32 && values.dtype == .f32 && values.rank == 2 && !values.isHollow
      && x.shape.last == values.shape[0]
  }

  /// x @ values. Errors: those of `Tensor.product`.
  package func product(_ x: Tensor) throws -> Tensor {
    if case .blocks(let blocks) = try layout(), let result = try blocks.product(x) { return result }
    return try Tensor.product(x, values)
  }

  private func layout() throws -> Layout {
    try state.withLock { state in
      if let layout = state.layout { return layout }
      state.products += 1
      if state.products < 2 { return .values }
      let layout = try PackedBlocks(values).map(Layout.blocks) ?? .values
      state.layout = layout
      return layout
    }
  }
}
