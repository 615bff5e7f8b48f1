/// Whole programs that can be read, for tests that need text of every kind.
enum SamplePrograms {
  static let introduction = """
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
    """

  static let declarations = """
    ## The two-layer network of the introduction.
    model NeuralNetwork(inputs, hidden, outputs) {
      let dense1 = Dense(inputs, hidden, relu)
      ## The last.
      let dense2 = Dense(hidden, outputs)
      fn call(x) = x |> dense1 |> dense2
    }

    ## Momentum (Polyak, 1964), in the form of Sutskever et al., 2013.
    ##
    ## > descend(x => x^2, from: 1.0, with: Momentum(lr: 0.1), steps: 2).path[2]
    ## 0.45999999999999996
    optimizer Momentum(lr = 0.01, beta = 0.9) {
      state v = 0
      v = beta * v - lr * g
      x + v
    }

    optimizer Clipped(limit = 1.0, ...rest) whole {
      let n = norm(g)
      if n > limit { x - g * (limit / n) } else { x - g }
    }

    fn fib(n) {
      if n < 2 { return n }
      fib(n - 1) + fib(n - 2)
    }
    """

  static let forms = """
    let model = 3; let state = model + 1
    var (a, b) = (1, 2)
    (a, b) = (b, a)
    var x = [[1, 2.5], [-3e-2, 1_000]]
    x[0, 1..] += 0xff; x[.., -1] = 3
    let r = {...{a: 1}, lr: 0.2, "two words": none, if: true}
    let {lr} = r
    let y = x
      # a comment between

      |> map(v => { let w = v; w^2 }, k: 1)
      .T
    let t = try { error("x") }
    catch e { e.code }
    explain run[2], at: "dense1.weight[3, 17]"
    let lab = use "lab.maas"
    let s = "a \\(f("b \\(c)")) d\\n\\u{3b7}"
    let raw = \"""
    as it "stands" \\n
    \"""
    let q = if a > 1 { 1 } else if not b == 2 and a != 3 { 2 }
    else { 3 }
    let l = [f(x) for x in xs if p(x) for (i, _) in x]
    let z = 2 ^ -1 ^ x - -x^2 // 3 % 4 @ w
    let g = (x, y = 2, ...z) => (x,)
    while a in 0..=10 or false { a -= 1; if a == 3 { continue } else { break } }
    1 |> (grad(f)) |> h.i
    x[1.., ..5, .., 2..=n];
    () => {}
    """

  static let all = [introduction, declarations, forms]
}
