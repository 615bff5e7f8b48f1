/// A Swift type that a tensor's elements can be.
package protocol TensorElement: Sendable {
  static var dtype: DType { get }
}

extension Float: TensorElement { package static var dtype: DType { .f32 } }
extension Double: TensorElement { package static var dtype: DType { .f64 } }
extension Int: TensorElement { package static var dtype: DType { .i64 } }
extension Int32: TensorElement { package static var dtype: DType { .i32 } }
extension UInt8: TensorElement { package static var dtype: DType { .u8 } }
extension Int8: TensorElement { package static var dtype: DType { .i8 } }
extension Bool: TensorElement { package static var dtype: DType { .bool } }
