import ArgumentParser
import Prompt

/// `maas-repl check`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look for mistakes without running: syntax, names, arguments, shapes.",
    usage: "maas-repl check FILE ...",
    discussion: """
      A folder stands for every .maas file in it. Exit status 1 when anything is wrong.

        maas-repl check lab.maas
      """)

  @Argument(help: ArgumentHelp("Scripts and folders of scripts.", valueName: "FILE"))
  var paths: [String]

  func run() throws {
    let paths = paths
    let status = LargeStack.run { CheckRun(paths: paths).perform() }
    throw ExitCode(status.rawValue)
  }
}
