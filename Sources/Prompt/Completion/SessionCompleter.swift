import Runtime
import Syntax

/// Completes from what a session knows: names, fields, arguments, commands, files. It reads values and definitions; no
/// program runs.
package final class SessionCompleter: Completer {
  private let session: Session
  private let commands: [Command]

  package convenience init(_ session: Session) { self.init(session, commands: Command.all) }

  init(_ session: Session, commands: [Command]) { (self.session, self.commands) = (session, commands) }

  package func completion(of line: LineText) -> Completion? {
    let before = line.beforeCursor
    let blanks = before.prefix { $0 == " " || $0 == "\n" }
    switch before.dropFirst(blanks.count).first {
    case ":": return command(line, before)
    case "?": return help(line, before)
    case "!": return files(line, start: wordStart(before, " "), closes: nil)
    default: return code(line, before, offset: 0)
    }
  }

  // MARK: Code

  /// - Parameter offset: bytes of the line before the code.
  private func code(_ line: LineText, _ before: String, offset: Int) -> Completion? {
    let text = String(decoding: Array(before.utf8.dropFirst(offset)), as: UTF8.self)
    switch InputContext.read(text) {
    case .nothing: return nil
    case .string(let start): return files(line, start: start + offset, closes: "\"")
    case .field(let path, let start): return fields(of: path, line, before, start + offset)
    case .name(let start, let call): return names(line, before, start + offset, call)
    }
  }

  private func names(
    _ line: LineText, _ before: String, _ start: Int, _ call: InputContext.Call?
  ) -> Completion? {
    let part = suffix(of: before, from: start)
    var candidates: [Completion.Candidate] = []
    var signature: String?
    if let call, case .function(let function)? = value(at: call.path) {
      signature = function.signature
      for parameter in function.knownParameters ?? []
      where call.startsArgument && !parameter.isRest && parameter.name.hasPrefix(part)
        && !call.named.contains(parameter.name)
      {
        let label = parameter.fallback.map { "\(parameter.name): \($0)" } ?? "\(parameter.name):"
        candidates.append(Completion.Candidate("\(parameter.name): ", label: label))
      }
    }
    // Everything there is would be no help.
    if !part.isEmpty {
      let words = ownNames(in: line) + session.offeredNames + TokenKind.words.keys
      candidates += SessionCompleter.ordered(words, startingWith: part).map { Completion.Candidate($0) }
    }
    guard !candidates.isEmpty || signature != nil else { return nil }
    return Completion(range: range(line, before, start), candidates: candidates, signature: signature)
  }

  /// The words that begin with a text, each once, in order; those that begin with `_` come last.
  private static func ordered(_ words: [String], startingWith part: String) -> [String] {
    // Byte by byte: there may be thousands, and the answer is wanted at once.
    let start = part.utf8
    var found = words.filter { $0.utf8.starts(with: start) }
    found.sort()
    found = found.enumerated().filter { $0.offset == 0 || found[$0.offset - 1] != $0.element }.map(\.element)
    let hidden = found.filter { $0.utf8.first == UInt8(ascii: "_") }
    return hidden.isEmpty ? found : found.filter { $0.utf8.first != UInt8(ascii: "_") } + hidden
  }

  /// Names that the line itself speaks of: parameters, what a block binds.
  private func ownNames(in line: LineText) -> [String] {
    let source = Source(name: "", text: line.string)
    let cursor = line.beforeCursor.utf8.count
    let tokens = Lexer(source).tokens
    // A name before a colon is an argument's or a field's.
    let names = zip(tokens, tokens.dropFirst()).filter { token, next in
      token.kind == .name && next.kind != .colon && Int(token.end) != cursor
    }
    return names.map { source[$0.0.span] }.filter { $0.count > 1 }
  }

  private func fields(of path: [String], _ line: LineText, _ before: String, _ start: Int) -> Completion? {
    guard let value = value(at: path) else { return nil }
    let part = suffix(of: before, from: start)
    let names = value.fieldNames.filter { $0.hasPrefix(part) }
    guard !names.isEmpty else { return nil }
    return Completion(
      range: range(line, before, start), candidates: names.sorted().map { Completion.Candidate($0) })
  }

  /// What a path of names leads to, as far as nothing has to be computed.
  private func value(at path: [String]) -> Value? {
    guard let first = path.first, var value = session.known(first) else { return nil }
    for name in path.dropFirst() {
      guard let next = value.knownFields?[name] else { return nil }
      value = next
    }
    return value
  }

  // MARK: Commands and help

  private func command(_ line: LineText, _ before: String) -> Completion? {
    let start = before.utf8.count - before.drop { $0 == " " || $0 == "\n" }.utf8.count
    guard let space = before.dropFirst(start).firstIndex(of: " ") else {
      let part = suffix(of: before, from: start)
      let found = commands.filter { $0.isTyped && $0.name.hasPrefix(part) }
      guard !found.isEmpty else { return nil }
      return Completion(
        range: range(line, before, start),
        candidates: found.map {
          Completion.Candidate($0.name + ($0.argument == nil ? "" : " "), label: $0.usage)
        })
    }
    let name = before[before.utf8.index(before.startIndex, offsetBy: start)..<space]
    guard let command = commands.first(where: { $0.name == name }), let argument = command.argument else {
      return nil
    }
    let offset = before.utf8.distance(from: before.startIndex, to: space) + 1
    switch argument {
    case .expression: return code(line, before, offset: offset)
    case .file: return files(line, start: offset, closes: nil)
    case .one(of: let words, _):
      let start = wordStart(before, " ")
      let part = suffix(of: before, from: start)
      let found = words().filter { $0.hasPrefix(part) }
      guard !found.isEmpty else { return nil }
      return Completion(range: range(line, before, start), candidates: found.map { Completion.Candidate($0) })
    case .text: return nil
    }
  }

  private func help(_ line: LineText, _ before: String) -> Completion? {
    let start = wordStart(before, "? ")
    let part = suffix(of: before, from: start)
    guard !part.isEmpty else { return nil }
    let codes = ErrorCode.allCases.map(\.rawValue).filter { $0.hasPrefix(part) }
    let names = SessionCompleter.ordered(session.offeredNames, startingWith: part)
    guard !codes.isEmpty || !names.isEmpty else { return nil }
    return Completion(
      range: range(line, before, start), candidates: (names + codes).map { Completion.Candidate($0) })
  }

  private func wordStart(_ before: String, _ separators: String) -> Int {
    before.utf8.count - before.reversed().prefix { !separators.contains($0) }.reduce(0) { $0 + $1.utf8.count }
  }

  // MARK: Files

  private func files(_ line: LineText, start: Int, closes: String?) -> Completion? {
    let before = line.beforeCursor
    let part = suffix(of: before, from: start)
    let found = FileNames.matching(part)
    guard !found.isEmpty else { return nil }
    // A file is the end of its string.
    let end = found.count == 1 && !found[0].hasSuffix("/") ? closes ?? "" : ""
    let followed =
      closes.map { line.string.utf8.dropFirst(before.utf8.count).first == $0.utf8.first } ?? false
    return Completion(
      range: range(line, before, start),
      candidates: found.map { path in
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return Completion.Candidate(
          path + (followed ? "" : end), label: path.hasSuffix("/") ? name + "/" : name)
      })
  }

  // MARK: Places

  private func suffix(of text: String, from byte: Int) -> String {
    String(decoding: Array(text.utf8.dropFirst(byte)), as: UTF8.self)
  }

  private func range(_ line: LineText, _ before: String, _ byte: Int) -> Range<Int> {
    line.cursor - suffix(of: before, from: byte).unicodeScalars.count..<line.cursor
  }
}
