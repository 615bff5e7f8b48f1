import Syntax

/// The names that functions nested in a piece of tree mention: what closures may share.
struct NestedNames: TreeVisitor {
  private(set) var names: Set<String> = []
  private var depth = 0

  static func of(_ statements: [Statement]) -> Set<String> {
    var walk = NestedNames()
    for statement in statements { walk.visit(statement) }
    return walk.names
  }

  static func of(_ function: Function) -> Set<String> {
    var walk = NestedNames()
    walk.visitFallbacks(of: function.parameters)
    walk.visit(function.body)
    return walk.names
  }

  private mutating func nested(_ parameters: [Parameter], _ body: (inout NestedNames) -> Void) {
    depth += 1
    visitFallbacks(of: parameters)
    body(&self)
    depth -= 1
  }

  mutating func visit(_ function: Function) { nested(function.parameters) { $0.visit(function.body) } }
  mutating func visit(_ model: ModelDeclaration) { nested(model.parameters) { $0.visit(model.body) } }
  mutating func visit(_ rule: OptimizerDeclaration) { nested(rule.parameters) { $0.visit(rule.body) } }

  mutating func visit(_ target: Target) {
    if case .name(let name) = target { mention(name.text) }
    visitParts(of: target)
  }

  mutating func visit(_ expression: Expression) {
    if case .name(let name) = expression.form { mention(name) }
    visitParts(of: expression)
  }

  private mutating func mention(_ name: String) { if depth > 0 { names.insert(name) } }
}
