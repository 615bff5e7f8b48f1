import Foundation
import Testing

/// The program without a terminal.
@Suite(.enabled(if: ProgramUnderTest.path != nil, "maas-repl was not built"))
struct CommandLineTests {
  /// A script in a file of its own.
  func withScript<T>(_ bytes: [UInt8], _ body: (String) throws -> T) throws -> T {
    let file = FileManager.default.temporaryDirectory.appending(path: "maas-\(UUID().uuidString).maas")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }

  @Test func codePrintsItsLastValue() throws {
    let run = try ProgramUnderTest.run(["-e", "1 + 1"])
    #expect(run.output == "2\n" && run.errors == "" && run.status == 0)
    #expect(try ProgramUnderTest.run(["-e", "-3"]).output == "-3\n")
    #expect(try ProgramUnderTest.run(["-e", "1 + 1;"]).output == "")
    #expect(try ProgramUnderTest.run(["-e", "print(1)"]).output == "1\n")
  }

  @Test func standardInputRunsAsAScript() throws {
    let run = try ProgramUnderTest.run([], input: "let a = 2\nprint(a)\na\n")
    #expect(run.output == "2\n" && run.errors == "" && run.status == 0)
    #expect(try ProgramUnderTest.run(["-"], input: "print(3)").output == "3\n")
  }

  @Test func aScriptSeesItsArguments() throws {
    try withScript(Array("print(args)".utf8)) { path in
      let run = try ProgramUnderTest.run([path, "--version", "-e", "a b"])
      #expect(run.output == "[\"--version\", \"-e\", \"a b\"]\n")
      #expect(run.status == 0)
    }
  }

  @Test func anErrorIsOneDiagnosticAndStatusOne() throws {
    let run = try ProgramUnderTest.run(["-e", "print(1)\nno_such_name"])
    #expect(run.output == "1\n")
    #expect(run.errors.hasPrefix("error[E0201]"))
    #expect(run.status == 1)
  }

  @Test func scriptsThatCannotBeReadAreDiagnosed() throws {
    let missing = try ProgramUnderTest.run(["/no/such/script.maas"])
    #expect(missing.errors.hasPrefix("error[E0601]: there is no file `/no/such/script.maas`"))
    #expect(missing.status == 1)
    #expect(try ProgramUnderTest.run(["/tmp"]).errors.contains("is a folder"))
    try withScript([0x70, 0xff, 0xfe]) { path in
      let run = try ProgramUnderTest.run([path])
      #expect(run.errors.hasPrefix("error[E0108]"))
      #expect(run.status == 1)
    }
    try withScript([]) { path in
      let run = try ProgramUnderTest.run([path])
      #expect(run.output == "" && run.errors == "" && run.status == 0)
    }
  }

  @Test func wrongUsageIsStatus64() throws {
    for arguments in [["--no-such-option"], ["-e"]] {
      let run = try ProgramUnderTest.run(arguments)
      #expect(run.status == 64)
      #expect(run.errors.contains("Usage"))
      #expect(run.output == "")
    }
  }

  @Test func versionAndHelp() throws {
    let version = try ProgramUnderTest.run(["--version"])
    #expect(version.output.first?.isNumber == true && version.status == 0)
    let help = try ProgramUnderTest.run(["--help"])
    #expect(help.output.contains("maas-repl FILE") && help.status == 0)
  }

  @Test func aReaderThatLeavesEndsItQuietly() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let path = try #require(ProgramUnderTest.path)
    process.arguments = ["-c", "'\(path)' -e 'while true { print(1) }' | head -n 1"]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    #expect(try output.fileHandleForReading.readToEnd() == Data("1\n".utf8))
    #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
    process.waitUntilExit()
  }

  @Test func aFullDiskIsAnError() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(ProgramUnderTest.path))
    process.arguments = ["-e", "print(1)"]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let message = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(message.contains("standard output cannot be written"))
  }

  @Test func anInterruptEndsAScriptWithStatus130() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(ProgramUnderTest.path))
    process.arguments = ["-e", "print(1)\nwhile true { }"]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    usleep(500_000)
    process.interrupt()
    let limit = Date().addingTimeInterval(20)
    while process.isRunning, Date() < limit { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(try output.fileHandleForReading.readToEnd() == Data("1\n".utf8), "what was printed arrives")
  }
}
