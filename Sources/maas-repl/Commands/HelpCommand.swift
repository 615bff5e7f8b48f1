import ArgumentParser
import Prompt

/// `maas-repl help`
struct HelpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help",
    abstract: "Explain a subcommand, an error or a name of the standard library.",
    usage: "maas-repl help [TOPIC]",
    discussion: """
        maas-repl help check
        maas-repl help E0301
        maas-repl help descend
      """)

  @Argument(help: ArgumentHelp("A subcommand, an error's code, or a name.", valueName: "TOPIC"))
  var topic: String?

  func run() throws {
    let commands = MaasRepl.configuration.subcommands
    guard let topic else { return print(MaasRepl.helpMessage()) }
    if let command = commands.first(where: { $0.configuration.commandName == topic }) {
      return print(command.helpMessage())
    }
    let status = LargeStack.run { HelpRun(topic: topic).perform() }
    throw ExitCode(status.rawValue)
  }
}
