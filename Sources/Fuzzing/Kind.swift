/// What a name of a written program holds, so that most of the program means something.
enum Kind: CaseIterable {
  case integer, float, truth, text
  /// A list of integers that grew by `append`.
  case list
  /// A list of strings.
  case words
  /// Tensors of three entries, and of three rows and two columns.
  case vector, matrix
  /// `{a: integer, b: float, c: list}`
  case record
  /// `(integer, text)`
  case pair
  /// Of an integer, giving an integer.
  case function
  /// Of a number or vector, giving a number: what has a gradient.
  case loss
  /// A model from vectors to vectors of two.
  case network
  case optimizer
}

/// A name of a written program.
struct Variable {
  let name: String
  let kind: Kind
  let isMutable: Bool
}
