import Engine
import Figures
import Graph
import Runtime

/// Figures from numbers, functions and runs.
enum Pictures {
  private static let options =
    "title = \"\", labels = none, log = false, x_label = \"\", y_label = \"\", x_range = none, y_range = none"

  static var all: [Builtin] {
    [
      Builtin(
        "plot(x, y = none, \(options))",
        """
        Lines through points, as a figure: `plot(y)`, `plot(x, y)`, `plot(f, (a, b))`, `plot(run)`. A list or record of \
        vectors gives a line each. `log: true` (or "x", "y", "xy") spaces an axis by powers of ten.
        > plot([1.0, 4.0, 9.0], title: "squares")
        a figure of one series: squares
        """
      ) { call in
        shown(
          try figure(
            call, try PictureData.lines(call), wantsLog: try PictureData.suggestsLog(call[0], call.machine)))
      },
      Builtin(
        "scatter(x, y = none, \(options))",

        """
        Points at x and y, as a figure; a list or record of vectors `y` gives a set each.
        > scatter([1, 2, 3], [3, 1, 2])
        a figure of one series
        """
      ) { call in
        shown(try figure(call, try PictureData.points(call)))
      },
      Builtin(
        "hist(x, bins = none, title = \"\", log = false, x_label = \"\", y_label = \"count\")",

        """
        How many of the numbers fall between edges at equal distances, as a figure of bars.
        > hist([1, 1, 2, 3, 3, 3])
        a figure of bars
        """
      ) { call in
        let bins = try given(call.values[1]).map { try Making.whole($0, "bins", 1) }
        let bars = try Histogram.bars(try PictureData.numbers(call[0], "`x`", argument: 0), bins: bins)
        let figure = Figure(
          title: text(call.values[2]), x: Axis(text(call.values[4])),
          y: Axis(call.values[5].map { text($0) } ?? "count", scale: try scales(call.values[3], 3).y),
          marks: [.bars(bars)])
        return shown(figure)
      },
      Builtin(
        "heatmap(m, title = \"\", x_label = \"\", y_label = \"\")",

        """
        A matrix as colours, row 0 on top, as a figure with the scale of its colours.
        > heatmap([[1, 2], [3, 4]])
        a figure of 2 × 2 cells
        """
      ) { call in
        let bitmap = try PictureData.matrix(call[0])
        return shown(
          Figure(
            title: text(call.values[1]), x: Axis(text(call.values[2])),
            y: Axis(text(call.values[3]), isReversed: true), marks: [.bitmap(bitmap)]))
      },
      Builtin(
        "image(t, title = \"\")",
        """
        A picture: `[rows, columns]` grey, `[rows, columns, 3]` or `[3, rows, columns]` in colour, `[n, rows, columns]` \
        n of them side by side; a vector of a square number of pixels is a square. Floats reach from 0 to 1, bytes to 255.
        > image([[0.0, 1.0], [1.0, 0.0]])
        a figure of 2 × 2 cells
        """
      ) { call in
        let bitmap = try PictureData.picture(call[0])
        return shown(
          Figure(title: text(call.values[1]), y: Axis(isReversed: true), marks: [.bitmap(bitmap)]))
      },
      Builtin(
        "contour(f, x = none, y = none, levels = 10, paths = [], labels = none, title = \"\", x_label = \"\", y_label = \"\")",
        """
        Lines of equal height of a function of two numbers, over the ranges `x` and `y`, as a figure. `levels` says how \
        many, or which; `paths` are runs of `descend`, or lists of points, drawn over them, and say the ranges where none \
        are given.
        > contour((x, y) => x^2 + y^2, (-1, 1), (-1, 1))
        a figure of contours
        """
      ) { call in
        shown(try ContourPicture(call).figure)
      },
      Builtin(
        "overlay(a, b)",
        """
        One figure with what both show, over the axes of the first.
        > overlay(plot([1, 2]), scatter([0, 1], [2, 1]))
        a figure of 2 series
        """
      ) { call in
        let (first, second) = (try plain(call, 0), try plain(call, 1))
        var figure = first
        figure.marks += second.marks
        return shown(figure)
      },
      Builtin(
        "sheet(figures, table = none, notes = [], legend = false, fields = none)",
        """
        Several figures as one, with a table under them (a record of columns, or a list of pairs) and remarks. `legend: true`: each row is \
        about one series of the figures and stands for the legend. `fields` are reached by `.name`.
        > sheet([plot([1, 2]), plot([2, 1])])
        2 figures
        """
      ) { call in try SheetArguments.object(call) },
    ]
  }

  /// The one figure an argument is.
  private static func plain(_ call: BuiltinCall, _ argument: Int) throws -> Figure {
    guard case .object(let object as FigureObject) = call[argument], object.sheet.figures.count == 1 else {
      throw Failure(
        .wrongType, "`overlay` takes two figures, not \(Failure.article(call[argument].kind))",
        argument: argument)
    }
    return object.sheet.figures[0]
  }

  private static func shown(_ figure: Figure) -> Value { .object(FigureObject(Sheet([figure]))) }

  private static func figure(_ call: BuiltinCall, _ marks: [Mark], wantsLog: Bool = false) throws -> Figure {
    var scales = try scales(call.values[4], 4)
    if call.values[4] == nil, wantsLog { scales.y = .log }
    let names = PictureData.runAxes(call[0])
    return Figure(
      title: text(call.values[2]),
      x: Axis(
        call.values[5].map { text($0) } ?? names.x, scale: scales.x,
        range: try given(call.values[7]).map { try PictureData.range($0, "`x_range`", argument: 7) }),
      y: Axis(
        call.values[6].map { text($0) } ?? names.y, scale: scales.y,
        range: try given(call.values[8]).map { try PictureData.range($0, "`y_range`", argument: 8) }),
      marks: marks)
  }

  static func text(_ value: Value?) -> String {
    guard let value = given(value) else { return "" }
    return ValuePrinter().text(value)
  }

  /// An argument, unless it was left out or is `none`.
  static func given(_ value: Value?) -> Value? {
    guard let value else { return nil }
    if case .none = value { return nil }
    return value
  }

  /// `log: true` is the y axis.
  private static func scales(_ value: Value?, _ argument: Int) throws -> (x: Axis.Scale, y: Axis.Scale) {
    switch given(value) {
    case nil: return (.linear, .linear)
    case .bool(let flag)?: return (.linear, flag ? .log : .linear)
    case .text(let text)? where ["x", "y", "xy"].contains(text.string):
      return (text.string.contains("x") ? .log : .linear, text.string.contains("y") ? .log : .linear)
    case .some:
      throw Failure(.badValue, "`log` is true, false, \"x\", \"y\" or \"xy\"", argument: argument)
    }
  }
}

/// A figure, or several with a table, as the language holds it.
package final class FigureObject: Object {
  package let sheet: Sheet
  private let fields: Record

  package init(_ sheet: Sheet, fields: Record = Record([], [])) {
    (self.sheet, self.fields) = (sheet, fields)
  }

  public override var kind: String { "figure" }
  public override var fieldNames: [String] { fields.names }
  public override func field(_ name: String, _ machine: Machine) throws -> Value? { fields[name] }

  public override func description(_ printer: ValuePrinter) -> String { summary }

  public override var summary: String {
    guard let first = sheet.figures.first, sheet.figures.count == 1 else {
      return "\(sheet.figures.count) figures"
    }
    let what = first.contents
    return first.title.isEmpty ? "a figure of \(what)" : "a figure of \(what): \(first.title)"
  }

  public override func display(_ printer: ValuePrinter) -> String {
    // A figure taller than the window is worth less than a small one.
    let height = printer.height.map { min(18, max(4, $0 - 8)) } ?? 18
    return sheet.text(TextOptions(width: min(80, printer.width), height: height, colour: printer.colour))
  }

  public override var hasPicture: Bool { true }

  public override func picture(_ wish: PictureWish) -> Picture? {
    switch wish.form {
    case .png:
      let (bytes, width, height) = sheet.png(fitting: wish.width, wish.height)
      return Picture(width: width, height: height, bytes: bytes)
    case .pixels:
      let (bytes, width, height) = sheet.pixels(fitting: wish.width, wish.height)
      return Picture(width: width, height: height, bytes: bytes)
    }
  }
}
