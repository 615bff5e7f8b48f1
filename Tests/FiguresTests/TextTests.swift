import Testing

@testable import Figures

@Suite struct TextTests {
  private let options = TextOptions(width: 34, height: 6)

  @Test func line() {
    let x = (0..<50).map { Double($0) / 10 }
    let figure = Figure(title: "square", marks: [.line(Series(x: x, y: x.map { $0 * $0 }))])
    #expect(
      Sheet([figure]).text(options) == """
            square
           │                           ⢀⡴⠂
        20 ┤                        ⢀⡴⠚⠁
           │                     ⣠⠴⠊⠁
           │                ⢀⣠⠤⠚⠉
           │          ⢀⣀⡤⠤⠒⠊⠁
         0 ┤⠠⠤⠤⠤⠤⠒⠒⠒⠋⠉⠁
           └┬───────────┬──────────┬──────
            0           2          4
        """)
  }

  @Test func twoSeriesHaveLetters() {
    let x = (0..<20).map(Double.init)
    let figure = Figure(marks: [
      .line(Series("up", x: x, y: x)), .line(Series("down", x: x, y: x.map { 19 - $0 })),
    ])
    let text = Sheet([figure]).text(options)
    #expect(text.contains("a up   b down"))
    let plot = text.split(separator: "\n").dropLast()
    #expect(plot.joined().filter { $0 == "a" }.count == 1 && plot.joined().filter { $0 == "b" }.count == 1)
  }

  @Test func bars() {
    let figure = Figure(marks: [.bars(Bars(edges: [0, 1, 2, 3], heights: [1, 4, 2]))])
    #expect(
      Sheet([figure]).text(options) == """
        4 ┤          ▆▆▆▆▆▆▆▆▆▆▆
          │          ███████████
          │          ███████████
        2 ┤          ███████████▇▇▇▇▇▇▇▇▇▇
          │▃▃▃▃▃▃▃▃▃▃█████████████████████
        0 ┤███████████████████████████████
          └┬─────────┬─────────┬─────────┬
           0         1         2         3
        """)
  }

  @Test func pictureIsHalfBlocks() throws {
    let values: [Double] = [1, 0, 1, 0, 1, 0, 1, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    let wide = values.flatMap { value in [Double](repeating: value, count: 5) }
    let bitmap = try #require(
      Bitmap(columns: 20, rows: 4, cells: .values(wide, range: 0...1), isPicture: true))
    let text = Sheet([Figure(y: Axis(isReversed: true), marks: [.bitmap(bitmap)])]).text(options)
    #expect(text == "█████     █████     \n▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒")
  }

  @Test func colourOnlyWhereAsked() {
    let figure = Figure(marks: [.line(Series("a", x: [0, 1], y: [0, 1]))])
    #expect(!Sheet([figure]).text().contains("\u{1b}"))
    #expect(Sheet([figure]).text(TextOptions(colour: true)).contains("\u{1b}[0;94m"))
  }

  @Test func tableLinesUp() {
    let table = Table(
      [
        Table.Column("rule", ["SGD", "Momentum"], isNumeric: false),
        Table.Column("f", ["0.5", "12.25"], isNumeric: true),
      ],
      isLegend: true)
    #expect(
      Sheet([], table: table, notes: ["as given"]).text() == """
           rule          f
        a  SGD         0.5
        b  Momentum  12.25
        as given
        """)
  }
}
