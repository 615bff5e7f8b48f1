import Engine
import Graph
import Learning
import Runtime

/// Data sets that are drawn or read from tables, and pictures changed at random.
enum DataSources {
  static var all: [Builtin] {
    [
      Builtin(
        "digits(n = 1000, seed = 0)",

        """
        Digits drawn from strokes, 28 × 28, each in a hand of its own: a data set.
        > digits(20, seed: 1)
        digits: 20 rows of 784, 10 classes
        """
      ) { call in
        let n = try whole(call.values[0], "n", 0) ?? 1000
        return .object(
          DatasetObject(try Digits.dataset(count: n, seed: whole(call.values[1], "seed", 1) ?? 0)))
      },
      Builtin(
        "augment(data, shift = 0, rotate = 0, noise = 0, seed = 0)",

        """
        The data with each row changed at random: pictures moved by up to `shift` pixels and turned by up to \
        `rotate` degrees, noise of that deviation added.
        > augment(digits(20), shift: 2, rotate: 10, seed: 1)
        digits: 20 rows of 784, 10 classes
        """
      ) { call in
        var changes = Dataset.Changes()
        changes.shift = try whole(call.values[1], "shift", 1) ?? 0
        changes.rotate = try number(call.values[2], "rotate", 2)
        changes.noise = try number(call.values[3], "noise", 3)
        let seed = try whole(call.values[4], "seed", 4) ?? 0
        return .object(DatasetObject(try Data.dataset(call[0]).augmented(changes, seed: seed)))
      },
      Builtin(
        "csv(path, target = none, header = none, missing = \"mean\", separator = none)",

        """
        A table in a text file as a data set: numbers as they are, texts as columns of zeros and ones. `target` \
        names the column to predict (else the last); `missing` says what becomes of gaps: "mean", "drop", "keep" \
        (nan) or "refuse".
        > csv("houses.csv", target: "price")
        houses: 3 rows of 2
        """,
        inRehearsal: .reads
      ) { call in try table(call) },
    ]
  }

  private static func whole(_ value: Value?, _ name: String, _ index: Int) throws -> Int? {
    try value.map { try Making.whole($0, name, index) }
  }

  private static func number(_ value: Value?, _ name: String, _ index: Int) throws -> Double {
    guard let value else { return 0 }
    guard let number = Conversion.number(value) else {
      throw Failure(.wrongType, "`\(name)` is a number, not \(Failure.article(value.kind))", argument: index)
    }
    return number
  }

  private static func table(_ call: BuiltinCall) throws -> Value {
    var options = Table.Options()
    switch call.values[1] ?? .none {
    case .none: break
    case .text(let text): options.target = text.string
    case .int(let number): options.target = String(number)
    case let other:
      throw Failure(
        .wrongType, "`target` is a column's name or position, not \(Failure.article(other.kind))", argument: 1
      )
    }
    switch call.values[2] ?? .none {
    case .none: break
    case let value: options.header = try call.machine.truth(value)
    }
    if let value = call.values[3] {
      guard case .text(let text) = value, let missing = Table.Missing(rawValue: text.string) else {
        let known = Table.Missing.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw Failure(.badValue, "`missing` is one of \(known)", argument: 3)
      }
      options.missing = missing
    }
    switch call.values[4] ?? .none {
    case .none: break
    case .text(let text) where text.string.utf8.count == 1: options.separator = text.string.utf8.first
    default: throw Failure(.badValue, "`separator` is one sign: \",\", \";\" or \"\\t\"", argument: 4)
    }
    return .object(DatasetObject(try Table.dataset(path: try Files.path(call[0], 0), options: options)))
  }
}
