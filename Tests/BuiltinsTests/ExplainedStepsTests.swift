import Builtins
import Foundation
import Runtime
import Syntax
import Testing

/// Every rule of the library and of the dialects, step after step: each line that is printed with numbers, read back and
/// evaluated, has the bits of the value that stands beside it.
///
/// `MAAS_EXPLAINED_STEPS` says how many steps in all; a few thousand by default, a hundred thousand take minutes.
@Suite struct ExplainedStepsTests {
  private static let steps =
    ProcessInfo.processInfo.environment["MAAS_EXPLAINED_STEPS"].flatMap(Int.init) ?? 3_000

  /// What stands for the arguments that a rule must be given.
  private static let needed = [
    "optax.": "lr: 0.01", "Chain": "[clip_by_norm(1)], Momentum(lr: 0.01), []",
    "GaussNewton": "residuals: residuals", "NaturalGradient": "residuals: residuals, damping: 0.1",
  ]

  /// The constructors of optimizers, by the names a program calls them.
  private static func rules(_ session: Session) throws -> [String] {
    var found: [String] = []
    for source in librarySources {
      let path = source.name.split(separator: "/").map(String.init)
      let isModule = path.contains("dialects")
      let module = isModule ? (path.last?.split(separator: ".").first.map { "\($0)." } ?? "") : ""
      for line in source.text.split(separator: "\n") where line.hasPrefix("optimizer ") {
        let name = line.dropFirst("optimizer ".count).prefix { $0 != "(" }
        found.append("\(module)\(name)")
      }
    }
    return found
  }

  private static func call(_ name: String) -> String {
    let arguments = needed[name] ?? needed.first { name.hasPrefix($0.key) && $0.key.hasSuffix(".") }?.value
    return "\(name)(\(arguments ?? ""))"
  }

  private struct Landscape {
    let name: String
    let from: String
    /// The function is of a vector, of a number, of a matrix.
    let function: String
    let residuals: String
    var at: [String] = [""]
  }

  private static let landscapes = [
    Landscape(
      name: "a number", from: "-1.25", function: "x => (x - 3)^2 + sin(x)", residuals: "x => [x - 3, sin(x)]"),
    Landscape(
      name: "a vector of f64", from: "f64([-1.25, 0.5])",
      function: "p => (p[0] - 3)^2 + 2 * p[1]^2 + sin(p[0] * p[1])",
      residuals: "p => [p[0] - 3, 2 * p[1]]", at: ["", ", at: 1"]),
    Landscape(
      name: "a vector of f32", from: "[0.5, -1.25, 2.0]", function: "p => sum((p - 1)^2 + 0.1 * cos(3 * p))",
      residuals: "p => p - 1", at: ["", ", at: -1"]),
    Landscape(
      name: "a matrix of f64", from: "f64([[0.5, -1.0, 0.25, 2.0], [1.5, 0.75, -0.5, 1.0]])",
      function: "w => sum((w - 0.5)^2) + 0.1 * sum(sin(w[0] * w[1]))", residuals: "none",
      at: [", at: (1, 2)"]),
    Landscape(
      name: "a record", from: "{w: f64([[0.5, -1.0], [1.5, 0.75], [0.1, 0.2], [1.0, -2.0]]), b: 0.25}",
      function: "p => sum((p.w - 0.5)^2) + (p.b - 1)^2 + p.b * sum(p.w)", residuals: "none",
      at: [", at: \"w[1, 0]\"", ", at: \"b\""]),
  ]

  /// Rules that are of one vector, of matrices only, or of nothing that has another shape than the loss wants.
  private static func fits(_ rule: String, _ landscape: Landscape) -> Bool {
    switch rule {
    case "GaussNewton", "NaturalGradient": landscape.residuals != "none"
    case "Newton": landscape.residuals != "none"
    case "torch.Muon": landscape.name.hasPrefix("a matrix")
    default: true
    }
  }

  @Test func everyLineOfEveryRuleReadsBackTheSame() throws {
    let session = makeSession(output: { _ in })
    let rules = try ExplainedStepsTests.rules(session)
    #expect(rules.count > 80)
    let runs = rules.flatMap { rule in
      ExplainedStepsTests.landscapes.filter { ExplainedStepsTests.fits(rule, $0) }.map { (rule, $0) }
    }
    let count = max(2, ExplainedStepsTests.steps / runs.count + 1)
    var (steps, lines, shown) = (0, 0, 0)
    for (rule, landscape) in runs {
      try session.evaluate("let residuals = \(landscape.residuals)")
      try session.evaluate("let f = \(landscape.function)")
      let opt = ExplainedStepsTests.call(rule)
      try session.evaluate("let run = descend(f, from: \(landscape.from), with: \(opt), steps: \(count))")
      try #expect(
        session.isSame("type(run.path[-1]) == type(run.path[0])", "true"), "\(opt) on \(landscape.name)")
      if landscape.name.contains("f32") {
        try #expect(session.isSame("string(run.path[-1].dtype) == \"f32\"", "true"), "\(opt) keeps f32")
      }
      for step in 1...count {
        let at = landscape.at[step % landscape.at.count]
        let explained: Value?
        do { explained = try session.evaluate("explain run[\(step)]\(at)") } catch {
          Issue.record("explain run[\(step)]\(at) of \(opt) on \(landscape.name): \(error)")
          return
        }
        guard case .object(let object as Explanation)? = explained else {
          Issue.record("run[\(step)] of \(rule) has no explanation")
          return
        }
        steps += 1
        #expect(object.lines.count > 1, "\(rule)")
        for line in object.lines {
          lines += 1
          // What is large stands by its shape and norm, `f64[2×4] ‖2.9‖`, or as `a list of 7`.
          let isElided = [line.numbers, line.value].contains { text in
            ["‖", "×", "a list of", "a record with"].contains { text.contains($0) }
          }
          guard !line.numbers.isEmpty, !isElided else { continue }
          shown += 1
          let text = line.numbers.replacing("∇f", with: "grad(f)")
          if line.symbols == "g", !at.isEmpty { continue }
          let same = try session.isSame(text, line.value)
          #expect(
            same, "\(opt) on \(landscape.name), step \(step): \(line.symbols) = \(text) = \(line.value)")
          if !same { return }
        }
      }
    }
    print(
      "explained \(steps) steps of \(rules.count) rules: \(lines) lines, \(shown) with numbers, all read back"
    )
  }

  /// The chain rule's lines read back, and the last one is the gradient.
  @Test(arguments: [
    ("x => sin(x^2)", "2.0"), ("x => x * sin(x^2) + x^3 / (1 + exp(-x))", "2.0"),
    ("x => sqrt(x) * log(x) - tanh(x) / x^1.5", "0.7"), ("x => abs(x) + relu(x) * sigmoid(x)", "-0.4"),
    ("x => x^x", "1.3"), ("x => maximum(x, 1 - x) + x // 0.3 + x % 0.3", "0.75"),
    ("rosenbrock", "f64([-1.2, 1.0])"), ("rosenbrock", "[-1.2, 1.0]"), ("beale", "f64([1.0, 0.5])"),
    ("goldstein_price", "f64([0.5, -0.25])"), ("ackley", "f64([1.0, 0.5])"), ("himmelblau", "[1.0, 2.0]"),
    ("p => p.x * p.y + sqrt(p.x) / p.y", "{x: 2.0, y: 3.0}"), ("p => p[0] * p[1]^2", "(2.0, 3.0)"),
    ("w => sum(tanh([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]] @ w))", "[0.1, -0.2]"),
    ("w => mean(softmax(w) * w) + norm(w)", "f64([0.1, -0.2, 0.4])"), ("grad(x => x^4 + sin(x))", "1.5"),
    ("x => { var y = x\n for k in 0..5 { y = cos(y) * x }\n y }", "0.9"), ("x => 3.0", "1.0"),
  ])
  func theChainRuleReadsBack(_ f: String, _ x: String) throws {
    let session = makeSession(output: { _ in })
    try session.evaluate("let f = \(f)")
    guard case .object(let object as Explanation)? = try session.evaluate("explain grad(f)(\(x))") else {
      Issue.record("no explanation")
      return
    }
    for line in object.lines where !line.numbers.isEmpty {
      #expect(
        try session.isSame(line.numbers, line.value), "\(line.symbols) = \(line.numbers) = \(line.value)")
    }
    if f != "x => 3.0", x.first != "{", x.first != "(" {
      #expect(try session.isSame("grad(f)(\(x))", object.lines.last?.value ?? ""))
    }
  }
}

extension Session {
  @discardableResult fileprivate func evaluate(_ text: String) throws -> Value? {
    try run(Source(name: "test", text: text))
  }

  /// Whether two texts are of the same value: number by number the same bits, in the same dtype.
  fileprivate func isSame(_ a: String, _ b: String) throws -> Bool {
    guard let x = try evaluate("(\(a))"), let y = try evaluate("(\(b))") else { return false }
    return try machine.working(x).text == machine.working(y).text
  }
}
