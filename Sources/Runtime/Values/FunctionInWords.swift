/// A function as a title says it: what it is of, and its body or `f(x)`.
package struct FunctionInWords {
  /// The name of the parameter at a position.
  package let parameter: String
  package let body: String

  private static let bodyLimit = 60

  package init(_ function: Value, _ position: Int) {
    guard case .function(let function) = function else {
      (parameter, body) = ("x", "net(x)")
      return
    }
    let names = (function.knownParameters ?? []).map(\.name)
    parameter = position < names.count ? names[position] : "x"
    let call = "\(function.name)(\(names.isEmpty ? parameter : names.joined(separator: ", ")))"
    guard let closure = function as? Closure, closure.prototype.name == nil,
      let text = closure.prototype.bodyText, text.count <= FunctionInWords.bodyLimit
    else {
      body = call
      return
    }
    body = text
  }
}

extension Prototype {
  /// What stands after a lambda's `=>`, where that is one line.
  fileprivate var bodyText: String? {
    let text = source[span]
    guard !text.contains("\n"), let arrow = text.firstRange(of: "=>") else { return nil }
    return String(text[arrow.upperBound...].trimmed)
  }
}
