import SeededRandom
import Syntax

/// A program to try, and what may be asked of it.
package struct MadeProgram {
  package let bytes: [UInt8]
  /// Whether it does the same as the body of a function as at the top level.
  package let isClosed: Bool
}

/// Makes programs of every sort from a seed: bytes, soups of words, mutations of real programs, printed trees, and
/// programs that mean something.
package struct ProgramMaker {
  private var numbers: SeededNumbers
  private let samples: [String]
  private let functions: [String]

  /// - Parameters:
  ///   - samples: real programs, to be changed.
  ///   - functions: names that a program may call.
  package init(seed: UInt64, samples: [String], functions: [String]) {
    numbers = SeededNumbers(state: seed)
    self.samples = samples.isEmpty ? ["print(1)"] : samples
    self.functions = functions
  }

  package mutating func program() -> MadeProgram {
    let seed = numbers.next()
    switch numbers.below(20) {
    case 0: return open(bytes(seed))
    case 1: return open(soup(seed))
    case 2...6: return open(mutated(seed, stretch()))
    case 7: return open(tree(seed))
    case 8...11: return open(loose(seed))
    case 12: return open(mutated(seed, written(seed)))
    default: return MadeProgram(bytes: Array(written(seed).utf8), isClosed: true)
    }
  }

  private func open(_ bytes: [UInt8]) -> MadeProgram { MadeProgram(bytes: bytes, isClosed: false) }

  private func bytes(_ seed: UInt64) -> [UInt8] {
    var mutation = TextMutation(seed: seed)
    return mutation.bytes()
  }

  private func soup(_ seed: UInt64) -> [UInt8] {
    var mutation = TextMutation(seed: seed)
    return Array(mutation.soup().utf8)
  }

  private func tree(_ seed: UInt64) -> [UInt8] {
    var generator = TreeGenerator(seed: seed)
    let statements = (0..<3).map { _ in Printer.text(of: generator.statement()) }
    return Array(statements.joined(separator: "\n").utf8)
  }

  private func loose(_ seed: UInt64) -> [UInt8] {
    var program = LooseProgram(seed: seed, functions: functions)
    return Array(program.text().utf8)
  }

  private func written(_ seed: UInt64) -> String {
    var program = WrittenProgram(seed: seed)
    return program.text()
  }

  private mutating func mutated(_ seed: UInt64, _ text: String) -> [UInt8] {
    var mutation = TextMutation(seed: seed)
    return mutation.mutated(text, other: numbers.pick(samples))
  }

  /// Some lines of a real program: a stretch of a long one is enough.
  private mutating func stretch() -> String {
    let lines = numbers.pick(samples).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 30 else { return lines.joined(separator: "\n") }
    let start = numbers.below(lines.count - 20)
    return lines[start..<(start + 20)].joined(separator: "\n")
  }
}
