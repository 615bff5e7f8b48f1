import Builtins
import Runtime
import Syntax
import Testing

/// Training steps that go on from what the last one gave, whatever becomes of it in between: they give the bits
/// of running everything as written.
@Suite struct IterationTests {
  /// A network with a layer whose step waits until somebody asks for it and one whose step does not, a step, and
  /// all numbers of what a training came to.
  private static let beginning = """
    seed(3)
    optimizer Before(lr = 0.01) {
      state before = 0
      let was = before
      before = x
      x - lr * g + 0.01 * (x - was)
    }
    optimizer Still(lr = 0.01) {
      state same = 2
      x - lr * same * g
    }
    optimizer Twice(lr = 0.01) {
      state copy = 0
      let y = x - lr * g
      copy = y
      y
    }
    optimizer Rate(lr = 0.01) {
      state last = 1
      last = lr
      x - last * g
    }
    optimizer Flags(lr = 0.01) {
      state warm = false
      state hot = false
      warm = true
      hot = true
      x - lr * g
    }
    let data = dataset(randn(90, 80), randint(0, 3, 90))
    let start = Sequential(Dense(80, 64, relu), Dense(64, 3))
    let parts = list(batches(data, 32, seed: 1))
    fn train(opt, net, turn) {
      let (x, y) = parts[turn % 2]
      train_step(opt, net, m => cross_entropy(m(x), y))
    }
    fn numbers(net) = [list([number(v) for v in reshape(f64(leaf), -1)]) for leaf in leaves(net)]
    fn state(leaves) = [sum(f64(leaf)) for leaf in leaves]

    """

  private func text(_ program: String) throws -> String {
    let session = makeSession(output: { _ in })
    let source = Source(name: "test", text: IterationTests.beginning + program)
    guard let value = try session.run(source) else { return "nothing" }
    return ValuePrinter().text(value)
  }

  private func expectSame(_ program: String) throws {
    let written = try Replays.$isOn.withValue(false) { try text(program) }
    #expect(try text(program) == written)
    #expect(written.count > 100)
  }

  private static let rules = [
    "Adam()", "Before()", "Still()", "Momentum(lr: 0.1)", "GD(lr: t => 0.1 / sqrt(t))", "LAMB()", "RAdam()",
    "Twice()", "Rate()", "Flags()",
  ]

  @Test(arguments: rules)
  func goesOn(_ rule: String) throws {
    try expectSame(
      """
      var (net, opt, loss) = (start, \(rule), 0.0)
      var losses = []
      for turn in 0..14 {
        (loss, net, opt) = train(opt, net, turn)
        losses = append(losses, number(loss))
      }
      (losses, numbers(net))
      """)
  }

  @Test(arguments: rules)
  func whoeverKeepsAModelKeepsIt(_ rule: String) throws {
    try expectSame(
      """
      var (net, opt, loss) = (start, \(rule), 0.0)
      var kept = []
      for turn in 0..16 {
        (loss, net, opt) = train(opt, net, turn)
        if turn % 3 == 2 { kept = append(kept, net) }
        if turn == 12 { kept = append(kept, numbers(net)) }
      }
      ([if type(net) == "model" { numbers(net) } else { net } for net in kept], numbers(net))
      """)
  }

  /// Networks of which everything is small, and with several layers of one shape.
  @Test(arguments: [
    "Sequential(Dense(80, 4, relu), Dense(4, 3))",
    "Sequential(Dense(80, 64, relu), Dense(64, 64, relu), Dense(64, 64, relu), Dense(64, 64, relu), Dense(64, 3))",
  ])
  func networks(_ net: String) throws {
    for rule in ["Adam()", "Twice()", "Flags()"] {
      try expectSame(
        """
        var (net, opt, loss) = (\(net), \(rule), 0.0)
        var kept = []
        for turn in 0..14 {
          (loss, net, opt) = train(opt, net, turn)
          # Of an older model one leaf alone.
          if turn % 5 == 3 { kept = append(kept, leaves(net)[2]) }
        }
        ([sum(f64(leaf)) for leaf in kept], numbers(net))
        """)
    }
  }

  @Test(arguments: ["3.0", "f64([1.0, -2.0])"], rules)
  func numbers(_ start: String, _ rule: String) throws {
    try expectSame(
      """
      var (x, opt, loss) = (\(start), \(rule), 0.0)
      var path = []
      for turn in 0..14 {
        (loss, x, opt) = train_step(opt, x, x => sum(x^2))
        path = append(path, (number(loss), number(sum(x))))
      }
      path
      """)
  }

  @Test func aModelIsReadAfterEachStep() throws {
    try expectSame(
      """
      var (net, opt, loss) = (start, Adam(), 0.0)
      var sums = []
      for turn in 0..12 {
        (loss, net, opt) = train(opt, net, turn)
        sums = append(sums, number(sum(net(data.x))))
      }
      (sums, numbers(net), state(opt.m), state(opt.v))
      """)
  }

  /// What goes on without the other, and what is read of it.
  @Test(arguments: ["net", "opt"])
  func oneIsAlone(_ name: String) throws {
    try expectSame(
      """
      fn trained(steps) {
        var (net, opt, loss) = (start, Adam(), 0.0)
        for turn in 0..steps { (loss, net, opt) = train(opt, net, turn) }
        \(name)
      }
      let all = [trained(steps) for steps in 5..14]
      [\(name == "net" ? "numbers(one)" : "(state(one.m), state(one.v), one.step)") for one in all]
      """)
  }

  /// Two trainings from one place, in turn and one after the other, and back to an earlier one.
  @Test func severalWays() throws {
    try expectSame(
      """
      var (net, opt, loss) = (start, Adam(), 0.0)
      for turn in 0..7 { (loss, net, opt) = train(opt, net, turn) }
      var (a, b, oa, ob) = (net, net, opt, opt)
      for turn in 0..6 {
        (loss, a, oa) = train(oa, a, turn);
        (loss, b, ob) = train(ob, b, turn + 1)
      }
      var (c, oc) = (net, opt)
      for turn in 0..4 { (loss, c, oc) = train(oc, c, turn) }
      # A model with another's optimizer, and with a fresh one.
      let (_, d, _) = train(oa, b, 0)
      var (e, oe) = (a, Adam())
      for turn in 0..4 { (loss, e, oe) = train(oe, e, turn) }
      [numbers(one) for one in [net, a, b, c, d, e]]
      """)
  }

  /// A step that fails leaves everything as it was, and so does one on a batch of another size.
  @Test func whatDoesNotGoOn() throws {
    try expectSame(
      """
      var (net, opt, loss) = (start, Adam(), 0.0)
      var failures = 0
      for turn in 0..16 {
        let (x, y) = if turn == 11 { parts[2] } else { parts[turn % 2] }
        let labels = if turn == 8 or turn == 9 { y + 2 } else { y }
        try {
          (loss, net, opt) = train_step(opt, net, m => cross_entropy(m(x), labels))
        } catch e { failures += 1 }
      }
      assert(failures == 2);
      (failures, numbers(net), state(opt.m))
      """)
  }
}
