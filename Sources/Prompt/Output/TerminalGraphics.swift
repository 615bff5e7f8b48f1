import Glibc
import Runtime

/// Pictures that a terminal draws itself: asked for once, and only where there is a terminal to answer.
package enum TerminalGraphics {
  package enum Kind: Sendable { case kitty, sixel }

  /// Milliseconds a terminal has to answer.
  private static let patience: Int32 = 200

  /// Asks the terminal: whether it knows Kitty's protocol, and what it is (which every terminal answers, and so ends
  /// the waiting).
  static func ask(_ output: Terminal) -> Kind? {
    guard output.isCapable, isatty(STDIN_FILENO) == 1, let keys = KeyReader() else { return nil }
    let question = "\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\\u{1b}[c"
    _ = Array(question.utf8).withUnsafeBytes { write(output.descriptor, $0.baseAddress, $0.count) }
    var answer: [UInt8] = []
    while answer.count < 256, let byte = keys.byte(within: patience) {
      answer.append(byte)
      if byte == UInt8(ascii: "c"), answer.contains(UInt8(ascii: "?")) { break }
    }
    return kind(of: String(decoding: answer, as: UTF8.self))
  }

  /// What an answer says.
  package static func kind(of answer: String) -> Kind? {
    if answer.contains("\u{1b}_Gi=31;OK") { return .kitty }
    guard let start = answer.firstRange(of: "\u{1b}[?"), answer.hasSuffix("c") else { return nil }
    let features = answer[start.upperBound...].dropLast().split(separator: ";")
    return features.dropFirst().contains("4") ? .sixel : nil
  }
}

/// A value's picture in the terminal's own way.
struct TerminalPicture {
  /// The bytes for the terminal.
  let text: String

  /// - Returns: `nil` where the value has no picture or the terminal shows none.
  init?(of value: Value, at terminal: Terminal, _ settings: borrowing PromptSettings) {
    guard case .object(let object) = value, let kind = TerminalPicture.kind(terminal, settings) else {
      return nil
    }
    let form: PictureWish.Form = kind == .kitty ? .png : .pixels
    guard let picture = object.picture(PictureWish(form, width: 640, height: 400)) else { return nil }
    text = kind == .kitty ? KittyGraphics.text(picture) : Sixel.text(picture)
  }

  /// Whether a value has a picture at all: only then the terminal is asked.
  static func isPossible(_ value: Value) -> Bool {
    guard case .object(let object) = value else { return false }
    return object.hasPicture
  }

  private static func kind(
    _ terminal: Terminal, _ settings: borrowing PromptSettings
  ) -> TerminalGraphics.Kind? {
    switch settings.pictures {
    case .text: nil
    case .kitty: terminal.isCapable ? .kitty : nil
    case .sixel: terminal.isCapable ? .sixel : nil
    case .auto: settings.graphics ?? nil
    }
  }
}

/// Kitty's graphics protocol: a PNG file in pieces of 4,096 characters.
enum KittyGraphics {
  static func text(_ picture: Picture) -> String {
    let encoded = Array(base64(picture.bytes).utf8)
    var text = ""
    for start in stride(from: 0, to: encoded.count, by: 4096) {
      let end = min(encoded.count, start + 4096)
      let head = start == 0 ? "a=T,f=100,q=2,m=" : "m="
      text +=
        "\u{1b}_G\(head)\(end < encoded.count ? 1 : 0);"
        + String(decoding: encoded[start..<end], as: UTF8.self)
      text += "\u{1b}\\"
    }
    return text
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 3 * 4 + 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
      let word = group[0] << 16 | group[1] << 8 | group[2]
      let left = min(3, bytes.count - start)
      for place in 0..<4 {
        text.append(place <= left ? letters[Int(word >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// DEC's sixel graphics: bands of six rows, in the 216 colours of a cube of six steps a side.
enum Sixel {
  static func text(_ picture: Picture) -> String {
    let (width, height) = (picture.width, picture.height)
    guard width > 0, height > 0, picture.bytes.count >= 3 * width * height else { return "" }
    let colours = (0..<width * height).map { index -> Int in
      let level = { (offset: Int) in (Int(picture.bytes[3 * index + offset]) * 5 + 127) / 255 }
      return level(0) * 36 + level(1) * 6 + level(2)
    }
    var text = "\u{1b}Pq\"1;1;\(width);\(height)"
    for colour in Set(colours).sorted() {
      text += "#\(colour);2;\(colour / 36 * 20);\(colour / 6 % 6 * 20);\(colour % 6 * 20)"
    }
    for top in stride(from: 0, to: height, by: 6) {
      text += band(colours, width, top..<min(height, top + 6)) + "-"
    }
    return text + "\u{1b}\\"
  }

  /// Six rows: for each colour in them, which of the six pixels of each column have it.
  private static func band(_ colours: [Int], _ width: Int, _ rows: Range<Int>) -> String {
    let present = Set(rows.flatMap { colours[$0 * width..<($0 + 1) * width] }).sorted()
    return present.map { colour in
      var (line, last, run) = ("#\(colour)", Character("?"), 0)
      func flush() { line += run > 3 ? "!\(run)\(last)" : String(repeating: last, count: run) }
      for column in 0..<width {
        var bits: UInt8 = 0
        for row in rows where colours[row * width + column] == colour {
          bits |= 1 << UInt8(row - rows.lowerBound)
        }
        let letter = Character(Unicode.Scalar(63 + bits))
        if letter == last {
          run += 1
        } else {
          flush()
          (last, run) = (letter, 1)
        }
      }
      flush()
      return line
    }.joined(separator: "$")
  }
}
