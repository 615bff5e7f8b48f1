import Syntax

/// An ink for each scalar of an input.
struct SourceColours {
  /// Whether the library has a name.
  let isLibraryName: (String) -> Bool

  /// - Parameter showsPartner: whether a bracket at the cursor and its partner stand out.
  func inks(_ line: LineText, showsPartner: Bool = true) -> [Ink] {
    var inks = [Ink](repeating: .plain, count: line.scalars.count)
    guard let code = Sigil.codeStart(line.scalars) else {
      for place in inks.indices { inks[place] = .command }
      return inks
    }
    for place in 0..<code { inks[place] = .command }
    colour(
      LineText(Array(line.scalars[code...]), cursor: line.cursor - code), from: code, &inks, showsPartner)
    return inks
  }

  private func colour(_ line: LineText, from start: Int, _ inks: inout [Ink], _ showsPartner: Bool) {
    let text = line.string
    let source = Source(name: "", text: text)
    let tokens = Lexer(source).tokens
    let places = SourceColours.places(line.scalars)
    func paint(_ lower: Int, _ upper: Int, _ ink: Ink) {
      guard ink != .plain, lower < upper, upper < places.count else { return }
      for place in places[lower]..<places[upper] { inks[start + place] = ink }
    }
    var end = 0
    for (index, token) in tokens.enumerated() {
      paintComment(source.bytes, end, Int(token.start), paint)
      let isLast = token.kind == .failure
      end = isLast ? source.bytes.count : Int(token.end)
      paint(Int(token.start), end, ink(token, index, tokens, source))
      if isLast { break }
    }
    if showsPartner { paintBrackets(tokens, places, line.cursor, paint) }
  }

  /// The scalar at which each byte's character begins.
  private static func places(_ scalars: [Unicode.Scalar]) -> [Int] {
    var places: [Int] = []
    places.reserveCapacity(scalars.count + 1)
    for (index, scalar) in scalars.enumerated() {
      for _ in 0..<UTF8.width(scalar) { places.append(index) }
    }
    places.append(scalars.count)
    return places
  }

  private func paintComment(_ bytes: [UInt8], _ lower: Int, _ upper: Int, _ paint: (Int, Int, Ink) -> Void) {
    guard lower < upper, upper <= bytes.count,
      let start = bytes[lower..<upper].firstIndex(of: UInt8(ascii: "#"))
    else { return }
    paint(start, upper, .comment)
  }

  private func ink(_ token: Token, _ index: Int, _ tokens: [Token], _ source: Source) -> Ink {
    switch token.kind {
    case .number, .true, .false, .none: return .number
    case .string, .rawString, .stringOpen, .stringText, .stringClose: return .string
    case .failure:
      let text = source.bytes[Int(token.start)...]
      return text.first == UInt8(ascii: "\"") ? .string : .plain
    case .name:
      let text = source[token.span]
      if SourceColours.softWords.contains(text), index + 1 < tokens.count,
        [.name, .string].contains(tokens[index + 1].kind)
      {
        return .keyword
      }
      if index > 0, tokens[index - 1].kind == .dot { return .plain }
      if index + 1 < tokens.count, tokens[index + 1].kind == .colon { return .plain }
      return isLibraryName(text) ? .name : .plain
    default: return token.kind.isWord ? .keyword : .plain
    }
  }

  /// Words only where a declaration stands.
  private static let softWords: Set<String> = ["model", "optimizer", "state", "use"]

  /// The bracket before the cursor, or else at it, and its partner.
  private func paintBrackets(
    _ tokens: [Token], _ places: [Int], _ cursor: Int, _ paint: (Int, Int, Ink) -> Void
  ) {
    func isAt(_ token: Token, _ place: Int) -> Bool {
      Int(token.start) < places.count && places[Int(token.start)] == place
    }
    var pairs: [(Token, Token)] = []
    for token in tokens where token.partner >= 0 && Int(token.partner) < tokens.count {
      pairs.append((token, tokens[Int(token.partner)]))
    }
    for place in [cursor - 1, cursor] {
      guard let pair = pairs.first(where: { isAt($0.0, place) || isAt($0.1, place) }) else { continue }
      for token in [pair.0, pair.1] { paint(Int(token.start), Int(token.end), .bracket) }
      return
    }
  }
}
