import Engine
import Graph
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// A model as a tree: each layer with its parameters and bytes, each tensor with its shape and how its numbers lie.
struct ModelTree {
  private struct Row {
    /// Lines of the tree and the name.
    let path: String
    let what: String
    let parameters: Int
    let bytes: Int
    let histogram: String
  }

  private var rows: [Row] = []
  private let width: Int

  /// Rows shown at most; a deep network is a long list.
  private static let rowLimit = 60

  init(_ model: ModelValue, _ printer: ValuePrinter) {
    width = printer.width
    add(model, name: "", indent: "", branch: "", printer)
  }

  private mutating func add(
    _ model: ModelValue, name: String, indent: String, branch: String, _ printer: ValuePrinter
  ) {
    let tensors = ModelTree.tensors(.object(model))
    let title = ModelTree.title(model, printer)
    rows.append(
      Row(
        path: branch + (name.isEmpty ? title : name), what: name.isEmpty ? "" : title,
        parameters: tensors.reduce(0) { $0 &+ $1.count }, bytes: tensors.reduce(0) { $0 &+ $1.byteCount },
        histogram: ""))
    let children = ModelTree.children(model)
    for (index, child) in children.enumerated() {
      let isLast = index == children.count - 1
      let branch = indent + (isLast ? "└ " : "├ ")
      switch child.value {
      case .object(let inner as ModelValue):
        add(inner, name: child.name, indent: indent + (isLast ? "  " : "│ "), branch: branch, printer)
      case .object(let object as TensorObject):
        rows.append(
          Row(
            path: branch + child.name, what: object.tensor.rank == 0 ? "" : object.summary,
            parameters: object.tensor.count, bytes: object.tensor.byteCount,
            histogram: TensorHistogram.text(object.tensor)))
      case .float(let number):
        rows.append(
          Row(path: branch + child.name, what: Numbers.text(number), parameters: 1, bytes: 8, histogram: ""))
      default: break
      }
    }
  }

  /// `Dense(784, 128, relu)`: the settings, without layers that the tree shows and defaults.
  private static func title(_ model: ModelValue, _ printer: ValuePrinter) -> String {
    let usual = model.constructor.knownParameters?.map(\.fallback) ?? []
    let settings = model.settings.enumerated().compactMap { index, setting -> String? in
      if holdsModels(setting.value) { return nil }
      let text = printer.element(setting.value)
      // What is as usual goes without saying.
      return index < usual.count && usual[index] == text ? nil : text
    }
    return settings.isEmpty ? model.name : "\(model.name)(\(settings.joined(separator: ", ")))"
  }

  /// Layers and parameters in a model, those of lists by their place.
  private static func children(_ model: ModelValue) -> [(name: String, value: Value)] {
    model.lets.flatMap { name, value in parts(name, value) }
  }

  private static func parts(_ name: String, _ value: Value) -> [(name: String, value: Value)] {
    switch value {
    case .list(let list):
      return list.elements.enumerated().flatMap { parts("\(name)[\($0.offset)]", $0.element) }
    case .tuple(let tuple):
      return tuple.elements.enumerated().flatMap { parts("\(name)[\($0.offset)]", $0.element) }
    case .record(let record):
      return zip(record.names, record.values).flatMap { parts("\(name).\($0.0)", $0.1) }
    case .float: return [(name, value)]
    case .object(let object):
      return object is ModelValue || object.isParameter ? [(name, value)] : []
    default: return []
    }
  }

  private static func holdsModels(_ value: Value) -> Bool {
    switch value {
    case .list(let list): list.elements.contains(where: holdsModels)
    case .tuple(let tuple): tuple.elements.contains(where: holdsModels)
    case .record(let record): record.values.contains(where: holdsModels)
    case .object(let object): object is ModelValue
    default: false
    }
  }

  private static func tensors(_ value: Value) -> [Tensor] {
    ((try? Structure.leaves(value)) ?? []).compactMap { leaf in
      switch leaf {
      case .object(let object as TensorObject): object.tensor
      case .float(let number): Tensor(scalar: number)
      default: nil
      }
    }
  }

  var text: String {
    let shown = rows.prefix(ModelTree.rowLimit).map { row in
      [
        row.path, row.what, Grouping.text(row.parameters), Grouping.text(row.bytes), row.histogram,
      ]
    }
    let more = rows.count > shown.count ? "\n… \(rows.count - shown.count) more rows" : ""
    return TextTable(["model", "", "parameters", "bytes", "values"], Array(shown), numeric: [2, 3])
      .text(width: width) + more
  }
}

/// How the numbers of a tensor lie: a bar for each eighth of their range, and its ends.
enum TensorHistogram {
  private static let bins = 8

  static func text(_ tensor: Tensor) -> String {
    guard tensor.count > 0 else { return "" }
    if tensor.count == 1 { return (try? tensor.double(at: 0)).map(TensorText.sixDigits) ?? "" }
    guard let (low, high) = range(tensor) else { return "some are no numbers" }
    guard low < high else { return "all \(TensorText.sixDigits(low))" }
    guard let counts = try? counts(tensor, low, high), let most = counts.max(), most > 0 else { return "" }
    let bars = Array(" ▁▂▃▄▅▆▇█")
    let bar = counts.map { count in
      String(bars[count == 0 ? 0 : max(1, Int((Double(count) / Double(most) * 8).rounded()))])
    }.joined()
    return "\(threeDigits(low)) \(bar) \(threeDigits(high))"
  }

  private static func range(_ tensor: Tensor) -> (Double, Double)? {
    guard let low = try? Tensor.reduce(.min, tensor, axes: nil, keep: false).double(at: 0),
      let high = try? Tensor.reduce(.max, tensor, axes: nil, keep: false).double(at: 0),
      low.isFinite, high.isFinite
    else { return nil }
    return (low, high)
  }

  /// How many numbers lie in each part of the range: differences of how many lie below each edge.
  private static func counts(_ tensor: Tensor, _ low: Double, _ high: Double) throws -> [Int] {
    var below = [0]
    for edge in 1..<bins {
      let place = Tensor(scalar: low + (high - low) * Double(edge) / Double(bins))
      let smaller = try Tensor.binary(.less, tensor, try place.converted(to: tensor.dtype))
      below.append(
        try Tensor.reduce(.sum, try smaller.converted(to: .i64), axes: nil, keep: false).int(at: 0))
    }
    below.append(tensor.count)
    return zip(below, below.dropFirst()).map { $1 - $0 }
  }

  private static func threeDigits(_ value: Double) -> String {
    let scale = value == 0 ? 1 : pow(10, 2 - floor(log10(abs(value))))
    return TensorText.sixDigits(scale.isFinite && scale > 0 ? (value * scale).rounded() / scale : value)
  }
}

/// `100,480`
enum Grouping {
  static func text(_ number: Int) -> String {
    var digits = Array(String(number))
    var place = digits.count - 3
    while place > 0, digits[place - 1].isNumber {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }
}
