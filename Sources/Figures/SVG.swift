extension Sheet {
  /// The sheet as an SVG document of its own, readable on light and dark pages.
  package var svg: String {
    let drawing = SheetDrawing(self)
    var canvas = SVGCanvas()
    drawing.draw(on: &canvas)
    return canvas.document(width: drawing.width, height: drawing.height, title: figures.first?.title ?? "")
  }
}

/// Elements of SVG; colours are classes, so that a dark page may choose others.
private struct SVGCanvas: Canvas {
  private var body = ""
  private var classes: [Ink: String] = [:]

  /// Numbers for names of classes in the order of their first use: the same picture gives the same text.
  private var inks: [Ink] = []

  private mutating func name(_ ink: Ink) -> String {
    if let name = classes[ink] { return name }
    let name = "c\(inks.count)"
    classes[ink] = name
    inks.append(ink)
    return name
  }

  /// With one decimal, by hand: a formatter would take most of the time a contour has.
  private static func append(_ value: Double, to text: inout String) {
    guard value.isFinite, abs(value) < 1e8 else {
      text += "0"
      return
    }
    let tenths = Int((value * 10).rounded())
    if tenths < 0 { text += "-" }
    let size = tenths.magnitude
    text += String(size / 10)
    if size % 10 != 0 {
      text += "."
      text += String(size % 10)
    }
  }

  private mutating func append(_ value: Double) { SVGCanvas.append(value, to: &body) }

  private static func number(_ value: Double) -> String {
    var text = ""
    append(value, to: &text)
    return text
  }

  mutating func polyline(_ points: [Point], _ stroke: Stroke) {
    guard let first = points.first, points.count > 1 else { return }
    body += "<path class=\"\(name(stroke.ink))\" d=\"M"
    append(first.x)
    body += " "
    append(first.y)
    body += "L"
    for point in points.dropFirst() {
      append(point.x)
      body += " "
      append(point.y)
      body += " "
    }
    body.removeLast()
    body += "\""
    if stroke.width != 1 { body += " stroke-width=\"\(SVGCanvas.number(stroke.width))\"" }
    if stroke.opacity != 1 { body += " stroke-opacity=\"\(stroke.opacity)\"" }
    if !stroke.dashes.isEmpty {
      body += " stroke-dasharray=\"\(stroke.dashes.map(SVGCanvas.number).joined(separator: " "))\""
    }
    body += "/>\n"
  }

  mutating func discs(_ centres: [Point], radius: Double, _ ink: Ink, opacity: Double) {
    guard !centres.isEmpty else { return }
    let name = name(ink)
    body += "<g class=\"\(name)f\" opacity=\"\(opacity)\">"
    for centre in centres {
      body += "<circle cx=\""
      append(centre.x)
      body += "\" cy=\""
      append(centre.y)
      body += "\" r=\"\(SVGCanvas.number(radius))\"/>"
    }
    body += "</g>\n"
  }

  mutating func rectangle(_ frame: Frame, _ ink: Ink, opacity: Double) {
    body += "<rect class=\"\(name(ink))f\" \(SVGCanvas.attributes(frame))"
    if opacity != 1 { body += " fill-opacity=\"\(opacity)\"" }
    body += "/>\n"
  }

  private static func attributes(_ frame: Frame) -> String {
    "x=\"\(number(frame.x))\" y=\"\(number(frame.y))\" width=\"\(number(frame.width))\" height=\"\(number(frame.height))\""
  }

  mutating func text(_ string: String, at place: Point, _ style: TextStyle) {
    guard !string.isEmpty else { return }
    let (x, y) = (SVGCanvas.number(place.x), SVGCanvas.number(place.y))
    body +=
      "<text class=\"\(name(style.ink))f\" x=\"\(x)\" y=\"\(y)\" font-size=\"\(SVGCanvas.number(style.size))\""
    switch style.anchor {
    case .start: break
    case .middle: body += " text-anchor=\"middle\""
    case .end: body += " text-anchor=\"end\""
    }
    if style.isTurned { body += " transform=\"rotate(-90 \(x) \(y))\"" }
    if style.isBold { body += " font-weight=\"600\"" }
    body += ">\(SVGText.escaped(string))</text>\n"
  }

  mutating func image(_ bitmap: Bitmap, in frame: Frame) {
    let data = Base64.text(PNG.encoded(BitmapColours.picture(bitmap, side: 840)))
    body += "<image \(SVGCanvas.attributes(frame)) preserveAspectRatio=\"none\" "
    body += "style=\"image-rendering:pixelated\" href=\"data:image/png;base64,\(data)\"/>\n"
  }

  func document(width: Double, height: Double, title: String) -> String {
    let size = "\(SVGCanvas.number(width)) \(SVGCanvas.number(height))"
    var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(SVGCanvas.number(width))\" "
    text += "height=\"\(SVGCanvas.number(height))\" viewBox=\"0 0 \(size)\" role=\"img\" "
    text += "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n"
    if !title.isEmpty { text += "<title>\(SVGText.escaped(title))</title>\n" }
    text += "<style>\n.page{fill:\(Ink.page.colours.light.code)}\n"
    text += "path{fill:none;stroke-linejoin:round;stroke-linecap:round}\n"
    for ink in inks { text += rules(ink, ink.colours.light) }
    text += "@media (prefers-color-scheme:dark){\n.page{fill:\(Ink.page.colours.dark.code)}\n"
    for ink in inks where ink.colours.dark != ink.colours.light { text += rules(ink, ink.colours.dark) }
    text += "}\n</style>\n"
    text += "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
    return text + body + "</svg>\n"
  }

  private func rules(_ ink: Ink, _ colour: Colour) -> String {
    guard let name = classes[ink] else { return "" }
    return ".\(name){stroke:\(colour.code)}.\(name)f{fill:\(colour.code)}\n"
  }
}

/// Text inside XML.
enum SVGText {
  /// With the signs of XML escaped, and characters that it does not allow replaced.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
