import Engine

/// A tensor with a form as bytes, and back. Numbers are written least significant byte first.
///
/// | bytes | hold |
/// |---|---|
/// | 1 | the version, 1, or 2 where layouts are chosen |
/// | 1 | the kind: 0 f32, 1 bf16, 2 fp16, 3 affine codes, 4 codes of a codebook, 5 f64 |
/// | 1 | 1 where zeros are held at zero, 0 where they are free |
/// | 1 | the number of axes, 1 to 8 |
/// | 4 each | the extents |
/// | 4 | `stride`: how many rows back the row above lies, for the prediction; 1 at least, the first extent at most |
/// | version 2: 1, 1 | the processor path the layouts were measured on: 0 base, 1 AVX2, 2 AVX-512; how many, 1 to 16 |
/// | 4, 1 each | the rows of x, ascending from 1 to 2^30; the layout: 0 floats, 1 blocks, 2 codes |
/// | kind 3: 1, 4 | the bits of a code, 2 to 8; the size of a group |
/// | 1 | 1 where there are zeros besides scales, else 0 |
/// | 4 each, 4 each | the extents of the scales; the scales, f32 |
/// | 1 each | the zeros, i8 |
/// | kind 4: 1, 4 each | the number of entries less one; the entries, f32; if one of them is 0, it is the first |
/// | the rest | the elements in order, coded by `BinaryEncoder` with the probabilities of `ElementModel` |
///
/// Of each element first a bit, whether it is other than zero (`+0` of floats, the code of zero of codes), is coded; if
/// it is, its symbol follows: the bytes of a float, the highest first; a code less the lowest one in `bits` bits; an
/// entry's number in as many bits as the last entry's takes. What is no tensor so written is refused, and so is one
/// that claims more elements than its bytes can hold, or layouts that products with its elements cannot have.
package enum PackedTensor {
  static let versions = 1...2
  static let mostAxes = 8

  /// Bytes by what they hold: what an honest account of a file's size adds up from.
  package struct Sizes: Sendable, Equatable {
    package var header = 0
    package var scales = 0
    /// Which elements are zero. As the coder interleaves them with the values, this is what they cost, rounded.
    package var index = 0
    package var values = 0
    package var total: Int { header + scales + index + values }
  }

  package static func bytes(_ held: Form.Held) throws -> [UInt8] { try packed(held).bytes }
  package static func sizes(_ held: Form.Held) throws -> Sizes { try packed(held).sizes }

  private static func packed(_ held: Form.Held) throws -> (bytes: [UInt8], sizes: Sizes) {
    let layout = try PackedLayout(held)
    let elements = try layout.elements(held)
    // The picture a row of pixels may come from is square; the better prediction is kept.
    let rows = layout.shape[0]
    let side = Int(Double(rows).squareRoot())
    let strides = side * side == rows && side > 2 ? [1, side] : [1]
    let streams = strides.map { stride in (stride, ElementStream.write(elements, layout, stride: stride)) }
    let best = streams.min { $0.1.bytes.count < $1.1.bytes.count } ?? streams[0]
    let (head, scales) = layout.head(stride: best.0)
    var sizes = Sizes(header: head.count - scales, scales: scales)
    sizes.index = min(best.1.bytes.count, Int((best.1.indexBits / 8).rounded()))
    sizes.values = best.1.bytes.count - sizes.index
    return (head + best.1.bytes, sizes)
  }

  /// - Parameter path: the file, for messages.
  /// - Throws: `malformedFile`.
  package static func read(_ bytes: [UInt8], path: String) throws -> Form.Held {
    var reader = PackedReader(bytes, path: path)
    let (layout, stride) = try PackedLayout.read(&reader)
    let stream = bytes[reader.place...]
    // An element costs at least 1/2840 of a bit: what claims more than its bytes can hold is not unpacked.
    guard layout.count <= (stream.count + 4) * 24_000 else {
      throw reader.malformed("\(stream.count) bytes cannot hold \(layout.count) elements")
    }
    guard layout.count * 32 <= MemoryLimit.bytes else {
      throw EngineError.outOfMemory(bytes: layout.count * 32)
    }
    guard let elements = ElementStream.read(stream, layout, stride: stride) else {
      throw reader.malformed("the elements do not end where the bytes do")
    }
    do { return try layout.held(elements) } catch EngineError.badValue(let reason) {
      throw reader.malformed(reason)
    } catch EngineError.indexOutOfRange {
      throw reader.malformed("a code lies beyond the codebook")
    }
  }
}

/// Takes a header apart; what is missing is malformed.
struct PackedReader {
  private let bytes: [UInt8]
  private let path: String
  private(set) var place = 0

  init(_ bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }

  func malformed(_ reason: String) -> EngineError { .malformedFile(path: path, byte: place, reason: reason) }

  mutating func number(_ count: Int, _ what: String) throws -> Int {
    guard count <= bytes.count - place else { throw malformed("the packed tensor ends within \(what)") }
    defer { place += count }
    return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  mutating func number(_ count: Int, in range: ClosedRange<Int>, _ what: String) throws -> Int {
    let number = try number(count, what)
    guard range.contains(number) else { throw malformed("\(what) of a packed tensor is \(number)") }
    return number
  }

  mutating func floats(_ count: Int, _ what: String) throws -> [Float] {
    guard count >= 0, count <= (bytes.count - place) / 4 else {
      throw malformed("the packed tensor ends within \(what)")
    }
    return try (0..<count).map { _ in Float(bitPattern: UInt32(try number(4, what))) }
  }
}
