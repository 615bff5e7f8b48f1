import Figures
import Graph
import Runtime

/// `sheet(figures, table, notes, legend, fields)`
enum SheetArguments {
  static func object(_ call: BuiltinCall) throws -> Value {
    let isLegend = try Pictures.given(call.values[3]).map { try call.machine.truth($0) } ?? false
    let table = try Pictures.given(call.values[1]).map { try self.table($0, isLegend) }
    let notes = try PictureData.names(call.values[2], argument: 2)
    var fields = Record([], [])
    if let value = Pictures.given(call.values[4]) {
      guard case .record(let record) = value else {
        throw Failure(.wrongType, "`fields` is a record, not \(Failure.article(value.kind))", argument: 4)
      }
      fields = record
    }
    return .object(FigureObject(Sheet(try figures(call[0]), table: table, notes: notes), fields: fields))
  }

  private static func figures(_ value: Value) throws -> [Figure] {
    let values: [Value] = if case .list(let list) = value { list.elements } else { [value] }
    return try values.flatMap { value -> [Figure] in
      guard case .object(let object as FigureObject) = value else {
        throw Failure(.wrongType, "`figures` are figures, not \(Failure.article(value.kind))", argument: 0)
      }
      return object.sheet.figures
    }
  }

  private static func table(_ value: Value, _ isLegend: Bool) throws -> Table {
    if case .record(let record) = value {
      return Table(zip(record.names, record.values).map(column), isLegend: isLegend)
    }
    guard case .list(let list) = value else {
      throw Failure(
        .wrongType,
        "`table` is a record of columns or a list of headings with columns, not \(Failure.article(value.kind))",
        argument: 1)
    }
    let columns = try list.map { pair in
      guard case .tuple(let tuple) = pair, tuple.elements.count == 2 else {
        throw Failure(.wrongType, "each column of `table` is a pair: a heading and a list", argument: 1)
      }
      return column(ValuePrinter().text(tuple.elements[0]), tuple.elements[1])
    }
    return Table(columns, isLegend: isLegend)
  }

  private static func column(_ name: String, _ value: Value) -> Table.Column {
    let values: [Value] =
      switch value {
      case .list(let list): list.elements
      case .object(let object as TensorObject) where object.tensor.rank == 1:
        (0..<object.tensor.count).map { .float(object.tensor.double(at: $0)) }
      default: [value]
      }
    let isNumeric = values.allSatisfy { if case .none = $0 { true } else { Conversion.number($0) != nil } }
    return Table.Column(name, values.map(cell), isNumeric: isNumeric)
  }

  private static func cell(_ value: Value) -> String {
    switch value {
    case .none: "–"
    case .float(let number): TensorText.sixDigits(number)
    case .object(let object as TensorObject) where object.tensor.rank == 0:
      TensorText.sixDigits(object.tensor.scalarDouble)
    default: ValuePrinter().text(value)
    }
  }
}
