import Engine

#if canImport(Glibc)
  import Glibc
#endif

/// The named data sets of pictures, and where their files are looked for.
package enum DatasetCatalog {
  /// Handwritten digits (LeCun, Cortes, Burges, 1998): 60,000 and 10,000 pictures of 28 × 28.
  package static func mnist(directory: String? = nil) throws -> (train: Dataset, test: Dataset) {
    try load(
      "mnist", directory: directory, systemDirectories: [],
      help: { "put the four IDX files into \($0), or name their folder: mnist(\"folder\")" })
  }

  /// Articles of clothing (Xiao, Rasul, Vollgraf, 2017), in the same form.
  package static func fashionMNIST(directory: String? = nil) throws -> (train: Dataset, test: Dataset) {
    try load(
      "fashion-mnist", directory: directory, systemDirectories: ["/usr/share/datasets/fashion-mnist"],
      help: { _ in "sudo apt-get install dataset-fashion-mnist" })
  }

  private static let fileStems = (
    train: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    test: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
  )

  private static func load(
    _ name: String, directory: String?, systemDirectories: [String], help: (String) -> String
  ) throws -> (train: Dataset, test: Dataset) {
    if Rehearsal.isOn { return (try rehearsed(name, 60_000), try rehearsed(name + " test", 10_000)) }
    let own = directory.map { [expandingHome($0)] }
    let folders = own ?? (userDirectories(name) + systemDirectories)
    for folder in folders where hasPictures(folder) {
      return (
        try pictures(name, folder, fileStems.train), try pictures(name + " test", folder, fileStems.test)
      )
    }
    let toFill = own?.first ?? userDirectories(name).last ?? name
    throw DataError.missing(
      name: name, lookedIn: folders,
      help: directory == nil ? help(toFill) : "put the four IDX files into \(toFill)")
  }

  /// A data set of which everything is known but the pictures.
  private static func rehearsed(_ name: String, _ count: Int) throws -> Dataset {
    try Dataset(
      name: name, features: .hollow(shape: [count, 28 * 28], dtype: .u8), scale: 1 / 255,
      labels: .hollow(shape: [count], dtype: .i64), classes: 10)
  }

  /// The user's own places, in the order they are looked into.
  static func userDirectories(_ name: String) -> [String] {
    var result: [String] = []
    if let root = environment("MAAS_DATA") { result += ["\(root)/\(name)", root] }
    if let cache = environment("XDG_CACHE_HOME") { result.append("\(cache)/maas/\(name)") }
    if let home = environment("HOME") { result.append("\(home)/.cache/maas/\(name)") }
    return result
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  private static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = environment("HOME") else { return path }
    return home + path.dropFirst()
  }

  private static func hasPictures(_ folder: String) -> Bool {
    existing(folder, fileStems.train.0) != nil || existing(folder, fileStems.test.0) != nil
  }

  /// The plain file, or else the compressed one.
  private static func existing(_ folder: String, _ stem: String) -> String? {
    ["\(folder)/\(stem)", "\(folder)/\(stem).gz"].first { access($0, F_OK) == 0 }
  }

  private static func file(_ name: String, _ folder: String, _ stem: String) throws -> String {
    if let path = existing(folder, stem) { return path }
    throw DataError.missing(
      name: name, lookedIn: ["\(folder)/\(stem)", "\(folder)/\(stem).gz"],
      help: "\(folder) holds others of the four files, but not this one")
  }

  /// One half of a data set.
  ///
  /// - Throws: `DataError` when the two files do not agree or a label is not below ten; what `IDX.read`
  ///   throws.
  private static func pictures(_ name: String, _ folder: String, _ stems: (String, String)) throws -> Dataset
  {
    let imagePath = try file(name, folder, stems.0)
    let labelPath = try file(name, folder, stems.1)
    let images = try IDX.read(path: imagePath)
    let labels = try IDX.read(path: labelPath)
    guard images.rank >= 2, labels.rank == 1 else {
      throw DataError.disagreement(
        "\(imagePath) holds pictures with \(images.rank) axes, \(labelPath) labels with \(labels.rank):"
          + " pictures have three, labels one")
    }
    guard images.shape[0] == labels.shape[0] else {
      throw DataError.disagreement(
        "\(imagePath) has \(images.shape[0]) pictures, \(labelPath) has \(labels.shape[0]) labels")
    }
    let classes = try labels.converted(to: .i64)
    try Dataset.checkLabels(classes, classes: 10, source: labelPath)
    let width = images.shape.dropFirst().reduce(1, &*)
    return try Dataset(
      name: name, features: images.reshaped([images.shape[0], width]), scale: 1 / 255, labels: classes,
      classes: 10)
  }
}
