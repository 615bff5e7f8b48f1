extension Tensor {
  /// Writes a float to one element in place, where nobody else holds the elements.
  ///
  /// - Parameter offset: the element, counted in memory order; it must be one of the tensor's.
  /// - Returns: false where somebody holds them, or where the dtype has no fractions.
  package mutating func write(_ number: Double, at offset: Int) -> Bool {
    guard dtype.isFloat, isUnshared() else { return false }
    let element = UnsafeMutableRawPointer(mutating: place) + offset &* dtype.byteCount
    if dtype == .f32 {
      element.storeBytes(of: Float(number), as: Float.self)
    } else {
      element.storeBytes(of: number, as: Double.self)
    }
    return true
  }

  /// The same for a whole number, where the dtype holds every one or rounds it.
  package mutating func write(_ number: Int, at offset: Int) -> Bool {
    guard dtype.isFloat || dtype == .i64, isUnshared() else { return false }
    let element = UnsafeMutableRawPointer(mutating: place) + offset &* dtype.byteCount
    switch dtype {
    case .f32: element.storeBytes(of: Float(number), as: Float.self)
    case .f64: element.storeBytes(of: Double(number), as: Double.self)
    default: element.storeBytes(of: number, as: Int.self)
    }
    return true
  }

  /// Whether the elements are there and nobody else holds them; then what is known of them is forgotten. What waits to be
  /// computed from them holds them only once they are there.
  private mutating func isUnshared() -> Bool {
    do { try storage?.settle() } catch { return false }
    guard isKnownUniquelyReferenced(&storage) else { return false }
    storage?.finiteness.forget()
    return true
  }
}
