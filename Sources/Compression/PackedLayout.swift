import Engine

/// What a packed tensor says before its elements.
struct PackedLayout {
  enum Kind {
    case floats(DType)
    case sixteen(SixteenBits)
    /// The scales, the zeros, the group, the bits.
    case affine(Tensor, Tensor?, Int, Int)
    case codebook([Float])
  }

  let kind: Kind
  let shape: [Int]
  let isHeld: Bool
  let choice: LayoutChoice?

  var count: Int { shape.reduce(1, *) }
  /// Of the matrix as which the elements are looked at.
  var columns: Int { count == 0 ? 1 : shape.dropFirst().reduce(1, *) }

  private init(_ kind: Kind, _ shape: [Int], isHeld: Bool, _ choice: LayoutChoice?) {
    (self.kind, self.shape, self.isHeld, self.choice) = (kind, shape, isHeld, choice)
  }

  /// The bits of each byte of a symbol, the first byte first.
  var widths: [Int] {
    switch kind {
    case .floats(let dtype): [Int](repeating: 8, count: dtype.byteCount)
    case .sixteen: [8, 8]
    case .affine(_, _, _, let bits): [bits]
    case .codebook(let entries): [max(1, Int.bitWidth - (entries.count - 1).leadingZeroBitCount)]
    }
  }

  init(_ held: Form.Held) throws {
    let shape = held.values.shape
    guard (1...PackedTensor.mostAxes).contains(shape.count),
      shape.allSatisfy({ $0 <= Int(UInt32.max) })
    else { throw EngineError.badValue("a tensor that is held has 1 to 8 axes") }
    let kind: Kind =
      switch held.form.coding {
      case .floats: .floats(held.values.dtype)
      case .sixteen(let bits, _): .sixteen(bits)
      case .affine(let affine): .affine(affine.scale, affine.zero, affine.group, affine.bits)
      case .codebook(let codebook): .codebook(try codebook.entries.array(Float.self))
      }
    self.init(kind, shape, isHeld: held.form.mask != nil, held.form.choice)
  }

  // MARK: Header

  /// The bytes before the elements, and how many of them are scales and entries.
  func head(stride: Int) -> (bytes: [UInt8], scales: Int) {
    let version = choice == nil ? PackedTensor.versions.lowerBound : PackedTensor.versions.upperBound
    var bytes: [UInt8] = [UInt8(version), code, isHeld ? 1 : 0, UInt8(shape.count)]
    for extent in shape { bytes.append(little: UInt32(extent)) }
    bytes.append(little: UInt32(stride))
    if let choice { PackedLayout.append(choice, to: &bytes) }
    let before = bytes.count
    switch kind {
    case .floats, .sixteen: return (bytes, 0)
    case .affine(let scale, let zero, let group, let bits):
      bytes.append(UInt8(bits))
      bytes.append(little: UInt32(clamping: group))
      bytes.append(zero == nil ? 0 : 1)
      for extent in scale.shape { bytes.append(little: UInt32(extent)) }
      for value in (try? scale.array(Float.self)) ?? [] { bytes.append(little: value.bitPattern) }
      for value in (try? zero?.array(Int8.self)) ?? [] { bytes.append(UInt8(bitPattern: value)) }
    case .codebook(let entries):
      bytes.append(UInt8(entries.count - 1))
      for value in entries { bytes.append(little: value.bitPattern) }
    }
    return (bytes, bytes.count - before)
  }

  private static func append(_ choice: LayoutChoice, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: choice.path.rawValue))
    bytes.append(UInt8(clamping: choice.choices.count))
    for (rows, layout) in choice.choices {
      bytes.append(little: UInt32(clamping: rows))
      bytes.append(layout.rawValue)
    }
  }

  private var code: UInt8 {
    switch kind {
    case .floats(let dtype): dtype == .f64 ? 5 : 0
    case .sixteen(let bits): bits.rawValue
    case .affine: 3
    case .codebook: 4
    }
  }

  static func read(_ reader: inout PackedReader) throws -> (PackedLayout, stride: Int) {
    let version = try reader.number(1, "the version")
    guard PackedTensor.versions.contains(version) else {
      throw reader.malformed("the version \(version) of packed tensors is unknown")
    }
    let code = try reader.number(1, in: 0...5, "the kind")
    let isHeld = try reader.number(1, in: 0...1, "whether zeros are held") == 1
    let rank = try reader.number(1, in: 1...PackedTensor.mostAxes, "the number of axes")
    let shape = try extents(rank, &reader)
    let stride = try reader.number(4, in: 1...max(1, shape[0]), "the stride")
    let choice = version == PackedTensor.versions.lowerBound ? nil : try choice(&reader)
    let kind: Kind
    switch code {
    case 3: kind = try affine(shape, &reader)
    case 4:
      let count = try reader.number(1, "the number of entries") + 1
      kind = .codebook(try reader.floats(count, "the entries"))
    default:
      kind = SixteenBits(rawValue: UInt8(code)).map { .sixteen($0) } ?? .floats(code == 5 ? .f64 : .f32)
    }
    return (PackedLayout(kind, shape, isHeld: isHeld, choice), stride)
  }

  private static func choice(_ reader: inout PackedReader) throws -> LayoutChoice {
    let number = try reader.number(1, "the processor path")
    guard let path = Int32(exactly: number).flatMap(ProcessorPath.init) else {
      throw reader.malformed("the processor path \(number) of a packed tensor is unknown")
    }
    let count = try reader.number(1, "the number of layouts")
    let choices = try (0..<count).map { _ in
      let rows = try reader.number(4, "the batches")
      let number = try reader.number(1, "the layouts")
      guard let layout = UInt8(exactly: number).flatMap(Layout.init) else {
        throw reader.malformed("the layout \(number) of a packed tensor is unknown")
      }
      return (rows: rows, layout: layout)
    }
    do { return try LayoutChoice(path, choices) } catch EngineError.badValue(let reason) {
      throw reader.malformed(reason)
    }
  }

  /// Extents whose product can be counted.
  private static func extents(_ rank: Int, _ reader: inout PackedReader) throws -> [Int] {
    let shape = try (0..<rank).map { _ in try reader.number(4, "the extents") }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, extent))
      guard !overflow, product < 1 << 40 else {
        throw reader.malformed("a packed tensor's extents are beyond counting")
      }
      count = product
    }
    return shape
  }

  private static func affine(_ shape: [Int], _ reader: inout PackedReader) throws -> Kind {
    let bits = try reader.number(1, in: 2...8, "the bits of a code")
    let group = try reader.number(4, in: 1...Int(UInt32.max), "the size of a group")
    let hasZeros = try reader.number(1, in: 0...1, "whether there are zeros") == 1
    let extents = try extents(shape.count, &reader)
    guard zip(shape, extents).allSatisfy({ n, k in k == 1 || k == n || k == (n - 1) / group + 1 }) else {
      throw reader.malformed("the scales of a packed tensor do not fit its codes")
    }
    let count = extents.reduce(1, *)
    let scales = try reader.floats(count, "the scales")
    guard scales.allSatisfy(\.isFinite) else {
      throw reader.malformed("a scale of a packed tensor is not finite")
    }
    var zeros: Tensor?
    if hasZeros {
      let values = try (0..<count).map { _ in Int8(truncatingIfNeeded: try reader.number(1, "the zeros")) }
      zeros = try Tensor(values, shape: extents)
    }
    return .affine(try Tensor(scales, shape: extents), zeros, group, bits)
  }

  // MARK: Elements

  /// The symbols of all elements, as wide as `widths`; `nil` for a zero, in the place of which 0 stands.
  func elements(_ held: Form.Held) throws -> Elements {
    switch (kind, held.form.coding) {
    case (.affine(_, _, _, let bits), .affine(let affine)):
      let zeros = try zeroCodes(affine)
      let lowest = -(1 << (bits - 1))
      let codes = try affine.codes.array(Int8.self)
      guard codes.allSatisfy({ Int($0) >= lowest && Int($0) < -lowest }) else {
        throw EngineError.badValue("a code does not fit \(bits) bits")
      }
      return Elements(
        symbols: codes.map { UInt64(truncatingIfNeeded: Int($0) - lowest) },
        isZero: zip(codes, zeros).map { $0 == $1 })
    case (_, .codebook(let codebook)):
      let codes = try codebook.codes.array(UInt8.self)
      let hasZero = zeroIsFirst
      return Elements(symbols: codes.map(UInt64.init), isZero: codes.map { $0 == 0 && hasZero })
    case (.sixteen(let bits), _):
      let symbols = try held.values.array(Float.self).map { UInt64(bits.bits($0)) }
      return Elements(symbols: symbols, isZero: symbols.map { $0 == 0 })
    case (.floats(.f64), _):
      let symbols = try held.values.array(Double.self).map(\.bitPattern)
      return Elements(symbols: symbols, isZero: symbols.map { $0 == 0 })
    default:
      let symbols = try held.values.array(Float.self).map { UInt64($0.bitPattern) }
      return Elements(symbols: symbols, isZero: symbols.map { $0 == 0 })
    }
  }

  /// Whether the first entry of the codebook is zero: it is then the element that is not written.
  private var zeroIsFirst: Bool {
    if case .codebook(let entries) = kind { entries.first?.bitPattern == 0 } else { false }
  }

  /// The code of zero for each element.
  private func zeroCodes(_ affine: Affine) throws -> [Int8] {
    guard let zero = affine.zero else { return [Int8](repeating: 0, count: count) }
    let whole = try Affine(
      codes: Tensor([Int8](repeating: 0, count: count), shape: shape),
      scale: zero.converted(to: .f32), zero: nil, group: affine.group, bits: 8)
    return try whole.spreadScales().array(Int8.self)
  }

  /// - Throws: `badValue`, `indexOutOfRange` for symbols that mean nothing, `badValue` for layouts that do not fit them.
  func held(_ elements: Elements) throws -> Form.Held {
    let held = try unchosen(elements)
    return try choice.map { try Form.choosing($0, for: held) } ?? held
  }

  private func unchosen(_ elements: Elements) throws -> Form.Held {
    let mask = isHeld ? try Tensor(elements.isZero.map { !$0 }, shape: shape) : nil
    switch kind {
    case .floats(let dtype):
      let values =
        dtype == .f64
        ? try Tensor(elements.symbols.map { Double(bitPattern: $0) }, shape: shape)
        : try Tensor(elements.symbols.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }, shape: shape)
      guard let mask else { throw EngineError.badValue("a packed tensor of plain floats holds nothing") }
      return try Form.masked(values, mask)
    case .sixteen(let bits):
      let values = try Tensor(
        elements.symbols.map { bits.float(UInt16(truncatingIfNeeded: $0)) }, shape: shape)
      return try Form.coded(.sixteen(bits, values), mask: mask)
    case .affine(let scale, let zero, let group, let bits):
      let lowest = -(1 << (bits - 1))
      let blank = try Affine(
        codes: Tensor([Int8](repeating: 0, count: count), shape: shape), scale: scale, zero: zero,
        group: group, bits: bits)
      let zeros = try zeroCodes(blank)
      let codes = zip(zip(elements.symbols, elements.isZero), zeros).map { element, zero in
        element.1 ? zero : Int8(truncatingIfNeeded: Int(element.0) + lowest)
      }
      let affine = try Affine(
        codes: Tensor(codes, shape: shape), scale: scale, zero: zero, group: group, bits: bits)
      return try Form.coded(.affine(affine), mask: mask)
    case .codebook(let entries):
      let codes = elements.symbols.map { UInt8(truncatingIfNeeded: $0) }
      let codebook = try Codebook(codes: Tensor(codes, shape: shape), entries: Tensor(entries))
      return try Form.coded(.codebook(codebook), mask: mask)
    }
  }
}

/// The elements of a tensor as they are coded.
struct Elements {
  var symbols: [UInt64]
  var isZero: [Bool]
}

extension [UInt8] {
  mutating func append(little number: UInt32) {
    for shift in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
  }
}
