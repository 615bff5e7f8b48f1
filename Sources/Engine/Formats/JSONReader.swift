/// What is wrong with a piece of JSON, and at which of its bytes.
package struct JSONFault: Error, Sendable {
  package let byte: Int
  package let reason: String
}

extension JSON {
  /// Reads one value and nothing after it but blanks.
  ///
  /// - Parameter depthLimit: how deep arrays and objects may nest.
  /// - Throws: `JSONFault` for text that is no JSON, for a name that an object has twice, for nesting that is too deep.
  package static func read(_ bytes: [UInt8], depthLimit: Int = 64) throws(JSONFault) -> JSON {
    var reader = JSONReader(bytes: bytes, depthLimit: depthLimit)
    return try reader.whole()
  }
}

/// A place in a text that is being read.
private struct JSONReader {
  let bytes: [UInt8]
  let depthLimit: Int
  var place = 0

  init(bytes: [UInt8], depthLimit: Int) { (self.bytes, self.depthLimit) = (bytes, depthLimit) }

  private func fault(_ reason: String, at byte: Int? = nil) -> JSONFault {
    JSONFault(byte: byte ?? place, reason: reason)
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func passBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
  }

  mutating func whole() throws(JSONFault) -> JSON {
    let result = try value(depth: 0)
    passBlanks()
    guard place == bytes.count else { throw fault("there is more after the end of the JSON text") }
    return result
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSON {
    guard depth < depthLimit else { throw fault("the JSON text nests deeper than \(depthLimit)") }
    passBlanks()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw fault("the JSON text ends early")
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONFault) -> JSON {
    guard bytes[place...].starts(with: word.utf8) else { throw fault("this is no JSON value") }
    place += word.utf8.count
    return value
  }

  /// Passes a sign that must stand here, after blanks.
  private mutating func pass(_ sign: Character) throws(JSONFault) {
    passBlanks()
    guard let byte = next, byte == sign.asciiValue else { throw fault("the JSON text has no `\(sign)` here") }
    place += 1
  }

  /// Whether another element follows, its comma passed; otherwise `end` is.
  private mutating func another(_ end: Character) throws(JSONFault) -> Bool {
    passBlanks()
    if next == end.asciiValue {
      place += 1
      return false
    }
    guard next == UInt8(ascii: ",") else { throw fault("the JSON text has neither `,` nor `\(end)` here") }
    place += 1
    return true
  }

  private mutating func isEmpty(_ end: Character) -> Bool {
    passBlanks()
    guard next == end.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func array(_ depth: Int) throws(JSONFault) -> JSON {
    place += 1
    if isEmpty("]") { return .array([]) }
    var elements: [JSON] = []
    repeat { elements.append(try value(depth: depth + 1)) } while try another("]")
    return .array(elements)
  }

  private mutating func object(_ depth: Int) throws(JSONFault) -> JSON {
    place += 1
    if isEmpty("}") { return .object([]) }
    var fields: [JSON.Field] = []
    var names: Set<String> = []
    repeat {
      passBlanks()
      let start = place
      guard next == UInt8(ascii: "\"") else { throw fault("a field of an object has a name in quotes") }
      let name = try string()
      guard names.insert(name).inserted else { throw fault("the name \"\(name)\" occurs twice", at: start) }
      try pass(":")
      fields.append(JSON.Field(name, try value(depth: depth + 1)))
    } while try another("}")
    return .object(fields)
  }

  private mutating func string() throws(JSONFault) -> String {
    let start = place
    place += 1
    var text: [UInt8] = []
    while true {
      guard let byte = next else { throw fault("a string has no end", at: start) }
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else {
          throw fault("a string is no UTF-8", at: start)
        }
        return result
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw fault("a string holds a control character", at: place - 1)
      default: text.append(byte)
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
    guard let byte = next else { throw fault("the JSON text ends early") }
    place += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "u"): text += Array(String(Character(try unicode())).utf8)
    default: throw fault("this escape is unknown", at: place - 2)
    }
  }

  private mutating func unicode() throws(JSONFault) -> Unicode.Scalar {
    let start = place - 2
    let first = try unit()
    var value = UInt32(first)
    if first >= 0xD800, first < 0xDC00 {
      guard next == UInt8(ascii: "\\"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "u") else {
        throw fault("half of a surrogate pair stands alone", at: start)
      }
      place += 2
      let second = try unit()
      guard second >= 0xDC00, second < 0xE000 else {
        throw fault("half of a surrogate pair stands alone", at: start)
      }
      value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw fault("half of a surrogate pair stands alone", at: start)
    }
    return scalar
  }

  private mutating func unit() throws(JSONFault) -> UInt16 {
    guard place + 4 <= bytes.count, bytes[place] != UInt8(ascii: "+"), bytes[place] != UInt8(ascii: "-"),
      let value = UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
    else { throw fault("an escape has four hexadecimal digits") }
    place += 4
    return value
  }

  /// How long a number's text may be: none that is written shortest-exact is longer.
  private static let longestNumber = 400

  private mutating func number() throws(JSONFault) -> JSON {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    let first = next
    guard digits() > 0 else { throw fault("this is no JSON value", at: start) }
    let wholeDigits = place
    if first == UInt8(ascii: "0"), wholeDigits - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
      throw fault("a number begins with a needless zero", at: start)
    }
    if next == UInt8(ascii: ".") {
      place += 1
      guard digits() > 0 else { throw fault("a number ends in a point", at: start) }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      guard digits() > 0 else { throw fault("a number has no exponent", at: start) }
    }
    guard place - start <= JSONReader.longestNumber else { throw fault("a number is too long", at: start) }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if place == wholeDigits, let integer = Int(text) { return .integer(integer) }
    guard let float = Double(text), float.isFinite else { throw fault("a number is too large", at: start) }
    return .float(float)
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, byte >= 0x30, byte <= 0x39 { place += 1 }
    return place - start
  }
}
