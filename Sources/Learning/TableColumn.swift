/// A column of a table: its name, what it holds, and how much of it is missing.
package struct TableColumn: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case integer
    case float
    /// Text: its different values, in alphabetical order.
    case category([String])
  }

  package let name: String
  package let kind: Kind
  /// Rows in which it has no value.
  package let missing: Int
  /// Whether it is what is to be predicted.
  package let isTarget: Bool

  package init(name: String, kind: Kind, missing: Int, isTarget: Bool) {
    (self.name, self.kind, self.missing, self.isTarget) = (name, kind, missing, isTarget)
  }

  /// `age: integer, 3 missing`
  package var summary: String {
    let type =
      switch kind {
      case .integer: "integer"
      case .float: "float"
      case .category(let values): "\(values.count) categories"
      }
    return "\(name): \(type)\(missing > 0 ? ", \(missing) missing" : "")\(isTarget ? ", the target" : "")"
  }
}
