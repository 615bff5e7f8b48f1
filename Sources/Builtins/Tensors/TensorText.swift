import Engine
import Graph
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// A tensor as text: at most six significant digits, aligned columns, long axes elided.
struct TensorText {
  private let tensor: Tensor
  private let width: Int
  /// The positions of the last axis to show; `nil` is the elision.
  private var columns: [Int?] = []

  init(_ tensor: Tensor, _ width: Int) {
    (self.tensor, self.width) = (tensor, width)
    columns = tensor.shape.last.map { shown($0) } ?? []
  }

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
    if tensor.rank == 0 { return exact(0) }
    let header = "\(tensor.dtype.name)[\(TensorText.dimensions(tensor.shape))]\(note)"
    if tensor.rank == 1 {
      let line = text
      return header.count + 1 + line.count <= width ? header + " " + line : header + "\n" + rows
    }
    return header + "\n" + fitted.text
  }

  /// The elements of a vector in rows of equal columns.
  private var rows: String {
    let cells = columns.map { $0.map(short) ?? "…" }
    let widest = cells.map(\.count).max() ?? 1
    let across = max(1, (width - 1) / (widest + 2))
    let lines = stride(from: 0, to: cells.count, by: across).map { start in
      cells[start..<min(cells.count, start + across)].map {
        String(repeating: " ", count: widest - $0.count) + $0
      }.joined(separator: ", ")
    }
    return "[" + lines.joined(separator: ",\n ") + "]"
  }

  /// The same with fewer columns, so that a row fits into the width.
  private var fitted: TensorText {
    guard tensor.count > 0, let count = tensor.shape.last else { return self }
    var narrow = self
    var side = columns.contains(nil) ? TensorText.edge : (count + 1) / 2
    while side > 1, narrow.text.split(separator: "\n").contains(where: { $0.count > width }) {
      // A row too wide by half loses half of its columns at once.
      side = min(side - 1, max(1, side * 7 / 8))
      narrow.columns = Array(0..<side) + [nil] + Array((count - side)..<count)
    }
    return narrow
  }

  private var note: String {
    guard tensor.dtype.isFloat, tensor.count > 0, !tensor.isHollow else { return "" }
    let nan = count(Op.isnan)
    let infinite = tensor.count - nan - count(Op.isfinite)
    let parts = (nan > 0 ? ["\(nan) nan"] : []) + (infinite > 0 ? ["\(infinite) inf"] : [])
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  /// For how many entries a test is true.
  private func count(_ test: Op) -> Int {
    guard let flags = try? test.apply(Term(tensor)).tensor else { return 0 }
    return (try? Tensor.reduce(.sum, flags, axes: nil, keep: false).int(at: 0)) ?? 0
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
    let widths = axis == tensor.rank - 2 ? columnWidths(offset, rows: count, stride: stride) : nil
    let parts = shown(count).map { position in
      guard let position else { return "…" }
      if let widths { return row(offset + position * stride, widths: widths) }
      return block(axis: axis + 1, offset: offset + position * stride, indent: indent + 1)
    }
    let gap = String(repeating: "\n", count: max(1, tensor.rank - 1 - axis))
    return "[" + parts.joined(separator: "," + gap + String(repeating: " ", count: indent)) + "]"
  }

  private func row(_ offset: Int, widths: [Int]?) -> String {
    let cells = columns.enumerated().map { place, column in
      let text = column.map { short(offset + $0) } ?? "…"
      guard let widths, place < widths.count else { return text }
      return String(repeating: " ", count: max(0, widths[place] - text.count)) + text
    }
    return "[" + cells.joined(separator: ", ") + "]"
  }

  private func columnWidths(_ offset: Int, rows: Int, stride: Int) -> [Int] {
    let rows = shown(rows).compactMap { $0 }
    return columns.map { column in
      guard let column else { return 1 }
      return rows.map { short(offset + $0 * stride + column).count }.max() ?? 1
    }
  }
}
