/// A walk over a tree. What a walk does not care for is visited part by part, in the order in which it is evaluated.
///
/// A walk overrides what it cares for, and calls `visitParts` for what lies below.
package protocol TreeVisitor {
  mutating func visit(_ expression: Expression)
  mutating func visit(_ statement: Statement)
  mutating func visit(_ block: Block)
  /// A lambda's or a declaration's function.
  mutating func visit(_ function: Function)
  mutating func visit(_ model: ModelDeclaration)
  mutating func visit(_ optimizer: OptimizerDeclaration)
  /// What is assigned.
  mutating func visit(_ target: Target)
  /// A clause of a comprehension.
  mutating func visit(_ clause: ComprehensionClause)
}

extension TreeVisitor {
  package mutating func visit(_ expression: Expression) { visitParts(of: expression) }
  package mutating func visit(_ statement: Statement) { visitParts(of: statement) }
  package mutating func visit(_ block: Block) { for statement in block.statements { visit(statement) } }
  package mutating func visit(_ target: Target) { visitParts(of: target) }

  package mutating func visit(_ function: Function) {
    visitFallbacks(of: function.parameters)
    visit(function.body)
  }

  package mutating func visit(_ model: ModelDeclaration) {
    visitFallbacks(of: model.parameters)
    visit(model.body)
  }

  package mutating func visit(_ optimizer: OptimizerDeclaration) {
    visitFallbacks(of: optimizer.parameters)
    visit(optimizer.body)
  }

  package mutating func visit(_ clause: ComprehensionClause) {
    switch clause {
    case .each(_, let inner), .when(let inner): visit(inner)
    }
  }

  // MARK: Parts

  package mutating func visitFallbacks(of parameters: [Parameter]) {
    for parameter in parameters { if let fallback = parameter.fallback { visit(fallback) } }
  }

  package mutating func visitParts(of statement: Statement) {
    switch statement.form {
    case .expression(let value, _), .bind(_, let value, _, _), .state(_, let value): visit(value)
    case .assign(let target, _, let value):
      visit(target)
      visit(value)
    case .function(let function): visit(function)
    case .model(let model): visit(model)
    case .optimizer(let optimizer): visit(optimizer)
    case .return(let value): if let value { visit(value) }
    case .break, .continue: break
    }
  }

  package mutating func visitParts(of target: Target) {
    switch target {
    case .name, .ignore: break
    case .index(let base, let indices, _):
      visit(base)
      for index in indices { visit(index) }
    case .field(let base, _, _): visit(base)
    case .tuple(let parts, _): for part in parts { visit(part) }
    }
  }

  package mutating func visitParts(of expression: Expression) {
    switch expression.form {
    case .none, .bool, .integer, .float, .name, .use: break
    case .string(let parts): for case .expression(let part) in parts { visit(part) }
    case .bracket(let parts), .tuple(let parts): for part in parts { visit(part) }
    case .comprehension(let value, let clauses):
      for clause in clauses { visit(clause) }
      visit(value)
    case .group(let inner), .unary(_, let inner), .field(let inner, _): visit(inner)
    case .record(let entries): for entry in entries { visit(entry.value) }
    case .range(let lower, let upper, _):
      if let lower { visit(lower) }
      if let upper { visit(upper) }
    case .binary(_, _, let left, let right), .pipe(let left, let right):
      visit(left)
      visit(right)
    case .call(let callee, let arguments), .explain(let callee, let arguments):
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .index(let base, let indices):
      visit(base)
      for index in indices { visit(index) }
    case .lambda(let function): visit(function)
    case .block(let block): visit(block)
    case .if, .for, .while, .try: visitParts(ofControl: expression)
    }
  }

  private mutating func visitParts(ofControl expression: Expression) {
    switch expression.form {
    case .if(let condition, let then, let otherwise):
      visit(condition)
      visit(then)
      switch otherwise {
      case .block(let block): visit(block)
      case .chained(let next): visit(next)
      case nil: break
      }
    case .for(_, let items, let body):
      visit(items)
      visit(body)
    case .while(let condition, let body):
      visit(condition)
      visit(body)
    case .try(let body, _, let handler):
      visit(body)
      visit(handler)
    default: break
    }
  }
}

extension RecordEntry {
  package var value: Expression {
    switch self {
    case .field(_, let value), .spread(let value, _): value
    }
  }
}
