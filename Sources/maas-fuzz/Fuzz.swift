import Builtins
import Checking
import Glibc
import Prompt
import Runtime
import Syntax

/// `maas-fuzz SECONDS SEED PATH ...`: programs made from a seed, read, printed, laid out, checked and run.
///
/// Nothing may trap, hang or grow without bound, and no message may point outside of its text. The program that is
/// being tried lies in `fuzz-current.maas`, so that a crash leaves it behind.
@main
enum Fuzz {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let seconds = arguments.first.flatMap { Int($0) } ?? 60
    let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
    let paths = Array(arguments.dropFirst(2))
    signal(SIGPIPE, SIG_IGN)
    let status = LargeStack.run {
      var maker = ProgramMaker(seed: seed, samples: samples(paths))
      let count = run(seconds: seconds, &maker)
      print("\(count) programs, seed \(seed): nothing fell over")
      return .success
    }
    exit(status.rawValue)
  }

  private static func samples(_ paths: [String]) -> [String] {
    TestFiles.found(at: paths).compactMap { try? ScriptFile.read(path: $0).text }
  }

  private static func run(seconds: Int, _ maker: inout ProgramMaker) -> Int {
    let end = now() + Double(seconds)
    var count = 0
    while now() < end {
      let text = maker.program()
      remember(text)
      // Longer than this is a hang: the alarm ends the process, and the program stays in its file.
      alarm(60)
      Trial(text).run()
      count += 1
    }
    alarm(0)
    unlink("fuzz-current.maas")
    return count
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func remember(_ text: String) {
    guard let file = fopen("fuzz-current.maas", "w") else { return }
    fputs(text, file)
    fclose(file)
  }
}

/// One program, and everything that can be done with it.
struct Trial {
  private let source: Source
  init(_ text: String) { source = Source(name: "fuzz", text: text) }

  func run() {
    _ = Parser.isIncomplete(source.text)
    let program: Program
    do throws(Diagnostic) { program = try Parser.parse(source) } catch { return look(at: error) }
    compareTrees(program)
    let problems = ScriptCheck.problems(in: source)
    for problem in problems { look(at: problem) }
    let session = makeSession(output: { _ in })
    session.limit(memory: 1_500_000_000, steps: 30_000)
    do throws(Diagnostic) {
      if let value = try session.run(source, arguments: []) { _ = session.display(value) }
      refuseFalseAlarms(problems)
    } catch { look(at: error) }
  }

  /// A program that runs to its end has no mistake on its way. What stands in branches may not have run.
  private func refuseFalseAlarms(_ problems: [Diagnostic]) {
    let branches = ["if", "while", "and", "or", "try", "filter", "fn", "=>"]
    guard let problem = problems.first(where: { !$0.code.rawValue.hasPrefix("E02") }),
      !branches.contains(where: { source.text.contains($0) })
    else { return }
    fatalError("it runs, and yet a check says:\n\(problem.rendered())")
  }

  private func compareTrees(_ program: Program) {
    let printed = Printer.text(of: program)
    guard let again = try? Parser.parse(Source(name: "printed", text: printed)) else {
      fatalError("printed, it cannot be read:\n\(printed)")
    }
    if Printer.text(of: again) != printed { fatalError("printed, it is another program:\n\(printed)") }
    guard let text = try? Formatter.format(source) else { fatalError("it cannot be laid out") }
    guard let twice = try? Formatter.format(Source(name: "again", text: text)), twice == text else {
      fatalError("laid out twice, it differs:\n\(text)")
    }
  }

  private func look(at problem: Diagnostic) {
    let text = problem.rendered(width: 60)
    if text.isEmpty || problem.message.isEmpty { fatalError("an empty message") }
    guard let source = problem.source else { return }
    for label in problem.labels where label.span.start < 0 || Int(label.span.end) > source.bytes.count {
      fatalError("a label outside of the text:\n\(text)")
    }
  }
}
