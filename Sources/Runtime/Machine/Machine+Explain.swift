import CRuntime
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
  public override func description(_ printer: ValuePrinter) -> String { text(width: max(printer.width, 120)) }

  public override func display(_ printer: ValuePrinter) -> String { text(width: printer.width) }

  private func text(width: Int) -> String {
    let columns = Columns(lines, width: width)
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
    // What reads `d = 1.0` already needs no value beside it.
    if line.numbers.isEmpty, line.symbols.hasSuffix("= \(line.value)") { return line.symbols }
    guard line.symbols.count <= left, line.numbers.count <= middle, line.value.count <= right else {
      return ([line.symbols] + (line.numbers.isEmpty ? [] : [line.numbers]) + [line.value])
        .joined(separator: "\n    = ")
    }
    let numbers = line.numbers.isEmpty ? "" : " = \(padded(line.numbers, middle))"
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
    let leaves = (0..<Int(i.b)).map { r[start + 2 + argumentCount + $0].value }
    if line.argumentCount != nil {
      let arguments = CallArguments((0..<argumentCount).map { r[start + 2 + $0].value })
      if case .function(let function) = value,
        let explanation = try function.explained(arguments, at: place, self)
      {
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
    let row = try Working(self, entry: place).line(line, value: value, leaves: leaves)
    r[start].replace(with: Slot(.object(Explanation(line.symbols, [row]))))
  }

  /// What is found of a piece of text that is read back.
  enum ReadBack {
    case value(Value)
    case noValue
    /// It calls functions of the session's own, which may print, count or draw: once was asked for.
    case mayAct
  }

  /// The value of a piece of text. `names` are known to it besides the session's.
  func readBack(_ text: String, _ names: [(String, Value)] = []) -> ReadBack {
    let scope = Scope(parent: sessionScope)
    for (name, value) in names { scope.define(name, value) }
    let source = Source(name: "explain", text: text)
    guard let main = try? Compiler.compile(Parser.parse(source), scope: scope) else { return .noValue }
    if Machine.namesOwnFunctions(main) { return .mayAct }
    return (try? run(main: main)).map { .value($0) } ?? .noValue
  }

  /// Whether a piece of code, or a function written in it, names functions of the session's own.
  private static func namesOwnFunctions(_ prototype: Prototype) -> Bool {
    let names = (0..<prototype.globals.count).contains {
      guard case .function(let closure as Closure) = prototype.header.pointee.globals[$0].slot.value else {
        return false
      }
      return !closure.prototype.isLibrary
    }
    return names || prototype.prototypes.contains(where: namesOwnFunctions)
  }
}
