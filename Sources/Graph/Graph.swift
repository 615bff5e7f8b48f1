import Engine
import Synchronization

/// Settings that every graph shares.
package enum Graph {
  private static let defaultFloatCode = Atomic<UInt8>(DType.f32.rawValue)

  /// The float dtype that integer tensors become when they meet a float op: `f32`, or `f64` after
  /// `precision(f64)`.
  package static var defaultFloat: DType {
    get { DType(rawValue: defaultFloatCode.load(ordering: .relaxed)) ?? .f32 }
    set { if newValue.isFloat { defaultFloatCode.store(newValue.rawValue, ordering: .relaxed) } }
  }
}
