/// The type of a tensor's elements. The raw values are those of `maas_type`.
package enum DType: UInt8, CaseIterable, Sendable {
  case bool, u8, i8, i32, i64, f32, f64

  package var name: String {
    switch self {
    case .bool: "bool"
    case .u8: "u8"
    case .i8: "i8"
    case .i32: "i32"
    case .i64: "i64"
    case .f32: "f32"
    case .f64: "f64"
    }
  }

  /// Bytes of one element; a boolean takes one.
  package var byteCount: Int {
    switch self {
    case .bool, .u8, .i8: 1
    case .i32, .f32: 4
    case .i64, .f64: 8
    }
  }

  package var isFloat: Bool { self == .f32 || self == .f64 }
  /// u8, i8, i32 or i64; a boolean is none.
  package var isInteger: Bool { rawValue >= DType.u8.rawValue && rawValue <= DType.i64.rawValue }

  /// The type that holds both: `u8` with `i8` gives `i32`, an integer with a float that float.
  package static func promote(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    if a.rawValue <= DType.i8.rawValue, b.rawValue <= DType.i8.rawValue, a != .bool, b != .bool {
      return .i32
    }
    return a.rawValue > b.rawValue ? a : b
  }

  var code: Int32 { Int32(rawValue) }
}
