/// Tables as text: rows of fields with a separator between them, fields in quotes where they hold one (RFC 4180).
package struct CSV: Sendable {
  package let path: String
  package let bytes: [UInt8]
  package let separator: UInt8

  /// A field where it stands, without its quotes.
  package struct Field: Sendable {
    package let range: Range<Int>
    /// Whether it stood in quotes: then it is text, whatever it says.
    package let isQuoted: Bool
  }

  /// - Parameter separator: nil takes that of comma, semicolon and tabulator which the first line has most of.
  package init(path: String, separator: UInt8? = nil) throws {
    let file = try InputFile(path)
    try self.init(path: path, bytes: try file.contents(), separator: separator)
  }

  package init(path: String, bytes: [UInt8], separator: UInt8? = nil) throws {
    self.path = path
    // A byte-order mark is no part of the first name.
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    self.separator = separator ?? CSV.separator(of: self.bytes)
    if let zero = self.bytes.firstIndex(of: 0) {
      throw EngineError.malformedFile(path: path, byte: zero, reason: "a table of text holds no zero bytes")
    }
  }

  private static func separator(of bytes: [UInt8]) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var inQuotes = false
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { inQuotes.toggle() }
      if inQuotes { continue }
      if byte == 0x0a { break }
      counts[byte, default: 0] += 1
    }
    let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
    return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
  }

  /// The text of a field, doubled quotes made single.
  package func text(_ field: Field) throws -> String {
    var content = Array(bytes[field.range])
    if field.isQuoted, content.contains(UInt8(ascii: "\"")) {
      var single: [UInt8] = []
      var index = 0
      while index < content.count {
        single.append(content[index])
        index += content[index] == UInt8(ascii: "\"") ? 2 : 1
      }
      content = single
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw EngineError.malformedFile(path: path, byte: field.range.lowerBound, reason: "a field is no UTF-8")
    }
    return text
  }

  /// Calls `body` with each row that is not empty and its line, counted from 1.
  ///
  /// - Throws: `malformedFile` for a quote without an end or with something behind it; what `body` throws.
  package func forEachRow(_ body: (_ line: Int, _ fields: [Field]) throws -> Void) throws {
    var place = 0
    var line = 1
    var fields: [Field] = []
    while place < bytes.count {
      let start = line
      fields.removeAll(keepingCapacity: true)
      repeat { fields.append(try field(&place, &line)) } while pass(separator, &place)
      if place < bytes.count, bytes[place] == 0x0d { place += 1 }
      if place < bytes.count, bytes[place] == 0x0a { place += 1 }
      line += 1
      let isEmpty = fields.count == 1 && fields[0].range.isEmpty && !fields[0].isQuoted
      if !isEmpty { try body(start, fields) }
    }
  }

  private func pass(_ byte: UInt8, _ place: inout Int) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private func isEnd(_ place: Int) -> Bool {
    place >= bytes.count || bytes[place] == separator || bytes[place] == 0x0a || bytes[place] == 0x0d
  }

  private func field(_ place: inout Int, _ line: inout Int) throws -> Field {
    while place < bytes.count, bytes[place] == 0x20 { place += 1 }
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
      let start = place
      while !isEnd(place) { place += 1 }
      var end = place
      while end > start, bytes[end - 1] == 0x20 { end -= 1 }
      return Field(range: start..<end, isQuoted: false)
    }
    let (open, openLine) = (place, line)
    place += 1
    while true {
      guard place < bytes.count else {
        throw EngineError.malformedFile(
          path: path, byte: open, reason: "the quote opened in line \(openLine) has no end")
      }
      if bytes[place] == UInt8(ascii: "\"") {
        guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\"") else { break }
        place += 1
      }
      if bytes[place] == 0x0a { line += 1 }
      place += 1
    }
    let range = (open + 1)..<place
    place += 1
    while place < bytes.count, bytes[place] == 0x20 { place += 1 }
    guard isEnd(place) else {
      throw EngineError.malformedFile(
        path: path, byte: place, reason: "in line \(line) there is text behind a closing quote")
    }
    return Field(range: range, isQuoted: true)
  }
}
