import Engine
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// A tensor as text: at most six significant digits, aligned columns, long axes elided.
struct TensorText {
  private let tensor: Tensor
  private let width: Int

  init(_ tensor: Tensor, _ width: Int) { (self.tensor, self.width) = (tensor, width) }

  /// Up to so many elements are all shown.
  private static let wholeCount = 200
  /// Of a longer axis, so many at either end.
  private static let edge = 4

  static func dimensions(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }

  /// What `print` writes.
  var text: String {
    if tensor.isHollow { return "…" }
    if tensor.rank == 0 { return exact(0) }
    if tensor.count == 0 { return tensor.rank == 1 ? "[]" : "[] of shape \(Words.shape(tensor.shape))" }
    return block(axis: 0, offset: 0, indent: 1)
  }

  /// What the prompt shows: with a header, and a note on entries that are no numbers.
  var display: String {
    if tensor.rank == 0 { return text }
    var lines = ["\(tensor.dtype.name)[\(TensorText.dimensions(tensor.shape))]\(note)"]
    lines.append(text)
    return lines.joined(separator: tensor.rank == 1 ? " " : "\n")
  }

  private var note: String {
    guard tensor.dtype.isFloat, tensor.count > 0, !tensor.isHollow else { return "" }
    var (nan, infinite) = (0, 0)
    for index in 0..<tensor.count {
      let value = double(index)
      if value.isNaN { nan += 1 } else if value.isInfinite { infinite += 1 }
    }
    let parts = (nan > 0 ? ["\(nan) nan"] : []) + (infinite > 0 ? ["\(infinite) inf"] : [])
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  /// A number with all its digits.
  private func exact(_ index: Int) -> String {
    switch tensor.dtype {
    case .bool: integer(index) != 0 ? "true" : "false"
    case .f32: Numbers.text(Float(double(index)))
    case .f64: Numbers.text(double(index))
    default: String(integer(index))
    }
  }

  /// What is printed has elements: `text` has seen to it.
  private func double(_ index: Int) -> Double { (try? tensor.double(at: index)) ?? .nan }
  private func integer(_ index: Int) -> Int { (try? tensor.int(at: index)) ?? 0 }

  private func short(_ index: Int) -> String {
    tensor.dtype.isFloat ? TensorText.sixDigits(double(index)) : exact(index)
  }

  /// At most six significant digits, always with a point or an exponent.
  static func sixDigits(_ value: Double) -> String {
    guard value.isFinite else { return Numbers.text(value) }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    var buffer = [CChar](repeating: 0, count: 40)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%.6g", $0) }
    let text = String(
      decoding: buffer.prefix(Int(max(0, length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Numbers.text(Double(text) ?? value)
  }

  /// Positions of an axis to show; `nil` is the elision.
  private func shown(_ count: Int) -> [Int?] {
    guard tensor.count > TensorText.wholeCount, count > 2 * TensorText.edge + 1 else {
      return Array(0..<count)
    }
    return Array(0..<TensorText.edge) + [nil] + Array((count - TensorText.edge)..<count)
  }

  private func block(axis: Int, offset: Int, indent: Int) -> String {
    let count = tensor.shape[axis]
    if axis == tensor.rank - 1 { return row(offset, widths: nil) }
    let stride = tensor.shape[(axis + 1)...].reduce(1, *)
    let widths = axis == tensor.rank - 2 ? columnWidths(offset, rows: count, columns: stride) : nil
    let parts = shown(count).map { position in
      guard let position else { return "…" }
      if let widths { return row(offset + position * stride, widths: widths) }
      return block(axis: axis + 1, offset: offset + position * stride, indent: indent + 1)
    }
    let gap = String(repeating: "\n", count: max(1, tensor.rank - 1 - axis))
    return "[" + parts.joined(separator: "," + gap + String(repeating: " ", count: indent)) + "]"
  }

  private func row(_ offset: Int, widths: [Int]?) -> String {
    let columns = shown(tensor.shape[tensor.rank - 1])
    let cells = columns.enumerated().map { place, column in
      let text = column.map { short(offset + $0) } ?? "…"
      guard let widths, place < widths.count else { return text }
      return String(repeating: " ", count: max(0, widths[place] - text.count)) + text
    }
    return "[" + cells.joined(separator: ", ") + "]"
  }

  private func columnWidths(_ offset: Int, rows: Int, columns: Int) -> [Int] {
    let rows = shown(rows).compactMap { $0 }
    return shown(columns).map { column in
      guard let column else { return 1 }
      return rows.map { short(offset + $0 * columns + column).count }.max() ?? 1
    }
  }
}
