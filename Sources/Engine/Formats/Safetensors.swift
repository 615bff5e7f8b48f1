/// The format of Hugging Face: the length of a header, the header in JSON, the elements of all tensors without gaps.
///
/// Read are booleans, integers and floats of up to 64 bits; types that maas does not have (halves, 16-bit integers,
/// unsigned ones of 16 and 32 bits) become the next wider one it has.
package enum Safetensors {
  /// The format's own limit.
  static let longestHeader = 100_000_000

  package struct Content: Sendable {
    /// In the order of their names in the header.
    package let tensors: [(name: String, tensor: Tensor)]
    package let metadata: [(name: String, text: String)]
  }

  package static func read(path: String) throws -> Content {
    let file = try InputFile(path)
    return try read(file, 0..<file.size)
  }

  /// What lies in a stretch of a file, which must be within.
  package static func read(_ file: InputFile, _ range: Range<Int>) throws -> Content {
    guard range.count >= 8 else {
      throw file.malformed(at: range.upperBound, "the file ends within the header's length")
    }
    let length = try file.bytes(at: range.lowerBound, count: 8, of: "the header's length").littleEndian(
      at: 0, 8)
    guard length <= UInt64(longestHeader) else {
      throw file.malformed(
        at: range.lowerBound, "a header of \(length) bytes is longer than \(longestHeader)")
    }
    guard Int(length) <= range.count - 8 else {
      throw file.malformed(at: range.upperBound, "the file ends within the header")
    }
    let place = range.lowerBound + 8
    let bytes = try file.bytes(at: place, count: Int(length), of: "the header")
    guard bytes.first == UInt8(ascii: "{") else {
      throw file.malformed(at: place, "the header does not begin with `{`")
    }
    let header: JSON
    do {
      header = try JSON.read(bytes, depthLimit: 8)
    } catch {
      throw file.malformed(at: place + error.byte, error.reason)
    }
    return try content(header, file, at: place, body: (place + Int(length))..<range.upperBound)
  }

  // MARK: The header

  private struct Entry {
    let name: String
    let type: ElementType
    let shape: [Int]
    let range: Range<Int>
  }

  private static func content(
    _ header: JSON, _ file: InputFile, at place: Int, body: Range<Int>
  ) throws -> Content {
    func refuse(_ reason: String) -> EngineError { file.malformed(at: place, reason) }
    var entries: [Entry] = []
    var metadata: [(name: String, text: String)] = []
    for field in header.fields ?? [] {
      if field.name == "__metadata__" {
        guard let texts = field.value.fields else { throw refuse("__metadata__ is no object") }
        metadata = try texts.map {
          guard let text = $0.value.string else {
            throw refuse("__metadata__ holds \"\($0.name)\", which is no text")
          }
          return ($0.name, text)
        }
      } else {
        entries.append(try entry(field, refuse, limit: body.count))
      }
    }
    try checkLayout(entries, refuse, limit: body.count)
    let tensors = try entries.map { entry in
      var source = FileSource(
        file, (body.lowerBound + entry.range.lowerBound)..<(body.lowerBound + entry.range.upperBound))
      let raw = try RawElements(
        type: entry.type, count: entry.range.count / entry.type.byteCount, from: &source)
      return (entry.name, try raw.tensor(shape: entry.shape))
    }
    return Content(tensors: tensors, metadata: metadata)
  }

  private static func entry(
    _ field: JSON.Field, _ refuse: (String) -> EngineError, limit: Int
  ) throws -> Entry {
    let name = field.name
    guard let parts = field.value.fields else { throw refuse("the header's \"\(name)\" is no object") }
    for part in parts where !["dtype", "shape", "data_offsets"].contains(part.name) {
      throw refuse("the tensor \"\(name)\" has the unknown field \"\(part.name)\"")
    }
    guard let code = field.value["dtype"]?.string else { throw refuse("the tensor \"\(name)\" has no dtype") }
    guard let type = elementTypes[code] else {
      throw refuse("the tensor \"\(name)\" has elements of type \(code), which cannot be read")
    }
    guard let extents = field.value["shape"]?.array else {
      throw refuse("the tensor \"\(name)\" has no shape")
    }
    guard extents.count <= NPYHeader.mostAxes else {
      throw refuse("the tensor \"\(name)\" has more than 64 axes")
    }
    let shape = try extents.map {
      guard let extent = $0.integer, extent >= 0 else {
        throw refuse("the shape of \"\(name)\" holds something that is no extent")
      }
      return extent
    }
    guard let offsets = field.value["data_offsets"]?.array, offsets.count == 2,
      let start = offsets[0].integer,
      let end = offsets[1].integer
    else { throw refuse("the tensor \"\(name)\" has no two data_offsets") }
    guard start >= 0, start <= end else { throw refuse("the tensor \"\(name)\" ends before it begins") }
    guard end <= limit else {
      throw refuse("the tensor \"\(name)\" ends at \(end), beyond the \(limit) bytes that follow the header")
    }
    var bytes = shape.contains(0) ? 0 : type.byteCount
    for extent in shape where bytes > 0 {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw refuse("the shape of \"\(name)\" is beyond counting") }
      bytes = product
    }
    guard bytes == end - start else {
      throw refuse(
        "the tensor \"\(name)\" takes \(bytes) bytes by its shape and \(end - start) by its offsets")
    }
    return Entry(name: name, type: type, shape: shape, range: start..<end)
  }

  /// Every byte after the header belongs to one tensor.
  private static func checkLayout(_ entries: [Entry], _ refuse: (String) -> EngineError, limit: Int) throws {
    var place = 0
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      guard entry.range.lowerBound >= place else {
        throw refuse("the tensor \"\(entry.name)\" overlaps another")
      }
      guard entry.range.lowerBound == place else {
        throw refuse(
          "\(entry.range.lowerBound - place) bytes before the tensor \"\(entry.name)\" belong to none")
      }
      place = entry.range.upperBound
    }
    guard place == limit else { throw refuse("\(limit - place) bytes at the end belong to no tensor") }
  }

  private static let elementTypes: [String: ElementType] = [
    "BOOL": .init(.bool, 1), "U8": .init(.unsigned, 1), "I8": .init(.signed, 1), "I16": .init(.signed, 2),
    "U16": .init(.unsigned, 2), "F16": .init(.float, 2), "BF16": .init(.brainFloat, 2),
    "I32": .init(.signed, 4), "U32": .init(.unsigned, 4), "F32": .init(.float, 4), "F64": .init(.float, 8),
    "I64": .init(.signed, 8),
  ]

  // MARK: Writing

  /// The order in which the reference implementation lays tensors out: wide elements first, so that all are aligned.
  private static let order: [DType] = [.i64, .f64, .f32, .i32, .i8, .u8, .bool]

  private static func code(_ dtype: DType) -> String { dtype == .bool ? "BOOL" : dtype.name.uppercased() }

  package static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [(name: String, text: String)] = [], path: String
  ) throws {
    try OutputFile.write(path) { try write(tensors, metadata: metadata, to: $0) }
  }

  /// - Throws: `badValue` for a name twice.
  package static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [(name: String, text: String)] = [],
    to file: OutputFile
  ) throws {
    let (header, sorted) = try layout(tensors, metadata)
    try file.write(header)
    for tensor in sorted { try file.write(tensor) }
  }

  /// What `write` writes.
  static func bytes(_ tensors: [(name: String, tensor: Tensor)]) throws -> [UInt8] {
    let (header, sorted) = try layout(tensors, [])
    var bytes = header
    for tensor in sorted {
      try tensor.withBytes { bytes += UnsafeRawBufferPointer(start: $0, count: tensor.byteCount) }
    }
    return bytes
  }

  /// The SHA-256 of what `write` writes.
  package static func digest(of tensors: [(name: String, tensor: Tensor)]) throws -> String {
    let (header, sorted) = try layout(tensors, [])
    var digest = SHA256()
    digest.update(header)
    for tensor in sorted {
      try tensor.withBytes { digest.update(UnsafeRawBufferPointer(start: $0, count: tensor.byteCount)) }
    }
    return digest.hexadecimal
  }

  /// The header with its length, and the tensors in their order.
  private static func layout(
    _ tensors: [(name: String, tensor: Tensor)], _ metadata: [(name: String, text: String)]
  ) throws -> ([UInt8], [Tensor]) {
    var names: Set<String> = ["__metadata__"]
    for (name, _) in tensors where !names.insert(name).inserted {
      throw EngineError.badValue("two tensors are called `\(name)`")
    }
    func rank(_ tensor: Tensor) -> Int { order.firstIndex(of: tensor.dtype) ?? order.count }
    let sorted = tensors.sorted {
      let (a, b) = (rank($0.tensor), rank($1.tensor))
      return a != b ? a < b : Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8))
    }
    var fields: [JSON.Field] = []
    if !metadata.isEmpty {
      fields.append(.init("__metadata__", .object(metadata.map { .init($0.name, .string($0.text)) })))
    }
    var place = 0
    for (name, tensor) in sorted {
      let end = place + tensor.byteCount
      fields.append(
        .init(
          name,
          .record([
            "dtype": .string(code(tensor.dtype)), "shape": .array(tensor.shape.map { .integer($0) }),
            "data_offsets": .array([.integer(place), .integer(end)]),
          ])))
      place = end
    }
    var text = Array(JSON.object(fields).text.utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    guard text.count <= longestHeader else {
      throw EngineError.badValue("there are too many tensors for one file")
    }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(text.count), 8)
    return (bytes + text, sorted.map(\.tensor))
  }
}
