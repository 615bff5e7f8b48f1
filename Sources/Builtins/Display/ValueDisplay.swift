import Runtime

/// How the prompt shows values that are no single object: models as trees, records and lists of records as tables.
enum ValueDisplay {
  /// `nil` leaves a value to the language's own text.
  static func text(_ value: Value, _ printer: ValuePrinter) -> String? {
    switch value {
    case .object(let model as ModelValue): return ModelTree(model, printer).text
    case .record(let record): return RecordTable.text(record, printer)
    case .list(let list): return RecordTable.text(list, printer)
    case .tuple(let tuple): return parts(tuple, printer)
    default: return nil
    }
  }

  static func shown(_ value: Value, _ printer: ValuePrinter) -> String {
    text(value, printer) ?? printer.display(value)
  }

  /// A tuple of things with displays of their own: one below the other.
  private static func parts(_ tuple: Tuple, _ printer: ValuePrinter) -> String? {
    guard (1...8).contains(tuple.elements.count) else { return nil }
    let plain = printer.element(.tuple(tuple))
    guard plain.count > printer.width || plain.contains("\n") else { return nil }
    return tuple.elements.enumerated().map { index, element in
      let label = "[\(index)] "
      var inner = printer
      inner.width = max(16, printer.width - label.count)
      return indented(label, shown(element, inner))
    }.joined(separator: "\n")
  }

  /// A label, and further lines below the first one's text.
  static func indented(_ label: String, _ text: String) -> String {
    label + text.replacing("\n", with: "\n" + String(repeating: " ", count: label.count))
  }

  /// A value in one line of a table.
  static func cell(_ value: Value, _ printer: ValuePrinter) -> String {
    switch value {
    case .object(let object):
      if object.isNumeric, object.count ?? 0 <= 4 {
        let text = object.description(printer)
        if !text.contains("\n") { return text }
      }
      return object.summary
    case .text(let text): return text.string.replacing("\n", with: " ")
    case .list(let list) where list.count > 8: return "a list of \(list.count)"
    case .record(let record) where record.names.count > 6: return "a record of \(record.names.count)"
    default: return printer.element(value)
    }
  }
}
