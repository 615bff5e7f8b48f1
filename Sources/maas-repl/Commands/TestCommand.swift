import ArgumentParser
import Checking
import Prompt

/// `maas-repl test`
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run documentation examples and `# expect:` lines.",
    usage: "maas-repl test [PATH ...]",
    discussion: """
      Without PATH, the examples of the standard library. A folder stands for every .maas file in it.

        maas-repl test lab.maas

      runs lab.maas, compares what it prints with its expectations, and then runs the examples in its ## lines:

        ## > area(2.0)
        ## 12.566370614359172
        print(1 / 3)
        # expect ~1e-6: 0.333333
        1 // 0
        # expect error: E0502
      """)

  @Argument(help: ArgumentHelp("Scripts and folders of scripts.", valueName: "PATH"))
  var paths: [String] = []

  @OptionGroup var limits: LimitOptions

  func run() throws {
    let (paths, limits) = (paths, limits.limits)
    let status = LargeStack.run { TestRun(paths: paths, limits: limits).perform() }
    throw ExitCode(status.rawValue)
  }
}
