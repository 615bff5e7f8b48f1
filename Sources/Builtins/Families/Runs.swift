import Runtime

/// What training and descent give back: a record with a table to show.
enum Runs {
  static var all: [Builtin] {
    [
      Builtin(
        "make_run(title, fields, table, at = none)",
        """
        A run: the fields of a record, shown as a title over the columns of `table`, lists or functions that give a list \
        when the table is shown. `at(k)` makes what `run[k]` is.
        > let run = make_run("two steps", {loss: [0.5, 0.25]}, {step: list(1..3), loss: list([0.5, 0.25])})
        > run
        two steps
        step  loss
           1   0.5
           2  0.25
        > run.loss
        [0.5, 0.25]
        """
      ) { call in
        guard case .record(let fields) = call[1], case .record(let table) = call[2] else {
          throw Failure(.wrongType, "a run is made of two records")
        }
        return .object(
          RunObject(ValuePrinter().text(call[0]), fields, table, at: call.values[3], call.machine))
      }
    ]
  }
}

/// The history of a descent or a training: `run.path`, `run.loss`, `run.model`.
package final class RunObject: Object {
  let title: String
  let fields: Record
  let table: Record
  /// A function of a row's number that makes `run[k]`.
  private let at: Value?
  private unowned let machine: Machine

  init(_ title: String, _ fields: Record, _ table: Record, at: Value? = nil, _ machine: Machine) {
    (self.title, self.fields, self.table, self.at, self.machine) = (title, fields, table, at, machine)
  }

  public override var count: Int? {
    guard case .list(let rows)? = table.values.first else { return nil }
    return rows.elements.count
  }

  public override func index(_ indices: [Value], _ machine: Machine) throws -> Value {
    guard let count, let at, case .function = at else { return try super.index(indices, machine) }
    guard indices.count == 1, let step = Conversion.integer(indices[0]) else {
      throw Failure(
        .wrongType, "a run is indexed by the number of a step", help: ["run[-1] is the last one"])
    }
    return try machine.call(at, [.int(try machine.position(step, count))])
  }

  public override var kind: String { "run" }
  public override var fieldNames: [String] { fields.names }
  public override func field(_ name: String, _ machine: Machine) throws -> Value? { fields[name] }
  public override func description(_ printer: ValuePrinter) -> String { title }
  public override var summary: String { "a run" }
  public override var knownFields: Record? { fields }
  public override var heldBytes: Int { Value.record(fields).heldBytes }

  /// The table with the columns that are computed when somebody wants them.
  var filledTable: Record {
    Record(
      table.names,
      table.values.map { column in
        guard case .function = column else { return column }
        return (try? machine.call(column, [])) ?? .none
      })
  }

  /// Rows of the table to show whole; of a longer one the first and the last.
  private static let rowLimit = 12

  public override func display(_ printer: ValuePrinter) -> String {
    let table = filledTable
    let columns = zip(table.names, table.values).map { name, values -> [String] in
      guard case .list(let list) = values else { return [name, printer.element(values)] }
      return [name] + list.map { cell($0, printer) }
    }
    let count = (columns.map(\.count).max() ?? 1) - 1
    guard count > 0 else { return title }
    let shown =
      count <= RunObject.rowLimit
      ? Array(0...count)
      : Array(0..<RunObject.rowLimit / 2 + 1) + [-1] + Array((count - RunObject.rowLimit / 2)...count)
    let rows = shown.map { row in columns.map { row < 0 ? "…" : row < $0.count ? $0[row] : "" } }
    return title + "\n"
      + TextTable(rows[0], Array(rows.dropFirst()), numeric: Set(columns.indices)).folded(
        width: printer.width)
  }

  private func cell(_ value: Value, _ printer: ValuePrinter) -> String {
    if case .object(let object) = value, object.count ?? 0 > 4 { return object.summary }
    if case .text(let text) = value { return text.string }
    return printer.element(value)
  }
}
