import Engine
import Learning
import Runtime

/// What a run and a file remember of the data: name, counts, and a digest that tells it from all other data.
final class DataCardObject: Object {
  private let facts: Facts

  private enum Facts {
    /// The digest is computed when somebody asks.
    case of(DatasetObject)
    case remembered(Record)
  }

  init(_ data: DatasetObject) { facts = .of(data) }

  private static let names = ["name", "count", "classes", "digest"]

  init(_ json: JSON, _ damaged: (String) -> Failure) throws {
    guard let name = json["name"]?.string, let count = json["count"]?.integer, let digest = json["digest"]?.string
    else { throw damaged("the description of the data is none") }
    let classes = json["classes"]?.integer.map { Value.int($0) } ?? .none
    facts = .remembered(
      Record(DataCardObject.names, [.string(name), .int(count), classes, .string(digest)]))
  }

  private var record: Record {
    switch facts {
    case .of(let data):
      Record(
        DataCardObject.names,
        [
          .string(data.dataset.name), .int(data.dataset.count), data.dataset.classes.map { .int($0) } ?? .none,
          .string(data.digest),
        ])
    case .remembered(let record): record
    }
  }

  func json() throws -> JSON {
    let record = record
    return .object(
      zip(record.names, record.values).map { name, value in
        switch value {
        case .text(let text): .init(name, .string(text.string))
        case .int(let number): .init(name, .integer(number))
        default: .init(name, .null)
        }
      })
  }

  override var kind: String { "data card" }
  override var fieldNames: [String] { DataCardObject.names }
  override func field(_ name: String, _ machine: Machine) throws -> Value? { record[name] }
  override func isEqual(_ other: Object) -> Bool {
    guard let other = other as? DataCardObject, case .text(let a)? = record["digest"],
      case .text(let b)? = other.record["digest"]
    else { return false }
    return a.string == b.string
  }
  override func description(_ printer: ValuePrinter) -> String { printer.element(.record(record)) }
  override var summary: String { "what is known of some data" }
}
