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
    guard let bytes = ByteSize.parse(argument) else { return nil }
    self.bytes = bytes
  }
}
