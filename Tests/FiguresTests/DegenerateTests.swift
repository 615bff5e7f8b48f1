import SeededRandom
import Testing

@testable import Figures

/// Whatever the numbers are, a figure is drawn and nothing stops.
@Suite struct DegenerateTests {
  private func draw(_ figure: Figure, png: Bool = true) throws {
    let sheet = Sheet([figure])
    #expect(!sheet.text(TextOptions(width: 60, height: 8)).isEmpty)
    #expect(SVGTests.isWellFormed(sheet.svg))
    #expect(!sheet.svg.contains("nan") && !sheet.svg.contains("inf\""))
    if png { _ = try PNGTests.read(sheet.png(scale: 0.5)) }
  }

  static let vectors: [[Double]] = [
    [], [1], [0], [2, 2, 2], [.nan], [.nan, .nan], [.infinity, -.infinity], [-1e300, 1e300],
    [1e300, 1e300, 1e300],
    [-1.7e308, 1.7e308, 0], [.leastNonzeroMagnitude, 0], [1, 1 + 2.220446049250313e-16], [0, .nan, 1],
    [-.infinity, 3, .infinity],
    [.leastNonzeroMagnitude * 1000, 1e308],
  ]

  @Test(arguments: vectors) func series(_ y: [Double]) throws {
    for scale in [Axis.Scale.linear, .log] {
      let x = y.indices.map(Double.init)
      let marks: [Mark] = [
        .line(Series("l", x: x, y: y, isPath: true)), .points(Series("p", x: y, y: x)),
        .bars(Bars("b", edges: x + [Double(x.count)], heights: y)),
      ]
      for mark in marks {
        try draw(Figure(x: Axis(scale: scale), y: Axis(scale: scale), marks: [mark]), png: false)
      }
      try draw(Figure(title: "all", x: Axis(scale: scale), y: Axis(scale: scale), marks: marks))
    }
  }

  @Test(arguments: vectors) func cells(_ values: [Double]) throws {
    let range =
      ClosedRange(from: values.filter(\.isFinite).min() ?? 0, to: values.filter(\.isFinite).max() ?? 1)
      ?? 0...1
    for isPicture in [true, false] {
      let cells = Bitmap.Cells.values(values, range: range)
      guard let bitmap = Bitmap(columns: values.count, rows: 1, cells: cells, isPicture: isPicture) else {
        #expect(values.isEmpty)
        continue
      }
      try draw(Figure(y: Axis(isReversed: true), marks: [.bitmap(bitmap)]))
    }
    guard values.count == 3, let field = Field(columns: 3, rows: 1, values: values, x: 0...1, y: 0...1) else {
      return
    }
    try draw(Figure(marks: [.contours(field, levels: [0, .nan, 1e300])]))
  }

  @Test func sizesThatDoNotAgreeAreNoFigure() {
    #expect(Field(columns: .max, rows: 3, values: [1], x: 0...1, y: 0...1) == nil)
    #expect(Bitmap(columns: 2, rows: 2, cells: .colours([]), isPicture: true) == nil)
    #expect(Bitmap(columns: 0, rows: 0, cells: .colours([]), isPicture: true) == nil)
  }

  /// Figures of random parts with numbers from the ends of the range of doubles.
  @Test(arguments: 0..<60) func fuzz(_ seed: UInt64) throws {
    var random = SeededNumbers(state: seed &* 0x9e37_79b9_7f4a_7c15 &+ 1)
    let figures = (0..<Int.random(in: 0...3, using: &random)).map { _ in random.figure() }
    let names = (0..<3).map { _ in random.text() }
    let table = Table(
      [Table.Column(random.text(), names, isNumeric: Bool.random(using: &random))], isLegend: true)
    let sheet = Sheet(figures, table: Bool.random(using: &random) ? table : nil, notes: [random.text()])
    let options = TextOptions(
      width: Int.random(in: -5...300, using: &random), height: Int.random(in: -5...60, using: &random),
      colour: Bool.random(using: &random))
    _ = sheet.text(options)
    #expect(SVGTests.isWellFormed(sheet.svg))
    _ = try PNGTests.read(sheet.png(scale: 0.3, dark: true))
  }
}

extension SeededNumbers {
  mutating func number() -> Double {
    switch Int.random(in: 0..<8, using: &self) {
    case 0: Double(bitPattern: next())
    case 1:
      [.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, 1.7e308, -1.7e308, 1e300].randomElement(
        using: &self)
        ?? 0
    default: Double.random(in: -10...10, using: &self)
    }
  }

  mutating func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in number() } }

  mutating func text() -> String {
    let letters: [Character] = [
      "a", "<", "&", "\u{0}", "\n", "é", "漢", "\u{301}", "👩‍👩‍👧", " ", "∇", "\u{ffff}", "\"",
    ]
    return String(
      (0..<Int.random(in: 0...40, using: &self)).map { _ in letters.randomElement(using: &self) ?? "a" })
  }

  mutating func axis() -> Axis {
    Axis(
      text(), scale: Bool.random(using: &self) ? .log : .linear,
      range: Bool.random(using: &self) ? nil : ClosedRange(from: number(), to: number()),
      isReversed: Bool.random(using: &self))
  }

  mutating func figure() -> Figure {
    let marks = (0..<Int.random(in: 0...4, using: &self)).compactMap { _ in mark() }
    return Figure(title: text(), x: axis(), y: axis(), marks: marks)
  }

  mutating func mark() -> Mark? {
    let count = Int.random(in: 0...30, using: &self)
    switch Int.random(in: 0..<5, using: &self) {
    case 0: return .line(Series(text(), x: numbers(count), y: numbers(20), isPath: true))
    case 1: return .points(Series(text(), x: numbers(count), y: numbers(count)))
    case 2: return .bars(Bars(text(), edges: numbers(count), heights: numbers(12)))
    case 3:
      let (x, y) = (
        ClosedRange(from: number(), to: number()) ?? 0...1, ClosedRange(from: number(), to: number()) ?? 0...1
      )
      return Field(columns: 6, rows: 5, values: numbers(30), x: x, y: y).map {
        .contours($0, levels: numbers(4))
      }
    default:
      let range = ClosedRange(from: number(), to: number()) ?? 0...1
      return Bitmap(
        columns: 6, rows: 5, cells: .values(numbers(30), range: range), isPicture: Bool.random(using: &self)
      ).map { .bitmap($0) }
    }
  }
}
