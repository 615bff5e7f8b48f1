import Foundation
import Testing

@testable import Figures

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct SVGTests {
  static func isWellFormed(_ text: String) -> Bool {
    XMLParser(data: Data(text.utf8)).parse()
  }

  @Test func textIsEscaped() {
    let figure = Figure(
      title: "a < b & \"c\" \u{1}\u{0}\u{fffe}", x: Axis("<script>"),
      marks: [.line(Series("x > y", x: [0, 1], y: [0, 1])), .points(Series("'q'", x: [0, 1], y: [1, 0]))])
    let svg = Sheet([figure]).svg
    #expect(Self.isWellFormed(svg))
    #expect(
      svg.contains("a &lt; b &amp; &quot;c&quot;") && !svg.contains("<script>") && svg.contains("x &gt; y"))
  }

  @Test func darkPagesHaveTheirOwnColours() {
    let svg = Sheet([Figure(marks: [.line(Series(x: [0, 1], y: [0, 1]))])]).svg
    #expect(svg.contains("prefers-color-scheme:dark") && svg.contains(Palette.series(0).dark.code))
  }

  /// A gap in the data is a gap in the line: two paths of the series' class.
  @Test func gaps() {
    let y: [Double] = [0, 1, .nan, 1, 2, .infinity, 3]
    let svg = Sheet([Figure(marks: [.line(Series(x: y.indices.map(Double.init), y: y))])]).svg
    #expect(svg.components(separatedBy: "stroke-width=\"1.8\"").count == 3)
    // The last point stands alone.
    #expect(svg.contains("<circle"))
  }

  @Test func hugeDataStaysSmall() {
    let x = (0..<300_000).map(Double.init)
    let figure = Figure(marks: [
      .line(Series(x: x, y: x.map { ($0 * 12.9898).truncatingRemainder(dividingBy: 7) })),
      .points(Series(x: x, y: x)),
    ])
    let svg = Sheet([figure]).svg
    #expect(svg.utf8.count < 400_000)
  }

  @Test func bitmapsAreEmbedded() throws {
    let cells = (0..<12).map(Double.init)
    let bitmap = try #require(
      Bitmap(columns: 4, rows: 3, cells: .values(cells, range: 0...11), isPicture: false))
    let svg = Sheet([Figure(y: Axis(isReversed: true), marks: [.bitmap(bitmap)])]).svg
    #expect(Self.isWellFormed(svg) && svg.contains("data:image/png;base64,iVBORw0KGgo"))
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func base64(_ plain: String, _ coded: String) {
    #expect(Base64.text(Array(plain.utf8)) == coded)
  }
}
