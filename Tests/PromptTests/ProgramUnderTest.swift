import Foundation

/// The built `maas-repl`, beside the tests or where `MAAS_REPL` says.
enum ProgramUnderTest {
  static let path: String? = {
    if let path = ProcessInfo.processInfo.environment["MAAS_REPL"] { return path }
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let beside = URL(
      filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    )
    .deletingLastPathComponent()
    let candidates = [beside.appending(path: "maas-repl"), root.appending(path: ".build/debug/maas-repl")]
    let found = candidates.map(\.standardizedFileURL.path).first(where: FileManager.default.isExecutableFile)
    if found == nil { print("SKIPPED: no maas-repl was built; the prompt is not tested at a terminal") }
    return found
  }()

  /// What a run without a terminal wrote and how it ended.
  struct Outcome {
    let output: String
    let errors: String
    let status: Int32
  }

  static func run(_ arguments: [String], input: String = "") throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path ?? "")
    process.arguments = arguments
    let folder = FileManager.default.temporaryDirectory.appending(path: "maas-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files and not pipes: a full pipe that nobody reads would hold the program up.
    let names = ["input", "output", "errors"].map { folder.appending(path: $0) }
    try Data(input.utf8).write(to: names[0])
    for name in names[1...] { try Data().write(to: name) }
    process.standardInput = try FileHandle(forReadingFrom: names[0])
    process.standardOutput = try FileHandle(forWritingTo: names[1])
    process.standardError = try FileHandle(forWritingTo: names[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: try String(contentsOf: names[1], encoding: .utf8),
      errors: try String(contentsOf: names[2], encoding: .utf8), status: process.terminationStatus)
  }
}
