import Glibc

/// A folder with the files that examples in documentation read, and room for those that they write.
enum ExampleFiles {
  /// Runs `body` with the folder's path; the folder is gone afterwards.
  ///
  /// - Returns: `nil` where no folder can be made.
  static func with<R>(_ body: (String) -> R) -> R? {
    let place = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(place)/maas-examples-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(folder) }
    write("area,rooms,price\n54,2,160\n81,3,245\n120,4,330\n".utf8, "\(folder)/houses.csv")
    for name in ["mnist", "fashion"] {
      _ = mkdir("\(folder)/\(name)", 0o700)
      for (part, count) in [("train", 3), ("t10k", 2)] {
        write(pictures(count), "\(folder)/\(name)/\(part)-images-idx3-ubyte")
        write(labels(count), "\(folder)/\(name)/\(part)-labels-idx1-ubyte")
      }
    }
    return body(folder)
  }

  /// Black pictures of 28 × 28, in the IDX format: the sign of bytes in three axes, the axes, the bytes.
  private static func pictures(_ count: Int) -> [UInt8] {
    [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 28, 0, 0, 0, 28] + [UInt8](repeating: 0, count: count * 784)
  }

  private static func labels(_ count: Int) -> [UInt8] {
    [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<UInt8(count))
  }

  private static func write(_ bytes: some Collection<UInt8>, _ path: String) {
    guard let file = fopen(path, "wb") else { return }
    _ = Array(bytes).withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
  }

  /// The folder and what is in it.
  private static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { remove("\(path)/\(name)") }
      }
      closedir(folder)
    }
    _ = Glibc.remove(path)
  }
}
