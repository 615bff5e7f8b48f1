import CRuntime
import Syntax

/// The working of a value: lines of symbols, the numbers put in, and what comes out.
package final class Explanation: Object {
  package struct Line {
    package let symbols: String
    /// Empty where nothing was put in.
    package let numbers: String
    package let value: String
  }

  package let title: String
  package let lines: [Line]

  init(_ title: String, _ lines: [Line]) { (self.title, self.lines) = (title, lines) }

  public override var kind: String { "explanation" }
  public override var count: Int? { lines.count }
  public override var fieldNames: [String] { ["title", "lines"] }

  public override func field(_ name: String, _ machine: Machine) throws -> Value? {
    switch name {
    case "title": return .string(title)
    case "lines":
      return .list(
        List(
          lines.map {
            .record(
              Record([
                "symbols": .string($0.symbols), "numbers": .string($0.numbers), "value": .string($0.value),
              ]))
          }))
    default: return nil
    }
  }

  /// Columns of symbols, numbers and values; a part a line where they would be too wide.
  public override func description(_ printer: ValuePrinter) -> String { text(width: max(printer.width, 120)) }

  public override func display(_ printer: ValuePrinter) -> String { text(width: printer.width) }

  private func text(width: Int) -> String {
    let left = lines.map(\.symbols.count).max() ?? 0
    let middle = lines.map(\.numbers.count).max() ?? 0
    let right = lines.map(\.value.count).max() ?? 0
    if left + middle + right + 6 > width {
      let rows = lines.map { line in
        ([line.symbols] + (line.numbers.isEmpty ? [] : [line.numbers]) + [line.value]).joined(
          separator: "\n    = ")
      }
      return ([title] + rows).joined(separator: "\n")
    }
    let rows = lines.map { line in
      let numbers =
        middle == 0
        ? "" : " = " + Explanation.padded(line.numbers.isEmpty ? line.value : line.numbers, middle)
      return Explanation.padded(line.symbols, left) + numbers + " = " + line.value
    }
    return ([title] + rows).joined(separator: "\n")
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension Machine {
  /// `a ← explanation of a`; a+1 the place asked for, a+2 … the values of the names in the expression.
  func explain(_ i: Instruction, _ r: UnsafeMutablePointer<Slot>, _ prototype: Prototype) throws {
    let start = Int(i.a)
    let value = r[start].value
    let place = r[start + 1].value
    let line = prototype.lines[Int(i.c)]
    if case .record(let step) = value, case .object(let object)? = step["rule"],
      let rule = object as? OptimizerValue
    {
      r[start].replace(with: Slot(.object(try rule.explained(step, at: place, self))))
      return
    }
    let leaves = (0..<Int(i.b)).map { r[start + 2 + $0].value }
    let texts = try leaves.map { try explained($0, at: place) }
    let row = Explanation.Line(
      symbols: line.symbols, numbers: texts.isEmpty ? "" : line.substituted(texts),
      value: try explained(value, at: place))
    r[start].replace(with: Slot(.object(Explanation(line.symbols, [row]))))
  }

  /// A value as a line of working shows it: a number with all its digits, of a tensor the entry asked for.
  func explained(_ value: Value, at place: Value) throws -> String {
    if case .object(let object) = value, object.isNumeric, object.count != nil {
      switch place {
      case .none: break
      case .list(let indices): return try explained(index(value, indices.elements), at: .none)
      case .tuple(let indices): return try explained(index(value, indices.elements), at: .none)
      default: return try explained(index(value, [place]), at: .none)
      }
      return object.working
    }
    return ValuePrinter().element(value)
  }
}

extension OptimizerValue {
  /// The rule's lines at one step, as `run[k]` holds it: taken from the text that ran.
  func explained(_ step: Record, at place: Value, _ machine: Machine) throws -> Explanation {
    guard let x = step["from"], let g = step["g"], case .int(let t)? = step["step"] else {
      throw Failure(.badValue, "this is no step of a run: `run[k]` holds one")
    }
    let hyper = try hyperparameters.map { value in
      if case .function = value { return try machine.call(value, [.int(t)]) }
      return value
    }
    let (leaf, entry) = try Leaf.chosen(by: place, in: x, machine)
    let isWhole = constructor.declaration.isWhole
    let (parameter, gradient) = isWhole ? (x, g) : (try Leaf.leaf(leaf, of: x), try Leaf.leaf(leaf, of: g))
    let old = states.flatMap { leaf < $0.count ? $0[leaf] : nil }
    let batch = step["loss"].map { Batch(loss: $0, gradient: step["gradient"] ?? .none) }
    let arguments =
      hyper + [parameter, gradient, .int(t)] + (isWhole ? Batch.whole(batch) : Batch.leaf(batch, leaf, of: x))
    let result = try machine.runRule(constructor.account, arguments, states: old)
    guard case .list(let trace)? = result.last else { return Explanation(name, []) }
    let at = try machine.explained(parameter, at: entry)
    var lines = [
      Explanation.Line(symbols: "g", numbers: "∇f(\(at))", value: try machine.explained(gradient, at: entry))
    ]
    for row in trace.elements {
      guard case .tuple(let parts) = row, case .int(let index)? = parts.elements.first,
        parts.elements.count > 1
      else {
        continue
      }
      let line = constructor.account.prototype.lines[index]
      let values = try parts.elements.dropFirst(2).map { try machine.explained($0, at: entry) }
      lines.append(
        Explanation.Line(
          symbols: line.name.map { "\($0) = \(line.symbols)" } ?? line.symbols,
          numbers: values.isEmpty ? "" : line.substituted(values),
          value: try machine.explained(parts.elements[1], at: entry)))
    }
    let source = constructor.declaration.source
    let place = "\(source.name):\(source.line(at: Int(constructor.declaration.span.start)))"
    return Explanation("step \(t) · \(name), \(place)", lines)
  }
}

/// Which parameter of a tree, and which entry of it, `at:` asks for.
private enum Leaf {
  /// The leaf's number and the entry's indices (none for a number or a whole tensor).
  static func chosen(by place: Value, in tree: Value, _ machine: Machine) throws -> (Int, Value) {
    guard tree.isStructure else { return (0, place) }
    let paths = try Structure.paths(tree)
    guard case .text(let text) = place else {
      if case .none = place { return (0, .none) }
      throw Failure(
        .wrongType, "`at:` names a parameter by its path, a string",
        help: paths.first.map { ["at: \"\($0.dropFirst($0.hasPrefix(".") ? 1 : 0))\""] } ?? [])
    }
    let wanted = text.string
    for (index, path) in paths.enumerated() {
      let path = path.hasPrefix(".") ? String(path.dropFirst()) : path
      if wanted == path { return (index, .none) }
      if wanted.hasPrefix(path + "["), wanted.hasSuffix("]") {
        let numbers = wanted.dropFirst(path.count + 1).dropLast().split(separator: ",")
          .compactMap { Int($0.trimmed) }
        return (index, .list(List(numbers.map { .int($0) })))
      }
    }
    throw Failure(
      .badValue, "there is no parameter `\(wanted)`",
      notes: [
        "there are \(paths.prefix(8).map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }.joined(separator: ", "))"
      ])
  }

  static func leaf(_ index: Int, of tree: Value) throws -> Value {
    let leaves = try Structure.leaves(tree)
    return index < leaves.count ? leaves[index] : tree
  }
}
