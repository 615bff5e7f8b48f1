import Compression
import Engine
import Graph
import Runtime

/// Parameters that are bound: what takes their place is held as they are.
extension TensorObject {
  convenience init(_ held: Form.Held) { self.init(Term(held.values), form: held.form) }

  /// What takes this tensor's place in a structure. Zeros that are held stay zero, and values that are shared stay
  /// shared, each the mean of those that became of it. Other codes are let go: an arbitrary value has none.
  func held(_ value: Value) throws -> Value {
    guard let form, case .object(let object as TensorObject) = value, object.form == nil,
      object.tensor.dtype.isFloat, object.tensor.shape == tensor.shape, !object.tensor.isHollow
    else { return value }
    let term = try masked(object.term)
    if case .codebook(let codebook) = form.coding, !term.isTraced, !term.isCut, term.dtype == .f32 {
      let held = try Form.coded(.codebook(codebook.following(term.tensor)), mask: form.mask)
      return .object(TensorObject(held))
    }
    return .object(TensorObject(term, form: form.withoutCodes))
  }

  /// A gradient or a state of this tensor's shape, zero where the tensor is held at zero.
  func cleared(_ value: Value) throws -> Value {
    guard form?.mask != nil, case .object(let object as TensorObject) = value,
      object.tensor.shape == tensor.shape, !object.tensor.isHollow
    else { return value }
    return .object(TensorObject(try masked(object.term)))
  }

  private func masked(_ term: Term) throws -> Term {
    guard let mask = form?.mask else { return term }
    return try Op.select.apply([Term(mask), term, 0], [])
  }
}

extension Value {
  /// How a tensor is held.
  var form: Form? {
    if case .object(let object) = self { (object as? TensorObject)?.form } else { nil }
  }

  /// x @ self by the layout that the way self is held allows; nil where it is not held, the product is none of this kind,
  /// or a gradient is taken through it.
  func heldProduct(_ x: Term, _ machine: Machine) throws -> Term? {
    guard case .object(let object as TensorObject) = self, let form = object.form,
      !object.term.isTraced, !object.term.isCut
    else { return nil }
    let isRecorded = machine.isRecording && Workspace.of(machine).tape == nil
    guard isRecorded || !x.isTraced && !x.isCut else { return nil }
    let factor = form.factor(object.tensor)
    guard factor.takes(x.tensor) else { return nil }
    return try Op.calculation("held_product", factor.product).apply(x)
  }
}
