import Engine
import Graph
import Learning
import Runtime

/// Data sets and their batches.
enum Data {
  static var all: [Builtin] {
    [
      Builtin(
        "mnist(dir = none)",
        """
        Handwritten digits (LeCun, Cortes, Burges, 1998): `(train, test)`.
        > let (train, test) = mnist("mnist")
        > (len(train), len(test))
        (3, 2)
        """
      ) {
        call in
        pair(try DatasetCatalog.mnist(directory: try directory(call)))
      },
      Builtin(
        "fashion_mnist(dir = none)",
        """
        Articles of clothing (Xiao, Rasul, Vollgraf, 2017): `(train, test)`.
        > let (train, test) = fashion_mnist("fashion")
        > (len(train), len(test))
        (3, 2)
        """
      ) { call in
        pair(try DatasetCatalog.fashionMNIST(directory: try directory(call)))
      },
      Builtin(
        "dataset(x, y, name = \"data\")",

        """
        A data set of rows `x` and what belongs to them, `y`: whole numbers are classes.
        > dataset([[0.0, 1.0], [1.0, 0.0]], [0, 1])
        data: 2 rows of 2, 2 classes
        """
      ) { call in
        let x = try Conversion.term(call[0], "`x`", argument: 0).tensor
        let y = try Conversion.term(call[1], "`y`", argument: 1).tensor
        let name = call.values[2].map { ValuePrinter().text($0) } ?? "data"
        return .object(DatasetObject(try made(name, x, y)))
      },
      Builtin(
        "batches(data, size, shuffle = true, seed = 0, epoch = 0)",

        """
        The data in batches `(x, y)`, for a `for`: each epoch in an order of its own. `size: all` is one batch.
        > for (x, y) in batches(blobs(5), 2, seed: 1) { print(x.shape) }
        [2, 2]
        [2, 2]
        [1, 2]
        """
      ) { call in
        let data = try dataset(call[0])
        let size = try batchSize(call[1], data)
        let shuffle = try call.values[2].map { try call.machine.truth($0) } ?? true
        let seed = try call.values[3].map { try Making.whole($0, "seed", 3) } ?? 0
        let epoch = try call.values[4].map { try Making.whole($0, "epoch", 4) } ?? 0
        return .object(
          BatchesObject(try Batches(data, size: size, shuffle: shuffle, seed: seed, epoch: epoch)))
      },
      Builtin(
        "show_progress(title, done, total, loss, history)",

        """
        Tells whoever watches how far long work has come.
        > show_progress("counting", 1, 2, 0.5, [0.5])
        """
      ) { call in
        let workspace = Workspace.of(call.machine)
        guard let reporter = workspace.progress else { return .none }
        let history = try workspace.losses(call[4], call.machine)
        reporter.update(
          Progress(
            title: ValuePrinter().text(call[0]), done: Conversion.integer(call[1]) ?? 0,
            total: Conversion.integer(call[2]) ?? 0, loss: Conversion.number(call[3]), history: history))
        return .none
      },
      Builtin(
        "end_progress()",
        """
        Tells whoever watches that long work is over.
        > end_progress()
        """
      ) { call in
        Workspace.of(call.machine).endProgress()
        return .none
      },
    ]
  }

  /// `split(data, fraction, seed)`: a random fraction of the rows, and the rest.
  static func split(_ call: BuiltinCall) throws -> Value {
    let data = try dataset(call[0])
    guard let fraction = Conversion.number(call[1]) else {
      throw Failure(.wrongType, "`by` is the first part's share, a number between 0 and 1", argument: 1)
    }
    let seed = try call.values[2].map { try Making.whole($0, "seed", 2) } ?? 0
    let (first, second) = try data.split(fraction: fraction, seed: seed)
    return .tuple(Tuple([.object(DatasetObject(first)), .object(DatasetObject(second))]))
  }

  private static func pair(_ sets: (train: Dataset, test: Dataset)) -> Value {
    .tuple(Tuple([.object(DatasetObject(sets.train)), .object(DatasetObject(sets.test))]))
  }

  private static func directory(_ call: BuiltinCall) throws -> String? {
    switch call.values[0] {
    case nil, .some(.none): return nil
    case .text(let text)?:
      // The user's own files may be of any size.
      if Rehearsal.isOn { throw EngineError.hollow }
      return WorkingFolder.resolved(text.string)
    case .some(let value):
      throw Failure(
        .wrongType, "`dir` is a folder's path, a string, not \(Failure.article(value.kind))", argument: 0)
    }
  }

  private static func made(_ name: String, _ x: Tensor, _ y: Tensor) throws -> Dataset {
    guard x.rank > 0, y.rank > 0 else { throw Failure(.badShape, "a data set has rows: one axis at least") }
    guard !y.dtype.isFloat else { return try Dataset(name: name, features: x, labels: y) }
    let labels = try y.converted(to: .i64)
    if labels.isHollow { return try Dataset(name: name, features: x, labels: labels) }
    let largest = labels.count == 0 ? -1 : try Tensor.reduce(.max, labels, axes: nil, keep: false).int(at: 0)
    return try Dataset(
      name: name, features: x, labels: labels, classes: min(max(0, largest), Int.max - 1) + 1)
  }

  static func dataset(_ value: Value) throws -> Dataset {
    guard case .object(let object as DatasetObject) = value else {
      throw Failure(
        .wrongType, "`data` is a data set, not \(Failure.article(value.kind))",
        help: ["dataset(x, y) makes one of two tensors"], argument: 0)
    }
    return object.dataset
  }

  /// A number of rows, or all of them: `all` is the function of that name.
  private static func batchSize(_ value: Value, _ data: Dataset) throws -> Int {
    if case .function(let function) = value, function.name == "all" { return max(1, data.count) }
    return try Making.whole(value, "size", 1)
  }
}

/// A data set as the language holds it.
package final class DatasetObject: Object {
  let dataset: Dataset
  /// The SHA-256 of the data, computed when it is first asked for.
  private var knownDigest: String?
  init(_ dataset: Dataset) { self.dataset = dataset }

  public override var kind: String { "dataset" }
  public override var isConstant: Bool { true }

  func digest() throws -> String {
    let digest = try knownDigest ?? dataset.digest()
    knownDigest = digest
    return digest
  }

  public override var count: Int? { dataset.count }
  public override var fieldNames: [String] {
    ["x", "y", "classes", "name", "class_names", "columns", "counts", "digest", "card"]
  }

  public override func field(_ name: String, _ machine: Machine) throws -> Value? {
    switch name {
    case "x": Term(try dataset.x()).value
    case "y": Term(try dataset.y()).value
    case "classes": try classes.map { .int($0) } ?? Value.none
    case "name": .string(dataset.name)
    case "class_names": dataset.classNames.map { .list(List($0.map { .string($0) })) } ?? Value.none
    case "columns": .list(List(dataset.columns.map { .string($0.summary) }))
    case "counts": try dataset.classCounts().map { Term(try Tensor($0)).value } ?? Value.none
    case "digest": .string(try digest())
    case "card": .object(DataCardObject(self))
    default: nil
    }
  }

  private var classes: Int? {
    get throws {
      // Labels that nobody can see may be of any number of classes.
      if dataset.classes == nil, dataset.labels.isHollow, dataset.labels.dtype.isInteger {
        throw EngineError.hollow
      }
      return dataset.classes
    }
  }

  public override func makeIterator(_ machine: Machine) throws -> ValueIterator? {
    throw Failure(
      .notIterable, "`for` runs over the batches of a data set",
      help: ["for (x, y) in batches(data, 32) { … }"])
  }

  public override func description(_ printer: ValuePrinter) -> String {
    let shape = dataset.features.shape.dropFirst().map(String.init).joined(separator: "×")
    let classes = dataset.classes.map { $0 == 1 ? ", 1 class" : ", \($0) classes" } ?? ""
    let rows = dataset.count == 1 ? "1 row" : "\(dataset.count) rows"
    return "\(dataset.name): \(rows) of \(shape.isEmpty ? "1" : shape)\(classes)"
  }

  /// Columns and classes shown at most.
  private static let mostShown = 40

  public override func display(_ printer: ValuePrinter) -> String {
    var lines = [description(printer)]
    func gaps(_ count: Int?) -> String { (count ?? 0) > 0 ? ", \(count ?? 0) nan" : "" }
    let missing = try? dataset.missingCounts()
    let held = dataset.features.dtype == .u8 ? "bytes" : dataset.features.dtype.name
    if let (low, high) = try? dataset.featureRange() {
      lines.append(
        "  x        \(TensorText.sixDigits(low)) to \(TensorText.sixDigits(high))\(gaps(missing?.features)), kept as \(held)"
      )
    }
    if let counts = (try? dataset.classCounts()) ?? nil {
      let names = dataset.classNames ?? counts.indices.map(String.init)
      let parts = zip(names, counts).map { "\($0): \($1)" }
      lines.append("  classes  " + DatasetObject.listed(parts, separator: "  "))
    } else if let (low, high) = try? dataset.targetRange() {
      lines.append(
        "  y        \(TensorText.sixDigits(low)) to \(TensorText.sixDigits(high))\(gaps(missing?.targets))")
    }
    if !dataset.columns.isEmpty {
      let parts = dataset.columns.map(\.summary)
      lines.append("  columns  " + DatasetObject.listed(parts, separator: "\n           "))
    }
    if let digest = try? digest() { lines.append("  SHA-256  \(digest)") }
    if let rows = DatasetRows(dataset) { lines.append(rows.text(width: printer.width)) }
    return lines.joined(separator: "\n")
  }

  private static func listed(_ parts: [String], separator: String) -> String {
    guard parts.count > mostShown else { return parts.joined(separator: separator) }
    return (parts.prefix(mostShown) + ["… \(parts.count - mostShown) more"]).joined(separator: separator)
  }

  public override var summary: String { "a data set of \(dataset.count)" }
  public override var heldBytes: Int { dataset.features.byteCount &+ dataset.labels.byteCount }
}

/// The batches of one epoch. In a rehearsal a long epoch has three of them: two whole ones, and the last, which may be
/// short.
package final class BatchesObject: Object {
  let batches: Batches
  init(_ batches: Batches) { self.batches = batches }

  public override var kind: String { "batches" }
  public override var count: Int? { isShortened ? 3 : batches.count }
  public override func makeIterator(_ machine: Machine) throws -> ValueIterator? {
    BatchIterator(batches, isShortened ? [0, 1, batches.count - 1] : nil)
  }

  private var isShortened: Bool { Rehearsal.isOn && batches.count > 3 }

  public override func index(_ indices: [Value], _ machine: Machine) throws -> Value {
    guard indices.count == 1, let index = Conversion.integer(indices[0]) else {
      throw Failure(.wrongType, "batches are indexed by one whole number")
    }
    if isShortened, index == 2 { return try BatchesObject.pair(batches, batches.count - 1) }
    return try BatchesObject.pair(batches, try machine.position(index, batches.count))
  }

  public override func description(_ printer: ValuePrinter) -> String {
    "\(batches.count) batches of \(batches.size) from \(batches.dataset.name)"
  }
  public override var summary: String { "\(batches.count) batches" }

  static func pair(_ batches: Batches, _ position: Int) throws -> Value {
    let (x, y) = try batches.batch(position)
    return .tuple(Tuple([Term(x).value, Term(y).value]))
  }
}

private final class BatchIterator: ValueIterator {
  private let batches: Batches
  /// The batches to hand out; all of them when there is no list.
  private let chosen: [Int]?
  private var position = 0
  init(_ batches: Batches, _ chosen: [Int]?) { (self.batches, self.chosen) = (batches, chosen) }
  override func next(_ machine: Machine) throws -> Value? {
    guard position < chosen?.count ?? batches.count else { return nil }
    defer { position += 1 }
    return try BatchesObject.pair(batches, chosen?[position] ?? position)
  }
}
