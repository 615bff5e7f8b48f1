import Builtins
import Checking
import Fuzzing
import Glibc
import Prompt
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
    Patience.start()
    let status = LargeStack.run {
      // A program that fell over before is tried again, alone.
      if seconds == 0 {
        for path in paths { Trial(bytes(of: path), isClosed: false).run() }
        return .success
      }
      var maker = ProgramMaker(seed: seed, samples: samples(paths), functions: functions)
      let count = run(seconds: seconds, &maker)
      print("\(count) programs, seed \(seed): nothing fell over")
      return .success
    }
    exit(status.rawValue)
  }

  /// What a program may call: all but what reads standard input, reads or writes files, or trains for long.
  private static var functions: [String] {
    let left: Set<String> = [
      "input", "mnist", "fashion_mnist", "fit", "descend", "race", "show_progress", "save", "load",
      "save_checkpoint",
    ]
    return builtinDocumentation.map(\.name).filter { !left.contains($0) }.sorted()
  }

  private static func samples(_ paths: [String]) -> [String] {
    TestFiles.found(at: paths).compactMap { try? ScriptFile.read(path: $0).text }.map { text in
      // Drawn digits are quicker to learn from than photographed clothes.
      text.replacing("fashion_mnist()", with: "mnist()")
        .replacing("mnist()", with: "(digits(64, seed: 1), digits(32, seed: 2))")
    }
  }

  private static func bytes(of path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte >= 0 { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return bytes
  }

  private static func run(seconds: Int, _ maker: inout ProgramMaker) -> Int {
    let end = now() + Double(seconds)
    var count = 0
    while now() < end {
      let program = maker.program()
      remember(program.bytes)
      Patience.setAlarm()
      Trial(program.bytes, isClosed: program.isClosed).run()
      count += 1
    }
    Patience.endAlarm()
    unlink("fuzz-current.maas")
    return count
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func remember(_ bytes: [UInt8]) {
    guard let file = fopen("fuzz-current.maas", "w") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
