import SeededRandom

/// Programs of well-formed statements that compute with whatever there is: most end in an error, each in another.
package struct LooseProgram {
  package var numbers: SeededNumbers
  private let functions: [String]

  /// - Parameter functions: the names a program may call.
  package init(seed: UInt64, functions: [String]) {
    numbers = SeededNumbers(state: seed)
    self.functions = functions.isEmpty ? ["len"] : functions
  }

  package static let numbers = [
    "0", "1", "2", "3", "-1", "7", "0.5", "-2.5", "1e-3", "1e300", "inf", "nan", "9223372036854775807", "100",
    "1000000", "-9223372036854775808", "4611686018427387904", "true", "none", "\"é\"",
  ]
  private static let names = ["a", "b", "c", "f", "xs", "r", "t"]

  package mutating func text() -> String {
    (0..<(1 + numbers.below(8))).map { _ in statement(3) }.joined(separator: "\n")
  }

  private mutating func name() -> String { numbers.pick(LooseProgram.names) }

  package mutating func statement(_ depth: Int) -> String {
    guard depth > 0 else { return expression(1) }
    switch numbers.below(18) {
    case 0...2: return "var \(name()) = \(expression(depth))"
    case 3: return "\(name()) = \(expression(depth))"
    case 4:
      let sign = numbers.pick(["+=", "-=", "*=", "/=", "^=", "//=", "%=", "@="])
      return "\(name()) \(sign) \(expression(depth))"
    case 5: return "\(name())[\(expression(depth - 1))] = \(expression(depth))"
    case 6: return "for \(name()) in \(expression(depth)) {\n\(statement(depth - 1))\n}"
    case 7:
      let head = "fn \(name())(\(name())1, \(name())2 = \(expression(1)))"
      return "\(head) {\n\(statement(depth - 1))\n\(expression(depth))\n}"
    case 8: return "let (\(name())1, \(name())2) = \(expression(depth))"
    case 9: return "print(\(expression(depth)))"
    case 10: return "try { \(statement(depth - 1)) } catch e { print(e.message) }"
    case 11: return "if \(expression(depth)) { \(statement(depth - 1)) } else { \(statement(depth - 1)) }"
    case 12: return "\(name()).\(name()) = \(expression(depth))"
    case 13: return "let {\(name()), \(name())2} = \(expression(depth))"
    case 14: return "explain \(expression(depth))"
    case 15:
      return
        "model M(\(name())) {\nlet w = \(expression(depth - 1))\nfn call(x) = \(expression(depth - 1))\n}"
    case 16:
      return
        "optimizer O(lr = \(expression(1))) {\nstate v = \(expression(1))\nv = \(expression(depth - 1))\nx - v\n}"
    default: return expression(depth)
    }
  }

  package mutating func expression(_ depth: Int) -> String {
    guard depth > 0 else { return numbers.once(in: 2) ? numbers.pick(LooseProgram.numbers) : name() }
    let d = depth - 1
    switch numbers.below(27) {
    case 0: return "[\(expression(d)), \(expression(d))]"
    case 1: return "(\(expression(d)), \(expression(d)))"
    case 2: return "{a: \(expression(d)), b: \(expression(d))}"
    case 3: return "\"text \\(\(expression(d)))\""
    case 4: return "(\(expression(d)))[\(expression(d))]"
    case 5:
      return
        "(\(expression(d)))[\(numbers.pick(["..", "1..", "..2", "0..1, ..", "-1", ".., 0", "..=1", "[0, 1]"]))]"
    case 6: return "(\(name()) => \(expression(d)))"
    case 7: return "[\(expression(d)) for \(name()) in \(expression(d)) if \(expression(d))]"
    case 8:
      let field = numbers.pick(["T", "shape", "a", "b", "params", "dtype", "size", "loss", "path"])
      return "(\(expression(d))).\(field)"
    case 9: return "grad(\(name()) => \(expression(d)))(\(expression(d)))"
    case 10:
      return numbers.pick(["zeros", "ones", "rand", "randn"]) + "(\(numbers.below(4)), \(numbers.below(4)))"
    case 11...15: return call(d)
    case 16: return "(if \(expression(d)) { \(expression(d)) } else { \(expression(d)) })"
    case 17: return "\(expression(d)) |> \(numbers.pick(functions))"
    case 18: return "(\(numbers.pick(["-", "not "]))\(expression(d)))"
    case 19: return "(try \(expression(d)) catch e { e.code })"
    case 20: return "{...\(expression(d)), \(name()): \(expression(d))}"
    case 21: return "(\(expression(d))..\(expression(d)))"
    default:
      let sign = numbers.pick(["+", "-", "*", "/", "//", "%", "@", "^", "==", "<", "in", "and", "or"])
      return "(\(expression(d)) \(sign) \(expression(d)))"
    }
  }

  private mutating func call(_ depth: Int) -> String {
    var list = (0..<(1 + numbers.below(3))).map { _ in expression(depth) }
    if numbers.once(in: 6) {
      let label = numbers.pick(["axis", "seed", "keep", "by", "steps", "wrt", "size", "width"])
      list.append("\(label): \(expression(depth))")
    }
    return "\(numbers.pick(functions))(\(list.joined(separator: ", ")))"
  }
}
