import Syntax

/// The working of a value: lines of symbols, the numbers put in, and what comes out.
public final class Explanation: Object {
  package struct Line {
    package let symbols: String
    /// Empty where nothing was put in.
    package let numbers: String
    package let value: String

    package init(symbols: String, numbers: String, value: String) {
      (self.symbols, self.numbers, self.value) = (symbols, numbers, value)
    }
  }

  package let title: String
  package let lines: [Line]

  package init(_ title: String, _ lines: [Line]) { (self.title, self.lines) = (title, lines) }

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

  /// Columns of symbols, numbers and values; a line that is too wide for them has a part a line. Of very many lines the
  /// first and the last.
  public override func description(_ printer: ValuePrinter) -> String {
    let columns = Columns(lines, width: max(printer.width, 120))
    var rows = lines.map(columns.row)
    if rows.count > Explanation.rowLimit {
      let half = Explanation.rowLimit / 2
      let left = "… \(rows.count - 2 * half) lines more: `.lines` has them all"
      rows = rows.prefix(half) + [left] + rows.suffix(half)
    }
    return ([title] + rows).joined(separator: "\n")
  }

  private static let rowLimit = 80
}

/// How wide the columns of an explanation are, of the lines that fit into them.
private struct Columns {
  private var left = 0
  private var middle = 0
  private var right = 0

  init(_ lines: [Explanation.Line], width: Int) {
    // Without the widest line, as often as need be.
    var fitting = lines.sorted { Columns.length($0) < Columns.length($1) }
    repeat {
      left = fitting.map(\.symbols.count).max() ?? 0
      middle = fitting.map(\.numbers.count).max() ?? 0
      right = fitting.map(\.value.count).max() ?? 0
    } while left + middle + right + 6 > width && fitting.popLast() != nil
  }

  private static func length(_ line: Explanation.Line) -> Int {
    line.symbols.count + line.numbers.count + line.value.count
  }

  func row(_ line: Explanation.Line) -> String {
    if line.numbers.isEmpty, line.symbols.hasSuffix("= \(line.value)") { return line.symbols }
    guard line.symbols.count <= left, line.numbers.count <= middle, line.value.count <= right else {
      return ([line.symbols] + (line.numbers.isEmpty ? [] : [line.numbers]) + [line.value])
        .joined(separator: "\n    = ")
    }
    let numbers = middle == 0 ? "" : " = \(padded(line.numbers.isEmpty ? line.value : line.numbers, middle))"
    return "\(padded(line.symbols, left))\(numbers) = \(line.value)"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension Machine {
  /// `a ← explanation of a`; a+1 the place asked for, a+2 … the values of the names in the expression. Of a call, a is
  /// what is called and its arguments stand before those names.
  func explain(_ i: Instruction, _ r: UnsafeMutablePointer<Slot>, _ prototype: Prototype) throws {
    let start = Int(i.a)
    var value = r[start].value
    let place = r[start + 1].value
    let line = prototype.lines[Int(i.c)]
    let argumentCount = line.argumentCount ?? 0
    if line.argumentCount != nil {
      let arguments = CallArguments((0..<argumentCount).map { r[start + 2 + $0].value })
      if case .function(let function) = value, let explanation = try function.explained(arguments, self) {
        r[start].replace(with: Slot(.object(explanation)))
        return
      }
      value = try call(value, arguments)
    }
    if case .record(let step) = value, case .object(let object)? = step["rule"],
      let rule = object as? OptimizerValue
    {
      r[start].replace(with: Slot(.object(try rule.explained(step, at: place, self))))
      return
    }
    let leaves = (0..<Int(i.b)).map { r[start + 2 + argumentCount + $0].value }
    let texts = try leaves.map { try explained($0, at: place) }
    let row = Explanation.Line(
      symbols: line.symbols, numbers: texts.isEmpty ? "" : line.substituted(texts),
      value: try explained(value, at: place))
    r[start].replace(with: Slot(.object(Explanation(line.symbols, [row]))))
  }

  /// A value as a line of working shows it: a number with all its digits, of a tensor the entry asked for.
  package func explained(_ value: Value, at place: Value) throws -> String {
    guard case .object(let object) = value, object.isNumeric else { return ValuePrinter().element(value) }
    guard object.count != nil else { return object.working }
    switch place {
    case .none: return object.working
    case .list(let indices): return try explained(index(value, indices.elements), at: .none)
    case .tuple(let indices): return try explained(index(value, indices.elements), at: .none)
    default: return try explained(index(value, [place]), at: .none)
    }
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
