import Syntax

/// What is being written at the end of a text.
enum InputContext: Equatable {
  /// Nothing that could be completed: a comment, a number.
  case nothing
  /// A name, begun at a byte; the function whose arguments are being written, if any.
  case name(start: Int, call: Call?)
  /// What follows a dot, begun at a byte.
  case field(path: [String], start: Int)
  /// A string's text, begun at a byte.
  case string(start: Int)

  struct Call: Equatable {
    /// `torch.Adam`
    let path: [String]
    /// The arguments already named.
    let named: [String]
    /// Whether an argument begins here, and may begin with its name.
    let startsArgument: Bool
  }

  static func read(_ text: String) -> InputContext {
    let source = Source(name: "", text: text)
    var tokens = Lexer(source).tokens
    let end = source.bytes.count
    if let last = tokens.last(where: { $0.kind != .end }), last.kind == .failure {
      let start = Int(last.start)
      let quotes = source.bytes[start...].prefix { $0 == UInt8(ascii: "\"") }.count
      return quotes == 1 || quotes == 3 ? .string(start: start + quotes) : .nothing
    }
    if tokens.last?.kind == .end { tokens.removeLast() }
    let reached = tokens.last.map { Int($0.end) } ?? 0
    if source.bytes[reached...].contains(UInt8(ascii: "#")) { return .nothing }
    var start = end
    if let last = tokens.last, reached == end {
      switch last.kind {
      case .name: start = Int(last.start)
      case _ where last.kind.isWord: start = Int(last.start)
      case .number, .string, .rawString: return .nothing
      default: break
      }
      if start < end { tokens.removeLast() }
    }
    if tokens.last?.kind == .dot {
      guard let path = path(endingAt: tokens.count - 2, tokens, source) else { return .nothing }
      return .field(path: path, start: start)
    }
    return .name(start: start, call: call(tokens, source))
  }

  /// `a.b.c`, ending at a token; `nil` where something else stands there.
  private static func path(endingAt last: Int, _ tokens: [Token], _ source: Source) -> [String]? {
    var (place, path) = (last, [String]())
    while place >= 0, tokens[place].kind == .name {
      path.insert(source[tokens[place].span], at: 0)
      guard place >= 2, tokens[place - 1].kind == .dot else { return path }
      place -= 2
    }
    return nil
  }

  /// The innermost call whose arguments the text ends in.
  private static func call(_ tokens: [Token], _ source: Source) -> Call? {
    var depth = 0
    var named: [String] = []
    for place in tokens.indices.reversed() {
      switch tokens[place].kind {
      case .rightParenthesis, .rightBracket, .rightBrace, .interpolationClose: depth += 1
      case .leftParenthesis, .leftBracket, .leftBrace, .interpolationOpen:
        if depth > 0 {
          depth -= 1
          continue
        }
        guard tokens[place].kind == .leftParenthesis, let path = path(endingAt: place - 1, tokens, source)
        else { return nil }
        let last = tokens[tokens.count - 1].kind
        return Call(path: path, named: named, startsArgument: last == .leftParenthesis || last == .comma)
      case .colon where depth == 0 && place > 0 && tokens[place - 1].kind == .name:
        named.append(source[tokens[place - 1].span])
      default: break
      }
    }
    return nil
  }
}
