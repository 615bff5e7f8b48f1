/// Where the relative paths of a program count from.
package enum WorkingFolder {
  /// `nil` is the process's own folder.
  @TaskLocal private static var path: String?

  /// Runs `body` with relative paths counting from another folder.
  package static func with<R>(_ folder: String, _ body: () throws -> R) rethrows -> R {
    try $path.withValue(folder, operation: body)
  }

  static func resolved(_ path: String) -> String {
    guard let folder = self.path, !path.hasPrefix("/") else { return path }
    return "\(folder)/\(path)"
  }
}
