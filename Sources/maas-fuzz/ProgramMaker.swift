import Builtins
import Syntax

/// Numbers from a seed (SplitMix64), the same on every machine.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Makes programs: soups of words, mutations of real ones, and well-formed ones that compute with whatever there is.
struct ProgramMaker {
  private var numbers: SeededNumbers
  private let samples: [String]
  private let functions: [String]

  init(seed: UInt64, samples: [String]) {
    numbers = SeededNumbers(state: seed)
    self.samples = samples
    // What reads standard input or files, or trains for long, is left out.
    let left: Set<String> = [
      "input", "mnist", "fashion_mnist", "fit", "descend", "race", "show_progress", "save", "load",
    ]
    functions = builtinDocumentation.map(\.name).filter { !left.contains($0) }.sorted()
  }

  mutating func program() -> String {
    switch below(10) {
    case 0, 1: return soup()
    case 2...4: return samples.isEmpty ? soup() : mutated()
    default: return (0..<(1 + below(8))).map { _ in statement(3) }.joined(separator: "\n")
    }
  }

  private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &numbers) }
  private mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

  // MARK: Soups and mutations

  private static let words =
    TokenKind.words.keys.sorted() + [
      "model", "optimizer", "state", "whole", "use", "x", "f", "θ", "1", "2.5", "0xff", "\"a\"", "\"\\(",
      "\"", "\"\"\"",
      "(", ")", "[", "]", "{", "}", ",", ";", ":", ".", "..", "..=", "...", "=", "=>", "|>", "+", "-", "*",
      "/", "//",
      "%", "@", "^", "==", "!=", "<", ">=", "+=", "**", "&&", "!", "++", ":=", "->", "?", "~", "$", "'", "\\",
      "# c\n",
      "\n", "\n", "_", "def", "lambda", "print", "is", "1:n", "é", "2x", "x =>", "(x) =>", "f(", "if x {",
      "} else {",
      "for x in", "let x =", "grad(", "zeros(2, 3)", "[1, 2]", "x[", "]", ")", "none", "1e308",
      "9223372036854775807",
    ]

  private mutating func soup() -> String {
    var text = ""
    for _ in 0..<(1 + below(40)) { text += pick(ProgramMaker.words) + (below(4) > 0 ? " " : "") }
    return text
  }

  private mutating func mutated() -> String {
    var lines = pick(samples).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // A stretch of a long program is enough.
    if lines.count > 30 {
      let start = below(lines.count - 20)
      lines = Array(lines[start..<(start + 20)])
    }
    var bytes = Array(lines.joined(separator: "\n").utf8)
    for _ in 0..<(1 + below(4)) { mutate(&bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard bytes.count > 2 else { return }
    let start = below(bytes.count)
    let end = min(bytes.count, start + below(20))
    switch below(6) {
    case 0: bytes.removeSubrange(start..<end)
    case 1: bytes.insert(contentsOf: bytes[start..<end], at: below(bytes.count + 1))
    case 2: bytes.insert(contentsOf: Array(pick(ProgramMaker.words).utf8), at: start)
    case 3: bytes.insert(contentsOf: Array(expression(2).utf8), at: start)
    case 4: bytes[start] = UInt8(0x20 + below(0x5f))
    default:
      // Another number in place of one.
      guard let digit = bytes[start...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
      bytes.replaceSubrange(digit...digit, with: Array(number().utf8))
    }
  }

  // MARK: Well-formed programs

  private static let names = ["a", "b", "c", "f", "xs", "r", "t"]

  private mutating func name() -> String { pick(ProgramMaker.names) }

  private mutating func number() -> String {
    pick([
      "0", "1", "2", "3", "-1", "7", "0.5", "-2.5", "1e-3", "1e300", "inf", "nan", "9223372036854775807",
      "100", "1000000",
      "-9223372036854775808", "4611686018427387904",
    ])
  }

  private mutating func statement(_ depth: Int) -> String {
    guard depth > 0 else { return expression(1) }
    switch below(14) {
    case 0...2: return "var \(name()) = \(expression(depth))"
    case 3: return "\(name()) = \(expression(depth))"
    case 4: return "\(name()) \(pick(["+=", "-=", "*=", "/=", "^=", "//=", "%=", "@="])) \(expression(depth))"
    case 5: return "\(name())[\(expression(depth - 1))] = \(expression(depth))"
    case 6: return "for \(name()) in \(expression(depth)) {\n\(statement(depth - 1))\n}"
    case 7:
      return
        "fn \(name())(\(name())1, \(name())2 = \(expression(1))) {\n\(statement(depth - 1))\n\(expression(depth))\n}"
    case 8: return "let (\(name())1, \(name())2) = \(expression(depth))"
    case 9: return "print(\(expression(depth)))"
    case 10: return "try { \(statement(depth - 1)) } catch e { print(e.message) }"
    case 11: return "if \(expression(depth)) { \(statement(depth - 1)) } else { \(statement(depth - 1)) }"
    case 12: return "\(name()).\(name()) = \(expression(depth))"
    default: return expression(depth)
    }
  }

  private mutating func expression(_ depth: Int) -> String {
    guard depth > 0 else { return below(2) == 0 ? number() : name() }
    let d = depth - 1
    switch below(22) {
    case 0: return "[\(expression(d)), \(expression(d))]"
    case 1: return "(\(expression(d)), \(expression(d)))"
    case 2: return "{a: \(expression(d)), b: \(expression(d))}"
    case 3: return "\"text \\(\(expression(d)))\""
    case 4: return "(\(expression(d)))[\(expression(d))]"
    case 5: return "(\(expression(d)))[\(pick(["..", "1..", "..2", "0..1, ..", "-1", ".., 0"]))]"
    case 6: return "(\(name()) => \(expression(d)))"
    case 7: return "[\(expression(d)) for \(name()) in \(expression(d))]"
    case 8: return "(\(expression(d))).\(pick(["T", "shape", "a", "b", "params", "dtype", "size"]))"
    case 9: return "grad(\(name()) => \(expression(d)))(\(expression(d)))"
    case 10: return pick(["zeros", "ones", "rand", "randn"]) + "(\(below(4)), \(below(4)))"
    case 11...15:
      let list = (0..<(1 + below(3))).map { _ in expression(d) }.joined(separator: ", ")
      return "\(pick(functions))(\(list))"
    case 16: return "(if \(expression(d)) { \(expression(d)) } else { \(expression(d)) })"
    case 17: return "\(expression(d)) |> \(pick(functions))"
    case 18: return "(\(pick(["-", "not "]))\(expression(d)))"
    default:
      let sign = pick(["+", "-", "*", "/", "//", "%", "@", "^", "==", "<", "in", "and", "or"])
      return "(\(expression(d)) \(sign) \(expression(d)))"
    }
  }
}
