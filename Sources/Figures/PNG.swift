import CZlib

/// Pictures as PNG files (W3C, 2003): eight bits a channel, red, green and blue.
enum PNG {
  static func encoded(_ raster: Raster) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    let header = bigEndian(UInt32(raster.width)) + bigEndian(UInt32(raster.height)) + [8, 2, 0, 0, 0]
    appendChunk("IHDR", header, to: &file)
    appendChunk("IDAT", compressed(filtered(raster)), to: &file)
    appendChunk("IEND", [], to: &file)
    return file
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  /// Length, name, data, and the check over name and data.
  private static func appendChunk(_ name: String, _ data: [UInt8], to file: inout [UInt8]) {
    let content = Array(name.utf8) + data
    file += bigEndian(UInt32(truncatingIfNeeded: data.count))
    file += content
    file += bigEndian(
      UInt32(truncatingIfNeeded: crc32(0, content, UInt32(truncatingIfNeeded: content.count))))
  }

  /// Each row after the byte that says how it is stored: as the difference from the row above, which makes
  /// the even parts of a figure vanish.
  private static func filtered(_ raster: Raster) -> [UInt8] {
    let stride = raster.width * 3
    var rows = [UInt8](repeating: 0, count: (stride + 1) * raster.height)
    for row in 0..<raster.height {
      let (from, to) = (row * stride, row * (stride + 1))
      rows[to] = 2
      for offset in 0..<stride {
        let above = row > 0 ? raster.bytes[from - stride + offset] : 0
        rows[to + 1 + offset] = raster.bytes[from + offset] &- above
      }
    }
    return rows
  }

  /// As a zlib stream; in stored blocks should zlib refuse for want of memory.
  private static func compressed(_ data: [UInt8]) -> [UInt8] {
    var size = compressBound(uLong(data.count))
    var buffer = [UInt8](repeating: 0, count: Int(size))
    guard compress2(&buffer, &size, data, uLong(data.count), 6) == Z_OK else { return stored(data) }
    return Array(buffer.prefix(Int(size)))
  }

  private static func stored(_ data: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let count = min(65_535, data.count - start)
      let isLast = start + count == data.count
      stream += [
        isLast ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255),
      ]
      stream += data[start..<(start + count)]
      start += count
    } while start < data.count
    return stream + bigEndian(UInt32(truncatingIfNeeded: adler32_z(1, data, data.count)))
  }
}

/// Bytes as text (RFC 4648).
enum Base64 {
  static func text(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let count = min(3, bytes.count - index)
      var group = UInt32(bytes[index]) << 16
      if count > 1 { group |= UInt32(bytes[index + 1]) << 8 }
      if count > 2 { group |= UInt32(bytes[index + 2]) }
      for place in 0..<4 {
        text.append(place <= count ? letters[Int(group >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Bitmaps as pixels.
enum BitmapColours {
  /// Where a cell holds no number.
  static let missing = Colour(0xb8bec5)
  /// Larger bitmaps are shown by the means of blocks of cells.
  private static let limit = 2048

  /// - Parameter side: small bitmaps are drawn this large, each cell as a square of pixels: a viewer that
  ///   smooths pictures   then leaves the cells' edges where they are.
  static func picture(_ bitmap: Bitmap, side: Int) -> Raster {
    let small = picture(bitmap)
    let times = side / max(small.width, small.height)
    guard times > 1 else { return small }
    var raster = Raster(width: small.width * times, height: small.height * times, fill: missing)
    for index in 0..<(raster.width * raster.height) {
      let from = (index / raster.width / times * small.width + index % raster.width / times) * 3
      raster.set(index, Colour(small.bytes[from], small.bytes[from + 1], small.bytes[from + 2]))
    }
    return raster
  }

  static func picture(_ bitmap: Bitmap) -> Raster {
    let bitmap = bitmap.reduced(columns: limit, rows: limit)
    var raster = Raster(width: bitmap.columns, height: bitmap.rows, fill: missing)
    for index in 0..<(raster.width * raster.height) {
      if let colour = colour(bitmap, index) { raster.set(index, colour) }
    }
    return raster
  }

  static func colour(_ bitmap: Bitmap, _ index: Int) -> Colour? {
    if case .colours(let colours) = bitmap.cells { return colours[index] }
    guard let share = bitmap.brightness(index) else { return nil }
    return bitmap.isPicture ? Colour(grey: share) : Palette.ramp(share)
  }
}

extension Bitmap {
  /// A smaller bitmap: each cell the mean of a block, of its numbers that are finite.
  func reduced(columns limitX: Int, rows limitY: Int) -> Bitmap {
    let (width, height) = (min(columns, max(1, limitX)), min(rows, max(1, limitY)))
    guard width < columns || height < rows else { return self }
    func bounds(_ index: Int, _ size: Int, _ count: Int) -> Range<Int> {
      (index * count / size)..<max(index * count / size + 1, (index + 1) * count / size)
    }
    func blocks<T>(_ mean: (inout BlockMean, Int) -> Void, _ result: (BlockMean) -> T) -> [T] {
      var cells: [T] = []
      for y in 0..<height {
        for x in 0..<width {
          var sum = BlockMean()
          for row in bounds(y, height, rows) {
            for column in bounds(x, width, columns) { mean(&sum, row * columns + column) }
          }
          cells.append(result(sum))
        }
      }
      return cells
    }
    let reduced: Cells =
      switch cells {
      case .values(let values, let range):
        .values(blocks({ $0.add(values[$1]) }, { $0.mean }), range: range)
      case .colours(let colours):
        .colours(blocks({ $0.add(colours[$1]) }, { $0.colour }))
      }
    return Bitmap(columns: width, rows: height, cells: reduced, isPicture: isPicture) ?? self
  }
}

/// The mean of a block of cells.
private struct BlockMean {
  private var sums = SIMD3<Double>()
  private var count = 0.0

  mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    sums.x += (value - sums.x) / (count + 1)
    count += 1
  }

  mutating func add(_ colour: Colour) {
    sums += SIMD3(Double(colour.red), Double(colour.green), Double(colour.blue))
    count += 1
  }

  var mean: Double { count > 0 ? sums.x : .nan }
  var colour: Colour {
    let mean = sums / max(1, count) / 255
    return Colour(Colour.byte(mean.x), Colour.byte(mean.y), Colour.byte(mean.z))
  }
}
