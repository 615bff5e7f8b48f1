import Testing

@testable import Builtins

/// Every optimizer against the library whose rule it is: to 1e-12 at every recorded step.
@Suite(.enabled(if: OptimizerFixtures.shared != nil, OptimizerFixtures.absence))
struct OptimizerFixtureTests {
  @Test(arguments: OptimizerFixtures.cases("torch"))
  func torchDialect(_ fixture: OptimizerCase) throws { try agrees(fixture, fixture.rule) }

  @Test(arguments: OptimizerFixtures.cases("optax"))
  func optaxDialect(_ fixture: OptimizerCase) throws { try agrees(fixture, fixture.rule) }

  @Test(arguments: OptimizerFixtures.cases("keras"))
  func kerasDialect(_ fixture: OptimizerCase) throws { try agrees(fixture, fixture.rule) }

  /// The library's own rules, beside the dialect whose rule they are.
  static let ownRules = [
    ("torch.SGD(lr: 0.001)", "SGD(lr: 0.001)"),
    ("torch.SGD(lr: 0.001, momentum: 0.9)", "Polyak(lr: 0.001)"),
    ("torch.SGD(lr: 0.001, momentum: 0.9, nesterov: true)", "Nesterov(lr: 0.001)"),
    ("torch.Adagrad(lr: 0.1)", "AdaGrad(lr: 0.1)"),
    ("torch.Adadelta(lr: 1.0)", "Adadelta()"),
    ("torch.RMSprop(lr: 0.01)", "RMSProp(lr: 0.01)"),
    ("torch.RMSprop(centered: true, lr: 0.01)", "RMSProp(lr: 0.01, centred: true)"),
    ("torch.RMSprop(lr: 0.01, momentum: 0.9)", "RMSProp(lr: 0.01, momentum: 0.9)"),
    ("torch.Rprop(lr: 0.01)", "Rprop(lr: 0.01)"),
    ("torch.Adam(lr: 0.01)", "Adam(lr: 0.01)"),
    ("torch.Adam(amsgrad: true, lr: 0.01)", "AMSGrad(lr: 0.01)"),
    ("torch.AdamW(lr: 0.01, weight_decay: 0.01)", "AdamW(lr: 0.01)"),
    ("torch.NAdam(lr: 0.01)", "NAdam(lr: 0.01)"),
    ("torch.RAdam(lr: 0.001)", "RAdam(lr: 0.001)"),
    ("torch.ASGD(lr: 0.001)", "ASGD(lr: 0.001)"),
    ("optax.lion(lr: 0.01, weight_decay: 0.0)", "Lion(lr: 0.01)"),
    ("optax.lamb(lr: 0.01)", "LAMB(lr: 0.01)"),
    ("optax.lars(lr: 0.01)", "LARS(lr: 0.01)"),
    ("optax.novograd(lr: 0.01)", "NovoGrad(lr: 0.01)"),
    ("optax.adan(lr: 0.01)", "Adan(lr: 0.01)"),
    ("optax.yogi(lr: 0.01)", "Yogi(lr: 0.01)"),
    ("optax.adabelief(lr: 0.01)", "AdaBelief(lr: 0.01)"),
    ("optax.prodigy()", "Prodigy()"),
    ("optax.schedule_free_adamw(lr: 0.01)", "ScheduleFreeAdamW(lr: 0.01)"),
  ]

  @Test(arguments: OptimizerFixtures.cases("torch") + OptimizerFixtures.cases("optax"))
  func ownRule(_ fixture: OptimizerCase) throws {
    for (_, own) in OptimizerFixtureTests.ownRules.filter({ $0.0 == fixture.rule }) {
      try agrees(fixture, own)
    }
  }

  /// Momentum is Sutskever's form, which is Keras's; Keras rounds the 0.9 to a float32.
  @Test(
    arguments: OptimizerFixtures.cases("keras").filter { $0.rule == "keras.SGD(lr: 0.001, momentum: 0.9)" })
  func momentumIsSutskevers(_ fixture: OptimizerCase) throws {
    try agrees(fixture, "Momentum(lr: 0.001, beta: number(f32(0.9)))")
  }

  @Test func everyOwnRuleHasItsFixture() {
    let rules = Set((OptimizerFixtures.cases("torch") + OptimizerFixtures.cases("optax")).map(\.rule))
    for (dialect, _) in OptimizerFixtureTests.ownRules { #expect(rules.contains(dialect)) }
    #expect(rules.count == 35)
  }

  /// The points left out: by then, moving the start by one unit in the last place moves the trajectory more than 1e-13.
  static let leftOut: Set<String> = [
    "torch.Adadelta(lr: 1.0) on rosenbrock, step 1000",
    "torch.RMSprop(lr: 0.01) on rosenbrock, step 1000",
    "torch.RMSprop(centered: true, lr: 0.01) on rosenbrock, step 1000",
    "torch.RMSprop(lr: 0.01, momentum: 0.9) on rosenbrock, step 1000",
    "optax.rmsprop(lr: 0.01) on rosenbrock, step 100",
    "optax.rmsprop(lr: 0.01) on rosenbrock, step 1000",
    "optax.adan(lr: 0.01) on quadratic_100, step 1000",
    "optax.prodigy() on rosenbrock, step 1000",
  ]

  private func agrees(_ fixture: OptimizerCase, _ rule: String) throws {
    let points = try fixture.points(rule, from: fixture.fixture.start)
    let far = fixture.steps.filter { relativeDistance(points[$0] ?? [], fixture.expected($0)) > 1e-12 }
    guard !far.isEmpty else { return }
    let moved = try fixture.neighbours.map { try fixture.points(rule, from: $0) }
    for step in far {
      let sensitivity = moved.map { relativeDistance($0[step] ?? [], points[step] ?? []) }.max() ?? 0
      let distance = relativeDistance(points[step] ?? [], fixture.expected(step))
      #expect(
        sensitivity > 1e-13,
        "\(rule) is \(distance) off at step \(step), where one ulp moves it \(sensitivity)")
      let place = "\(fixture.testDescription), step \(step)"
      #expect(OptimizerFixtureTests.leftOut.contains(place), "\(place) is left out and not listed")
    }
  }
}
