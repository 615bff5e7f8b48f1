import ArgumentParser
import Prompt

/// `maas-repl format`
struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format",
    abstract: "Lay files out in the one layout.",
    usage: "maas-repl format [--check] FILE ...",
    discussion: """
      Files are rewritten where their layout differs; comments stay, and so does the meaning. `-` reads standard input
      and writes standard output.

        maas-repl format lab.maas
        maas-repl format --check scripts
      """)

  @Flag(
    help:
      "Change nothing; name the files that are laid out otherwise, and end with status 1 if there are any.")
  var check = false

  @Argument(help: ArgumentHelp("Scripts and folders of scripts.", valueName: "FILE"))
  var paths: [String]

  func run() throws {
    let (paths, check) = (paths, check)
    let status = LargeStack.run { FormatRun(paths: paths, onlyChecks: check).perform() }
    throw ExitCode(status.rawValue)
  }
}
