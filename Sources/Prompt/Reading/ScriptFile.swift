import Glibc
import Syntax

/// Scripts as bytes on a disk or in a pipe.
package enum ScriptFile {
  /// A script longer than this is taken for a mistake (a device, a data file).
  private static let sizeLimit = 256 << 20

  /// Reads a file.
  package static func read(path: String) throws(Diagnostic) -> Source {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(path, errno) }
    defer { close(file) }
    return try read(descriptor: file, name: path)
  }

  /// Reads a descriptor to its end.
  package static func read(descriptor: Int32, name: String) throws(Diagnostic) -> Source {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(name, errno) }
      if count == 0 { return try Source.decoding(name: name, bytes: bytes) }
      bytes += chunk[..<count]
      guard bytes.count <= sizeLimit else {
        throw Diagnostic(
          .unreadableFile, "`\(name)` is too long for a script", notes: ["a script may hold 256 MB"])
      }
    }
  }

  /// Replaces a file's content: the new one is written beside it first, so that a full disk loses nothing.
  package static func write(_ text: String, path: String) throws(Diagnostic) {
    let temporary = path + ".new"
    var status = stat()
    let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw unwritable(path, errno) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = errno
        close(file)
        unlink(temporary)
        throw unwritable(path, reason)
      }
      bytes = bytes.dropFirst(count)
    }
    guard close(file) == 0, rename(temporary, path) == 0 else {
      let reason = errno
      unlink(temporary)
      throw unwritable(path, reason)
    }
  }

  private static func unwritable(_ name: String, _ error: Int32) -> Diagnostic {
    Diagnostic(.unreadableFile, "`\(name)` cannot be written: \(String(cString: strerror(error)))")
  }

  private static func unreadable(_ name: String, _ error: Int32) -> Diagnostic {
    switch error {
    case ENOENT: Diagnostic(.unreadableFile, "there is no file `\(name)`")
    case EISDIR: Diagnostic(.unreadableFile, "`\(name)` is a folder, not a script")
    case EACCES, EPERM: Diagnostic(.unreadableFile, "`\(name)` may not be read: permission denied")
    default: Diagnostic(.unreadableFile, "`\(name)` cannot be read: \(String(cString: strerror(error)))")
    }
  }
}
