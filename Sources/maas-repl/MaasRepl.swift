import ArgumentParser
import Prompt

@main
struct MaasRepl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maas-repl",
    abstract: "A language for machine learning: the formula in the textbook is the program.",
    usage: """
      maas-repl
      maas-repl FILE [ARG ...]
      maas-repl -e CODE [ARG ...]
      maas-repl test [PATH ...]
      maas-repl check FILE ...
      maas-repl format FILE ...
      maas-repl help [TOPIC]
      """,
    discussion: """
      Without FILE and CODE: the prompt at a terminal, and otherwise standard input as a script.
      Exit status: 0, 1 for an error in the script, 64 for wrong usage, 130 when interrupted.
      """,
    version: "0.1.0",
    subcommands: [TestCommand.self, CheckCommand.self, FormatCommand.self, HelpCommand.self])

  @Option(
    name: .customShort("e"), parsing: .unconditional,
    help: ArgumentHelp("Run CODE and print its last value.", valueName: "CODE"))
  var code: String?

  @Argument(
    help: ArgumentHelp("A script (`-` is standard input) and what it sees as `args`.", valueName: "FILE"))
  var rest: [String] = []

  @OptionGroup var limits: LimitOptions

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // The script's own arguments would swallow the name of a subcommand.
    if let name = arguments.first,
      let command = configuration.subcommands.first(where: { $0.configuration.commandName == name })
    {
      command.main(Array(arguments.dropFirst()))
    } else {
      main(closingOptions(arguments))
    }
  }

  /// Puts `--` before the first argument that is no option: what stands behind a script's name is the script's,
  /// whatever it looks like.
  static func closingOptions(_ arguments: [String]) -> [String] {
    var first = 0
    while first < arguments.count, arguments[first].hasPrefix("-"), arguments[first] != "-" {
      if arguments[first] == "--" { return arguments }
      first += ["-e", "--max-memory", "--max-steps"].contains(arguments[first]) ? 2 : 1
    }
    guard first < arguments.count else { return arguments }
    return arguments[..<first] + ["--"] + arguments[first...]
  }

  func run() throws {
    // Help is asked for at the prompt by `?name`; whoever does so here means the same.
    if let code, code.hasPrefix("?") {
      let status = LargeStack.run { HelpRun(topic: String(code.dropFirst())).perform() }
      throw ExitCode(status.rawValue)
    }
    let run = plan
    let status = LargeStack.run { run.perform() }
    throw ExitCode(status.rawValue)
  }

  private var plan: Run {
    let limits = limits.limits
    if let code { return Run(origin: .code(code), arguments: rest, limits: limits) }
    guard let file = rest.first else { return Run(origin: .standardInput, arguments: [], limits: limits) }
    let arguments = Array(rest.dropFirst())
    return Run(origin: file == "-" ? .standardInput : .file(file), arguments: arguments, limits: limits)
  }
}
