import CZlib
import Testing

@testable import Figures

@Suite struct PNGTests {
  struct Picture {
    var width = 0
    var height = 0
    var pixels: [UInt8] = []
  }

  /// Reads a PNG by the standard, checking lengths, order and the check sums of its chunks.
  static func read(_ file: [UInt8]) throws -> Picture {
    #expect(file.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    func number(_ at: Int) -> Int { file[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    var (picture, data, names, place) = (Picture(), [UInt8](), [String](), 8)
    while place < file.count {
      let length = number(place)
      let name = String(decoding: file[(place + 4)..<(place + 8)], as: UTF8.self)
      let content = Array(file[(place + 8)..<(place + 8 + length)])
      let covered = Array(file[(place + 4)..<(place + 8 + length)])
      #expect(number(place + 8 + length) == Int(crc32(0, covered, UInt32(covered.count))), "\(name)")
      names.append(name)
      if name == "IHDR" {
        (picture.width, picture.height) = (number(place + 8), number(place + 12))
        #expect(Array(content.suffix(5)) == [8, 2, 0, 0, 0])
      }
      if name == "IDAT" { data += content }
      place += 12 + length
    }
    #expect(names == ["IHDR", "IDAT", "IEND"])
    let stride = picture.width * 3 + 1
    var rows = [UInt8](repeating: 0, count: stride * picture.height)
    var size = uLong(rows.count)
    #expect(uncompress(&rows, &size, data, uLong(data.count)) == Z_OK)
    try #require(size == uLong(rows.count))
    picture.pixels = [UInt8](repeating: 0, count: picture.width * picture.height * 3)
    for row in 0..<picture.height {
      #expect(rows[row * stride] == 2)
      for offset in 0..<(stride - 1) {
        let above = row > 0 ? picture.pixels[(row - 1) * (stride - 1) + offset] : 0
        picture.pixels[row * (stride - 1) + offset] = rows[row * stride + 1 + offset] &+ above
      }
    }
    return picture
  }

  @Test func structure() throws {
    let picture = try Self.read(Sheet([Figure(marks: [.line(Series(x: [0, 1], y: [0, 1]))])]).png(scale: 1))
    #expect(picture.width == 640 && picture.height == 420)
    // The page is white at its corner and blue somewhere.
    #expect(picture.pixels.prefix(3) == [255, 255, 255])
    let blue = Palette.series(0).light
    let hasLine = stride(from: 0, to: picture.pixels.count, by: 3).contains {
      Array(picture.pixels[$0..<($0 + 3)]) == [blue.red, blue.green, blue.blue]
    }
    #expect(hasLine)
  }

  @Test func bitmapKeepsItsPixels() throws {
    let colours = [Colour(255, 0, 0), Colour(0, 255, 0), Colour(0, 0, 255), Colour(1, 2, 3)]
    let bitmap = try #require(Bitmap(columns: 2, rows: 2, cells: .colours(colours), isPicture: true))
    let picture = try Self.read(PNG.encoded(BitmapColours.picture(bitmap)))
    #expect(picture.pixels == [255, 0, 0, 0, 255, 0, 0, 0, 255, 1, 2, 3])
  }

  /// A level line two pixels wide on the border of rows covers them fully, and nothing else.
  @Test func linesCoverWhatTheyShould() {
    var raster = Raster(width: 20, height: 10, fill: Colour(255, 255, 255))
    var coverage = Coverage(width: 20, height: 10)
    coverage.addSegment(Point(2, 5), Point(18, 5), radius: 1)
    coverage.paint(on: &raster, Colour(0, 0, 0), opacity: 1)
    func grey(_ x: Int, _ y: Int) -> UInt8 { raster.bytes[(y * 20 + x) * 3] }
    #expect(grey(10, 4) == 0 && grey(10, 5) == 0 && grey(10, 3) == 255 && grey(10, 6) == 255)
  }

  @Test func slantedLinesHaveNoHoles() {
    for (a, b) in [
      (Point(3, 2), Point(190, 60)), (Point(60, 190), Point(2, 3)), (Point(5, 150), Point(150, 5)),
    ] {
      var raster = Raster(width: 200, height: 200, fill: Colour(255, 255, 255))
      var coverage = Coverage(width: 200, height: 200)
      coverage.addSegment(a, b, radius: 1)
      coverage.paint(on: &raster, Colour(0, 0, 0), opacity: 1)
      for step in 0...100 {
        let share = Double(step) / 100
        let (x, y) = (Int(a.x + (b.x - a.x) * share), Int(a.y + (b.y - a.y) * share))
        #expect(raster.bytes[(y * 200 + x) * 3] < 90)
      }
    }
  }

  @Test func everyGlyphHasAWidth() {
    for (character, _) in strokeGlyphs { #expect(StrokeFont.glyph(character).width > 0, "\(character)") }
    #expect(StrokeFont.width("漢", size: 12) > 0)
  }
}
