/// What the header of a `.npy` array says, read from its Python dictionary.
struct NPYHeader {
  var type: ElementType
  var isFortran: Bool
  var shape: [Int]

  /// NumPy's own limit.
  static let mostAxes = 64

  /// - Throws: `JSONFault` with the byte of the header and the reason.
  static func read(_ bytes: [UInt8]) throws(JSONFault) -> NPYHeader {
    var reader = PythonReader(bytes: bytes)
    return try reader.header()
  }
}

/// Reads the few literals of Python that occur in headers.
private struct PythonReader {
  let bytes: [UInt8]
  var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private func fault(_ reason: String, at byte: Int? = nil) -> JSONFault {
    JSONFault(byte: byte ?? place, reason: reason)
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func passBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
  }

  /// Passes a sign if it stands here, after blanks.
  private mutating func passes(_ sign: Character) -> Bool {
    passBlanks()
    guard let byte = next, byte == sign.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func pass(_ sign: Character) throws(JSONFault) {
    guard passes(sign) else { throw fault("the header has no `\(sign)` here") }
  }

  mutating func header() throws(JSONFault) -> NPYHeader {
    var type: ElementType?
    var isFortran: Bool?
    var shape: [Int]?
    try pass("{")
    while !passes("}") {
      let start = place
      let key = try string()
      try pass(":")
      switch key {
      case "descr":
        guard type == nil else { throw fault("the header says 'descr' twice", at: start) }
        type = try elementType()
      case "fortran_order":
        guard isFortran == nil else { throw fault("the header says 'fortran_order' twice", at: start) }
        isFortran = try boolean()
      case "shape":
        guard shape == nil else { throw fault("the header says 'shape' twice", at: start) }
        shape = try tuple()
      default: throw fault("the header's key '\(key)' is unknown", at: start)
      }
      if !passes(",") {
        try pass("}")
        break
      }
    }
    passBlanks()
    guard place == bytes.count else { throw fault("the header has more after its dictionary") }
    guard let type else { throw fault("the header does not say 'descr'", at: 0) }
    guard let isFortran else { throw fault("the header does not say 'fortran_order'", at: 0) }
    guard let shape else { throw fault("the header does not say 'shape'", at: 0) }
    return NPYHeader(type: type, isFortran: isFortran, shape: shape)
  }

  private mutating func string() throws(JSONFault) -> String {
    passBlanks()
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw fault("the header has no string here")
    }
    let start = place
    place += 1
    while let byte = next, byte != quote {
      guard byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\\") else {
        throw fault("a string of the header holds a strange character")
      }
      place += 1
    }
    guard next == quote else { throw fault("a string of the header has no end", at: start) }
    place += 1
    return String(decoding: bytes[(start + 1)..<(place - 1)], as: UTF8.self)
  }

  private mutating func elementType() throws(JSONFault) -> ElementType {
    passBlanks()
    let start = place
    if next == UInt8(ascii: "[") { throw fault("its elements are records, which maas does not have") }
    let text = try string()
    guard let type = ElementType(descriptor: text) else {
      throw fault("elements of the type '\(text)' cannot be read", at: start)
    }
    return type
  }

  private mutating func boolean() throws(JSONFault) -> Bool {
    passBlanks()
    for (word, value) in [("True", true), ("False", false)] where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw fault("'fortran_order' is neither True nor False")
  }

  private mutating func tuple() throws(JSONFault) -> [Int] {
    try pass("(")
    var extents: [Int] = []
    while !passes(")") {
      guard extents.count < NPYHeader.mostAxes else { throw fault("the shape has more than 64 axes") }
      extents.append(try extent())
      if !passes(",") {
        guard extents.count > 1 else { throw fault("the shape is no tuple: a comma is missing") }
        try pass(")")
        break
      }
    }
    return extents
  }

  private mutating func extent() throws(JSONFault) -> Int {
    passBlanks()
    let start = place
    if next == UInt8(ascii: "-") { throw fault("an extent of the shape is negative") }
    while let byte = next, byte >= 0x30, byte <= 0x39 { place += 1 }
    guard place > start else { throw fault("the shape holds something that is no number") }
    guard let number = Int(String(decoding: bytes[start..<place], as: UTF8.self)) else {
      throw fault("an extent of the shape is beyond counting", at: start)
    }
    // Python 2 wrote long integers with an L.
    if next == UInt8(ascii: "L") { place += 1 }
    return number
  }
}
