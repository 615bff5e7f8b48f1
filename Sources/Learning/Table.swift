import Engine

#if canImport(Glibc)
  import Glibc
#endif

/// A table in a file as a data set: numbers as they are, categories as columns of zeros and ones.
package enum Table {
  /// What a row without a number in some column becomes.
  package enum Missing: String, CaseIterable, Sendable {
    /// The mean of the column.
    case mean
    /// The row is left out.
    case drop
    /// `nan`.
    case keep
    /// The table is refused.
    case refuse
  }

  package struct Options: Sendable {
    /// The target's name, or its position; nil takes the last column.
    package var target: String?
    /// Nil finds out: a first row without numbers over columns with some is a header.
    package var header: Bool?
    package var missing: Missing = .mean
    package var separator: UInt8?
    package init() {}
  }

  /// More different texts in a feature are no categories but names or prose.
  static let mostCategories = 64
  private static let missingWords: Set<String> = ["", "?", "na", "n/a", "nan", "null", "none"]

  package static func dataset(path: String, options: Options = Options()) throws -> Dataset {
    let csv = try CSV(path: path, separator: options.separator)
    let survey = try Survey(csv, options)
    return try Filling(csv, survey, options).dataset()
  }

  static func isMissing(_ text: String) -> Bool {
    text.utf8.count <= 4 && missingWords.contains(text.lowercased())
  }

  static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, !text.lowercased().contains("x") else { return nil }
    // "infinity", "nan" are words, 12e3 is a number.
    guard (0x30...0x39).contains(first) || first == 0x2d || first == 0x2b || first == 0x2e else { return nil }
    return Double(first == 0x2b ? String(text.dropFirst()) : text)
  }

  // MARK: First pass

  /// What one column is made of.
  struct ColumnSurvey {
    var name: String
    var missing = 0
    var numbers = 0
    var texts = 0
    var isWhole = true
    var total = 0.0
    /// Different values, as long as there are not too many.
    var values: Set<String> = []
    var mean: Double { numbers > 0 ? total / Double(numbers) : 0 }
  }

  struct Survey {
    var columns: [ColumnSurvey] = []
    var rowCount = 0
    var hasHeader = false
    var target = 0
    /// A target may have more classes than a feature categories.
    static let mostValues = 10_000

    init(_ csv: CSV, _ options: Options) throws {
      var first: [(text: String, isQuoted: Bool)]?
      var second: [String]?
      try csv.forEachRow { line, fields in
        if first == nil {
          first = try fields.map { (try csv.text($0), $0.isQuoted) }
        } else if second == nil {
          second = try fields.map { try csv.text($0) }
        }
      }
      guard let first else { throw DataError.disagreement("\(csv.path) holds no rows") }
      let looksNamed = first.allSatisfy { Table.number($0.text) == nil && !Table.isMissing($0.text) }
      // Names alone are names of nothing.
      let hasNumbers = second?.contains { Table.number($0) != nil || Table.isMissing($0) } ?? true
      hasHeader = options.header ?? (looksNamed && hasNumbers)
      columns = first.enumerated().map { index, field in
        ColumnSurvey(name: hasHeader ? field.text : "column \(index)")
      }
      if hasHeader { try checkNames(csv) }
      try count(csv)
      guard rowCount > 0 else { throw DataError.disagreement("\(csv.path) holds a header and no rows") }
      target = try position(of: options.target, csv)
    }

    private func checkNames(_ csv: CSV) throws {
      var seen: Set<String> = []
      for column in columns where !seen.insert(column.name).inserted {
        throw DataError.disagreement("\(csv.path) has two columns called \"\(column.name)\"")
      }
    }

    private mutating func count(_ csv: CSV) throws {
      var isFirst = hasHeader
      try csv.forEachRow { line, fields in
        guard fields.count == columns.count else {
          throw DataError.disagreement(
            "line \(line) of \(csv.path) has \(fields.count) fields, the first row \(columns.count)")
        }
        if isFirst {
          isFirst = false
          return
        }
        rowCount += 1
        for (index, field) in fields.enumerated() { columns[index].take(try csv.text(field), field.isQuoted) }
      }
    }

    private func position(of target: String?, _ csv: CSV) throws -> Int {
      guard let target else { return columns.count - 1 }
      if let index = columns.firstIndex(where: { $0.name == target }) { return index }
      if let index = Int(target), index < columns.count, index >= -columns.count {
        return index < 0 ? index + columns.count : index
      }
      let names = columns.prefix(20).map { "\"\($0.name)\"" }.joined(separator: ", ")
      throw DataError.badValue("\(csv.path) has no column \"\(target)\": its columns are \(names)")
    }
  }
}

extension Table.ColumnSurvey {
  mutating func take(_ text: String, _ isQuoted: Bool) {
    if Table.isMissing(text), !isQuoted || text.isEmpty {
      missing += 1
      return
    }
    if values.count <= Table.Survey.mostValues { values.insert(text) }
    guard let number = Table.number(text), number.isFinite else {
      texts += 1
      return
    }
    numbers += 1
    total += number
    isWhole = isWhole && number == number.rounded() && abs(number) < 0x1p53
  }

  /// Text in one row makes text of all.
  var isText: Bool { texts > 0 }

  /// The values in alphabetical order; those of numbers in theirs.
  var sortedValues: [String] {
    if isText { return values.sorted() }
    return values.sorted { (Table.number($0) ?? 0, $0) < (Table.number($1) ?? 0, $1) }
  }
}

/// The second pass: rows into tensors.
private struct Filling {
  let csv: CSV
  let survey: Table.Survey
  let options: Table.Options
  /// The values of each text column, with their positions.
  var categories: [[String: Int]]
  /// The first feature of each column.
  var starts: [Int] = []
  var width = 0
  /// The classes of the target; nil for numbers.
  var classNames: [String]?

  init(_ csv: CSV, _ survey: Table.Survey, _ options: Table.Options) throws {
    self.csv = csv
    self.survey = survey
    self.options = options
    categories = survey.columns.map { column in
      guard column.isText else { return [:] }
      return Dictionary(uniqueKeysWithValues: column.sortedValues.enumerated().map { ($1, $0) })
    }
    for (index, column) in survey.columns.enumerated() {
      starts.append(width)
      if index == survey.target { continue }
      if column.isText, column.values.count > Table.mostCategories {
        throw DataError.badValue(
          "the column \"\(column.name)\" of \(csv.path) holds \(column.values.count) different texts: too many to be categories"
        )
      }
      width += column.isText ? column.values.count : 1
    }
    guard width > 0 else { throw DataError.disagreement("\(csv.path) has no column besides the target") }
    let target = survey.columns[survey.target]
    guard target.texts + target.numbers > 0 else {
      throw DataError.disagreement("the target \"\(target.name)\" of \(csv.path) is missing in every row")
    }
    guard target.values.count <= Table.Survey.mostValues || !target.isText else {
      throw DataError.badValue(
        "the target \"\(target.name)\" of \(csv.path) holds more than \(Table.Survey.mostValues) different texts"
      )
    }
    let (bytes, overflow) = survey.rowCount.multipliedReportingOverflow(by: 4 &* width)
    guard !overflow, bytes <= MemoryLimit.bytes else {
      throw EngineError.outOfMemory(bytes: overflow ? .max : bytes)
    }
    classNames = Filling.classes(of: target)
  }

  /// Texts are classes, and whole numbers that count up from 0 or 1.
  private static func classes(of target: Table.ColumnSurvey) -> [String]? {
    if target.isText { return target.sortedValues }
    guard target.isWhole else { return nil }
    let numbers = Set(target.values.compactMap { Table.number($0) }).sorted()
    guard let first = numbers.first, first == 0 || first == 1, numbers.count > 1, numbers.count <= 1000,
      numbers.enumerated().allSatisfy({ $1 == first + Double($0) })
    else { return nil }
    return numbers.map { String(Int($0)) }
  }

  func dataset() throws -> Dataset {
    var x: [Float] = []
    x.reserveCapacity(survey.rowCount &* width)
    var targets: [Double] = []
    let classes = classNames.map { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, $0) }) }
    var isFirst = survey.hasHeader
    var row = [Float](repeating: 0, count: width)
    try csv.forEachRow { line, fields in
      if isFirst {
        isFirst = false
        return
      }
      let texts = try fields.map { try csv.text($0) }
      func isMissing(_ index: Int) -> Bool {
        Table.isMissing(texts[index]) && (!fields[index].isQuoted || texts[index].isEmpty)
      }
      // A row whose answer is not known teaches nothing.
      if isMissing(survey.target) {
        guard options.missing == .refuse else { return }
        throw DataError.disagreement(
          "line \(line) of \(csv.path) has no \"\(survey.columns[survey.target].name)\", the target")
      }
      let gaps = fields.indices.filter { $0 != survey.target && isMissing($0) }
      if let gap = gaps.first {
        if options.missing == .drop { return }
        if options.missing == .refuse {
          throw DataError.disagreement("line \(line) of \(csv.path) has no \"\(survey.columns[gap].name)\"")
        }
      }
      for index in row.indices { row[index] = 0 }
      for (index, text) in texts.enumerated() where index != survey.target {
        fill(&row, index, text, isMissing(index))
      }
      x += row
      targets.append(answer(texts[survey.target], classes))
    }
    return try made(x, targets)
  }

  private func fill(_ row: inout [Float], _ index: Int, _ text: String, _ isMissing: Bool) {
    let column = survey.columns[index]
    if column.isText {
      // No category at all is what a missing one is.
      if !isMissing, let position = categories[index][text] { row[starts[index] + position] = 1 }
    } else if isMissing {
      row[starts[index]] = options.missing == .keep ? .nan : Float(column.mean)
    } else {
      row[starts[index]] = Float(Table.number(text) ?? .nan)
    }
  }

  private func answer(_ text: String, _ classes: [String: Int]?) -> Double {
    guard let classes else { return Table.number(text) ?? .nan }
    if survey.columns[survey.target].isText { return Double(classes[text] ?? 0) }
    return Double(classes[String(Int(Table.number(text) ?? 0))] ?? 0)
  }

  private func made(_ x: [Float], _ targets: [Double]) throws -> Dataset {
    let name =
      csv.path.split(separator: "/").last.map { String($0.split(separator: ".").first ?? $0) } ?? "table"
    let features = try Tensor(x, shape: [targets.count, width])
    let labels = try classNames == nil ? Tensor(targets.map { Float($0) }) : Tensor(targets.map { Int($0) })
    return try Dataset(
      name: name, features: features, labels: labels, classes: classNames?.count, classNames: classNames,
      columns: columns)
  }

  private var columns: [TableColumn] {
    survey.columns.enumerated().map { index, column in
      let kind: TableColumn.Kind =
        column.isText ? .category(column.sortedValues) : column.isWhole ? .integer : .float
      return TableColumn(
        name: column.name, kind: kind, missing: column.missing, isTarget: index == survey.target)
    }
  }
}
