/// The format of NumPy's arrays: a magic number, a version, a header written as a Python dictionary, the elements.
///
/// Read are booleans, integers of up to 32 bits and i64, floats of 16, 32 and 64 bits, in both byte orders and both
/// orders of axes; types that maas does not have become the next wider one it has.
package enum NPY {
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// No header that describes an array is longer.
  private static let longestHeader = 1 << 16

  package static func read(path: String) throws -> Tensor {
    let file = try InputFile(path)
    var source = FileSource(file, 0..<file.size)
    return try read(&source)
  }

  /// The array in a stream that holds nothing else.
  static func read(_ source: inout some ByteSource) throws -> Tensor {
    let start = try source.bytes(8, of: "the magic number")
    guard Array(start.prefix(6)) == magic else { throw source.malformed(at: 0, "it is no .npy file") }
    guard (1...3).contains(start[6]), start[7] == 0 else {
      throw source.malformed(at: 6, "the version \(start[6]).\(start[7]) of the format is unknown")
    }
    let width = start[6] == 1 ? 2 : 4
    let length = Int(try source.bytes(width, of: "the header's length").littleEndian(at: 0, width))
    guard length <= longestHeader else {
      throw source.malformed(at: 8, "a header of \(length) bytes is longer than \(longestHeader)")
    }
    let place = source.place
    let text = try source.bytes(length, of: "the header")
    let header: NPYHeader
    do {
      header = try NPYHeader.read(text)
    } catch {
      throw source.malformed(at: place + error.byte, error.reason)
    }
    return try elements(header, &source)
  }

  private static func elements(_ header: NPYHeader, _ source: inout some ByteSource) throws -> Tensor {
    let type = header.type
    var shape = header.shape
    let count = try checkedCount(shape, type.byteCount, source)
    if header.isFortran { shape.reverse() }
    let raw = try RawElements(type: type, count: count, from: &source)
    try source.expectEnd()
    let tensor = try raw.tensor(shape: shape)
    guard header.isFortran, shape.count > 1 else { return tensor }
    return try tensor.permuted(shape.indices.reversed())
  }

  /// The number of elements, which the stream can hold.
  private static func checkedCount(_ shape: [Int], _ width: Int, _ source: some ByteSource) throws -> Int {
    let left = source.count - source.place
    var bytes = width
    for extent in shape where !shape.contains(0) {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= left else {
        throw source.malformed(
          at: source.place, "the shape \(shape) needs more bytes than the \(left) that follow")
      }
      bytes = product
    }
    return shape.contains(0) ? 0 : bytes / width
  }

  // MARK: Writing

  package static func write(_ tensor: Tensor, path: String) throws {
    try OutputFile.write(path) { file in
      try file.write(header(of: tensor))
      try file.write(tensor)
    }
  }

  /// Everything before the elements, a multiple of 64 bytes, as NumPy writes it.
  static func header(of tensor: Tensor) -> [UInt8] {
    var shape = tensor.shape.map(String.init).joined(separator: ", ")
    if tensor.rank == 1 { shape += "," }
    var text = Array(
      "{'descr': '\(ElementType(tensor.dtype).descriptor)', 'fortran_order': False, 'shape': (\(shape)), }"
        .utf8)
    // NumPy leaves room for a first axis of 21 digits, so that a file can grow in place.
    if let first = tensor.shape.first { text += [UInt8](repeating: 0x20, count: 21 - String(first).count) }
    let width = text.count + 65 > 65_535 ? 4 : 2
    text += [UInt8](repeating: 0x20, count: 64 - (9 + width + text.count) % 64)
    text.append(0x0a)
    var bytes = magic + [width == 2 ? 1 : 2, 0]
    bytes.append(littleEndian: UInt64(text.count), width)
    return bytes + text
  }
}
