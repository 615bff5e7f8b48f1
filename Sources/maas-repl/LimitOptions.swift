import ArgumentParser
import Prompt

/// How much a script may use.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The memory a program may hold: 500MB, 2GB. By default 80 % of the machine's or container's.",
      valueName: "SIZE"))
  var maxMemory: ByteCount?

  @Option(
    help: ArgumentHelp("The turns of loops and calls a program may take, in all.", valueName: "COUNT"))
  var maxSteps: Int?

  func validate() throws {
    if let maxSteps, maxSteps < 1 { throw ValidationError("--max-steps is at least 1") }
  }

  var limits: RunLimits { RunLimits(memory: maxMemory?.bytes, steps: maxSteps) }
}

/// `500MB`, `2GB`, `1048576`: powers of 1000.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    let units: [String: Double] = [
      "": 1, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
    ]
    guard let number = Double(digits), let unit = units[argument.dropFirst(digits.count).uppercased()],
      let bytes = Int(exactly: (number * unit).rounded()), bytes > 0
    else { return nil }
    self.bytes = bytes
  }
}
