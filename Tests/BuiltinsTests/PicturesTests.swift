import Foundation
import Syntax
import Testing

@testable import Builtins

/// Figures from the language: what is drawn, what is refused, what is in the files.
struct PicturesTests {
  private func printed(_ text: String) throws -> String {
    var output = ""
    let session = makeSession { output += $0 }
    _ = try session.run(Source(name: "pictures.maas", text: text))
    return output
  }

  @Test(arguments: [
    ("plot([1, 2, 3])", "a figure of one series"),
    ("plot([1, 2], {a: [1, 2], b: [3, 4]})", "a figure of 2 series"),
    ("plot(sin, (0, 6))", "a figure of one series"),
    ("scatter([1, 2], [3, 4], title: \"t\")", "a figure of one series: t"),
    ("hist([1, 2, 2])", "a figure of bars"), ("heatmap([[1, 2], [3, 4]])", "a figure of 2 × 2 cells"),
    ("image(zeros(784))", "a figure of 28 × 28 cells"), ("image(zeros(3, 4, 5))", "a figure of 4 × 5 cells"),
    ("image(zeros(4, 5, 3))", "a figure of 4 × 5 cells"),
    ("image(zeros(6, 4, 5))", "a figure of 9 × 23 cells"),
    ("contour(rosenbrock, (-2, 2), (-1, 3))", "a figure of contours"),
    (
      "contour((x, y) => x * y, (-2, 2), (-1, 3), paths: [[[0, 0], [1, 1]]])",
      "a figure of contours and a path"
    ),
    ("plot(descend(x => x^2, from: 1.0, steps: 3))", "a figure of one series"),
  ]) func summaries(_ code: String, _ summary: String) throws {
    #expect(try printed("print(\(code))") == summary + "\n")
    #expect(try printed("show(\(code))").split(separator: "\n").count > 1)
  }

  @Test(arguments: [
    ("plot([1, 2], [1, 2, 3])", "E0301"), ("plot(\"a\")", "E0401"), ("plot([1], log: 3)", "E0506"),
    ("hist([1], bins: 0)", "E0506"), ("contour(x => 1, (1, 1), (0, 1))", "E0506"),
    ("contour(rosenbrock)", "E0204"),
    ("contour(x => \"a\", (0, 1), (0, 1))", "E0401"), ("heatmap([1, 2])", "E0305"),
    ("image(zeros(2, 2, 2, 2))", "E0305"),
    ("save(3, \"a.svg\")", "E0401"), ("save(plot([1]), \"a.jpg\")", "E0506"),
    ("save(plot([1]), \"/nowhere/a.svg\")", "E0604"), ("plot(0..10^12)", "E0506"),
  ]) func refusals(_ code: String, _ error: String) throws {
    #expect(try printed("try { \(code) } catch e { print(e.code) }") == error + "\n")
  }

  /// A function that takes no batch, and one whose batch means something else, are asked point by point.
  @Test func functionsThatDoNotBroadcast() throws {
    let lines = try printed(
      """
      var calls = 0
      let f = p => { calls += 1; if p[0] > 0 { p[1] } else { -p[1] } }
      contour(f, (-1, 1), (-1, 1));
      print(calls > 1000, calls < 5000)
      calls = 0
      contour(p => { calls += 1; sum(p^2) }, (-1, 1), (-1, 1));
      print(calls > 1000)
      calls = 0
      contour(p => { calls += 1; p[0]^2 + p[1]^2 }, (-1, 1), (-1, 1));
      print(calls < 20)
      """)
    #expect(lines == "true true\ntrue\ntrue\n")
  }

  @Test func raceCountsWhatItSpends() throws {
    let lines = try printed(
      """
      let r = race(x => x^2, 1.0, [SGD(lr: 0.25), SGD(lr: 1.5)], steps: 10)
      print(r.table.f, r.table.steps, r.table.evaluations, r.table.step_size)
      let tuned = race(x => x^2, 1.0, [SGD()], steps: 4, tune: 3, grid: (0.01, 1.0))
      print(tuned.table.rule, tuned.table.step_size)
      print(step_sizes((0.01, 1.0), 3))
      """
    ).split(separator: "\n")
    // x halves each time: after 10 steps f = 4^-10; the other doubles, f = 4^10.
    #expect(lines[0] == "[9.5367431640625e-7, 1048576.0] [5, none] [11, 11] [\"given\", \"given\"]")
    #expect(lines[1] == "[\"SGD(lr: 0.1)\"] [\"tuned\"]" && lines[2] == "[0.01, 0.1, 1.0]")
  }

  @Test func filesAreWhole() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "maas-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let race = "race(rosenbrock, [-1.2, 1.0], [SGD(lr: 1e-3), Adam(lr: 0.02)], steps: 20)"
    for ending in ["svg", "png", "txt"] { _ = try printed("save(\(race), \"\(folder.path())/a.\(ending)\")") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    #expect(names == ["a.png", "a.svg", "a.txt"])
    let svg = try String(contentsOf: folder.appending(path: "a.svg"), encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n") && svg.contains("Adam(lr: 0.02)"))
    #expect(
      try Data(contentsOf: folder.appending(path: "a.png")).prefix(4) == Data([0x89, 0x50, 0x4e, 0x47]))
  }
}
