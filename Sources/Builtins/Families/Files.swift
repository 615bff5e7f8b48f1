import Engine
import Graph
import Learning
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// Values in files, both ways.
enum Files {
  static var all: [Builtin] {
    [
      Builtin(
        "save(value, path, data = none, history = none, compress = false, script = true)",

        """
        Writes a value in the form that the path's ending names: `.maasm` anything, with the script; `.npy` a \
        tensor; `.npz` and `.safetensors` named tensors; `.svg`, `.png` and `.txt` a figure. `data` and `history` go \
        into the header of a `.maasm` file, and the running script, unless `script: false`; `compress: true` makes it \
        and `.npz` files small. The file is there whole or not at all.
        > save([1, 2], "a.npy")
        > load("a.npy")
        [1, 2]
        """,
        inRehearsal: .doesNothing
      ) { call in
        try Saving.save(call[0], try request(call))
        return .none
      },
      Builtin(
        "bytes(value)",
        """
        The size in bytes of the smallest .maasm file of a value: what `save(value, path, compress: true, script: false)` writes, give or take the digits of the seed.
        > let net = Dense(100, 50); bytes(prune(net, 0.9)) < bytes(net) / 3
        true
        """
      ) { call in .int(try Saving.size(call[0], call.machine)) },
      Builtin(
        "load(path, like = none)",

        """
        What is in a file: `.maasm`, `.npy`, `.npz`, `.safetensors`, `.csv`. With `like`, its structure filled with \
        what the file holds, and its own functions instead of the file's.
        > save({w: [1.0, 2.0]}, "net.maasm")
        > load("net.maasm")
        {w: [1.0, 2.0]}
        """,
        inRehearsal: .reads
      ) { call in
        try load(try path(call[0], 0), like: given(call.values[1]), call.machine)
      },
      Builtin(
        "about(path)",
        """
        What the header of a .maasm file says: kind, seed, script, data, history.
        > save({w: [1.0, 2.0]}, "net.maasm")
        > about("net.maasm").kind
        "record"
        """,
        inRehearsal: .reads
      ) {
        call in
        try about(try path(call[0], 0))
      },
      Builtin(
        "npy(path)",
        """
        The array of a `.npy` file, as a tensor.
        > save([1, 2], "a.npy")
        > npy("a.npy")
        [1, 2]
        """, inRehearsal: .reads
      ) { call in
        Term(try NPY.read(path: try path(call[0], 0))).value
      },
      Builtin(
        "npz(path)",
        """
        The arrays of a `.npz` file, as a record.
        > save({x: [1, 2]}, "a.npz")
        > npz("a.npz")
        {x: [1, 2]}
        """, inRehearsal: .reads
      ) { call in
        record(try NPZ.read(path: try path(call[0], 0)))
      },
      Builtin(
        "idx(path)",
        """
        The array of an IDX file, plain or compressed, as a tensor of bytes.
        > idx("mnist/train-images-idx3-ubyte").shape
        [3, 28, 28]
        """,
        inRehearsal: .reads
      ) { call in
        Term(try IDX.read(path: try path(call[0], 0))).value
      },
      Builtin(
        "safetensors(path)",
        """
        The tensors of a `.safetensors` file, as a record.
        > save({w: [1.0, 2.0]}, "a.safetensors")
        > safetensors("a.safetensors")
        {w: [1.0, 2.0]}
        """, inRehearsal: .reads
      ) { call in
        record(try Safetensors.read(path: try path(call[0], 0)).tensors)
      },
      Builtin(
        "file_exists(path)",
        """
        Whether there is a file of that name.
        > file_exists("houses.csv")
        true
        """, inRehearsal: .isUnknown
      ) { call in
        .bool(access(try path(call[0], 0), F_OK) == 0)
      },
      Builtin(
        "save_checkpoint(value, path)",

        """
        Writes a value for `load(path, like: …)`: functions that cannot be saved are only named, the script is left \
        out.
        > save_checkpoint({x: 1.5, f: x => x}, "run.maasm")
        > load("run.maasm", like: {x: 0.0, f: x => -x}).x
        1.5
        """,
        inRehearsal: .doesNothing
      ) { call in
        try Saving.save(
          call[0], Saving.Request(path: try path(call[1], 1), machine: call.machine, strict: false))
        return .none
      },
      Builtin(
        "random_state(state = none)",

        """
        Where the session's random stream stands, as a tuple; given one, the stream goes on from there.
        > let before = random_state()
        > let a = rand(2)
        > random_state(before)
        (0, 0)
        > equal(rand(2), a)
        true
        """
      ) { call in
        let workspace = Workspace.of(call.machine)
        if let state = given(call.values[0]) {
          guard let numbers = try Conversion.integers(state), numbers.count == 2 else {
            throw Failure(
              .wrongType, "a state of the random stream is a tuple of two whole numbers", argument: 0)
          }
          workspace.randomState = (numbers[0], numbers[1])
        }
        let (seed, draws) = workspace.randomState
        return .tuple(Tuple([.int(seed), .int(draws)]))
      },
    ]
  }

  static func path(_ value: Value, _ index: Int) throws -> String {
    guard case .text(let text) = value else {
      throw Failure(
        .wrongType, "a file is named by a string, not by \(Failure.article(value.kind))", argument: index)
    }
    guard !text.string.isEmpty, !text.string.unicodeScalars.contains("\0") else {
      throw Failure(.badValue, "this names no file", argument: index)
    }
    return WorkingFolder.resolved(text.string)
  }

  private static func given(_ value: Value?) -> Value? {
    if case .some(.none) = value { nil } else { value }
  }

  private static func request(_ call: BuiltinCall) throws -> Saving.Request {
    var request = Saving.Request(path: try path(call[1], 1), machine: call.machine)
    if let data = given(call.values[2]) {
      switch data {
      case .object(let card as DataCardObject): request.notes.append(.init("data", try card.json()))
      case .object(let data as DatasetObject):
        request.notes.append(.init("data", try DataCardObject(data).json()))
      default:
        throw Failure(.wrongType, "`data` is a data set, not \(Failure.article(data.kind))", argument: 2)
      }
    }
    if let history = given(call.values[3]) {
      var encoder = ValueEncoder(call.machine, strict: true)
      let fields = try encoder.fields(history, path: "history")
      guard encoder.tensors.isEmpty, let value = fields.first?.value else {
        throw Failure(.wrongType, "`history` is made of numbers, strings, lists and records", argument: 3)
      }
      request.notes.append(.init("history", value))
    }
    request.compress = try call.values[4].map { try call.machine.truth($0) } ?? false
    request.withScript = try call.values[5].map { try call.machine.truth($0) } ?? true
    return request
  }

  private static func record(_ tensors: [(name: String, tensor: Tensor)]) -> Value {
    .record(Record(tensors.map(\.name), tensors.map { Term($0.tensor).value }))
  }

  private static func load(_ path: String, like: Value?, _ machine: Machine) throws -> Value {
    func filled(_ tensors: [(name: String, tensor: Tensor)]) throws -> Value {
      try like.map { try NamedTensors.filled($0, from: tensors, path: path) } ?? record(tensors)
    }
    switch Saving.ending(of: path) {
    case "maasm":
      let (header, tensors) = try Maasm.read(path: path)
      guard let value = header["value"] else {
        throw Failure(.malformedFile, "`\(path)` is damaged", notes: ["the header holds no value"])
      }
      var decoder = try ValueDecoder(header: header, tensors: tensors, path: path, machine: machine)
      return try decoder.value(value, like: like)
    case "npy": return Term(try NPY.read(path: path)).value
    case "npz": return try filled(try NPZ.read(path: path))
    case "safetensors": return try filled(try Safetensors.read(path: path).tensors)
    case "csv": return .object(DatasetObject(try Table.dataset(path: path)))
    default:
      throw Failure(
        .badValue, "the ending of `\(path)` does not say what it holds",
        notes: ["known are .maasm, .npy, .npz, .safetensors and .csv"], help: ["idx(path) reads IDX files"],
        argument: 0)
    }
  }

  private static func about(_ path: String) throws -> Value {
    let header = try Maasm.header(path: path)
    let hidden: Set<String> = ["value", "functions", "globals"]
    let fields = (header.fields ?? []).filter { !hidden.contains($0.name) }
    return .record(Record(fields.map(\.name), fields.map { plain($0.value) }))
  }

  /// JSON as plain values: `record` and `tuple` of the encoding become those, the rest stays as it is.
  private static func plain(_ json: JSON) -> Value {
    switch json {
    case .null: return .none
    case .bool(let flag): return .bool(flag)
    case .integer(let number): return .int(number)
    case .float(let number): return .float(number)
    case .string(let text): return .string(text)
    case .array(let elements): return .list(List(elements.map(plain)))
    case .object(let fields):
      if fields.count == 1, fields[0].name == "record", let pairs = fields[0].value.array {
        let named = pairs.compactMap { pair -> (String, Value)? in
          guard let parts = pair.array, parts.count == 2, let name = parts[0].string else { return nil }
          return (name, plain(parts[1]))
        }
        return .record(Record(named.map(\.0), named.map(\.1)))
      }
      return .record(Record(fields.map(\.name), fields.map { plain($0.value) }))
    }
  }
}
