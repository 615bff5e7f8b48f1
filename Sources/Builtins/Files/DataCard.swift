import Engine
import Learning
import Runtime

/// What a run and a file remember of the data: name, counts, and a digest that tells it from all other data.
package final class DataCardObject: Object {
  /// The data itself, whose digest is computed when somebody asks; nil for what a file remembers.
  private let data: DatasetObject?
  private let remembered: Record

  init(_ data: DatasetObject) { (self.data, remembered) = (data, Record([], [])) }

  private static let names = ["name", "count", "classes", "digest"]

  private init(remembered: Record) { (data, self.remembered) = (nil, remembered) }

  /// The card that a file's header holds.
  static func from(_ json: JSON, _ damaged: (String) -> Failure) throws -> DataCardObject {
    guard let name = json["name"]?.string, let count = json["count"]?.integer,
      let digest = json["digest"]?.string
    else { throw damaged("the description of the data is none") }
    let classes = json["classes"]?.integer.map { Value.int($0) } ?? .none
    return DataCardObject(
      remembered: Record(DataCardObject.names, [.string(name), .int(count), classes, .string(digest)]))
  }

  private var record: Record {
    guard let data else { return remembered }
    let classes = data.dataset.classes.map { Value.int($0) } ?? .none
    return Record(
      DataCardObject.names,
      [.string(data.dataset.name), .int(data.dataset.count), classes, .string((try? data.digest()) ?? "")])
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

  public override var kind: String { "data card" }
  public override var fieldNames: [String] { DataCardObject.names }
  public override func field(_ name: String, _ machine: Machine) throws -> Value? { record[name] }
  public override func isEqual(_ other: Object) -> Bool {
    guard let other = other as? DataCardObject, case .text(let a)? = record["digest"],
      case .text(let b)? = other.record["digest"]
    else { return false }
    return a.string == b.string
  }
  public override func description(_ printer: ValuePrinter) -> String { printer.element(.record(record)) }
  public override var summary: String { "what is known of some data" }
}
