import Engine
import Graph
import Learning
import Runtime

/// Records as tables: a record of equally long columns, a list of records with the same fields, a long record a field
/// a line.
enum RecordTable {
  /// Rows shown whole; of more the first and the last.
  private static let rowLimit = 20

  static func text(_ record: Record, _ printer: ValuePrinter) -> String? {
    if let columns = columns(record) { return table(record.names, columns, printer) }
    let plain = printer.element(.record(record))
    guard plain.count > printer.width || plain.contains("\n"), !record.names.isEmpty else { return nil }
    let widest = record.names.map(\.count).max() ?? 0
    return zip(record.names, record.values).map { name, value in
      let label = name + String(repeating: " ", count: widest - name.count) + "  "
      let text = ValueDisplay.cell(value, printer)
      let room = max(8, printer.width - label.count)
      return label + (text.count > room ? text.prefix(room - 1) + "…" : text)
    }.joined(separator: "\n")
  }

  static func text(_ list: List, _ printer: ValuePrinter) -> String? {
    guard list.count > 1, case .record(let first) = list[0], !first.names.isEmpty else {
      return nil
    }
    let records = list.elements.compactMap { element -> Record? in
      guard case .record(let record) = element, record.names == first.names else { return nil }
      return record
    }
    guard records.count == list.count else { return nil }
    let columns = first.names.indices.map { column in records.map { $0.values[column] } }
    return table(first.names, columns, printer)
  }

  /// The columns of a record whose fields are all lists or vectors of one length, two rows at least.
  private static func columns(_ record: Record) -> [[Value]]? {
    guard record.names.count > 1, let count = record.values.first.flatMap(length), count > 1 else {
      return nil
    }
    guard record.values.allSatisfy({ length($0) == count }) else { return nil }
    return record.values.map { value in
      switch value {
      case .list(let list): return list.elements
      case .object(let object as TensorObject):
        // Rows that are not shown need no value.
        return (0..<count).map { row in
          shown(count).contains(row) ? (try? object.term.row(row).value) ?? .none : .none
        }
      default: return []
      }
    }
  }

  private static func length(_ value: Value) -> Int? {
    switch value {
    case .list(let list): list.count
    case .object(let object as TensorObject): object.tensor.rank == 1 ? object.tensor.count : nil
    default: nil
    }
  }

  private static func shown(_ count: Int) -> [Int] {
    count <= rowLimit ? Array(0..<count) : Array(0..<rowLimit / 2) + Array(count - rowLimit / 2..<count)
  }

  private static func table(_ names: [String], _ columns: [[Value]], _ printer: ValuePrinter) -> String {
    let count = columns.first?.count ?? 0
    var rows = shown(count).map { row in [String(row)] + columns.map { ValueDisplay.cell($0[row], printer) } }
    if count > rowLimit { rows.insert([String](repeating: "…", count: names.count + 1), at: rowLimit / 2) }
    let numeric = columns.indices.filter { column in
      columns[column].allSatisfy { value in
        if case .object(let object) = value { return object.asNumber != nil }
        if case .none = value { return true }
        return value.isNumber
      }
    }
    return TextTable([""] + names, rows, numeric: Set([0] + numeric.map { $0 + 1 })).text(
      width: printer.width)
  }
}

/// The first rows of a data set from a table.
struct DatasetRows {
  private let names: [String]
  private let rows: [[String]]

  /// Rows and columns shown at most.
  private static let (rowLimit, columnLimit) = (5, 10)

  /// `nil` for pictures and whatever else has no columns to speak of.
  init?(_ dataset: Dataset) {
    let features = dataset.features
    guard features.rank == 2, let width = features.shape.last, width <= DatasetRows.columnLimit,
      dataset.count > 0
    else { return nil }
    let columns = dataset.columns.filter { !$0.isTarget }
    names = (0..<width).map { columns.count == width ? columns[$0].name : "x\($0)" } + ["y"]
    let rows = try? (0..<min(DatasetRows.rowLimit, dataset.count)).map { row in
      let cells = try (0..<width).map { column in
        TensorText.sixDigits(try features.double(at: row * width + column) * dataset.scale)
      }
      return cells + [try DatasetRows.label(row, dataset)]
    }
    guard let rows else { return nil }
    self.rows = rows
  }

  private static func label(_ row: Int, _ dataset: Dataset) throws -> String {
    guard dataset.classes != nil, dataset.labels.rank == 1 else {
      return dataset.labels.rank == 1 ? TensorText.sixDigits(try dataset.labels.double(at: row)) : "…"
    }
    let label = try dataset.labels.int(at: row)
    if let names = dataset.classNames, names.indices.contains(label) { return names[label] }
    return String(label)
  }

  func text(width: Int) -> String {
    TextTable(names, rows, numeric: Set(names.indices)).text(width: width)
      .split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
  }
}
