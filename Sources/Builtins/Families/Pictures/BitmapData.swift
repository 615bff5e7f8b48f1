import Engine
import Figures
import Graph
import Runtime

/// Tensors as bitmaps.
extension PictureData {
  /// A matrix whose smallest and largest finite entries are the ends of the scale.
  static func matrix(_ value: Value) throws -> Bitmap {
    let tensor = try Conversion.term(value, "`m`", argument: 0).tensor
    guard tensor.rank == 2, tensor.count > 0 else {
      throw Failure(
        .badShape, "a heatmap shows a matrix, and this has shape \(Words.shape(tensor.shape))",
        help: tensor.rank == 1 ? ["plot(…) and hist(…) show vectors"] : [], argument: 0)
    }
    let values = try tensor.array(Double.self)
    let finite = values.filter(\.isFinite)
    let range = ClosedRange(from: finite.min() ?? 0, to: finite.max() ?? 1) ?? 0...1
    return try made(
      columns: tensor.shape[1], rows: tensor.shape[0], .values(values, range: range), isPicture: false)
  }

  static func picture(_ value: Value) throws -> Bitmap {
    let tensor = try Conversion.term(value, "`t`", argument: 0).tensor
    let shape = tensor.shape
    let values = try tensor.array(Double.self)
    let scale = tensor.dtype.isFloat || tensor.dtype == .bool ? 0...1.0 : 0...255.0
    switch shape.count {
    case _ where tensor.count == 0: break
    case 1:
      let side = Int(Double(shape[0]).squareRoot().rounded())
      guard side * side == shape[0] else { break }
      return try made(columns: side, rows: side, .values(values, range: scale), isPicture: true)
    case 2: return try made(columns: shape[1], rows: shape[0], .values(values, range: scale), isPicture: true)
    case 3 where shape[0] == 1:
      return try picture(.object(TensorObject(Term(try tensor.reshaped(Array(shape.dropFirst()))))))
    case 3 where shape[2] == 3:
      return try coloured(values, columns: shape[1], rows: shape[0], scale, strides: (shape[1] * 3, 3, 1))
    case 3 where shape[0] == 3:
      let plane = shape[1] * shape[2]
      return try coloured(values, columns: shape[2], rows: shape[1], scale, strides: (shape[2], 1, plane))
    case 3: return try tiles(values, count: shape[0], columns: shape[2], rows: shape[1], scale)
    default: break
    }
    throw Failure(
      .badShape, "a picture has shape [rows, columns], and this has \(Words.shape(shape))",
      help: ["reshape(t, rows, columns) lays pixels out"], argument: 0)
  }

  private static func coloured(
    _ values: [Double], columns: Int, rows: Int, _ scale: ClosedRange<Double>,
    strides: (row: Int, column: Int, channel: Int)
  ) throws -> Bitmap {
    var colours: [Colour] = []
    colours.reserveCapacity(columns * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        let start = row * strides.row + column * strides.column
        let channels = (0..<3).map { Colour.byte(values[start + $0 * strides.channel] / scale.upperBound) }
        colours.append(Colour(channels[0], channels[1], channels[2]))
      }
    }
    return try made(columns: columns, rows: rows, .colours(colours), isPicture: true)
  }

  /// Several pictures in rows and columns, one pixel apart.
  private static func tiles(
    _ values: [Double], count: Int, columns: Int, rows: Int, _ scale: ClosedRange<Double>
  ) throws -> Bitmap {
    guard count <= 400 else {
      throw Failure(
        .badValue, "here are \(count) pictures, more than can be seen at once", help: ["image(t[0..100])"],
        argument: 0)
    }
    let across = min(
      count, max(1, Int((Double(count) * 2 * Double(rows) / Double(columns)).squareRoot().rounded(.up))))
    let down = (count + across - 1) / across
    let (width, height) = (across * (columns + 1) - 1, down * (rows + 1) - 1)
    var cells = [Double](repeating: 0, count: width * height)
    for picture in 0..<count {
      let corner = picture / across * (rows + 1) * width + picture % across * (columns + 1)
      for row in 0..<rows {
        for column in 0..<columns {
          cells[corner + row * width + column] = values[(picture * rows + row) * columns + column]
        }
      }
    }
    return try made(columns: width, rows: height, .values(cells, range: scale), isPicture: true)
  }

  private static func made(columns: Int, rows: Int, _ cells: Bitmap.Cells, isPicture: Bool) throws -> Bitmap {
    guard let bitmap = Bitmap(columns: columns, rows: rows, cells: cells, isPicture: isPicture) else {
      throw Failure(.badShape, "there is nothing to show", argument: 0)
    }
    return bitmap
  }
}
