import Engine
import Graph
import Learning
import Runtime

/// The table of what `save` can write, one row a kind of file.
enum Saving {
  /// Something that a value can be saved as.
  struct Saver {
    /// How the file's name ends, without the point.
    let ending: String
    /// What can be saved so, for messages: "a tensor".
    let what: String
    let accepts: (Value) -> Bool
    let write: (Value, Request) throws -> Void

    init(
      _ ending: String, _ what: String, accepts: @escaping (Value) -> Bool = { _ in true },
      write: @escaping (Value, Request) throws -> Void
    ) {
      (self.ending, self.what, self.accepts, self.write) = (ending, what, accepts, write)
    }
  }

  /// A call of `save`.
  struct Request {
    let path: String
    let machine: Machine
    /// Fields for the header of a `.maasm` file: the data, the history.
    var notes: [JSON.Field] = []
    /// Whether an archive is packed.
    var compress = false
    /// Whether the running script goes into the header.
    var withScript = true
    /// Whether a function without a text is refused.
    var strict = true
  }

  /// The first row whose ending and kind fit is taken. A new kind of file is a new row.
  static var savers: [Saver] { [npy, npz, safetensors, maasm] + figures }

  static func save(_ value: Value, _ request: Request) throws {
    let ending = ending(of: request.path)
    let rows = savers.filter { $0.ending == ending }
    if let saver = rows.first(where: { $0.accepts(value) }) { return try saver.write(value, request) }
    guard rows.isEmpty else {
      let wanted = rows.map(\.what).joined(separator: " or ")
      throw Failure(
        .wrongType, "a .\(ending) file holds \(wanted), not \(Failure.article(value.kind))", argument: 0)
    }
    let endings = savers.map { "\($0.what): .\($0.ending)" }
    throw Failure(
      .badValue, "the ending of `\(request.path)` does not say in which form to save",
      notes: [endings.joined(separator: "; ")], argument: 1)
  }

  static func ending(of path: String) -> String {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let point = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: point)...].lowercased()
  }

  // MARK: Rows

  private static var npy: Saver {
    Saver("npy", "a tensor", accepts: { Conversion.termIfNumeric($0) != nil || isList($0) }) {
      value, request in
      try NPY.write(try Conversion.term(value, "what is saved", argument: 0).tensor, path: request.path)
    }
  }

  private static var npz: Saver {
    Saver("npz", "tensors with names (a record, or a list)", accepts: { isNamed($0) }) { value, request in
      let arrays = try NamedTensors.of(value, listPrefix: "arr_")
      try NPZ.write(arrays, path: request.path, compress: request.compress)
    }
  }

  private static var safetensors: Saver {
    Saver("safetensors", "tensors with names (a model, a record, or a list)", accepts: { isNamed($0) }) {
      value, request in
      try Safetensors.write(try NamedTensors.of(value), path: request.path)
    }
  }

  private static var maasm: Saver {
    Saver("maasm", "a model, an optimizer, a run, a data set, or any value made of those and of numbers") {
      value, request in
      var encoder = ValueEncoder(request.machine, strict: request.strict)
      let fields = try encoder.fields(value, path: value.isStructure ? "" : "value")
      let stream = Workspace.of(request.machine).randomState
      var about: [JSON.Field] = [
        .init("kind", .string(value.kind)), .init("seed", .integer(stream.seed)),
        .init("draws", .integer(stream.draws)),
      ]
      if request.strict, request.withScript, let source = request.machine.mainSource {
        about.append(.init("script", .record(["name": .string(source.name), "text": .string(source.text)])))
      }
      try Maasm.write(
        about + request.notes + fields, tensors: encoder.tensors, compress: request.compress,
        path: request.path)
    }
  }

  /// The size of the smallest file that `save` writes of a value.
  static func size(_ value: Value, _ machine: Machine) throws -> Int {
    var encoder = ValueEncoder(machine, strict: true)
    let fields = try encoder.fields(value, path: value.isStructure ? "" : "value")
    let about: [JSON.Field] = [
      .init("kind", .string(value.kind)), .init("seed", .integer(0)), .init("draws", .integer(0)),
    ]
    return try Maasm.size(about + fields, tensors: encoder.tensors)
  }

  private static func isList(_ value: Value) -> Bool {
    if case .list = value { true } else { false }
  }

  private static func isNamed(_ value: Value) -> Bool {
    switch value {
    case .record, .list, .tuple: true
    case .object(let object): object is ModelValue
    default: false
    }
  }
}

/// The tensors of a structure under the names of their places: `layers.0.weight`.
enum NamedTensors {
  static func of(_ value: Value, listPrefix: String = "") throws -> [(name: String, tensor: Tensor)] {
    var result: [(name: String, tensor: Tensor)] = []
    try collect(value, [], inModel: false, listPrefix, &result)
    return result
  }

  private static func collect(
    _ value: Value, _ path: [String], inModel: Bool, _ listPrefix: String,
    _ result: inout [(name: String, tensor: Tensor)]
  ) throws {
    guard path.count < ValueEncoder.depthLimit else {
      throw Failure(.badValue, "this nests too deeply to be saved", argument: 0)
    }
    if let term = Conversion.termIfNumeric(value) {
      // Of a model only what trains: its settings are not in such files.
      if inModel, !term.dtype.isFloat { return }
      result.append((path.joined(separator: "."), term.tensor))
      return
    }
    let parts: [(String, Value)]
    var inModel = inModel
    switch value {
    case .record(let record): parts = Array(zip(record.names, record.values))
    case .list(let list):
      parts = list.enumerated().map { (listPrefix + String($0.offset), $0.element) }
    case .tuple(let tuple):
      parts = tuple.elements.enumerated().map { (listPrefix + String($0.offset), $0.element) }
    case .object(let model as ModelValue):
      inModel = true
      parts = model.lets.map { ($0.name, $0.value) }
    default:
      guard inModel else {
        throw Failure(
          .wrongType, "\(Failure.article(value.kind)) is no tensor",
          notes: ["it stands at `\(path.joined(separator: "."))`"],
          help: ["a .maasm file holds it"], argument: 0)
      }
      return
    }
    for (name, part) in parts { try collect(part, path + [name], inModel: inModel, listPrefix, &result) }
  }

  /// A structure with its tensors replaced by those of the same names.
  static func filled(
    _ like: Value, from tensors: [(name: String, tensor: Tensor)], path: String
  ) throws -> Value {
    let names = try of(like)
    let given = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    let unknown = Set(given.keys).subtracting(names.map(\.name))
    guard unknown.isEmpty else {
      throw Failure(
        .malformedFile, "`\(path)` holds `\(unknown.sorted()[0])`, which has no place here", argument: 1)
    }
    var rest = names[...]
    return try Structure.map(like) { leaf in
      guard let (name, old) = rest.popFirst() else { return leaf }
      guard let tensor = given[name] else {
        throw Failure(.malformedFile, "`\(path)` does not hold `\(name)`", argument: 1)
      }
      guard tensor.shape == old.shape else {
        throw Failure(
          .badShape,
          "`\(name)` has shape \(Words.shape(tensor.shape)) in `\(path)`, and \(Words.shape(old.shape)) here",
          argument: 1)
      }
      if leaf.isNumber {
        return old.dtype.isFloat ? .float(try tensor.scalarDouble) : .int(try tensor.int(at: 0))
      }
      return Term(tensor).value
    }
  }
}
