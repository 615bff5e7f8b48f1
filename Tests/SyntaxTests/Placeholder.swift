import Testing

@testable import Syntax

let programs = [
  """
  # %% A network learns by the same line as a number
  let f = x => (x - 3)^2
  var x = 0.0
  for _ in 0..50 { x = x - 0.1 * grad(f)(x) }          # plain gradient descent

  let (train, test) = fashion_mnist()
  var net = Sequential(Dense(784, 128, relu), Dense(128, 10))
  for (x, y) in batches(train, 32, seed: 1) {
    net = net - 0.1 * grad(m => cross_entropy(m(x), y))(net)   # the same formula, a whole network
  }
  print("test accuracy", accuracy(net, test))
  """,
  """
  ## The two-layer network of the introduction.
  model NeuralNetwork(inputs, hidden, outputs) {
    let dense1 = Dense(inputs, hidden, relu)
    let dense2 = Dense(hidden, outputs)
    fn call(x) = x |> dense1 |> dense2
  }

  ## Momentum (Polyak, 1964), in the form of Sutskever et al., 2013.
  optimizer Momentum(lr = 0.01, beta = 0.9) {
    state v = 0
    v = beta * v - lr * g
    x + v
  }
  optimizer O() whole { x - g }
  let model = 3; let state = model + 1
  state = model
  (a, b) = (b, a)
  x[i] += v; r.a.b = v
  x[1.., ..5, .., 2..=n, -1] = 3;
  let {loss, model} = run
  let y = x
    # comment

    |> f(a, k: 1)
    .T
  try { error("x") }
  catch e { e.code }
  explain run[2], at: "dense1.weight[3, 17]"
  let lab = use "lab.maas"
  let s = "a \\(f("b \\(c)")) d\\n"
  return1(run.model, x.if)
  let q = if a { 1 } else if b { 2 }
  else { 3 }
  let r = {...r, lr: 0.2, "a b": 1}
  [f(x) for x in xs if p(x)]
  2 ^ -1 ^ x; -x^2
  (x, y = 2, ...z) => { let a = 3; a }
  () => {a: 1}
  1 |> (grad(f))
  """,
]

@Test(arguments: programs) func smoke(_ text: String) throws {
  do {
    let p = try Parser.parse(Source(name: "a", text: text))
    for s in p.statements { print(s.form) }
  } catch {
    print(error)
    throw error
  }
}
@Test func deep() throws {
  for bracket in [
    "(", "[", "{", "f(", "-", "not ", "x => ", "{a:", "\"\\(", "if x {", "x[", "fn f() {", "2^",
    "a == (b == ",
  ] {
    for n in [200, 256, 200_000] {
      #expect(throws: Diagnostic.self) {
        _ = try Parser.parse(Source(name: "a", text: String(repeating: bracket, count: n)))
      }
    }
  }
  _ = try Parser.parse(Source(name: "a", text: "x" + String(repeating: " + x", count: 10_000)))
  _ = try Parser.parse(Source(name: "a", text: "x" + String(repeating: "(1)", count: 10_000)))
  #expect(throws: Diagnostic.self) {
    _ = try Parser.parse(Source(name: "a", text: "x" + String(repeating: " + x", count: 200_000)))
  }
}
