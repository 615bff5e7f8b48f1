import Syntax

/// What help says of a function, a model or an optimizer.
package struct FunctionDescription {
  package enum Kind: String { case function, model, optimizer, builtin }

  package let kind: Kind
  package let signature: String
  package let documentation: String?
  /// The file and the line it begins in; `nil` for builtins.
  package let place: String?
  /// As it is written; `nil` for builtins.
  package let text: String?

  /// - Returns: `nil` for what was made by a program and has no text, like `grad(f)`.
  package init?(_ function: FunctionValue) {
    signature = function.signature
    documentation = function.documentation
    switch function {
    case is Builtin:
      (kind, place, text) = (.builtin, nil, nil)
    case let closure as Closure:
      let prototype = closure.prototype
      (kind, text) = (.function, prototype.source[prototype.span])
      place = FunctionDescription.place(prototype.source, prototype.span)
    case let model as ModelConstructor:
      (kind, text) = (.model, model.declaration.source[model.declaration.span])
      place = FunctionDescription.place(model.declaration.source, model.declaration.span)
    case let optimizer as OptimizerConstructor:
      let declaration = optimizer.declaration
      (kind, text) = (.optimizer, declaration.source[declaration.span])
      place = FunctionDescription.place(declaration.source, declaration.span)
    default: return nil
    }
  }

  private static func place(_ source: Source, _ span: Span) -> String {
    "\(source.name):\(source.line(at: Int(span.start)))"
  }
}
