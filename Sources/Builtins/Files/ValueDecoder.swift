import Compression
import Engine
import Graph
import Learning
import Runtime

/// Values from the header and the tensors of a `.maasm` file, which may hold anything at all.
struct ValueDecoder {
  private let path: String
  private let tensors: [String: TensorObject]
  private let functions: [JSON]
  private let globals: [JSON]
  private let machine: Machine
  private let restorer: FunctionRestorer
  private var made: [Int: FunctionValue] = [:]
  /// Functions that are being made: one whose captures lead back to itself has no beginning.
  private var making: Set<Int> = []
  private var boundGlobals: Set<Int> = []

  init(header: JSON, tensors: Maasm.Tensors, path: String, machine: Machine) throws {
    self.path = path
    self.tensors = Dictionary(
      tensors.map { ($0.name, TensorObject(Term($0.tensor))) }, uniquingKeysWith: { first, _ in first })
    functions = header["functions"]?.array ?? []
    globals = header["globals"]?.array ?? []
    self.machine = machine
    restorer = FunctionRestorer(machine, path: path)
  }

  private func damaged(_ reason: String) -> Failure {
    Failure(.malformedFile, "`\(path)` is damaged", notes: [reason])
  }

  /// - Parameter like: a value of the same build; where it has functions, models and optimizers, their declarations are
  ///   taken from it and not from the file.
  mutating func value(_ json: JSON, like: Value? = nil) throws -> Value {
    switch json {
    case .null: return .none
    case .bool(let flag): return .bool(flag)
    case .integer(let number): return .int(number)
    case .float(let number): return .float(number)
    case .string(let text): return .string(text)
    case .array(let elements): return .list(List(try values(elements, like.flatMap(ValueDecoder.elements))))
    case .object(let fields):
      guard fields.count == 1, let field = fields.first else {
        throw damaged("a value of the header has no one kind")
      }
      return try value(kind: field.name, field.value, like)
    }
  }

  private static func elements(_ value: Value) -> [Value]? {
    switch value {
    case .list(let list): list.elements
    case .tuple(let tuple): tuple.elements
    default: nil
    }
  }

  private mutating func values(_ elements: [JSON], _ like: [Value]?) throws -> [Value] {
    var result: [Value] = []
    for (index, element) in elements.enumerated() {
      result.append(try value(element, like: like.flatMap { index < $0.count ? $0[index] : nil }))
    }
    return result
  }

  private mutating func value(kind: String, _ json: JSON, _ like: Value?) throws -> Value {
    switch kind {
    case "float":
      let values: [String: Double] = ["inf": .infinity, "-inf": -.infinity, "nan": .nan]
      guard let number = json.string.flatMap({ values[$0] }) else {
        throw damaged("a float of the header is none")
      }
      return .float(number)
    case "tuple":
      guard let elements = json.array else { throw damaged("a tuple of the header is none") }
      return .tuple(Tuple(try values(elements, like.flatMap(ValueDecoder.elements))))
    case "record":
      let fields = try pairs(json) { name in
        if case .record(let record)? = like { record[name] } else { nil }
      }
      guard Set(fields.map(\.name)).count == fields.count else { throw damaged("a record has a field twice") }
      return .record(Record(fields.map(\.name), fields.map(\.value)))
    case "range":
      guard let ends = json.array, ends.count == 2, let lower = ends[0].integer, let upper = ends[1].integer
      else {
        throw damaged("a range of the header is none")
      }
      return .range(RangeValue(lower, upper))
    case "tensor": return Term(try tensor(json)).value
    case "packed": return .object(TensorObject(try PackedTensor.read(try packed(json), path: path)))
    case "builtin", "library", "function", "unsaved": return .function(try function(kind, json, like))
    case "model": return try model(json, like)
    case "optimizer": return try optimizer(json, like)
    case "run": return try run(json, like)
    case "dataset": return try dataset(json)
    case "card": return .object(try DataCardObject.from(json) { damaged($0) })
    default: throw damaged("the kind of value `\(kind)` is unknown")
    }
  }

  private func tensor(_ json: JSON?) throws -> Tensor {
    guard let name = json?.string else { throw damaged("a tensor of the header has no name") }
    guard let object = tensors[name] else { throw damaged("the tensor `\(name)` is not in the body") }
    return object.tensor
  }

  private func packed(_ json: JSON) throws -> [UInt8] {
    let bytes = try tensor(json)
    guard bytes.dtype == .u8, bytes.rank == 1 else {
      throw damaged("a packed tensor of the body is no row of bytes")
    }
    return try bytes.array(UInt8.self)
  }

  private mutating func pairs(
    _ json: JSON?, like: (String) -> Value? = { _ in nil }
  ) throws -> [(
    name: String, value: Value
  )] {
    guard let pairs = json?.array else { throw damaged("named values are missing in the header") }
    var result: [(name: String, value: Value)] = []
    for pair in pairs {
      guard let parts = pair.array, parts.count == 2, let name = parts[0].string else {
        throw damaged("a named value of the header is none")
      }
      result.append((name, try value(parts[1], like: like(name))))
    }
    return result
  }

  // MARK: Objects

  private mutating func model(_ json: JSON, _ like: Value?) throws -> Value {
    var same: ModelValue?
    if case .object(let object)? = like { same = object as? ModelValue }
    let constructor = try constructor(json["constructor"], same?.constructor)
    if constructor !== same?.constructor { same = nil }
    guard let parts = json["fields"]?.array else { throw damaged("a model of the header has no fields") }
    var fields: [(name: String, value: Value)] = []
    for (index, part) in parts.enumerated() {
      guard let pair = part.array, pair.count == 2, let name = pair[0].string else {
        throw damaged("a field of a model is none")
      }
      let own = same.flatMap { index < $0.fields.count ? $0.fields[index] : nil }
      fields.append((name, try value(pair[1], like: own)))
    }
    return .object(try restorer.model(constructor, fields))
  }

  private mutating func optimizer(_ json: JSON, _ like: Value?) throws -> Value {
    var same: OptimizerValue?
    if case .object(let object)? = like { same = object as? OptimizerValue }
    let constructor = try constructor(json["constructor"], same?.constructor)
    let own = constructor === same?.constructor ? same?.allHyperparameters : nil
    let hyperparameters = try own ?? pairs(json["hyperparameters"])
    var states: [[Value]]?
    if let list = json["states"]?.array {
      var made: [[Value]] = []
      for state in list {
        guard let elements = state.array else { throw damaged("a state of an optimizer is none") }
        made.append(try values(elements, nil))
      }
      states = made
    }
    guard let step = json["step"]?.integer else { throw damaged("an optimizer of the header has no step") }
    return .object(try restorer.optimizer(constructor, hyperparameters, states: states, step: step))
  }

  /// The one in the file, unless `own` is of the same name.
  private mutating func constructor(_ json: JSON?, _ own: FunctionValue?) throws -> FunctionValue {
    guard let field = json?.fields?.first else { throw damaged("a constructor is missing in the header") }
    return try function(field.name, field.value, own.map { .function($0) })
  }

  private mutating func run(_ json: JSON, _ like: Value?) throws -> Value {
    guard let title = json["title"]?.string, let fields = json["fields"], let table = json["table"],
      case .record(let values) = try value(fields), case .record(let columns) = try value(table)
    else { throw damaged("a run of the header is none") }
    return .object(RunObject(title, values, columns, machine))
  }

  private func dataset(_ json: JSON) throws -> Value {
    guard let name = json["name"]?.string, let scale = json["scale"] else {
      throw damaged("a data set of the header is none")
    }
    let factor: Double
    switch scale {
    case .float(let number): factor = number
    case .integer(let number): factor = Double(number)
    default: throw damaged("a data set of the header has no scale")
    }
    let names = json["class_names"]?.array?.compactMap(\.string)
    return .object(
      DatasetObject(
        try Dataset(
          name: name, features: tensor(json["features"]), scale: factor, labels: tensor(json["labels"]),
          classes: json["classes"]?.integer, classNames: names)))
  }

  // MARK: Functions

  private mutating func function(_ kind: String, _ json: JSON, _ like: Value?) throws -> FunctionValue {
    var own: FunctionValue?
    if case .function(let function)? = like { own = function }
    switch kind {
    case "function":
      guard let number = json.integer, functions.indices.contains(number) else {
        throw damaged("a function of the header is not among its functions")
      }
      if let own, functions[number]["name"]?.string == own.name { return own }
      return try written(number)
    case "unsaved":
      guard let name = json.string else { throw damaged("a function of the header has no name") }
      if let own { return own }
      throw Failure(
        .badValue, "the function \(name) had no text that could be saved in `\(path)`",
        help: ["load(path, like: …) takes it from a value of the same build"])
    case "builtin", "library":
      guard let name = json.string else { throw damaged("a function of the header has no name") }
      if let own, own.name == name { return own }
      return try restorer.named(name)
    default: throw damaged("a function of the header is of the unknown kind `\(kind)`")
    }
  }

  private mutating func written(_ number: Int) throws -> FunctionValue {
    if let function = made[number] { return function }
    guard making.insert(number).inserted else { throw damaged("a function has captured itself") }
    defer { making.remove(number) }
    let json = functions[number]
    guard let text = json["text"]?.string, let mentioned = json["globals"]?.array,
      let list = json["captures"]?.array
    else { throw damaged("a function of the header has no text") }
    var captures: [(name: String, value: Value, mutable: Bool)] = []
    for capture in list {
      guard let parts = capture.array, parts.count == 3, let name = parts[0].string,
        case .bool(let mutable) = parts[2]
      else { throw damaged("a captured variable of the header is none") }
      captures.append((name, try value(parts[1]), mutable))
    }
    let names = try mentioned.map { id in
      guard let id = id.integer, globals.indices.contains(id), let name = globals[id]["name"]?.string else {
        throw damaged("a name that a function mentions is not in the header")
      }
      return (id: id, name: name)
    }
    let function = try restorer.written(text, captures: captures, globals: names)
    made[number] = function
    // After the function exists: what the name is bound to may mention it.
    for (id, name) in names where boundGlobals.insert(id).inserted {
      if let json = globals[id]["value"] { restorer.bind(id, name, to: try value(json)) }
    }
    return function
  }
}
