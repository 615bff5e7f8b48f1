import Foundation

/// `embed-stdlib OUTPUT FOLDER FILE…`: writes a Swift file that holds the text of each FILE under its path in FOLDER.
@main
enum EmbedStandardLibrary {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let output = arguments.first, let folder = arguments.dropFirst().first else { return }
    var swift =
      "/// The standard library's sources, by their paths in stdlib.\nlet embeddedLibrary: [(name: String, text: String)] = [\n"
    for path in arguments.dropFirst(2) {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let name =
        path.hasPrefix(folder) ? String(path.dropFirst(folder.count).drop(while: { $0 == "/" })) : path
      swift += "  (\"\(name)\", ####\"\"\"\n\(text)\n\"\"\"####),\n"
    }
    swift += "]\n"
    try swift.write(toFile: output, atomically: true, encoding: .utf8)
  }
}
