import Builtins
import Foundation
import Prompt
import Syntax
import Testing

/// `use "lab.maas"`: files that read one another.
@Suite(.serialized) struct UseTests {
  /// What a script prints that lies in a folder with others, or the whole message it ends in.
  private func run(_ files: [String: String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "use-\(UUID().uuidString)")
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "main.maas").path
    let text = onLargeStack { UseTests.output(of: path) } ?? ""
    return text.replacing(folder.path + "/", with: "")
  }

  private static func output(of path: String) -> String {
    var output = ""
    let session = makeSession(output: { output += $0 })
    do throws(Diagnostic) {
      _ = try session.run(try ScriptFile.read(path: path), arguments: [])
      return output
    } catch {
      return output + error.rendered()
    }
  }

  @Test func pathsCountFromTheScript() throws {
    let text = try run([
      "main.maas": "let lab = use \"parts/lab.maas\"\nprint(lab.twice(4), lab.base)",
      "parts/lab.maas": "let {base} = use \"deep/base.maas\"\nfn twice(x) = base * x",
      "parts/deep/base.maas": "let base = 2",
    ])
    #expect(text == "8 2\n")
  }

  @Test func aFileIsReadOnce() throws {
    let text = try run([
      "main.maas": "let a = use \"lab.maas\"\nlet b = use \"lab.maas\"\nprint(a.x == b.x)",
      "lab.maas": "print(\"read\")\nlet x = [\"\\(clock())\"]",
    ])
    #expect(text == "read\ntrue\n")
  }

  @Test func namesOfAFileAreItsOwn() throws {
    let text = try run([
      "main.maas":
        "let sum = 1\nlet lab = use \"lab.maas\"\nlet hidden = 5\nprint(lab.total([1, 2]), lab.seen())",
      "lab.maas":
        "let exp = 0\nfn total(x) = sum(x) + std.sum(x)\nfn seen() = try hidden catch e { e.code }",
    ])
    #expect(text == "6 E0201\n")
  }

  @Test func circlesAreRefused() throws {
    let text = try run([
      "main.maas": "let a = use \"a.maas\"", "a.maas": "let b = use \"b.maas\"",
      "b.maas": "let a = use \"a.maas\"",
    ])
    #expect(text.hasPrefix("error[E0506]: `a.maas` uses itself, by way of a.maas, b.maas"), "\(text)")
    #expect(text.contains("--> b.maas:1:9"), "\(text)")
  }

  @Test func errorsPointIntoTheFile() throws {
    let failing = try run([
      "main.maas": "let a = 1\nlet lab = use \"lab.maas\"", "lab.maas": "\nlet x = 1 // 0",
    ])
    #expect(failing.contains("--> lab.maas:2:9"), "\(failing)")
    #expect(failing.contains("from main.maas:2"), "\(failing)")
    let unread = try run(["main.maas": "let lab = use \"lab.maas\"", "lab.maas": "let x = (1"])
    #expect(unread.contains("error[E0102]") && unread.contains("--> lab.maas:1:9"), "\(unread)")
    let later = try run([
      "main.maas": "let lab = use \"lab.maas\"\nlab.f(0)", "lab.maas": "fn f(n) = 1 // n",
    ])
    #expect(
      later.contains("--> lab.maas:1:11") && later.contains("in `f`, called from main.maas:2"), "\(later)")
  }

  @Test func aFailedFileMayBeReadAgain() throws {
    let text = try run([
      "main.maas":
        "print(try { use \"lab.maas\" } catch e { e.code }, try { use \"lab.maas\" } catch e { e.code })",
      "lab.maas": "error(\"no\")",
    ])
    #expect(text == "E0507 E0507\n")
  }
}
