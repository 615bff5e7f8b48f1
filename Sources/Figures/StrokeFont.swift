/// Text as lines, for pages of pixels; also the measure of text on all pages.
enum StrokeFont {
  struct Glyph {
    /// From the left edge, the baseline at 0, y downwards, in units of the alphabet.
    let strokes: [[Point]]
    let width: Double
  }

  /// The height of a unit in a text of size 1.
  static let unit = 0.64 / 21

  private static let glyphs = strokeGlyphs.mapValues(parsed)
  private static let missing = glyphs["□"] ?? Glyph(strokes: [], width: 18)

  static func glyph(_ character: Character) -> Glyph {
    if let glyph = glyphs[character] { return glyph }
    // An accented letter is shown without its accent rather than as a box.
    if let first = character.unicodeScalars.first, character.unicodeScalars.count > 1 || first.value > 127,
      let base = base[character], let glyph = glyphs[base]
    {
      return glyph
    }
    return missing
  }

  private static let base: [Character: Character] = {
    var table: [Character: Character] = [:]
    let families: [(Character, String)] = [
      ("a", "àáâãäå"), ("e", "èéêë"), ("i", "ìíîï"), ("o", "òóôõöø"), ("u", "ùúûü"), ("c", "ç"), ("n", "ñ"),
      ("A", "ÀÁÂÃÄÅ"), ("E", "ÈÉÊË"), ("I", "ÌÍÎÏ"), ("O", "ÒÓÔÕÖØ"), ("U", "ÙÚÛÜ"), ("C", "Ç"), ("N", "Ñ"),
      ("*", "•∗"), ("'", "‘’"), ("\"", "“”"), (" ", "\u{a0}\u{2009}"), ("-", "‐‑"),
    ]
    for (letter, variants) in families { for variant in variants { table[variant] = letter } }
    return table
  }()

  /// How wide a text is.
  static func width(_ text: String, size: Double) -> Double {
    text.reduce(0) { $0 + glyph($1).width } * unit * size
  }

  private static func parsed(_ code: String) -> Glyph {
    let bytes = Array(code.utf8)
    guard bytes.count >= 2 else { return Glyph(strokes: [], width: 18) }
    let (left, right) = (Double(bytes[0]), Double(bytes[1]))
    let strokes = bytes.dropFirst(2).split(separator: UInt8(ascii: " ")).map { stroke -> [Point] in
      let values = Array(stroke)
      return (0..<values.count / 2).map {
        Point(Double(values[2 * $0]) - left, Double(values[2 * $0 + 1]) - 91)
      }
    }
    return Glyph(strokes: strokes, width: right - left)
  }
}
