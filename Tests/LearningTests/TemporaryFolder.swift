import Foundation

/// A folder that disappears with its owner, and IDX files in it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/maas-learning-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Pictures of 2 × 2 whose bytes count up from the number of the picture.
  func pictures(_ name: String, count: Int, claimed: Int? = nil) throws {
    let body = (0..<count).flatMap { picture in (0..<4).map { UInt8(truncatingIfNeeded: picture * 10 + $0) } }
    try write(name, Self.header(3, [claimed ?? count, 2, 2]) + body)
  }

  func labels(_ name: String, _ labels: [UInt8]) throws {
    try write(name, Self.header(1, [labels.count]) + labels)
  }

  /// A complete set: `train` and `test` pictures with labels counting 0…9.
  func fill(train: Int = 7, test: Int = 3) throws {
    try pictures("train-images-idx3-ubyte", count: train)
    try labels("train-labels-idx1-ubyte", (0..<train).map { UInt8($0 % 10) })
    try pictures("t10k-images-idx3-ubyte", count: test)
    try labels("t10k-labels-idx1-ubyte", (0..<test).map { UInt8($0 % 10) })
  }

  private static func header(_ rank: UInt8, _ sizes: [Int]) -> [UInt8] {
    [0, 0, 8, rank] + sizes.flatMap { size in [24, 16, 8, 0].map { UInt8((size >> $0) & 255) } }
  }
}
