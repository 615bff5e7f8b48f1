/// Turns values into the text that `print`, interpolation and the prompt show.
public struct ValuePrinter {
  /// The width tables and tensors may take.
  package var width: Int
  /// Whether pictures and figures may use a terminal's colours.
  package var colour = false
  /// The rows of the window, where there is one.
  package var height: Int?
  /// Beyond this depth a container is written `…`: nobody reads a list nested a million deep.
  private static let depthLimit = 64
  private static let elementLimit = 1_000
  private let depth: Int
  /// How many elements of all containers together are still written.
  private let budget: Budget?

  private final class Budget {
    var left = 100_000
  }

  package init(width: Int = 100) {
    self.width = width
    depth = 0
    budget = nil
  }

  private init(inside outer: ValuePrinter) {
    width = outer.width
    colour = outer.colour
    depth = outer.depth + 1
    budget = outer.budget ?? Budget()
  }

  /// As `print` writes it: a string as it is.
  package func text(_ value: Value) -> String {
    if case .text(let text) = value { return text.string }
    return element(value)
  }

  /// As it stands inside a container: strings quoted.
  package func element(_ value: Value) -> String {
    switch value {
    case .none: return "none"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .float(let value): return Numbers.text(value)
    case .text(let text): return ValuePrinter.quoted(text.string)
    case .range(let range): return "\(range.lower)..\(range.upper)"
    case .function(let function): return function.name
    case .list(let list): return wrapped("[", list.elements, "]") { $1.element($0) }
    case .tuple(let tuple):
      return wrapped("(", tuple.elements, tuple.elements.count == 1 ? ",)" : ")") { $1.element($0) }
    case .record(let record):
      return wrapped("{", Array(zip(record.names, record.values)), "}") {
        "\(ValuePrinter.fieldName($0.0)): \($1.element($0.1))"
      }
    case .object(let object):
      if depth > ValuePrinter.depthLimit { return "…" }
      return object.description(ValuePrinter(inside: self))
    }
  }

  private func wrapped<T>(
    _ open: String, _ elements: [T], _ close: String, _ text: (T, ValuePrinter) -> String
  ) -> String {
    let inner = ValuePrinter(inside: self)
    inner.budget?.left -= min(elements.count, ValuePrinter.elementLimit)
    if depth > ValuePrinter.depthLimit || inner.budget?.left ?? 0 < 0 { return "\(open)…\(close)" }
    var parts = elements.prefix(ValuePrinter.elementLimit).map { text($0, inner) }
    if elements.count > ValuePrinter.elementLimit {
      parts.append("… \(elements.count - ValuePrinter.elementLimit) more")
    }
    return open + parts.joined(separator: ", ") + close
  }

  /// As the prompt shows it.
  package func display(_ value: Value) -> String {
    switch value {
    case .none: ""
    case .object(let object): object.display(self)
    default: element(value)
    }
  }

  /// A string with quotes and escapes, readable back.
  package static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\u{0}"..<" ", "\u{7f}": text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func fieldName(_ name: String) -> String {
    let isPlain = name.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0)
    }
    return isPlain && !name.isEmpty ? name : quoted(name)
  }
}
