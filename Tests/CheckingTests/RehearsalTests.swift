import Checking
import Foundation
import Syntax
import Testing

/// `maas-repl check` with shapes: what cannot work is found without running, and nothing else is.
@Suite struct RehearsalTests {
  private static let mlp = "let net = Sequential(Dense(784, 128, relu), Dense(128, 10))\n"

  private func found(_ text: String) -> [String] {
    ScriptCheck.problems(in: Source(name: "test", text: text)).map {
      "\($0.code.rawValue) " + ($0.position.map { "\($0.line):\($0.column)" } ?? "")
    }
  }

  @Test(arguments: [
    (mlp + "net(rand(32, 100))", "E0301 2:1"),
    ("let (train, test) = mnist()\nfit(Sequential(Dense(784, 9), Dense(8, 10)), train)", "E0301 2:1"),
    (
      "let (train, test) = mnist()\nfor (x, y) in batches(train, 7) {\n  let z = x.T\n  z @ z\n}", "E0301 4:3"
    ),
    ("Conv2D(3, 8, 5)(rand(2, 1, 28, 28))", "E0301 1:1"), ("rand(3) + rand(4)", "E0301 1:1"),
    ("let f = w => sum(rand(5, 3) @ w)\ngrad(f)(rand(4))", "E0301 1:18"),
    ("reshape(randn(4, 5), 3, 7)", "E0305 1:1"), ("sum(rand(3), axis: 2)", "E0304 1:1"),
    ("rand(3)[5]", "E0501 1:9"), ("rand(10, 2)[.., 3]", "E0501 1:17"),
    ("let x = digits(50).x\nx @ eye(700)", "E0301 2:1"),
    ("if number(sum(rand(3))) > 1 {\n  rand(2, 3) @ rand(2, 3)\n}", "E0301 2:3"),
    ("if rand(1)[0] > 0.5 { 1 } else { rand(2) + rand(3) }", "E0301 1:34"),
    ("while number(sum(rand(3))) < 1 { rand(2) + rand(3) }", "E0301 1:34"),
    ("var w = rand(3, 4)\nwhile number(sum(w)) < 1 { w = w - 0.1 * w }\nw @ rand(3)", "E0301 3:1"),
    (
      "var loss = 1.0\nvar net = Dense(4, 2)\nwhile loss > 0.1 {\n  let (l, g) = value_and_grad(m => sum(m(rand(3, 4))^2))(net)\n"
        + "  net = net - 0.1 * g\n  loss = number(l)\n}\nnet(rand(3, 5))", "E0301 8:1"
    ),
    ("zeros(1000000, 1000000)", "E0505 1:1"), ("einsum(\"ij,jk->ik\", rand(2, 3), rand(4, 5))", "E0301 1:8"),
    ("let a = clock()\nrand(2) + rand(3)", "E0301 2:1"),
    ("let n = len(args)\nrand(2) + rand(3)", "E0301 2:1"),
    ("let run = fit(Dense(2, 3), blobs(90), epochs: 3)\nrun.model(rand(2, 5))", "E0301 2:1"),
    ("model M(n) {\n  let w = randn(n, n)\n  fn call(x) = x @ w\n}\nM(3)(rand(2, 4))", "E0301 3:16"),
    ("stack([rand(2), rand(3)])", "E0301 1:7"), ("concat([rand(2, 3), rand(3, 2)], axis: 0)", "E0301 1:8"),
    ("solve(rand(3, 3), rand(4))", "E0301 1:7"),
    ("cross_entropy(rand(8, 10), randint(0, 10, (9,)))", "E0301 1:1"),
  ])
  func wrong(_ text: String, _ expected: String) {
    let found = found(text)
    #expect(found == [expected])
  }

  @Test(arguments: [
    // What depends on data is unknown, and then nothing is said.
    "let x = rand(5)\nx[x > 0.5] + rand(2)", "unique(randint(0, 3, (9,))) + zeros(3)",
    "zeros(number(randint(1, 5, (1,)))) + zeros(3)",
    "let n = number(randint(1, 5, (1,)))\nvar x = []\nfor i in 0..n { x = append(x, 1.0) }\ntensor(x) + zeros(7)",
    "fn widths(n) = if n < 0.5 { (3, 4) } else { (4, 3) }\nlet (a, b) = widths(number(rand(1)))\nzeros(a) + zeros(3)",
    // Conditions that hang together.
    "let big = number(rand(1)) > 0.5\nvar x = zeros(4)\nif big { x = zeros(3) }\nif big { x + zeros(3) } else { x + zeros(4) }",
    "let n = number(rand(1))\nvar x = zeros(4)\nif n > 0.5 { x = zeros(3) }\nif n > 0.5 { x + zeros(3) }",
    "let n = number(rand(1))\nif n > 2 and zeros(1)[0] > n { 1 // 0 }",
    "var xs = []\nwhile number(rand(1)) < 0.9 { xs = append(xs, 1.0) }\ntensor(xs) + zeros(12)",
    "var k = 0\nwhile number(rand(1)) < 0.9 { k += 1 }\nzeros(k) + zeros(4)",
    // Other people's files, times and arguments.
    "let data = csv(\"no-such-file.csv\")\nlet net = Dense(3, 2)\nfit(net, data)",
    "load(\"nothing.maasm\").x + zeros(3)",
    "if len(args) == 0 { error(\"usage: FILE\") }\nlet n = number(args[0])\nzeros(n) + zeros(3)",
    "assert(len(args) == 2)", "let data = npy(args[0])\nfor row in data { print(row + zeros(3)) }",
    // Errors that are meant.
    "try { zeros(2) + zeros(3) } catch e { print(e.message) }",
    "print(try rand(2) @ rand(3) catch e { e.code })",
    "# %% one\nzeros(2) + zeros(3)\n# expect error: E0301",
    // Long programs end.
    "var x = 0.0\nwhile true { x += 1.0 }", "var s = \"a\"\nfor _ in 0..64 { s = s + s }",
    "fn f(n) = f(n + 1)\ntry f(0) catch e { e.code }",
    "for i in 0..1000000000 { rand(3) }",
    "let f = x => sum(x^2)\ndescend(f, from: [1.0, 2.0], steps: 100000000)",
    // Everything that a run does.
    mlp
      + "let (train, test) = mnist()\nlet (a, b) = split(train, 0.8)\nlet run = fit(net, a, validate: b, patience: 2, epochs: 3, "
      + "clip: 1.0, accumulate: 2, class_weights: \"balanced\", checkpoint: \"a.maasm\", resume: true)\n"
      + "print(accuracy(run.model, test), confusion(run.model, test), evaluate(run.model, test))\n"
      + "save(run.model, \"b.maasm\")\nlet again = load(\"b.maasm\")\nagain(rand(1, 3))\nplot(run)\n"
      + "net |> summary |> print\nprint(predict(net, test.x[0..3]).shape)",
    "let net = Sequential(Reshape(1, 28, 28), Conv2D(1, 6, 5, padding: 2), BatchNorm(6), MaxPool2D(2), Dropout(0.1), Flatten(), Dense(1176, 10))\n"
      + "fit(net, digits(200), epochs: 1, with: SAM(Adam()))", "hessian(x => sum(x^3))(rand(4)) @ rand(4)",
    "let (q, r) = qr(rand(4, 3))\nq @ r + rand(4, 3)", "let (v, i) = topk(rand(3, 5), 2)\nv + zeros(3, 2)",
    "race(rosenbrock, [-1.0, 1.0], [SGD(lr: 1e-3), Adam()], steps: 20)",
    "GRU(3, 4)(rand(2, 5, 3)) + zeros(2, 5, 4)",
    "jacobian(x => x^2)(rand(3)) @ rand(3)", "check_grad(x => sum(x^2), rand(3))",
  ])
  func right(_ text: String) {
    let found = found(text)
    #expect(found == [])
  }

  /// No script of ours is wrong.
  @Test(arguments: OwnScripts.all) func own(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(ScriptCheck.problems(in: Source(name: path, text: text)).map { $0.rendered() } == [])
  }
}

enum OwnScripts {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static var all: [String] {
    let folders = ["scripts", "stdlib", "Tests"].map { root.appendingPathComponent($0).path }
    return TestFiles.found(at: folders).filter { !$0.contains("Programs/errors") }
  }
}
