import Compression
import Engine
import Graph
import Learning
import Runtime

/// Values as JSON, their tensors beside it: what the header and the body of a `.maasm` file hold.
///
/// Numbers, booleans, strings, `none` and lists are those of JSON; everything else is an object of one field that names
/// its kind: `tuple`, `record`, `range`, `float` (what is not finite), `tensor`,
/// `packed` (a tensor that is held, its bytes those of `PackedTensor`), `builtin`, `library`, `function`,
/// `model`, `optimizer`, `run`, `dataset`, `card`. Functions that the program wrote are numbered: `functions` holds
/// their texts, `globals` the top-level names they mention.
struct ValueEncoder {
  private(set) var tensors: Maasm.Tensors = []
  private let machine: Machine
  /// Whether a function that has no text is an error, or is only named.
  private let isStrict: Bool
  private var tensorNames: [ObjectIdentifier: String] = [:]
  private var usedNames: Set<String> = []
  private var functions: [JSON] = []
  private var functionNumbers: [ObjectIdentifier: Int] = [:]
  private var globals: [JSON] = []
  private var globalNumbers: [ObjectIdentifier: Int] = [:]
  /// Objects whose identity is remembered must live as long.
  private var kept: [AnyObject] = []

  static let depthLimit = 150

  init(_ machine: Machine, strict: Bool) { (self.machine, isStrict) = (machine, strict) }

  /// `value`, `functions` and `globals` of the header.
  mutating func fields(_ value: Value, path: String) throws -> [JSON.Field] {
    let json = try encode(value, path, 0)
    return [
      .init("value", json), .init("functions", .array(functions)), .init("globals", .array(globals)),
    ]
  }

  private mutating func encode(_ value: Value, _ path: String, _ depth: Int) throws -> JSON {
    guard depth < ValueEncoder.depthLimit else {
      throw Failure(
        .badValue, "this nests deeper than \(ValueEncoder.depthLimit): it cannot be saved", argument: 0)
    }
    switch value {
    case .none: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .integer(number)
    case .float(let number): return ValueEncoder.float(number)
    case .text(let text): return .string(text.string)
    case .list(let list): return .array(try elements(list.elements, path, depth))
    case .tuple(let tuple): return .record(["tuple": .array(try elements(tuple.elements, path, depth))])
    case .record(let record):
      return .record(["record": try pairs(Array(zip(record.names, record.values)), path, depth)])
    case .range(let range): return .record(["range": .array([.integer(range.lower), .integer(range.upper)])])
    case .function(let function): return try encode(function, depth)
    case .object(let object): return try encode(object, path, depth)
    }
  }

  static func float(_ number: Double) -> JSON {
    number.isFinite ? .float(number) : .record(["float": .string(Numbers.text(number))])
  }

  private mutating func elements(_ values: [Value], _ path: String, _ depth: Int) throws -> [JSON] {
    var result: [JSON] = []
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      result.append(try encode(value, joined(path, String(index)), depth + 1))
    }
    return result
  }

  private mutating func pairs(_ fields: [(String, Value)], _ path: String, _ depth: Int) throws -> JSON {
    var result: [JSON] = []
    for (name, value) in fields {
      result.append(.array([.string(name), try encode(value, joined(path, name), depth + 1)]))
    }
    return .array(result)
  }

  private func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  // MARK: Objects

  private mutating func encode(_ object: Object, _ path: String, _ depth: Int) throws -> JSON {
    switch object {
    case let object as TensorObject:
      if object.term.isWeak, object.tensor.rank == 0 {
        return object.tensor.dtype.isFloat
          ? ValueEncoder.float(try object.tensor.scalarDouble) : .integer(try object.tensor.int(at: 0))
      }
      if let form = object.form {
        let packed = try PackedTensor.bytes((object.tensor, form))
        return .record(["packed": .string(name(of: try Tensor(packed), object, path))])
      }
      return .record(["tensor": .string(name(of: object.tensor, object, path))])
    case let model as ModelValue:
      return .record([
        "model": .record([
          "constructor": try encode(model.constructor, depth),
          "fields": try pairs(model.allFields, path, depth),
        ])
      ])
    case let optimizer as OptimizerValue: return .record(["optimizer": try encode(optimizer, path, depth)])
    case let run as RunObject:
      return .record([
        "run": .record([
          "title": .string(run.title), "fields": try encode(.record(run.fields), path, depth + 1),
          "table": try encode(.record(run.filledTable), joined(path, "table"), depth + 1),
        ])
      ])
    case let data as DatasetObject: return .record(["dataset": try encode(data.dataset, data, path)])
    case let card as DataCardObject: return .record(["card": try card.json()])
    default:
      throw Failure(
        .wrongType, "\(Failure.article(object.kind)) cannot be saved in a .maasm file",
        notes: path.isEmpty ? [] : ["it stands at `\(path)`"], argument: 0)
    }
  }

  private mutating func encode(_ optimizer: OptimizerValue, _ path: String, _ depth: Int) throws -> JSON {
    var states: [JSON] = []
    for (index, state) in (optimizer.states ?? []).enumerated() {
      states.append(.array(try elements(state, joined(path, "states.\(index)"), depth + 1)))
    }
    return .record([
      "constructor": try encode(optimizer.constructor, depth),
      "hyperparameters": try pairs(optimizer.allHyperparameters, path, depth),
      "states": optimizer.states == nil ? .null : .array(states), "step": .integer(optimizer.step),
    ])
  }

  private mutating func encode(_ data: Dataset, _ owner: AnyObject, _ path: String) throws -> JSON {
    kept.append(owner)
    func reference(_ tensor: Tensor, _ part: String, _ encoder: inout ValueEncoder) -> JSON {
      .string(encoder.unusedName(encoder.joined(path, part), tensor))
    }
    return .record([
      "name": .string(data.name), "features": reference(data.features, "features", &self),
      "scale": .float(data.scale), "labels": reference(data.labels, "labels", &self),
      "classes": data.classes.map { .integer($0) } ?? .null,
      "class_names": data.classNames.map { .array($0.map { .string($0) }) } ?? .null,
    ])
  }

  /// A tensor that occurs twice is stored once.
  private mutating func name(of tensor: Tensor, _ owner: AnyObject, _ path: String) -> String {
    let identity = ObjectIdentifier(owner)
    if let name = tensorNames[identity] { return name }
    kept.append(owner)
    let name = unusedName(path.isEmpty ? "value" : path, tensor)
    tensorNames[identity] = name
    return name
  }

  private mutating func unusedName(_ wanted: String, _ tensor: Tensor) -> String {
    var name = wanted
    var number = 1
    while !usedNames.insert(name).inserted || name == "__metadata__" {
      number += 1
      name = "\(wanted)#\(number)"
    }
    tensors.append((name, tensor))
    return name
  }

  // MARK: Functions

  private mutating func encode(_ function: FunctionValue, _ depth: Int) throws -> JSON {
    if let number = functionNumbers[ObjectIdentifier(function)] {
      return .record(["function": .integer(number)])
    }
    let reference: FunctionReference
    do {
      reference = try machine.reference(to: function)
    } catch {
      if isStrict { throw error }
      return .record(["unsaved": .string(function.name)])
    }
    switch reference {
    case .builtin(let name): return .record(["builtin": .string(name)])
    case .library(let name): return .record(["library": .string(name)])
    case .written(let written): return try encode(written, function, depth)
    }
  }

  private mutating func encode(
    _ written: WrittenFunction, _ function: FunctionValue, _ depth: Int
  ) throws -> JSON {
    // Numbered before its surroundings are: a function may mention itself.
    let number = functions.count
    functions.append(.null)
    functionNumbers[ObjectIdentifier(function)] = number
    kept.append(function)
    var captures: [JSON] = []
    for capture in written.captures {
      let value = try encode(capture.value, "functions.\(number).\(capture.name)", depth + 1)
      captures.append(.array([.string(capture.name), value, .bool(capture.mutable)]))
    }
    var mentioned: [JSON] = []
    for global in written.globals { mentioned.append(.integer(try encode(global, depth))) }
    functions[number] = .record([
      "name": .string(function.name), "text": .string(written.text), "captures": .array(captures),
      "globals": .array(mentioned),
    ])
    return .record(["function": .integer(number)])
  }

  private mutating func encode(_ global: GlobalReference, _ depth: Int) throws -> Int {
    if let number = globalNumbers[global.identity] { return number }
    let number = globals.count
    globals.append(.null)
    globalNumbers[global.identity] = number
    var fields: [JSON.Field] = [.init("name", .string(global.name))]
    if let value = global.value {
      fields.append(.init("value", try encode(value, "globals.\(global.name)", depth + 1)))
    }
    globals[number] = .object(fields)
    return number
  }
}
