import Foundation
import Testing

@testable import Engine
@testable import Learning

@Suite struct DatasetCatalogTests {
  @Test func readsAFolder() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    let (train, test) = try DatasetCatalog.mnist(directory: folder.path)
    #expect(train.count == 7 && test.count == 3)
    #expect(train.features.shape == [7, 4] && train.features.dtype == .u8)
    #expect(try train.labels.array(Int.self) == [0, 1, 2, 3, 4, 5, 6])
    #expect(train.classes == 10)
    #expect(try train.range(2..<3).x.array(Float.self) == [20, 21, 22, 23].map { Float($0 / 255.0) })
  }

  @Test func missingFolderSaysWhereItLooked() throws {
    do {
      _ = try DatasetCatalog.fashionMNIST(directory: "/nowhere/at/all")
      Issue.record("a folder that does not exist was read")
    } catch DataError.missing(let name, let places, let help) {
      #expect(name == "fashion-mnist")
      #expect(places == ["/nowhere/at/all"])
      #expect(help.contains("/nowhere/at/all"))
    }
  }

  @Test func missingFileIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    try FileManager.default.removeItem(atPath: folder.path + "/t10k-labels-idx1-ubyte")
    do {
      _ = try DatasetCatalog.mnist(directory: folder.path)
      Issue.record("a missing file was read")
    } catch DataError.missing(_, let places, _) {
      #expect(places.contains(folder.path + "/t10k-labels-idx1-ubyte"))
    }
  }

  @Test func truncatedPicturesNameFileAndByte() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    try folder.pictures("train-images-idx3-ubyte", count: 6, claimed: 7)
    do {
      _ = try DatasetCatalog.mnist(directory: folder.path)
      Issue.record("a truncated file was read")
    } catch EngineError.malformedFile(let path, let byte, _) {
      #expect(path == folder.path + "/train-images-idx3-ubyte")
      #expect(byte == 16 + 24)
    }
  }

  @Test func enormousClaimIsRefusedWithoutEnormousMemory() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    try folder.pictures("train-images-idx3-ubyte", count: 7, claimed: 4_000_000_000)
    #expect(throws: EngineError.self) { try DatasetCatalog.mnist(directory: folder.path) }
  }

  @Test func labelsAndPicturesMustAgree() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    try folder.labels("train-labels-idx1-ubyte", [0, 1, 2])
    do {
      _ = try DatasetCatalog.mnist(directory: folder.path)
      Issue.record("files that do not agree were read")
    } catch DataError.disagreement(let message) {
      #expect(message.contains("train-images-idx3-ubyte has 7 pictures"))
      #expect(message.contains("train-labels-idx1-ubyte has 3 labels"))
    }
  }

  @Test func picturesInPlaceOfLabelsAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    try folder.pictures("train-labels-idx1-ubyte", count: 7)
    #expect(throws: DataError.self) { try DatasetCatalog.mnist(directory: folder.path) }
  }

  @Test func labelOutOfRangeIsFound() throws {
    let folder = try TemporaryFolder()
    try folder.fill()
    try folder.labels("t10k-labels-idx1-ubyte", [9, 10, 0])
    #expect(
      throws: DataError.badLabel(
        label: 10, classes: 10, row: 1, source: folder.path + "/t10k-labels-idx1-ubyte")
    ) {
      try DatasetCatalog.mnist(directory: folder.path)
    }
  }

  private static let fashion = "/usr/share/datasets/fashion-mnist"
  private static let hasFashion = FileManager.default.fileExists(atPath: fashion)

  @Test(.enabled(if: hasFashion, "skipped: Debian's dataset-fashion-mnist is not installed"))
  func realFashionMNIST() throws {
    let (train, test) = try DatasetCatalog.fashionMNIST(directory: Self.fashion)
    #expect(train.features.shape == [60_000, 784] && test.features.shape == [10_000, 784])
    // Each class has as many pictures as any other.
    for (data, each) in [(train, 6000), (test, 1000)] {
      var counts = [Int](repeating: 0, count: 10)
      for label in try data.labels.array(Int.self) { counts[label] += 1 }
      #expect(counts == [Int](repeating: each, count: 10))
    }
    #expect(try test.labels.array(Int.self).prefix(10) == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7])
    // The mean brightness as published with the data set's usual normalisation: 0.2860.
    let batches = try Batches(train, size: 6000, shuffle: false)
    var total = 0.0
    for position in 0..<batches.count {
      let x = try batches.batch(position).x
      total += try Tensor.reduce(.sum, x.converted(to: .f64), axes: nil, keep: false).scalarDouble
    }
    #expect(abs(total / (60_000 * 784) - 0.2860) < 5e-5)
  }

  private static let digits = "../shared/data/mnist"
  private static let hasDigits = FileManager.default.fileExists(atPath: digits)

  @Test(.enabled(if: hasDigits, "skipped: no copy of MNIST in ../shared/data"))
  func realMNIST() throws {
    let (train, test) = try DatasetCatalog.mnist(directory: Self.digits)
    #expect(train.features.shape == [60_000, 784] && test.features.shape == [10_000, 784])
    #expect(try train.labels.array(Int.self).prefix(5) == [5, 0, 4, 1, 9])
  }
}
