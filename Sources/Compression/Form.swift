import Engine
import Synchronization

/// How a parameter is held: which of its elements stay at zero, and from which codes its values follow.
///
/// The values of the tensor that has a form are always exactly those that the form says.
package final class Form: Sendable {
  /// False where an element is held at zero; `nil` where every one is free.
  package let mask: Tensor?
  package let coding: Coding
  /// Which layouts products were fastest with when these values were measured; `nil` where nobody did. Whatever takes
  /// their place is not what was measured, and has none.
  package let choice: LayoutChoice?
  private let factor = Mutex<HeldFactor?>(nil)

  private init(mask: Tensor?, _ coding: Coding, _ choice: LayoutChoice? = nil) {
    (self.mask, self.coding, self.choice) = (mask, coding, choice)
  }

  /// A tensor with its form.
  package typealias Held = (values: Tensor, form: Form)

  /// A tensor with the elements where `mask` is false held at zero.
  package static func masked(_ values: Tensor, _ mask: Tensor) throws -> Held {
    (try zeroed(values, mask), Form(mask: mask, .floats))
  }

  /// A tensor whose values follow from codes. Elements held at zero must have the code of zero.
  ///
  /// - Throws: `badValue` where that is not so, or the parts do not fit each other.
  package static func coded(_ coding: Coding, mask: Tensor?) throws -> Held {
    let values = try coding.values()
    guard let mask else { return (values, Form(mask: nil, coding)) }
    let kept = try zeroed(values, mask)
    guard try kept.bitEqual(values) else {
      throw EngineError.badValue("an element that is held at zero has the code of another value")
    }
    return (values, Form(mask: mask, coding))
  }

  private static func zeroed(_ values: Tensor, _ mask: Tensor) throws -> Tensor {
    guard mask.dtype == .bool, mask.shape == values.shape else {
      throw EngineError.badValue(
        "a mask is a boolean tensor of the shape of what it masks, \(values.shape), not \(mask.dtype.name) of \(mask.shape)"
      )
    }
    return try Tensor.select(mask, values, Tensor(scalar: 0, dtype: values.dtype))
  }

  /// The same values, held as they are, with a choice of layouts.
  ///
  /// - Throws: `badValue` for a layout that products with them cannot have.
  package static func choosing(_ choice: LayoutChoice, for held: Held) throws -> Held {
    let possible = try held.form.layouts(held.values)
    for (_, layout) in choice.choices where !possible.contains(layout) {
      throw EngineError.badValue(
        "products with these values cannot be by \(layout.name): "
          + (possible.isEmpty
            ? "they are no matrix of f32 with two columns or more"
            : "they can be by \(possible.map(\.name).joined(separator: ", "))"))
    }
    return (held.values, Form(mask: held.form.mask, held.form.coding, choice))
  }

  /// The layouts that products with the values can have; none where they are no matrix of f32.
  package func layouts(_ values: Tensor) throws -> [Layout] {
    try LayoutTraits(values, coding)?.possible ?? []
  }

  /// The values that are held like this, for products x @ values. It is kept with the form.
  package func factor(_ values: Tensor) -> HeldFactor {
    factor.withLock { known in
      if let known, known.values.isSame(as: values) { return known }
      let new = HeldFactor(values, coding, choice)
      known = new
      return new
    }
  }

  /// The form without its codes; `nil` where nothing is left to hold.
  package var withoutCodes: Form? { mask.map { Form(mask: $0, .floats) } }
}
