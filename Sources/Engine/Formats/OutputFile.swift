#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is there whole or not at all: written aside, synced, renamed. Whoever is killed, or runs out of space, in
/// the middle leaves the old file as it was.
package final class OutputFile {
  private let path: String
  private let aside: String
  private let descriptor: Int32
  /// Bytes written so far.
  package private(set) var count = 0

  /// Writes a file by a closure.
  ///
  /// - Throws: what `body` throws; `unwritableFile` for a folder that is missing, a full disk and the like.
  package static func write(_ path: String, _ body: (OutputFile) throws -> Void) throws {
    let file = try OutputFile(path)
    do {
      try body(file)
      try file.finish()
    } catch {
      _ = unlink(file.aside)
      throw error
    }
  }

  private init(_ path: String) throws {
    // A link stays a link: what it leads to is replaced.
    let target = OutputFile.resolved(path)
    self.path = target
    aside = target + ".part"
    var status = stat()
    let exists = stat(target, &status) == 0
    if exists, status.st_mode & S_IFMT != S_IFREG {
      throw EngineError.unwritableFile(path: path, reason: "it is no ordinary file")
    }
    descriptor = try OutputFile.opened(aside, for: path)
    if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
  }

  deinit { _ = close(descriptor) }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func message() -> String { String(cString: strerror(errno)) }

  /// The file aside, ours alone: what a killed process left of it is written over, what another process is writing is
  /// not touched.
  private static func opened(_ aside: String, for path: String) throws -> Int32 {
    for _ in 0..<100 {
      let descriptor = open(aside, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else { throw EngineError.unwritableFile(path: path, reason: message()) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        _ = close(descriptor)
        throw EngineError.unwritableFile(path: path, reason: "another process is writing it")
      }
      var (mine, there) = (stat(), stat())
      // Between opening and locking it, its writer may have renamed it.
      if fstat(descriptor, &mine) == 0, stat(aside, &there) == 0, mine.st_ino == there.st_ino,
        mine.st_dev == there.st_dev, ftruncate(descriptor, 0) == 0
      {
        return descriptor
      }
      _ = close(descriptor)
    }
    throw EngineError.unwritableFile(path: path, reason: "another process is writing it")
  }

  /// Errors: `cancelled`, between one piece and the next.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      try Cancellation.check()
      #if canImport(Glibc)
        let step = Glibc.write(descriptor, base + done, min(bytes.count - done, 1 << 23))
      #else
        let step = Darwin.write(descriptor, base + done, min(bytes.count - done, 1 << 23))
      #endif
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { throw EngineError.unwritableFile(path: path, reason: OutputFile.message()) }
      done += step
    }
    count += bytes.count
  }

  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
  package func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// A tensor's elements, in this machine's byte order.
  package func write(_ tensor: Tensor) throws {
    try tensor.withBytes { try write(UnsafeRawBufferPointer(start: $0, count: tensor.byteCount)) }
  }

  private func finish() throws {
    guard fsync(descriptor) == 0, rename(aside, path) == 0 else {
      throw EngineError.unwritableFile(path: path, reason: OutputFile.message())
    }
    // The folder too, so that the new name outlives a loss of power.
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      _ = fsync(directory)
      _ = close(directory)
    }
  }
}
