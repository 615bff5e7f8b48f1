/// Reads a source into a tree: recursive descent for the statements, operator precedence for the expressions.
///
/// The first error ends the reading. It is kept in `problem` and unwound as an empty error, which keeps the
/// stack frames of the recursion small.
package struct Parser {
  let source: Source
  let tokens: [Token]
  let comments: [Span]
  let failure: Diagnostic?

  /// The index of the token to read.
  var next = 0
  /// The brackets around it, innermost last.
  var openings: [Opening] = []
  /// Line breaks count for nothing: the innermost open bracket is not a block's.
  var ignoresLines = false
  /// How many forms are being read around the token.
  var depth = 0
  /// The height of the tree read so far in the expression that is being read.
  var height = 0
  /// The first token of an index's axis, the one place where a range may be open.
  var axisStart = -1
  var surroundings = Surroundings()
  /// The bytes at which blocks open.
  private(set) var blocks: Set<Int32> = []
  /// The token up to which `_` may stand: the end of what an assignment takes apart.
  var targetEnd = -1
  /// Where the innermost statement began.
  var statementStart = 0
  var problem: Diagnostic?
  /// The problem is that the text ended.
  var endedEarly = false

  struct Stop: Error {}

  struct Opening {
    let token: Int
    let kind: Bracket
  }

  enum Bracket { case group, call, list, index, record, block, interpolation, parameters, pattern }

  /// Which statements may stand here.
  struct Surroundings {
    var inFunction = false
    var inLoop = false
    var declaration: Declaration = .none
  }

  enum Declaration { case none, model, optimizer }

  init(_ source: Source) {
    let lexer = Lexer(source)
    self.source = source
    tokens = lexer.tokens
    comments = lexer.comments
    failure = lexer.failure
  }

  /// Reads a whole source; throws its first error.
  package static func parse(_ source: Source) throws(Diagnostic) -> Program {
    var parser = Parser(source)
    do {
      return Program(source: source, statements: try parser.program())
    } catch {
      throw parser.diagnosis()
    }
  }

  /// Whether more lines could complete this text: a bracket, block or `"""` is open at its end, or its last line
  /// ends in a binary operator, `=`, `=>` or `,`. A text with an error before its end is not incomplete.
  package static func isIncomplete(_ text: String) -> Bool {
    var parser = Parser(Source(name: "", text: text))
    if (try? parser.program()) != nil { return false }
    if parser.token.kind == .failure, parser.problem?.code == parser.failure?.code {
      return parser.failure?.code == .unclosed && parser.source[parser.token.span].hasPrefix("\"\"\"")
    }
    guard parser.endedEarly, parser.tokens[parser.next].kind == .end else { return false }
    return !parser.openings.isEmpty || parser.next > 0 && parser.tokens[parser.next - 1].kind.continuesLine
  }

  mutating func program() throws(Stop) -> [Statement] {
    let statements = try statements(atTop: true)
    guard token.kind == .end else { throw failStrayCloser() }
    return statements
  }
}

// MARK: - Tokens

extension Parser {
  @inline(__always)
  var token: Token { tokens[next] }

  @inline(__always)
  var kind: TokenKind { tokens[next].kind }

  /// The kind of the token `ahead`; `.end` past the last.
  func kind(_ ahead: Int) -> TokenKind {
    let index = next + ahead
    return index < tokens.count ? tokens[index].kind : .end
  }

  /// The end of the token before.
  var previousEnd: Int { next > 0 ? Int(tokens[next - 1].end) : 0 }

  /// The token stands on the line of the one before, or line breaks count for nothing.
  @inline(__always)
  var isOnLine: Bool { ignoresLines || !token.startsLine }

  @inline(__always)
  mutating func advance() { if next < tokens.count - 1 { next += 1 } }

  mutating func take(_ kind: TokenKind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  func text(_ token: Token) -> String { source[token.span] }

  func isName(_ text: StaticString, ahead: Int = 0) -> Bool {
    guard kind(ahead) == .name else { return false }
    let token = tokens[next + ahead]
    guard Int(token.end - token.start) == text.utf8CodeUnitCount else { return false }
    for place in 0..<text.utf8CodeUnitCount
    where source.bytes[Int(token.start) + place] != text.utf8Start[place] { return false }
    return true
  }

  /// The span from a byte to the end of the token before.
  func span(from start: Int32) -> Span { Span(Int(start), max(Int(start), previousEnd)) }
}

// MARK: - Brackets and depth

extension Parser {
  mutating func openBracket(_ bracket: Bracket) {
    if bracket == .block { blocks.insert(token.start) }
    openings.append(Opening(token: next, kind: bracket))
    ignoresLines = bracket != .block
    advance()
  }

  /// Reads the closing bracket of the innermost open one.
  mutating func closeBracket() throws(Stop) {
    guard let opening = openings.last, kind == tokens[opening.token].kind.closing else {
      throw failInBracket()
    }
    advance()
    openings.removeLast()
    ignoresLines = openings.last.map { $0.kind != .block } ?? false
  }

  /// Whether the innermost bracket closes here.
  var isAtClosing: Bool {
    guard let opening = openings.last else { return false }
    return kind == tokens[opening.token].kind.closing
  }

  mutating func enter() throws(Stop) {
    depth += 1
    if depth > Parser.nestingLimit { throw failNesting() }
  }

  /// One form more around what has been read.
  mutating func grow() throws(Stop) {
    height += 1
    if height > Parser.heightLimit { throw failNesting() }
  }

  /// How deep forms may stand inside each other: every level takes a few frames of the reader's stack, and of
  /// every walk over the tree.
  package static let nestingLimit = 256
  /// How high a tree may grow by chains to the left, as `a + b + c` and `x.f(1).g(2)` do: reading them takes no
  /// stack, releasing them takes some.
  package static let heightLimit = 12_000
}
