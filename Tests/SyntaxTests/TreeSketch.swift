@testable import Syntax

/// A tree as nested parentheses, spans aside: `(+ a (* b c))`.
enum TreeSketch {
  static func of(_ text: String) throws -> String {
    try Parser.parse(Source(name: "test", text: text)).statements.map { of($0) }.joined(separator: " ; ")
  }

  static func of(_ value: Expression, groups: Bool = true) -> String {
    Sketch(groups: groups).of(value)
  }

  static func of(_ statement: Statement, groups: Bool = true) -> String {
    Sketch(groups: groups).of(statement)
  }

  static func of(_ program: Program, groups: Bool = true) -> String {
    program.statements.map { of($0, groups: groups) }.joined(separator: "\n")
  }
}

private struct Sketch {
  let groups: Bool

  func list(_ items: [Expression]) -> String { items.map { of($0) }.joined(separator: " ") }

  func of(_ value: Expression) -> String {
    switch value.form {
    case .none: return "none"
    case .bool(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .float(let value): return "\(value)"
    case .string(let parts):
      return "\""
        + parts.map { part in
          switch part {
          case .text(let text): "<\(text)>"
          case .expression(let value): "\\(\(of(value)))"
          }
        }.joined() + "\""
    case .name(let name): return name
    case .bracket(let items): return "[\(list(items))]"
    case .comprehension(let item, let clauses):
      let rest = clauses.map { clause in
        switch clause {
        case .each(let pattern, let items): "for \(of(pattern)) \(of(items))"
        case .when(let condition): "if \(of(condition))"
        }
      }
      return "[\(of(item)) \(rest.joined(separator: " "))]"
    case .tuple(let items): return "(tuple \(list(items)))"
    case .group(let inner): return groups ? "(group \(of(inner)))" : of(inner)
    case .record(let entries):
      return "(record "
        + entries.map { entry in
          switch entry {
          case .field(let name, let value): "\(name.text): \(of(value))"
          case .spread(let value, _): "...\(of(value))"
          }
        }.joined(separator: ", ") + ")"
    case .range(let start, let end, let closed):
      return "(\(closed ? "..=" : "..") \(start.map { of($0) } ?? "·") \(end.map { of($0) } ?? "·"))"
    case .unary(let sign, let inner): return "(\(sign.rawValue) \(of(inner)))"
    case .binary(let sign, _, let left, let right): return "(\(sign.rawValue) \(of(left)) \(of(right)))"
    case .call(let callee, let arguments): return "(call \(of(callee))\(of(arguments)))"
    case .index(let base, let axes): return "(index \(of(base)) \(list(axes)))"
    case .field(let base, let name): return "(. \(of(base)) \(name.text))"
    case .pipe(let left, let right): return "(|> \(of(left)) \(of(right)))"
    case .lambda(let function): return of(function)
    case .block(let block): return of(block)
    case .if(let condition, let block, let other):
      let rest =
        switch other {
        case .block(let block): " else \(of(block))"
        case .chained(let next): " else \(of(next))"
        case nil: ""
        }
      return "(if \(of(condition)) \(of(block))\(rest))"
    case .for(let pattern, let items, let block): return "(for \(of(pattern)) \(of(items)) \(of(block)))"
    case .while(let condition, let block): return "(while \(of(condition)) \(of(block)))"
    case .try(let attempt, let name, let block):
      return "(try \(of(attempt)) \(name?.text ?? "·") \(of(block)))"
    case .explain(let value, let arguments): return "(explain \(of(value))\(of(arguments)))"
    case .use(let path): return "(use <\(path)>)"
    }
  }

  func of(_ arguments: [Argument]) -> String {
    arguments.map { " \($0.label.map { "\($0.text): " } ?? "")\(of($0.value))" }.joined()
  }

  func of(_ parameters: [Parameter]) -> String {
    parameters.map { ($0.isRest ? "..." : "") + $0.name.text + ($0.fallback.map { "=\(of($0))" } ?? "") }
      .joined(separator: " ")
  }

  func of(_ function: Function) -> String {
    let name = function.name.map { " \($0.text)" } ?? ""
    let documentation = function.documentation.map { " ##\($0)##" } ?? ""
    return "(fn\(name)\(documentation) (\(of(function.parameters))) \(of(function.body)))"
  }

  func of(_ block: Block) -> String { "{\(block.statements.map { of($0) }.joined(separator: "; "))}" }

  func of(_ pattern: Pattern) -> String {
    switch pattern {
    case .name(let name): name.text
    case .ignore: "_"
    case .tuple(let parts, _): "(\(parts.map { of($0) }.joined(separator: " ")))"
    case .record(let names, _): "{\(names.map(\.text).joined(separator: " "))}"
    }
  }

  func of(_ target: Target) -> String {
    switch target {
    case .name(let name): name.text
    case .ignore: "_"
    case .index(let base, let axes, _): "(index \(of(base)) \(list(axes)))"
    case .field(let base, let name, _): "(. \(of(base)) \(name.text))"
    case .tuple(let parts, _): "(tuple \(parts.map { of($0) }.joined(separator: " ")))"
    }
  }

  func of(_ statement: Statement) -> String {
    switch statement.form {
    case .expression(let value, let silenced): return of(value) + (silenced ? " silent" : "")
    case .bind(let pattern, let value, let mutable, let documentation):
      return
        "(\(mutable ? "var" : "let") \(of(pattern)) \(of(value))\(documentation.map { " ##\($0)##" } ?? ""))"
    case .assign(let target, let sign, let value):
      return "(\(sign?.rawValue ?? "")= \(of(target)) \(of(value)))"
    case .function(let function): return of(function)
    case .model(let model):
      let documentation = model.documentation.map { " ##\($0)##" } ?? ""
      return "(model \(model.name.text)\(documentation) (\(of(model.parameters))) \(of(model.body)))"
    case .optimizer(let optimizer):
      let documentation = optimizer.documentation.map { " ##\($0)##" } ?? ""
      return "(optimizer \(optimizer.name.text)\(documentation) (\(of(optimizer.parameters)))"
        + "\(optimizer.isWhole ? " whole" : "") \(of(optimizer.body)))"
    case .state(let name, let value): return "(state \(name.text) \(of(value)))"
    case .return(let value): return "(return\(value.map { " " + of($0) } ?? ""))"
    case .break: return "break"
    case .continue: return "continue"
    }
  }
}
