/// Where a library's definitions stand, found without reading it: a file is read in full only when one is used.
package enum TopLevelIndex {
  /// Every `fn`, `let`, `var`, `model` and `optimizer` that starts in column 1, in order, with its text: from the
  /// documentation directly above to just before the next definition or its documentation. `let (a, b) = …`
  /// gives an entry for each name.
  package static func definitions(in source: Source) -> [(name: String, span: Span)] {
    var scanner = Scanner(bytes: source.bytes)
    scanner.run()
    var result: [(name: String, span: Span)] = []
    for (index, found) in scanner.found.enumerated() {
      let end = index + 1 < scanner.found.count ? scanner.found[index + 1].start : source.bytes.count
      for name in found.names { result.append((source[name], Span(found.start, end))) }
    }
    return result
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0
    var found: [(names: [Span], start: Int)] = []
    /// Where the `##` lines directly above the position begin.
    var documentation: Int?

    init(bytes: [UInt8]) { self.bytes = bytes }

    func byte(_ place: Int) -> UInt8 { place < bytes.count ? bytes[place] : 0 }

    mutating func run() {
      while position < bytes.count {
        if byte(position) == 0x23, byte(position + 1) == 0x23 {
          documentation = documentation ?? position
        } else {
          let names = namesDefinedHere()
          if !names.isEmpty { found.append((names, documentation ?? position)) }
          documentation = nil
        }
        passLine()
      }
    }

    /// The names of the definition that begins at the position, in column 1.
    private func namesDefinedHere() -> [Span] {
      let word = wordEnd(position)
      switch String(decoding: bytes[position..<word], as: UTF8.self) {
      case "fn": return name(after: word).map { [$0] } ?? []
      case "let", "var": return bound(after: word)
      case "model", "optimizer":
        guard let name = name(after: word), byte(pastBlanks(Int(name.end))) == UInt8(ascii: "(") else {
          return []
        }
        return [name]
      default: return []
      }
    }

    private func bound(after word: Int) -> [Span] {
      if let name = name(after: word) { return [name] }
      let first = byte(pastBlanks(word))
      guard first == UInt8(ascii: "(") || first == UInt8(ascii: "{") else { return [] }
      var names: [Span] = []
      var place = pastBlanks(word)
      while place < bytes.count, bytes[place] != 0x0a, bytes[place] != UInt8(ascii: "=") {
        let end = wordEnd(place)
        if end > place, end > place + 1 || bytes[place] != UInt8(ascii: "_") {
          names.append(Span(place, end))
        }
        place = max(end, place + 1)
      }
      return names
    }

    private func name(after word: Int) -> Span? {
      let start = pastBlanks(word)
      let end = wordEnd(start)
      return start > word && end > start ? Span(start, end) : nil
    }

    private func pastBlanks(_ place: Int) -> Int {
      var place = place
      while byte(place) == 0x20 || byte(place) == 0x09 { place += 1 }
      return place
    }

    private func wordEnd(_ place: Int) -> Int {
      var place = place
      while place < bytes.count, Lexer.isNameByte(bytes[place]) || bytes[place] >= 0x80 { place += 1 }
      return place
    }

    /// Moves to the next line, over texts between `"""` too.
    private mutating func passLine() {
      var inString = false
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        switch byte {
        case 0x0a: return
        case UInt8(ascii: "\\") where inString && self.byte(position) != 0x0a: position += 1
        case UInt8(ascii: "#") where !inString: passComment()
        case UInt8(ascii: "\""):
          if !inString, self.byte(position) == byte, self.byte(position + 1) == byte {
            passRawString()
          } else {
            inString.toggle()
          }
        default: break
        }
      }
    }

    private mutating func passComment() {
      while position < bytes.count, bytes[position] != 0x0a { position += 1 }
    }

    private mutating func passRawString() {
      position += 2
      while position < bytes.count {
        if bytes[position] == 0x22, byte(position + 1) == 0x22, byte(position + 2) == 0x22 {
          position += 3
          return
        }
        position += 1
      }
    }
  }
}
