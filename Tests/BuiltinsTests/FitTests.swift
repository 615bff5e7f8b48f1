import Foundation
import Testing

@testable import Builtins

/// What `fit` promises, seen from programs.
@Suite struct FitTests {
  private func printed(_ code: String) throws -> String {
    try SavingTests.printed(code, in: try SavingTests.Folder())
  }

  /// Two batches accumulated are one of twice the size, when the loss is a mean and no rows are left over.
  @Test func accumulationIsALargerBatch() throws {
    let text = try printed(
      """
      let data = blobs(64, classes: 2, seed: 1)
      let net = Dense(2, 2)
      let one = fit(net, data, with: SGD(lr: 0.1), batch: 16, epochs: 2)
      let two = fit(net, data, with: SGD(lr: 0.1), batch: 8, accumulate: 2, epochs: 2)
      print(max(abs(one.model.weight - two.model.weight)) < 1e-6, one.optimizer.step, two.optimizer.step)
      let three = fit(net, data, with: SGD(lr: 0.1), batch: 8, accumulate: 3, epochs: 1)
      print(three.optimizer.step)
      let single = k => fit(net, data, with: SGD(lr: 0.1), batch: all, accumulate: k, epochs: 2).model.weight
      print(equal(single(1), single(5)))
      """)
    #expect(text == "true 8 8\n3\ntrue\n")
  }

  @Test func clippingBoundsTheStep() throws {
    let text = try printed(
      """
      let data = blobs(32, classes: 2, seed: 1)
      let net = Dense(2, 2)
      let run = fit(net, data, with: SGD(lr: 1.0), batch: all, epochs: 1, clip: 0.001)
      print(abs(global_norm(run.model - net) - 0.001) < 1e-6)
      let loose = fit(net, data, with: SGD(lr: 1.0), batch: all, epochs: 1, clip: 1000.0)
      print(equal(loose.model, fit(net, data, with: SGD(lr: 1.0), batch: all, epochs: 1).model))
      """)
    #expect(text == "true\ntrue\n")
  }

  /// With weights 1 the loss is the loss; with 0 a class is not there.
  @Test func classWeights() throws {
    let text = try printed(
      """
      let data = blobs(40, classes: 2, seed: 1)
      let net = Dense(2, 2)
      let run = w => fit(net, data, with: SGD(lr: 0.1), batch: all, epochs: 1, class_weights: w).model.weight
      let plain = fit(net, data, with: SGD(lr: 0.1), batch: all, epochs: 1).model.weight
      print(max(abs(run([1, 1]) - plain)) < 1e-6, max(abs(run([3, 3]) - plain)) < 1e-6, max(abs(run("balanced") - plain)) < 1e-6)
      let first = dataset(data.x[data.y == 0], data.y[data.y == 0])
      let alone = fit(net, first, with: SGD(lr: 0.1), batch: all, epochs: 1).model.weight
      print(max(abs(run([1, 0]) - alone)) < 1e-6)
      """)
    #expect(text == "true true true\ntrue\n")
  }

  @Test func patienceStopsAndGivesTheBest() throws {
    let text = try printed(
      """
      let data = blobs(40, classes: 2, seed: 1)
      let run = fit(Dense(2, 2), data, with: SGD(lr: t => if t <= 6 { 0.1 } else { -0.5 }), batch: all, epochs: 50, patience: 3, validate: data)
      let best = min(tensor(run.history.validation))
      print(len(run.loss), number(evaluate(run.model, data).loss) == number(f64(evaluate(run.model, data).loss)))
      print(abs(evaluate(run.model, data).loss - best) < 1e-6)
      """)
    #expect(text == "9 true\ntrue\n")
  }

  @Test func callbacksSeeStepsAndStop() throws {
    let text = try printed(
      """
      var seen = []
      let watch = s => { seen = append(seen, (s.step, s.epoch)); none }
      let run = fit(Dense(2, 2), blobs(20, classes: 2), batch: 10, epochs: 3, callback: [watch, s => s.step < 4])
      print(seen, run.optimizer.step, len(run.loss))
      """)
    #expect(text == "[(1, 1), (2, 1), (3, 2), (4, 2)] 4 2\n")
  }

  /// Ended after any epoch and begun again, a run ends in the same bits; another plan is refused.
  @Test func checkpoints() throws {
    let folder = try SavingTests.Folder()
    func run(_ epochs: Int, _ more: String = "") throws -> String {
      try SavingTests.printed(
        """
        let data = spirals(60, seed: 1)
        model Net(n) { let a = Dense(2, n, tanh); let b = Dense(n, 2); fn call(x) = b(a(x)) }
        let noisy = (answer, y) => cross_entropy(answer + 0.01 * randn(len(y), 2), y)
        let run = fit(Net(8), data, loss: noisy, with: Momentum(lr: cosine(0.1, steps: 60)), epochs: \(epochs), patience: 50, validate: data\(more))
        print(run.model.params, run.loss, run.history, random_state())
        """, in: folder)
    }
    let whole = try run(6)
    #expect(!whole.contains("error["))
    for _ in 0..<2 { _ = try run(2, ", checkpoint: \"DIR/c.maasm\", every: 1, resume: true") }
    _ = try run(5, ", checkpoint: \"DIR/c.maasm\", resume: true")
    #expect(try run(6, ", checkpoint: \"DIR/c.maasm\", resume: true") == whole)
    #expect(
      try run(6, ", checkpoint: \"DIR/c.maasm\", resume: true, seed: 1").contains(
        "its seed was 0, now it is 1"))
  }

  @Test func digitsAreLearnt() throws {
    let text = try printed(
      """
      let (train, test) = split(digits(1500, seed: 1), 0.8, seed: 1)
      let run = fit(Sequential(Dense(784, 32, relu), Dense(32, 10)), train, epochs: 4)
      print(accuracy(run.model, test) > 0.87)
      """)
    #expect(text == "true\n")
  }
}
