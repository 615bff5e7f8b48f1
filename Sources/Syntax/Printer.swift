/// Writes a tree as source text in the one layout: reading the text gives the same tree again, spans aside.
///
/// With the source at hand, numbers and `"""` texts keep their spelling. Comments other than documentation are not
/// part of the tree.
package struct Printer {
  let source: Source?
  /// Blocks of one statement that reach no further stay on one line.
  static let width = 90

  package static func text(of program: Program) -> String {
    let printer = Printer(source: program.source)
    var result = ""
    var before = ""
    for statement in program.statements {
      let text = printer.statement(statement, indent: 0)
      if !before.isEmpty, before.contains("\n") || text.contains("\n") { result += "\n" }
      result += text + "\n"
      before = text
    }
    return result
  }

  package static func text(of expression: Expression) -> String {
    Printer(source: nil).expression(expression, indent: 0)
  }

  package static func text(of statement: Statement) -> String {
    Printer(source: nil).statement(statement, indent: 0)
  }

  // MARK: Expressions

  /// An expression, in parentheses where it binds more loosely than its place asks for.
  func expression(_ value: Expression, atLeast floor: Precedence = .explain, indent: Int) -> String {
    let text = chain(value, indent: indent)
    return value.form.precedence < floor ? "(\(text))" : text
  }

  /// Follows the left children without recursion.
  private func chain(_ value: Expression, indent: Int) -> String {
    let spine = value.leftSpine
    guard let first = spine.last else { return "" }
    var text = head(first, indent: indent)
    var left = first
    for link in spine.dropLast().reversed() {
      if left.form.precedence < link.form.precedenceOfLeft { text = "(\(text))" }
      attach(link, to: &text, indent: indent)
      left = link
    }
    return text
  }

  private func attach(_ link: Expression, to text: inout String, indent: Int) {
    switch link.form {
    case .binary(let sign, _, _, let right):
      let floor = sign.precedence.ofRightSide(sign)
      let isSigned = if case .unary(.negate, _) = right.form { true } else { false }
      let operand = expression(right, atLeast: isSigned ? .explain : floor, indent: indent)
      text += sign == .power && !isSigned ? "^\(operand)" : " \(sign.rawValue) \(operand)"
    case .call(_, let arguments): text += "(\(self.arguments(arguments, indent: indent)))"
    case .index(_, let axes):
      text += "[\(axes.map { expression($0, indent: indent) }.joined(separator: ", "))]"
    case .field(_, let name): text += ".\(name.text)"
    case .pipe(_, let right): text += " |> \(expression(right, atLeast: .or, indent: indent))"
    case .range(_, let end, let closed):
      text += (closed ? "..=" : "..") + (end.map { expression($0, atLeast: .sum, indent: indent) } ?? "")
    default: break
    }
  }

  func arguments(_ arguments: [Argument], indent: Int) -> String {
    arguments.map { argument in
      (argument.label.map { "\($0.text): " } ?? "") + expression(argument.value, indent: indent)
    }.joined(separator: ", ")
  }

  /// An expression without a left child.
  private func head(_ value: Expression, indent: Int) -> String {
    func text(_ inner: Expression, _ floor: Precedence = .explain) -> String {
      expression(inner, atLeast: floor, indent: indent)
    }
    switch value.form {
    case .none: return "none"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let number): return spelling(value) ?? "\(number)"
    case .float(let number): return spelling(value) ?? Printer.float(number)
    case .string(let parts): return spelling(value) ?? string(parts, indent: indent)
    case .name(let name): return name
    case .bracket(let items): return "[\(items.map { text($0) }.joined(separator: ", "))]"
    case .comprehension(let item, let clauses):
      return "[\(text(item)) \(clauses.map { clause($0, indent: indent) }.joined(separator: " "))]"
    case .tuple(let items):
      return "(\(items.map { text($0) }.joined(separator: ", "))\(items.count == 1 ? "," : ""))"
    case .group(let inner): return "(\(text(inner)))"
    case .record(let entries): return "{\(entries.map { entry($0, indent: indent) }.joined(separator: ", "))}"
    case .range(_, let end, let closed): return (closed ? "..=" : "..") + (end.map { text($0, .sum) } ?? "")
    case .unary(.negate, let inner): return "-\(text(inner, .negation))"
    case .unary(.not, let inner): return "not \(text(inner, .not))"
    case .explain(let inner, let rest):
      return "explain \(text(inner, .lambda))\(rest.isEmpty ? "" : ", ")\(arguments(rest, indent: indent))"
    case .use(let path): return "use \(Printer.quoted(path))"
    default: return bodied(value, indent: indent)
    }
  }

  /// An expression that holds a block or a function.
  private func bodied(_ value: Expression, indent: Int) -> String {
    switch value.form {
    case .lambda(let function): return lambda(function, indent: indent)
    case .block(let block): return self.block(block, indent: indent)
    case .if: return ifChain(value, indent: indent)
    case .for(let pattern, let items, let body):
      return
        "for \(self.pattern(pattern)) in \(expression(items, indent: indent)) \(block(body, indent: indent))"
    case .while(let condition, let body):
      return "while \(expression(condition, indent: indent)) \(block(body, indent: indent))"
    case .try(let attempt, let name, let rescue):
      let named = name.map { " \($0.text)" } ?? ""
      return "try \(attempted(attempt, indent: indent)) catch\(named) \(block(rescue, indent: indent))"
    default: return ""
    }
  }

  /// After `try` a `{` always begins a block.
  private func attempted(_ value: Expression, indent: Int) -> String {
    let text = expression(value, indent: indent)
    let spine = value.leftSpine
    switch spine[spine.count - 1].form {
    case .record: return "(\(text))"
    case .block where spine.count > 1: return "(\(text))"
    default: return text
    }
  }

  private func ifChain(_ value: Expression, indent: Int) -> String {
    var text = ""
    var link: Expression? = value
    while let current = link, case .if(let condition, let body, let other) = current.form {
      text += "if \(expression(condition, indent: indent)) \(block(body, indent: indent))"
      link = nil
      switch other {
      case .block(let block): text += " else \(self.block(block, indent: indent))"
      case .chained(let next):
        text += " else "
        link = next
      case nil: break
      }
    }
    return text
  }

  private func clause(_ clause: ComprehensionClause, indent: Int) -> String {
    switch clause {
    case .each(let pattern, let items): "for \(self.pattern(pattern)) in \(expression(items, indent: indent))"
    case .when(let condition): "if \(expression(condition, indent: indent))"
    }
  }

  private func entry(_ entry: RecordEntry, indent: Int) -> String {
    switch entry {
    case .field(let name, let value):
      (Printer.isName(name.text) ? name.text : Printer.quoted(name.text))
        + ": \(expression(value, indent: indent))"
    case .spread(let value, _): "...\(expression(value, indent: indent))"
    }
  }
}

extension Expression.Form {
  /// How tightly this form holds together.
  var precedence: Precedence {
    switch self {
    case .binary(let sign, _, _, _): sign.precedence
    case .unary(.negate, _): .negation
    case .integer(let value) where value < 0: .negation
    case .unary(.not, _): .not
    case .pipe: .pipe
    case .range: .range
    case .lambda: .lambda
    case .explain: .explain
    default: .postfix
    }
  }

  /// How tightly its left child has to hold together.
  var precedenceOfLeft: Precedence {
    switch self {
    case .binary(let sign, _, _, _):
      sign == .power || sign.isComparison ? sign.precedence.tighter : sign.precedence
    case .pipe: .pipe
    case .range: .sum
    default: .postfix
    }
  }
}
