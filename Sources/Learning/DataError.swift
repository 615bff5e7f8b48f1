/// What a data set can refuse; a broken file is an `EngineError` that names the file and the byte.
package enum DataError: Error, Sendable, Equatable {
  /// The files of a named data set are in none of the places; `help` says what to do.
  case missing(name: String, lookedIn: [String], help: String)
  /// Two files, or two tensors, that belong together do not agree.
  case disagreement(String)
  /// A label that no class has.
  case badLabel(label: Int, classes: Int, row: Int, source: String)
  /// A size, fraction or position outside what is possible.
  case badValue(String)
}
