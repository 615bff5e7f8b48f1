extension Sheet {
  /// The sheet as a PNG file.
  /// - Parameters:
  ///   - scale: pixels for each point of the page.
  ///   - dark: light lines on a dark page.
  package func png(scale: Double = 2, dark: Bool = false) -> [UInt8] {
    PNG.encoded(raster(SheetDrawing(self), scale: scale, dark: dark))
  }

  /// The sheet as a PNG file no larger than so many pixels.
  package func png(fitting width: Int, _ height: Int) -> (bytes: [UInt8], width: Int, height: Int) {
    let raster = raster(fitting: width, height)
    return (PNG.encoded(raster), raster.width, raster.height)
  }

  /// Red, green and blue of each pixel, row by row, no larger than so many pixels.
  package func pixels(fitting width: Int, _ height: Int) -> (bytes: [UInt8], width: Int, height: Int) {
    let raster = raster(fitting: width, height)
    return (raster.bytes, raster.width, raster.height)
  }

  private func raster(fitting width: Int, _ height: Int) -> Raster {
    let drawing = SheetDrawing(self)
    let scale = min(Double(max(1, width)) / drawing.width, Double(max(1, height)) / drawing.height)
    return raster(drawing, scale: scale, dark: false)
  }

  private func raster(_ drawing: SheetDrawing, scale: Double, dark: Bool) -> Raster {
    // A page too large for a picture is made smaller rather than cut.
    let largest = Double(Raster.limit) / max(drawing.width, drawing.height)
    let scale = scale.isFinite ? min(max(0.25, scale), 8, largest) : 2
    var canvas = RasterCanvas(width: drawing.width, height: drawing.height, scale: scale, dark: dark)
    drawing.draw(on: &canvas)
    return canvas.raster
  }
}

/// A page of pixels.
struct RasterCanvas: Canvas {
  private(set) var raster: Raster
  private var coverage: Coverage
  private let scale: Double
  private let isDark: Bool

  init(width: Double, height: Double, scale: Double, dark: Bool) {
    func pixels(_ length: Double) -> Int {
      Int(min(Double(Raster.limit), max(1, (length * scale).rounded(.up))))
    }
    let page = Ink.page.colours
    raster = Raster(width: pixels(width), height: pixels(height), fill: dark ? page.dark : page.light)
    coverage = Coverage(width: raster.width, height: raster.height)
    self.scale = scale
    isDark = dark
  }

  private func colour(_ ink: Ink) -> Colour { isDark ? ink.colours.dark : ink.colours.light }

  mutating func polyline(_ points: [Point], _ stroke: Stroke) {
    for part in Dashes.parts(of: points, stroke.dashes) {
      for (a, b) in zip(part, part.dropFirst()) { add(a, b, width: stroke.width) }
    }
    coverage.paint(on: &raster, colour(stroke.ink), opacity: stroke.opacity)
  }

  private mutating func add(_ a: Point, _ b: Point, width: Double) {
    let (a, b) = (Point(a.x * scale, a.y * scale), Point(b.x * scale, b.y * scale))
    coverage.addSegment(a, b, radius: width * scale / 2)
  }

  mutating func discs(_ centres: [Point], radius: Double, _ ink: Ink, opacity: Double) {
    for centre in centres {
      coverage.addDisc(Point(centre.x * scale, centre.y * scale), radius: radius * scale)
      // Each on its own: where points lie over each other, the cloud is darker.
      if opacity < 1 { coverage.paint(on: &raster, colour(ink), opacity: opacity) }
    }
    coverage.paint(on: &raster, colour(ink), opacity: opacity)
  }

  mutating func rectangle(_ frame: Frame, _ ink: Ink, opacity: Double) {
    let colour = colour(ink)
    forEachPixel(of: frame) { raster, x, y, cover in raster.blend(x, y, colour, cover * opacity) }
  }

  mutating func image(_ bitmap: Bitmap, in frame: Frame) {
    let picture = BitmapColours.picture(bitmap)
    let (left, top) = (frame.x * scale, frame.y * scale)
    let (width, height) = (frame.width * scale, frame.height * scale)
    forEachPixel(of: frame) { raster, x, y, cover in
      let column = min(
        max(0, (Double(x) + 0.5 - left) / width * Double(picture.width)), Double(picture.width - 1))
      let row = min(
        max(0, (Double(y) + 0.5 - top) / height * Double(picture.height)), Double(picture.height - 1))
      let index = (Int(row) * picture.width + Int(column)) * 3
      let colour = Colour(picture.bytes[index], picture.bytes[index + 1], picture.bytes[index + 2])
      raster.blend(x, y, colour, cover)
    }
  }

  /// Visits the pixels of a rectangle with the share of each that lies inside.
  private mutating func forEachPixel(of frame: Frame, _ body: (inout Raster, Int, Int, Double) -> Void) {
    let (left, right) = (max(0, frame.x * scale), min(Double(raster.width), frame.maxX * scale))
    let (top, bottom) = (max(0, frame.y * scale), min(Double(raster.height), frame.maxY * scale))
    guard left < right, top < bottom else { return }
    for y in Int(top)..<Int(bottom.rounded(.up)) {
      let down = min(bottom, Double(y + 1)) - max(top, Double(y))
      for x in Int(left)..<Int(right.rounded(.up)) {
        body(&raster, x, y, down * (min(right, Double(x + 1)) - max(left, Double(x))))
      }
    }
  }

  mutating func text(_ string: String, at place: Point, _ style: TextStyle) {
    let unit = StrokeFont.unit * style.size
    let width = StrokeFont.width(string, size: style.size)
    var pen =
      switch style.anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    let weight = style.size * (style.isBold ? 0.115 : 0.082)
    for character in string {
      let glyph = StrokeFont.glyph(character)
      for stroke in glyph.strokes {
        let points = stroke.map { point -> Point in
          let (along, up) = (pen + point.x * unit, point.y * unit)
          return style.isTurned ? Point(place.x + up, place.y - along) : Point(place.x + along, place.y + up)
        }
        for (a, b) in zip(points, points.dropFirst()) { add(a, b, width: weight) }
        if points.count == 1 { add(points[0], points[0], width: weight) }
      }
      pen += glyph.width * unit
    }
    coverage.paint(on: &raster, colour(style.ink), opacity: 1)
  }
}

/// Lines cut into dashes.
enum Dashes {
  /// - Parameter pattern: lengths of dash and gap in turn.
  static func parts(of points: [Point], _ pattern: [Double]) -> [[Point]] {
    guard let first = points.first, pattern.count > 1, pattern.allSatisfy({ $0 > 0 }) else { return [points] }
    var (parts, part) = ([[Point]](), [first])
    var (index, left) = (0, pattern[0])
    for (a, b) in zip(points, points.dropFirst()) {
      let length = ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
      var done = 0.0
      while length - done > left {
        done += left
        let cut = Point(a.x + (b.x - a.x) * done / length, a.y + (b.y - a.y) * done / length)
        if index % 2 == 0 { parts.append(part + [cut]) }
        part = [cut]
        index = (index + 1) % (pattern.count % 2 == 0 ? pattern.count : 2 * pattern.count)
        left = pattern[index % pattern.count]
      }
      left -= length - done
      if index % 2 == 0 { part.append(b) }
    }
    if index % 2 == 0, part.count > 1 { parts.append(part) }
    return parts
  }
}
