import Foundation

/// `embed-stdlib OUTPUT FILE…`: writes a Swift file that holds the text of each FILE.
@main
enum EmbedStandardLibrary {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let output = arguments.first else { return }
    var swift = "/// The standard library's sources, by file name.\nlet embeddedLibrary: [(name: String, text: String)] = [\n"
    for path in arguments.dropFirst() {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let name = URL(fileURLWithPath: path).lastPathComponent
      swift += "  (\"\(name)\", ####\"\"\"\n\(text)\n\"\"\"####),\n"
    }
    swift += "]\n"
    try swift.write(toFile: output, atomically: true, encoding: .utf8)
  }
}
