import Glibc

/// The files a path that is being written could mean.
enum FileNames {
  /// Entries read of a folder at most, so that a completion stays quick.
  private static let limit = 20_000

  /// Paths that begin as `part` does, folders with a `/` at their end, in alphabetical order.
  static func matching(_ part: String) -> [String] {
    let slash = part.lastIndex(of: "/")
    let folder = slash.map { String(part[...$0]) } ?? ""
    let start = slash.map { String(part[part.index(after: $0)...]) } ?? part
    let place = expanded(folder.isEmpty ? "." : folder)
    guard let directory = opendir(place) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    var seen = 0
    while let entry = readdir(directory), seen < limit {
      seen += 1
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(start), name != ".", name != "..", !name.hasPrefix(".") || start.hasPrefix(".")
      else { continue }
      found.append(folder + name + (isFolder(place, name, Int32(entry.pointee.d_type)) ? "/" : ""))
    }
    return found.sorted()
  }

  private static func isFolder(_ folder: String, _ name: String, _ type: Int32) -> Bool {
    if type == DT_DIR { return true }
    guard type == DT_LNK || type == DT_UNKNOWN else { return false }
    var status = stat()
    return stat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// `~/` is the home folder.
  private static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = environmentValue("HOME") else { return path }
    return home + path.dropFirst(1)
  }
}
