import Builtins
import Runtime
import Syntax
import Testing

/// What is remembered of functions that are called again gives the bits of running them as written.
@Suite struct ReplayTests {
  /// The text of each program's value, with all its digits, run as written and with what is remembered.
  private func bothWays(_ program: String) throws -> (written: String, remembered: String) {
    func text() throws -> String {
      let session = makeSession(output: { _ in })
      guard let value = try session.run(Source(name: "test", text: program)) else { return "nothing" }
      return ValuePrinter().text(value)
    }
    return (try Replays.$isOn.withValue(false) { try text() }, try text())
  }

  private static let rules = [
    "GD(lr: 1e-3)", "Momentum(lr: 1e-3)", "Polyak(lr: 1e-3)", "Nesterov(lr: 1e-3)", "AdaGrad()", "Adadelta()",
    "RMSProp(lr: 0.01)", "Rprop()", "Adam(lr: 0.02)", "AMSGrad(lr: 0.02)", "AdamW(lr: 0.02)",
    "NAdam(lr: 0.02)",
    "RAdam(lr: 0.02)", "AdaBelief(lr: 0.02)", "Lion(lr: 0.005)", "LAMB(lr: 0.01)", "Adan(lr: 0.01)",
    "Prodigy()", "Yogi(lr: 0.02)", "Adam(lr: t => 0.1 / sqrt(t))", "torch.Adam(lr: 0.02)",
    "torch.SGD(lr: 1e-3, momentum: 0.9, nesterov: true)",
    "keras.RMSprop(lr: 0.01)", "optax.adam(0.01)", "chain(clip_by_norm(1), Adam(lr: 0.02))",
  ]

  @Test(arguments: rules, ["f64([-1.2, 1.0])", "[-1.2, 1.0]"])
  func descents(_ rule: String, _ start: String) throws {
    let (written, remembered) = try bothWays(
      """
      let run = descend(rosenbrock, from: \(start), with: \(rule), steps: 25)
      ([(number(x[0]), number(x[1])) for x in run.path], run.loss)
      """)
    #expect(written == remembered)
  }

  /// Functions of all that a recording can hold, and of some that it cannot.
  @Test(arguments: [
    "x => sin(x[0])^2 + exp(-x[1]) / 3", "x => log(1 + x[0]^2) * tanh(x[1])", "x => sum(sqrt(abs(x)) * x)",
    "x => maximum(x[0], x[1])^2", "x => sum(relu(x) * sigmoid(x))", "x => mean(x^3) + norm(x)",
    "x => x[0]^x[1]^2", "x => sum(where(x > 0.4, x^2, 3 * x))", "x => sum(x.T @ x)", "x => max(x) * min(x)",
    "x => sum(softmax(x) * x)", "x => { var s = 0.0\n for v in x { s += v^2 }\n s }",
    "x => sum([x[0], x[1] * 2]^2)",
    "x => grad(y => sum(y^3))(x)[0] * x[1]", "x => sum(broadcast(x[0], [3]) * [1.0, 2.0, 3.0])",
    "x => x[-1] // 0.2 + x[0] % 0.3 + x[1]", "x => sum(reshape(x, [2, 1]) * x)", "x => 1.0",
    "x => sum(f32(x))",
  ])
  func gradients(_ f: String) throws {
    for start in ["f64([0.3, 0.7])", "[0.3, 0.7]"] {
      let (written, remembered) = try bothWays(
        """
        let f = \(f)
        let look = value_and_grad(f)
        var x = \(start)
        var all = []
        for _ in 0..12 {
          let (value, g) = look(x)
          all = append(all, (number(value), number(g[0]), number(g[1])))
          x = x - 0.01 * g
        }
        all
        """)
      #expect(written == remembered, "\(f) at \(start)")
    }
  }

  /// Networks with every kind of layer, trained by `fit`: their parameters after a few epochs, with all digits.
  @Test(arguments: [
    "Sequential(Dense(16, 9, relu), Dense(9, 3))",
    "Sequential(Dense(16, 9, gelu), LayerNorm(9), Dense(9, 3))",
    "Sequential(Dense(16, 9, tanh), Dropout(0.3), Dense(9, 3))",
    "Sequential(Dense(16, 9), BatchNorm(9), Residual(Dense(9, 9, sigmoid)), Dense(9, 3))",
    "Sequential(Reshape(1, 4, 4), Conv2D(1, 3, 3, activation: relu), MaxPool2D(2), Flatten(), Dense(3, 3))",
    "Sequential(Reshape(1, 4, 4), Conv2D(1, 4, 3), GlobalAvgPool(), Dense(4, 3))",
    "Sequential(Reshape(4, 4), GRU(4, 6), Flatten(), Dense(24, 3))",
    "Sequential(Reshape(4, 4), LSTM(4, 6), Flatten(), Dense(24, 3))",
    "Sequential(Reshape(4, 4), MultiHeadAttention(4, 2), Flatten(), Dense(16, 3))",
  ])
  func networks(_ net: String) throws {
    for rule in ["Adam()", "Lion()", "Muon()", "GD(lr: t => 0.1 / sqrt(t))"] {
      let (written, remembered) = try bothWays(
        """
        seed(4)
        let data = dataset(randn(90, 16), randint(0, 3, 90))
        let run = fit(\(net), data, with: \(rule), epochs: 2, batch: 8, clip: 1.0)
        let numbers = f64(concat([reshape(leaf, -1) for leaf in leaves(run.model)]))
        (list([number(v) for v in numbers]), run.loss)
        """)
      #expect(written == remembered, "\(net) by \(rule)")
    }
  }

  /// A data set never changes, and a loss that reads one is remembered; another under the same name is another loss.
  @Test func dataSets() throws {
    let program = """
      var data = moons(60, seed: 1)
      let loss = m => cross_entropy(m(data.x), data.y) + len(data)
      var (net, opt) = (Sequential(Dense(2, 5, tanh), Dense(5, 2)), Adam())
      var losses = []
      for turn in 0..12 {
        if turn == 8 { data = moons(50, seed: 2) }
        let (value, g) = value_and_grad(loss)(net)
        losses = append(losses, number(value));
        (net, opt) = step(opt, net, g)
      }
      losses
      """
    let (written, remembered) = try bothWays(program)
    #expect(written == remembered)
    let function = try makeSession(output: { _ in }).run(
      Source(name: "test", text: "let data = moons(60, seed: 1)\nm => sum(m * data.x)"))
    guard case .function(let loss)? = function else { throw Failure(.badValue, "no function") }
    #expect(Reach(of: loss) != nil)
  }

  /// Turns and calls count, whether they are made or remembered.
  @Test func stepsAreCounted() throws {
    func outcome(_ limit: Int) throws -> Bool {
      let session = makeSession(output: { _ in })
      session.limit(memory: nil, steps: limit)
      let program = """
        fn f(x) = { var y = x
          for _ in 0..100 { y = y * x }
          y }
        for _ in 0..100 { grad(f)(1.0) }
        """
      do {
        _ = try session.run(Source(name: "test", text: program))
        return true
      } catch { return false }
    }
    #expect(try outcome(20_000))
    #expect(try !outcome(5_000))
    #expect(try !Replays.$isOn.withValue(false) { try outcome(5_000) })
  }
}
