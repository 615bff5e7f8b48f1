/// The syntax tree. Every node carries the span it was read from; nothing here knows values.

/// A name where it stands.
package struct Name: Hashable, Sendable {
  package let text: String
  package let span: Span
  package init(_ text: String, _ span: Span) { (self.text, self.span) = (text, span) }
}

/// An expression: its form and where it stands.
package struct Expression: Sendable {
  package let form: Form
  package let span: Span
  package init(_ form: Form, _ span: Span) { (self.form, self.span) = (form, span) }

  package indirect enum Form: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    /// A string; its parts alternate freely. A plain string is one `.text` (or none when empty).
    case string([StringPart])
    case name(String)
    /// `[a, b]`
    case bracket([Expression])
    /// `[f(x) for x in xs if p(x)]`
    case comprehension(Expression, [ComprehensionClause])
    /// `()`, `(a,)`, `(a, b)`; a parenthesised single expression is `.group`.
    case tuple([Expression])
    /// `(a)`: kept so that a tree prints as it was written.
    case group(Expression)
    case record([RecordEntry])
    /// `a..b`, `a..=b`; an end is missing only directly inside an index.
    case range(Expression?, Expression?, closed: Bool)
    case unary(UnaryOperator, Expression)
    /// The span is the operator's own.
    case binary(BinaryOperator, Span, Expression, Expression)
    case call(Expression, [Argument])
    case index(Expression, [Expression])
    case field(Expression, Name)
    /// `x |> f(a)`: the right side is a `.call` (x goes in front of its arguments) or anything that is called with x.
    case pipe(Expression, Expression)
    case lambda(Function)
    case block(Block)
    case `if`(Expression, Block, Else?)
    case `for`(Pattern, Expression, Block)
    case `while`(Expression, Block)
    /// `try E catch e { … }`; a try over a block holds a `.block`.
    case `try`(Expression, Name?, Block)
    /// `explain E, at: "…"`
    case explain(Expression, [Argument])
    /// `use "lab.maas"`
    case use(String)
  }
}

package enum StringPart: Sendable {
  case text(String)
  case expression(Expression)
}

/// One `for p in xs` or `if c` of a comprehension, outermost first.
package enum ComprehensionClause: Sendable {
  case each(Pattern, Expression)
  case when(Expression)
}

package enum RecordEntry: Sendable {
  case field(Name, Expression)
  case spread(Expression, Span)
}

/// An argument of a call; `label` for `name: value`.
package struct Argument: Sendable {
  package let label: Name?
  package let value: Expression
  package init(label: Name?, value: Expression) { (self.label, self.value) = (label, value) }
  package var span: Span { label.map { $0.span.union(value.span) } ?? value.span }
}

/// `else { … }` or `else if …` (the expression is then an `.if`).
package enum Else: Sendable {
  case block(Block)
  case chained(Expression)
}

/// `{ … }` as statements; its value is its last statement's, when that is an expression.
package struct Block: Sendable {
  package let statements: [Statement]
  package let span: Span
  package init(_ statements: [Statement], _ span: Span) { (self.statements, self.span) = (statements, span) }
}

/// What a `let`, a `for` or a parameter list takes apart.
package indirect enum Pattern: Sendable {
  case name(Name)
  /// `_`
  case ignore(Span)
  case tuple([Pattern], Span)
  /// `{loss, model}`
  case record([Name], Span)

  package var span: Span {
    switch self {
    case .name(let name): name.span
    case .ignore(let span), .tuple(_, let span), .record(_, let span): span
    }
  }

  /// Every name it binds, in order.
  package var names: [Name] {
    switch self {
    case .name(let name): [name]
    case .ignore: []
    case .tuple(let parts, _): parts.flatMap(\.names)
    case .record(let names, _): names
    }
  }
}

/// A parameter: `x`, `lr = 0.1`, `...layers` (the rest, as a list).
package struct Parameter: Sendable {
  package let name: Name
  package let fallback: Expression?
  package let isRest: Bool
  package init(_ name: Name, fallback: Expression? = nil, isRest: Bool = false) {
    (self.name, self.fallback, self.isRest) = (name, fallback, isRest)
  }
}

/// A function's text: a lambda's or a declaration's.
package struct Function: Sendable {
  /// `none` for a lambda.
  package let name: Name?
  package let parameters: [Parameter]
  package let body: Expression
  /// The whole, from `fn` or the first parameter to the end of the body.
  package let span: Span
  package let documentation: String?
  package init(
    name: Name?, parameters: [Parameter], body: Expression, span: Span, documentation: String? = nil
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.span = span
    self.documentation = documentation
  }
}

/// `model Name(a, b) { let …; fn call(x) = … }`
package struct ModelDeclaration: Sendable {
  package let name: Name
  package let parameters: [Parameter]
  /// `let`s and `fn`s, in order.
  package let body: Block
  package let span: Span
  package let documentation: String?
  package init(name: Name, parameters: [Parameter], body: Block, span: Span, documentation: String?) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.span = span
    self.documentation = documentation
  }
}

/// `optimizer Name(lr = 0.01) { state v = 0; … ; x + v }`
package struct OptimizerDeclaration: Sendable {
  package let name: Name
  package let parameters: [Parameter]
  /// Sees `x` and `g` as whole trees.
  package let isWhole: Bool
  package let body: Block
  package let span: Span
  package let documentation: String?
  package init(
    name: Name, parameters: [Parameter], isWhole: Bool, body: Block, span: Span, documentation: String?
  ) {
    self.name = name
    self.parameters = parameters
    self.isWhole = isWhole
    self.body = body
    self.span = span
    self.documentation = documentation
  }
}

/// A statement and where it stands.
package struct Statement: Sendable {
  package let form: Form
  package let span: Span
  package init(_ form: Form, _ span: Span) { (self.form, self.span) = (form, span) }

  package indirect enum Form: Sendable {
    /// `silenced`: a trailing `;` at top level.
    case expression(Expression, silenced: Bool)
    case bind(Pattern, Expression, mutable: Bool, documentation: String?)
    /// `x = v`, `x[i] += v`, `(a, b) = (b, a)`; `combining` is the operator of `+=` and its like.
    case assign(Target, combining: BinaryOperator?, Expression)
    case function(Function)
    case model(ModelDeclaration)
    case optimizer(OptimizerDeclaration)
    /// `state v = 0`, inside an optimizer only.
    case state(Name, Expression)
    case `return`(Expression?)
    case `break`
    case `continue`
  }
}

/// What stands left of an assignment's `=`.
package indirect enum Target: Sendable {
  case name(Name)
  case index(Target, [Expression], Span)
  case field(Target, Name, Span)
  case tuple([Target], Span)
  /// `_`
  case ignore(Span)

  package var span: Span {
    switch self {
    case .name(let name): name.span
    case .ignore(let span): span
    case .index(_, _, let span), .field(_, _, let span), .tuple(_, let span): span
    }
  }
}

/// A whole source, read.
package struct Program: Sendable {
  package let source: Source
  package let statements: [Statement]
  package init(source: Source, statements: [Statement]) {
    (self.source, self.statements) = (source, statements)
  }
}
