/// Models, optimizers, and what is done with them.
extension WrittenProgram {
  mutating func modelDeclaration(_ depth: Int) -> String {
    let (model, net) = (fresh(), fresh())
    let width = expression(.float, max(0, depth - 2))
    bind(net, .network, mutable: true)
    return """
      model \(model)(scale, hidden = 4) {
        let first = Dense(3, hidden, tanh)
        let second = Dense(hidden, 2)
        let gain = \(width)
        let shift = [0.5, -0.5]
        fn inner(x) = first(x) * scale
        fn call(x) = second(inner(x)) * gain + shift
      }
      var \(net) = \(model)(\(expression(.float, 0)), hidden: \(1 + numbers.below(5)))
      """
  }

  mutating func optimizerDeclaration(_ depth: Int) -> String {
    let (rule, made) = (fresh(), fresh())
    let factor = expression(.float, 0)
    bind(made, .optimizer, mutable: true)
    let step = numbers.pick([
      "v = beta * v - lr * g\nx + v", "v = v + g^2\nx - lr * g / (sqrt(v) + 1.0)",
      "if t > 2 { x } else { x - lr * g * t }",
      "let k = (y => y * lr)(g)\nv += 1\nx - k", "x - lr * grad_at(x)",
    ])
    let whole = numbers.once(in: 4) ? " whole" : ""
    return """
      optimizer \(rule)(lr = 0.1, beta = \(factor))\(whole) {
        state v = 0
        state seen = x
        \(step)
      }
      var \(made) = \(rule)(\(numbers.pick(["", "0.5", "lr: 0.2", "lr: k => 0.1 / k", "beta: 0.5, lr: 0.1"])))
      """
  }

  mutating func training(_ depth: Int) -> String {
    let rule = expression(.optimizer, 1)
    let run = fresh()
    switch numbers.below(5) {
    case 0:
      return """
        let \(run) = descend(\(expression(.loss, 1)), from: \(expression(.vector, 1)), with: \(rule), steps: \
        \(1 + numbers.below(4)))
        print(\(run).loss, \(run).path[-1])
        explain \(run)[\(numbers.below(3))]
        """
    case 1:
      let (x, opt) = (fresh(), fresh())
      return """
        var (\(x), \(opt)) = (\(expression(numbers.pick([.float, .vector, .matrix]), 1)), \(rule))
        for _ in 0..\(1 + numbers.below(4)) { (\(x), \(opt)) = step(\(opt), \(x), \(x) * 0.5, y => sum(y^2)) }
        print(\(x), \(opt))
        """
    case 2:
      let (net, data) = (expression(.network, 1), "dataset(rand(6, 3, seed: 1), [0, 1, 0, 1, 1, 0])")
      return "print(fit(\(net), \(data), with: \(rule), epochs: 2, batch: \(1 + numbers.below(4))).loss)"
    case 3:
      let net = expression(.network, 1)
      return "print(value_and_grad(m => sum(m(\(expression(.vector, 1)))^2))(\(net))[0])"
    default: return "explain \(expression(numbers.pick([.integer, .float, .vector, .matrix]), depth))"
    }
  }
}
