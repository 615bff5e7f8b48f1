import CEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How many bytes all tensors together may hold: 80 % of the machine's memory, or of the container's.
package enum MemoryLimit {
  package static var bytes: Int {
    get {
      _ = standard
      return Int(clamping: maas_memory_limit())
    }
    set {
      _ = standard
      maas_set_memory_limit(max(0, newValue))
    }
  }

  /// Runs `body` with room for so many bytes more than it holds now, on this thread alone.
  package static func withRoom<R>(for bytes: Int, _ body: () throws -> R) rethrows -> R {
    maas_set_thread_memory_limit(max(0, liveBytesOfThread + bytes))
    defer { maas_set_thread_memory_limit(Int.max) }
    return try body()
  }

  /// Bytes of tensors that this thread has taken and not freed; what other threads do meanwhile does not show.
  package static var liveBytesOfThread: Int { Int(clamping: maas_thread_live_bytes()) }

  /// Gives memory that waits for reuse back to the system.
  package static func giveBack() { maas_give_back() }

  /// Set as the limit when first looked at.
  static let standard: Int = {
    var least = machineBytes
    for path in controlGroupFiles {
      if let bytes = number(in: path) { least = min(least, bytes) }
    }
    let limit = least / 5 * 4
    maas_set_memory_limit(limit)
    return limit
  }()

  private static var machineBytes: Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
    return pages > 0 && size > 0 && !overflow ? bytes : Int.max
  }

  /// The limits of this process's control groups, from its own up to the root, of both versions.
  private static var controlGroupFiles: [String] {
    var files = ["/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    var group =
      text(of: "/proc/self/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3) ?? "/"
    while true {
      files.append("/sys/fs/cgroup" + (group == "/" ? "" : group) + "/memory.max")
      guard let slash = group.lastIndex(of: "/"), group.count > 1 else { return files }
      group = slash == group.startIndex ? "/" : group[..<slash]
    }
  }

  /// Nil for "max" and for what cannot be read.
  private static func number(in path: String) -> Int? {
    Int(text(of: path).prefix { $0.isNumber })
  }

  private static func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
