/// Statements, declarations, functions and patterns as text.
extension Printer {
  func statement(_ statement: Statement, indent: Int) -> String {
    switch statement.form {
    case .expression(let value, let silenced):
      return expression(value, indent: indent) + (silenced ? ";" : "")
    case .bind(let pattern, let value, let mutable, let documentation):
      return self.documentation(documentation, indent: indent)
        + "\(mutable ? "var" : "let") \(self.pattern(pattern)) = \(expression(value, indent: indent))"
    case .assign(let target, let combining, let value):
      return
        "\(self.target(target, indent: indent)) \(combining?.rawValue ?? "")= \(expression(value, indent: indent))"
    case .function(let function): return declaration(function, indent: indent)
    case .model(let model):
      return documentation(model.documentation, indent: indent)
        + "model \(model.name.text)(\(parameters(model.parameters, indent: indent))) "
        + block(model.body, indent: indent, isTall: true)
    case .optimizer(let optimizer):
      return documentation(optimizer.documentation, indent: indent)
        + "optimizer \(optimizer.name.text)(\(parameters(optimizer.parameters, indent: indent))) "
        + (optimizer.isWhole ? "whole " : "") + block(optimizer.body, indent: indent, isTall: true)
    case .state(let name, let value): return "state \(name.text) = \(expression(value, indent: indent))"
    case .return(let value): return "return" + (value.map { " " + expression($0, indent: indent) } ?? "")
    case .break: return "break"
    case .continue: return "continue"
    }
  }

  private func declaration(_ function: Function, indent: Int) -> String {
    let head =
      documentation(function.documentation, indent: indent)
      + "fn \(function.name?.text ?? "_")(\(parameters(function.parameters, indent: indent)))"
    if case .block(let body) = function.body.form { return "\(head) \(block(body, indent: indent))" }
    return "\(head) = \(expression(function.body, indent: indent))"
  }

  func lambda(_ function: Function, indent: Int) -> String {
    let body = expression(function.body, indent: indent)
    if function.parameters.count == 1, let only = function.parameters.first, only.fallback == nil,
      !only.isRest
    {
      return "\(only.name.text) => \(body)"
    }
    return "(\(parameters(function.parameters, indent: indent))) => \(body)"
  }

  private func parameters(_ parameters: [Parameter], indent: Int) -> String {
    parameters.map { parameter in
      (parameter.isRest ? "..." : "") + parameter.name.text
        + (parameter.fallback.map { " = " + expression($0, indent: indent) } ?? "")
    }.joined(separator: ", ")
  }

  /// A block: on one line if it holds at most one statement, short and on one line itself.
  func block(_ block: Block, indent: Int, isTall: Bool = false) -> String {
    guard let first = block.statements.first else { return "{ }" }
    let lines = block.statements.map { statement($0, indent: indent + 2) }
    if !isTall, block.statements.count == 1, lines[0].utf8.count + indent < Printer.width,
      !lines[0].utf8.contains(0x0a), first.fitsOneLine
    {
      return "{ \(lines[0]) }"
    }
    let margin = String(repeating: " ", count: indent)
    return "{\n" + lines.map { "\(margin)  \($0)\n" }.joined() + margin + "}"
  }

  private func documentation(_ text: String?, indent: Int) -> String {
    guard let text else { return "" }
    let margin = String(repeating: " ", count: indent)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      (line.isEmpty ? "##" : "## \(line)") + "\n" + margin
    }.joined()
  }

  func pattern(_ pattern: Pattern) -> String {
    switch pattern {
    case .name(let name): name.text
    case .ignore: "_"
    case .tuple(let parts, _):
      "(\(parts.map { self.pattern($0) }.joined(separator: ", "))\(parts.count == 1 ? "," : ""))"
    case .record(let names, _): "{\(names.map(\.text).joined(separator: ", "))}"
    }
  }

  /// A target; its indices and fields may be many, so they are not recursed into.
  private func target(_ target: Target, indent: Int) -> String {
    var links: [String] = []
    var inner = target
    while true {
      switch inner {
      case .index(let base, let axes, _):
        links.append("[\(axes.map { expression($0, indent: indent) }.joined(separator: ", "))]")
        inner = base
        continue
      case .field(let base, let name, _):
        links.append(".\(name.text)")
        inner = base
        continue
      case .name(let name): links.append(name.text)
      case .ignore: links.append("_")
      case .tuple(let parts, _):
        let items = parts.map { self.target($0, indent: indent) }.joined(separator: ", ")
        links.append("(\(items)\(parts.count == 1 ? "," : ""))")
      }
      return links.reversed().joined()
    }
  }
}

extension Statement {
  /// Reads well within a line's braces.
  fileprivate var fitsOneLine: Bool {
    switch form {
    case .expression, .assign, .return, .break, .continue, .bind: true
    default: false
    }
  }
}
