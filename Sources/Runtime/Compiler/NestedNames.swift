import Syntax

/// The names that functions nested in a piece of tree mention: what closures may share.
struct NestedNames {
  private(set) var names: Set<String> = []
  private var depth = 0

  static func of(_ statements: [Statement]) -> Set<String> {
    var walk = NestedNames()
    for statement in statements { walk.visit(statement) }
    return walk.names
  }

  static func of(_ function: Function) -> Set<String> {
    var walk = NestedNames()
    for parameter in function.parameters { parameter.fallback.map { walk.visit($0) } }
    walk.visit(function.body)
    return walk.names
  }

  private mutating func nested(_ body: (inout NestedNames) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  private mutating func visit(_ function: Function) {
    nested { walk in
      for parameter in function.parameters { parameter.fallback.map { walk.visit($0) } }
      walk.visit(function.body)
    }
  }

  private mutating func visit(_ block: Block) { for statement in block.statements { visit(statement) } }

  private mutating func visit(_ statement: Statement) {
    switch statement.form {
    case .expression(let expression, _), .bind(_, let expression, _, _), .state(_, let expression):
      visit(expression)
    case .assign(let target, _, let value):
      visit(target)
      visit(value)
    case .function(let function): visit(function)
    case .model(let model):
      nested { walk in
        for parameter in model.parameters { parameter.fallback.map { walk.visit($0) } }
        walk.visit(model.body)
      }
    case .optimizer(let optimizer):
      nested { walk in
        for parameter in optimizer.parameters { parameter.fallback.map { walk.visit($0) } }
        walk.visit(optimizer.body)
      }
    case .return(let value): value.map { visit($0) }
    case .break, .continue: break
    }
  }

  private mutating func visit(_ target: Target) {
    switch target {
    case .name(let name): if depth > 0 { names.insert(name.text) }
    case .ignore: break
    case .index(let base, let indices, _):
      visit(base)
      for index in indices { visit(index) }
    case .field(let base, _, _): visit(base)
    case .tuple(let parts, _): for part in parts { visit(part) }
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression.form {
    case .name(let name): if depth > 0 { names.insert(name) }
    case .none, .bool, .integer, .float, .use: break
    case .string(let parts):
      for case .expression(let part) in parts { visit(part) }
    case .bracket(let parts), .tuple(let parts): for part in parts { visit(part) }
    case .comprehension(let value, let clauses):
      for clause in clauses {
        switch clause {
        case .each(_, let source): visit(source)
        case .when(let condition): visit(condition)
        }
      }
      visit(value)
    case .group(let inner), .unary(_, let inner), .field(let inner, _): visit(inner)
    case .record(let entries):
      for entry in entries {
        switch entry {
        case .field(_, let value), .spread(let value, _): visit(value)
        }
      }
    case .range(let lower, let upper, _):
      lower.map { visit($0) }
      upper.map { visit($0) }
    case .binary(_, _, let lhs, let rhs), .pipe(let lhs, let rhs):
      visit(lhs)
      visit(rhs)
    case .call(let callee, let arguments), .explain(let callee, let arguments):
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .index(let base, let indices):
      visit(base)
      for index in indices { visit(index) }
    case .lambda(let function): visit(function)
    case .block(let block): visit(block)
    case .if(let condition, let then, let otherwise):
      visit(condition)
      visit(then)
      switch otherwise {
      case .block(let block): visit(block)
      case .chained(let next): visit(next)
      case nil: break
      }
    case .for(_, let source, let body):
      visit(source)
      visit(body)
    case .while(let condition, let body):
      visit(condition)
      visit(body)
    case .try(let body, _, let handler):
      visit(body)
      visit(handler)
    }
  }
}
