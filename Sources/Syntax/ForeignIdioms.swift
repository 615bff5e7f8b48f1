extension Parser {
  mutating func foreignIdiom(_ problem: Diagnostic) -> Diagnostic? { nil }
}
