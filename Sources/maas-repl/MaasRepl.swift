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
      """,
    discussion: """
      Without FILE and CODE: the prompt at a terminal, and otherwise standard input as a script.
      Exit status: 0, 1 for an error in the script, 64 for wrong usage, 130 when interrupted.
      """,
    version: "0.1.0")

  @Option(
    name: .customShort("e"), parsing: .unconditional,
    help: ArgumentHelp("Run CODE and print its last value.", valueName: "CODE"))
  var code: String?

  @Argument(
    help: ArgumentHelp("A script (`-` is standard input) and what it sees as `args`.", valueName: "FILE"))
  var rest: [String] = []

  static func main() {
    main(Self.closingOptions(Array(CommandLine.arguments.dropFirst())))
  }

  /// Puts `--` before the first argument that is no option: what stands behind a script's name is the script's,
  /// whatever it looks like.
  static func closingOptions(_ arguments: [String]) -> [String] {
    var first = 0
    while first < arguments.count, arguments[first].hasPrefix("-"), arguments[first] != "-" {
      if arguments[first] == "--" { return arguments }
      first += arguments[first] == "-e" ? 2 : 1
    }
    guard first < arguments.count else { return arguments }
    return arguments[..<first] + ["--"] + arguments[first...]
  }

  func run() throws {
    let run = plan
    let status = LargeStack.run { run.perform() }
    throw ExitCode(status.rawValue)
  }

  private var plan: Run {
    if let code { return Run(origin: .code(code), arguments: rest) }
    guard let file = rest.first else { return Run(origin: .standardInput, arguments: []) }
    let arguments = Array(rest.dropFirst())
    return Run(origin: file == "-" ? .standardInput : .file(file), arguments: arguments)
  }
}
