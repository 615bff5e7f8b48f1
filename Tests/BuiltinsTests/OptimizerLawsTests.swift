import Syntax
import Testing

@testable import Builtins

/// Optimizers against closed forms and published sequences, by programs that print.
struct OptimizerLawsTests {
  /// The numbers a program prints, line by line.
  private func numbers(_ text: String) throws -> [[Double]] {
    var output = ""
    let session = makeSession { output += $0 }
    _ = try session.run(Source(name: "laws.maas", text: text))
    return output.split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
  }

  private func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
    abs(a - b) <= tolerance * max(abs(a), abs(b))
  }

  @Test func theMomentumFormsPartWhenTheStepSizeChanges() throws {
    let lines = try numbers(
      """
      let lr = t => if t <= 30 { 0.1 } else { 0.01 }
      for rule in [torch.SGD(lr: lr, momentum: 0.9), Polyak(lr: lr), Momentum(lr: lr), flux.Momentum(lr: lr)] {
        let path = descend(x => x^2 / 2, from: 1.0, with: rule, steps: 60).path
        print(path[30], path[60])
      }
      """)
    let ends = lines.map { $0[1] }
    for (end, known) in zip(
      ends, [0.027325076705729, 0.027325076705729, 0.042081747298882, 0.042081747298882])
    {
      #expect(close(end, known, 2e-14))
    }
    for line in lines { #expect(close(line[0], lines[0][0], 1e-14)) }
  }

  @Test func epsilonStandsInThreePlaces() throws {
    let lines = try numbers(
      """
      for rule in [torch.Adam(), keras.Adam(epsilon: 1e-8), optax.adam(lr: 1e-3, eps: 0.0, eps_root: 1e-8), keras.Adam()] {
        print(-descend(x => 1e-6 * x, from: 0.0, with: rule, steps: 1).path[1])
      }
      """)
    // Keras rounds its betas to float32 on the way, so that only five digits are those of the formula.
    let published = [(9.90099e-4, 5e-7), (7.59747e-4, 1e-5), (9.99950e-6, 5e-7), (2.40253e-4, 1e-5)]
    for (line, (known, tolerance)) in zip(lines, published) { #expect(close(line[0], known, tolerance)) }
  }

  @Test func newtonOnRosenbrock() throws {
    let losses = try numbers(
      """
      for f in descend(rosenbrock, from: f64([-1.2, 1.0]), with: Newton(), steps: 6).loss { print(f) }
      """
    ).map { $0[0] }
    for (loss, known) in zip(losses.dropFirst(), [4.731884, 1411.845, 0.05596552, 0.3131891, 1.85274e-11]) {
      #expect(close(loss, known, 1e-6))
    }
    #expect(losses[6] < 1e-19)
  }

  @Test func gaussNewtonOnRosenbrock() throws {
    let points = try numbers(
      """
      let r = p => [10 * (p[1] - p[0]^2), 1 - p[0]]
      let run = descend(rosenbrock, from: f64([-1.2, 1.0]), with: GaussNewton(residuals: r), steps: 2)
      for k in 1..=2 { print(run.path[k][0], run.path[k][1]) }
      """)
    #expect(relativeDistance(points[0], [1, -3.84]) < 1e-13)
    // The normal equations square the condition of the Jacobian.
    #expect(relativeDistance(points[1], [1, 1]) < 1e-12)
  }

  /// With the loss ½ Σ r² it is Gauss and Newton's step, and a point written in other units goes the same way.
  @Test func theNaturalGradientDoesNotMindTheUnits() throws {
    let points = try numbers(
      """
      let r = p => [10 * (p[1] - p[0]^2), 1 - p[0], p[0] * p[1]]
      let f = p => sum(r(p)^2) / 2
      let start = f64([-1.2, 1.0])
      let gauss = descend(f, from: start, with: GaussNewton(residuals: r), steps: 4).path[4]
      let natural = descend(f, from: start, with: NaturalGradient(residuals: r), steps: 4).path[4]
      let units = f64([4.0, 0.5])
      let other = q => r(q / units)
      let rule = NaturalGradient(residuals: other)
      let turned = descend(q => f(q / units), from: start * units, with: rule, steps: 4).path[4]
      for p in [gauss, natural, turned / units] { print(p[0], p[1]) }
      let slow = NaturalGradient(residuals: x => [x - 3, 2 * x], lr: t => 0.5, damping: 1.0)
      print(descend(x => ((x - 3)^2 + (2 * x)^2) / 2, from: 1.0, with: slow, steps: 1).path[1])
      """)
    #expect(relativeDistance(points[1], points[0]) < 1e-12)
    #expect(relativeDistance(points[2], points[0]) < 1e-12)
    // g = (1 - 3) + 4 = 2, JᵀJ = 5
    #expect(close(points[3][0], 1 - 0.5 * 2 / 6, 1e-15))
  }

  @Test func exactLineSearchZigzags() throws {
    let points = try numbers(
      """
      let run = descend(quadratic(10), from: f64([10.0, 1.0]), with: SteepestDescent(), steps: 9)
      for k in 0..=9 { print(run.path[k][0], run.path[k][1]) }
      """)
    var scale = 1.0
    for (step, point) in points.enumerated() {
      #expect(relativeDistance(point, [10 * scale, step % 2 == 0 ? scale : -scale]) < 1e-12)
      scale *= 9.0 / 11
    }
  }

  @Test func conjugateGradientsEndInAsManyStepsAsCoordinates() throws {
    let losses = try numbers(
      """
      let f = p => sum(f64([1.0, 3.0, 10.0, 40.0, 100.0]) * p^2) / 2
      for f in descend(f, from: f64([1.0, 1.0, 1.0, 1.0, 1.0]), with: ConjugateGradient(), steps: 5).loss { print(f) }
      """
    ).map { $0[0] }
    #expect(losses[4] > 1e-6)
    #expect(losses[5] < 1e-20)
  }

  @Test(arguments: [
    ("GD(lr: 2 / 101)", 0.9801980198, 1e-9), ("Polyak(lr: 4 / 121, beta: (9 / 11)^2)", 0.8181818182, 1e-6),
    ("Nesterov(lr: 0.01, beta: 9 / 11)", 0.9, 1e-7),
    ("Nesterov(lr: 4 / 301, beta: (sqrt(301) - 2) / (sqrt(301) + 2))", 0.8847219165, 1e-6),
  ])
  func theoryGivesThePublishedRates(_ rule: String, _ known: Double, _ tolerance: Double) throws {
    let lines = try numbers("print(theory(\(rule), (1, 100)))")
    #expect(close(lines[0][0], known, tolerance))
  }

  @Test func aRateNeedsNoGoalOnAParabola() throws {
    let lines = try numbers(
      """
      let run = descend(quadratic(100), from: f64([1.0, 1.0]), with: GD(lr: 2 / 101), steps: 600)
      print(rate(run), rate(run, goal: f64([0.0, 0.0])), theory(GD(lr: 2 / 101), (1, 100)))
      """)
    for rate in lines[0] { #expect(close(rate, 0.9801980198, 1e-9)) }
  }

  /// The line of each rule where two of one name part, with both numbers.
  @Test func aDifferenceNamesTheLine() throws {
    var output = ""
    let session = makeSession { output += $0 }
    let text = """
      let d = diff(torch.Adam(lr: 0.001), keras.Adam(lr: 0.001), x => 1e-6 * x, from: 1.0)
      print(d.lines[0].symbols, "|", d.lines[1].symbols)
      print(d)
      """
    _ = try session.run(Source(name: "diff.maas", text: text))
    let lines = output.split(separator: "\n").map(String.init)
    #expect(
      lines[0]
        == "x - lr / (1 - beta1^t) * m / (root + eps) | shrunk(x, lr, weight_decay) - m * alpha / (sqrt(if amsgrad { v_max } else { v }) + epsilon)"
    )
    #expect(output.contains("Δx = -0.000990099009900991") && output.contains("Δx = -0.0002402514694851421"))
    #expect(output.contains("= 1.0 - 0.001 / (1 - 0.9^1) * "))
  }

  @Test func measuredRatesApproachTheory() throws {
    let lines = try numbers(
      """
      let start = f64([1.0, 1.0])
      for rule in [GD(lr: 2 / 101), Nesterov(lr: 0.01, beta: 0.8)] {
        print(rate(descend(quadratic(100), from: start, with: rule, steps: 600), goal: 0 * start), theory(rule, (1, 100)))
      }
      """)
    for line in lines { #expect(close(line[0], line[1], 0.01)) }
  }

  /// Reddi, Kale and Kumar's example: Adam ends at the worst point, AMSGrad near the best.
  @Test func amsgradMendsAdam() throws {
    let ends = try numbers(
      """
      for kind in [Adam, AMSGrad] {
        var x = 0.0
        var opt = chain(kind(lr: t => 0.1 / sqrt(t), beta1: 0.0, beta2: 0.1), within(-1.0, 1.0))
        for k in 1..=6000 { (x, opt) = step(opt, x, if k % 3 == 1 { 3.0 } else { -1.0 }) }
        print(x)
      }
      """
    ).map { $0[0] }
    #expect(ends[0] > 0.9)
    #expect(ends[1] < -0.5)
  }

  /// Adafactor on a matrix and on a vector, beside PyTorch 2.13 run in float64.
  @Test(arguments: ["torch.Adafactor(lr: 0.05)", "Adafactor(lr: 0.05)"])
  func adafactorIsPyTorchs(_ rule: String) throws {
    let ends = try numbers(
      """
      let a = f64([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
      let c = f64([[1.0, 10.0, 3.0], [2.0, 0.5, 7.0]])
      let f = w => sum((w - a)^2 * c) + sum(w[0] * w[1])
      let w = descend(f, from: 0 * a + 0.3, with: \(rule), steps: 50).path[50]
      print(w[0][0], w[0][1], w[0][2], w[1][0], w[1][1], w[1][2])
      let v = descend(v => sum((v - 1)^2 * f64([1.0, 30.0])), from: f64([0.3, -0.2]), with: \(rule), steps: 50).path[50]
      print(v[0], v[1])
      """)
    let matrix = [
      0.2124295789018876, -0.9051247497801762, 0.5012116375798847, 2.755146074295554, 0.34104179410790475,
      -1.0338267629846603,
    ]
    #expect(relativeDistance(ends[0], matrix) < 1e-12)
    #expect(relativeDistance(ends[1], [0.9748696132354812, 0.7340669276995939]) < 1e-12)
  }

  @Test func aConstantGradientMovesAdamByTheStepSize() throws {
    let ends = try numbers(
      """
      let path = descend(x => 3 * x, from: 1.0, with: Adam(lr: 0.01), steps: 50).path
      for k in 0..50 { print(path[k] - path[k + 1]) }
      """)
    for end in ends { #expect(close(end[0], 0.01 * 3 / (3 + 1e-8), 1e-10)) }
  }

  @Test func aChainDoesWhatItsPartsDo() throws {
    let lines = try numbers(
      """
      let start = f64([-1.2, 1.0])
      let ends = rule => descend(rosenbrock, from: start, with: rule, steps: 200).path[-1]
      let p = ends(chain(clip_by_norm(1e9), Adam(lr: 0.01)))
      let q = ends(Adam(lr: 0.01))
      print(p[0] - q[0], p[1] - q[1])
      let a = ends(chain(Adam(lr: 0.01), shrink(0.01 * 0.1)))
      let b = ends(AdamW(lr: 0.01, weight_decay: 0.1))
      print(norm(a - b) / norm(b))
      let c = ends(chain(weight_decay(0.1), Momentum(lr: 1e-3)))
      let d = descend(p => rosenbrock(p) + 0.05 * sum(p^2), from: start, with: Momentum(lr: 1e-3), steps: 200).path[-1]
      print(norm(c - d) / norm(d))
      """)
    #expect(lines[0] == [0, 0])
    #expect(lines[1][0] < 1e-11 && lines[2][0] < 1e-11)
  }

  @Test func aForkGoesOnBitForBit() throws {
    let lines = try numbers(
      """
      for rule in [Adam(lr: 0.01), LBFGS(), Lookahead(Momentum(lr: 1e-3)), chain(gradient_noise(seed: 3), NAdam(lr: 0.01))] {
        let run = descend(rosenbrock, from: f64([-1.2, 1.0]), with: rule, steps: 12)
        let again = fork(run, at: 5)
        print(norm(run.path[-1] - again.path[-1]), run[-1].x[0] - run.path[12][0], len(run.path) - 6 - len(again.path) + 1)
      }
      """)
    #expect(lines.count == 4)
    for line in lines { #expect(line == [0, 0, 0]) }
  }

  /// A rule that evaluates the loss again says what it misses when it is given a gradient only.
  @Test func aRuleThatLooksAgainNeedsTheLoss() throws {
    var output = ""
    let session = makeSession { output += $0 }
    let text = "try { step(SAM(), 1.0, 2.0) } catch e { print(e.message) }"
    _ = try session.run(Source(name: "sam.maas", text: text))
    #expect(output == "`grad_at` evaluates the loss again, and this step was given a gradient only\n")
  }

  /// A rule written for one tensor sees its own leaf through `grad_at`, the other leaves where they are.
  @Test func eachLeafIsTriedAlone() throws {
    let lines = try numbers(
      """
      optimizer Twice(lr = 0.1) {
        x - lr * grad_at(x - lr * g)
      }
      let f = p => p.a^2 * p.b
      let (p, opt) = step(Twice(), {a: 3.0, b: 2.0}, grad(f)({a: 3.0, b: 2.0}), f)
      print(p.a, p.b)
      """)
    #expect(relativeDistance(lines[0], [3 - 0.1 * 2 * (3 - 0.1 * 12) * 2, 2 - 0.1 * 9]) < 1e-15)
  }
}
