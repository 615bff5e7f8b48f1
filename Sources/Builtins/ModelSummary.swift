import Engine
import Graph
import Runtime

/// What `net |> summary` shows: each layer with its output, parameters, bytes and multiply-adds for one input.
package final class ModelSummary: Object {
  private struct Row {
    let path: String
    let kind: String
    var output: [Int]?
    let parameters: Int
    let bytes: Int
    var multiplyAdds = 0
    /// Whether it holds layers and nothing else: shown only where it computes something itself.
    let isFrame: Bool
  }

  private var rows: [Row] = []
  private let hasOutputs: Bool

  init(_ model: ModelValue, input: Value, _ machine: Machine) throws {
    let tape = Tape()
    defer { tape.finish() }
    let traced = try Structure.map(.object(model)) { leaf in
      .object(TensorObject(try tape.variable(try Conversion.term(leaf, "a parameter"))))
    }
    var places: [ObjectIdentifier: Int] = [:]
    var rows: [Row] = []
    ModelSummary.collect(traced, path: "") { path, layer, isFrame in
      let tensors = ModelSummary.ownParameters(layer)
      places[ObjectIdentifier(layer)] = rows.count
      rows.append(
        Row(
          path: path, kind: layer.name, parameters: tensors.reduce(0) { $0 + $1.count },
          bytes: tensors.reduce(0) { $0 + $1.byteCount }, isFrame: isFrame))
    }
    let survey = Survey(places, tape)
    let example = try ModelSummary.example(input, model)
    if let example {
      let outer = machine.modelCalls
      machine.modelCalls = survey
      defer { machine.modelCalls = outer }
      _ = try machine.call(traced, [Term(example).value])
    }
    hasOutputs = example != nil
    super.init()
    for (place, found) in survey.found {
      rows[place].output = found.output
      rows[place].multiplyAdds = found.multiplyAdds
    }
    self.rows = rows.filter { !$0.isFrame || $0.multiplyAdds > 0 }
  }

  /// Every layer with its path, and whether it is only a frame for others.
  private static func collect(_ value: Value, path: String, _ body: (String, ModelValue, Bool) -> Void) {
    func each(_ values: [Value]) {
      for (index, part) in values.enumerated() { collect(part, path: "\(path)[\(index)]", body) }
    }
    switch value {
    case .list(let list): each(list.elements)
    case .tuple(let tuple): each(tuple.elements)
    case .record(let record):
      for (name, part) in zip(record.names, record.values) { collect(part, path: joined(path, name), body) }
    case .object(let object):
      guard let model = object as? ModelValue else { return }
      let isFrame = model.lets.contains { holdsModels($0.value) } && ownParameters(model).isEmpty
      body(path.isEmpty ? "net" : path, model, isFrame)
      for (name, part) in model.lets { collect(part, path: joined(path, name), body) }
    default: break
    }
  }

  private static func joined(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  private static func holdsModels(_ value: Value) -> Bool {
    switch value {
    case .list(let list): list.contains(where: holdsModels)
    case .tuple(let tuple): tuple.elements.contains(where: holdsModels)
    case .record(let record): record.values.contains(where: holdsModels)
    case .object(let object): object is ModelValue
    default: false
    }
  }

  /// The tensors of a layer that are not those of a layer in it.
  private static func ownParameters(_ model: ModelValue) -> [Tensor] {
    model.lets.compactMap { _, value in
      if case .object(let object as TensorObject) = value { object.tensor } else { nil }
    }
  }

  /// One input: as given, or as the first layer tells; `nil` where it does not.
  private static func example(_ input: Value, _ model: ModelValue) throws -> Tensor? {
    if case .object(let object as TensorObject) = input, object.tensor.dtype.isFloat || object.tensor.rank > 1
    {
      return object.tensor
    }
    if case .none = input { return try implied(model) }
    guard let shape = try Conversion.integers(input) else {
      throw Failure(.wrongType, "`input` is a tensor, or the shape of one input", argument: 1)
    }
    return try Tensor.filled(0, shape: [1] + shape, dtype: .f32)
  }

  private static func implied(_ model: ModelValue) throws -> Tensor? {
    var first: ModelValue?
    collect(.object(model), path: "") { _, layer, isFrame in if first == nil, !isFrame { first = layer } }
    guard let first else { return nil }
    let settings = Dictionary(first.settings.map { ($0.name, $0.value) }) { $1 }
    let inputs = settings["inputs"].flatMap(Conversion.integer)
    switch first.name {
    case "Dense": return try inputs.map { try Tensor.filled(0, shape: [1, $0], dtype: .f32) }
    case "GRU", "LSTM": return try inputs.map { try Tensor.filled(0, shape: [1, 1, $0], dtype: .f32) }
    case "Embedding": return try Tensor.filled(0, shape: [1, 1], dtype: .i64)
    case "Reshape":
      let sizes = try settings["shape"].flatMap(OpBuiltins.sizes) ?? []
      guard !sizes.isEmpty, sizes.allSatisfy({ $0 > 0 }) else { return nil }
      return try Tensor.filled(0, shape: [1] + sizes, dtype: .f32).reshaped([1, -1])
    default: return nil
    }
  }

  public override var kind: String { "summary" }
  public override var fieldNames: [String] { ["parameters", "bytes", "multiply_adds"] }

  public override func field(_ name: String, _ machine: Machine) throws -> Value? {
    switch name {
    case "parameters": .int(rows.reduce(0) { $0 + $1.parameters })
    case "bytes": .int(rows.reduce(0) { $0 + $1.bytes })
    case "multiply_adds": .int(rows.reduce(0) { $0 + $1.multiplyAdds })
    default: nil
    }
  }

  public override func description(_ printer: ValuePrinter) -> String { table }

  private var table: String {
    var lines = [["layer", "", "output", "parameters", "bytes", "multiply-adds"]]
    for row in rows {
      let output = row.output.map { shape in
        "[\((["·"] + shape.dropFirst().map(String.init)).joined(separator: ", "))]"
      }
      lines.append(
        [
          row.path, row.kind, output ?? "–", Grouping.text(row.parameters), Grouping.text(row.bytes),
          row.output == nil ? "–" : Grouping.text(row.multiplyAdds),
        ])
    }
    let total = rows.reduce(into: (0, 0, 0)) {
      $0 = ($0.0 + $1.parameters, $0.1 + $1.bytes, $0.2 &+ $1.multiplyAdds)
    }
    lines.append([
      "total", "", "", Grouping.text(total.0), Grouping.text(total.1),
      hasOutputs ? Grouping.text(total.2) : "–",
    ])
    let widths = (0..<6).map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { line in
      let cells = line.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < 3 ? cell + space : space + cell
      }
      return "\(cells[0])  \(cells[1])  \(cells[2])  \(cells[3])  \(cells[4])  \(cells[5])"
    }
    if !hasOutputs {
      text.append("summary(net, input: (1, 28, 28)), with the shape of one input, shows what comes out")
    }
    return text.joined(separator: "\n")
  }
}

/// Watches one pass of a network, and what each layer does to the tape.
private final class Survey: ModelCalls {
  private let places: [ObjectIdentifier: Int]
  private let tape: Tape
  private(set) var found: [Int: (output: [Int], multiplyAdds: Int)] = [:]

  init(_ places: [ObjectIdentifier: Int], _ tape: Tape) { (self.places, self.tape) = (places, tape) }

  func call(_ model: ModelValue, _ arguments: CallArguments, _ machine: Machine) throws -> Value? {
    guard let place = places[ObjectIdentifier(model)] else { return nil }
    let start = tape.count
    let inner = found.values.reduce(0) { $0 &+ $1.multiplyAdds }
    let value = try model.run("call", arguments, machine)
    let counted = found.values.reduce(0) { $0 &+ $1.multiplyAdds } &- inner
    let output = Conversion.termIfNumeric(value)?.shape ?? []
    // What layers inside have counted is theirs.
    let own = tape.multiplyAdds(from: start) &- counted
    found[place] = (output, (found[place]?.multiplyAdds ?? 0) &+ own)
    return value
  }
}
