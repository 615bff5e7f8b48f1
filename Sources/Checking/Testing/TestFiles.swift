import Glibc

/// The scripts that paths stand for: files as they are, folders by every `.maas` below them, in alphabetical order.
package enum TestFiles {
  package static func found(at paths: [String]) -> [String] { paths.flatMap { files(at: $0, depth: 0) } }

  private static func files(at path: String, depth: Int) -> [String] {
    guard depth < 64, let folder = opendir(path) else { return [path] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted().flatMap { name -> [String] in
      let inner = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if isFolder(inner) { return files(at: inner, depth: depth + 1) }
      return name.hasSuffix(".maas") ? [inner] : []
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    // A link to a folder is not followed: it could lead in a circle.
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
