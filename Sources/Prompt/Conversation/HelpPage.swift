import Builtins
import Runtime
import Syntax

/// What `?name` shows.
enum HelpPage {
  static let keys = """
    Right takes the dim suggestion, ^Right a word of it · Tab completes, again and Shift-Tab choose
    ^R searches earlier inputs · Enter hands over what is complete, Alt-Enter makes a line
    Up and Down move within, then to earlier inputs · ^_ undoes, Alt-_ redoes · ^X^E opens $EDITOR
    ^C forgets the line or stops what runs · ^D leaves
    """

  static let overview = """
    ?name help on a name · ??name its source · ?word what has to do with it · ?E0301 an error
    :help the prompt's commands and keys
    let f = x => (x - 3)^2 ; grad(f)(1.0)      descend(f, from: 1.0, with: Adam(), steps: 100)
    """

  /// - Parameter sigil: what stands before a word where help on it is asked for.
  static func text(
    _ word: String, _ session: Session, width: Int, sigil: String = "?"
  ) throws(Diagnostic) -> String {
    guard !word.isEmpty else { return overview }
    if let code = ErrorCode(rawValue: word.uppercased()) { return page(code) }
    if let command = Command.all.first(where: { $0.name == word }) {
      return "\(command.usage)\n\(command.summary)"
    }
    do throws(Diagnostic) {
      if let value = try value(word, session) { return page(word, value, session, width) }
    } catch  where error.code == .interrupted { throw error } catch {}
    let found = LibrarySearch.find(word)
    if !found.isEmpty { return list(found, word, width) }
    let near = Spelling.nearest(word, in: session.offeredNames)
    throw Diagnostic(
      .unknownName, "nothing is known of `\(word)`",
      help: near.map { ["did you mean `\(sigil)\($0)`?"] } ?? [])
  }

  /// The value of a name or of a path of names; `nil` where `word` is neither.
  private static func value(_ word: String, _ session: Session) throws(Diagnostic) -> Value? {
    let path = word.split(separator: ".").map(String.init)
    guard let first = path.first, var value = session.known(first) else { return nil }
    for name in path.dropFirst() {
      do { value = try session.machine.field(value, name) } catch { return nil }
    }
    return value
  }

  static func source(of name: String, _ session: Session) throws(Diagnostic) -> String {
    guard let value = try value(name, session) else {
      let near = Spelling.nearest(name, in: session.offeredNames)
      throw Diagnostic(
        .unknownName, "nothing is called `\(name)`", help: near.map { ["did you mean `\($0)`?"] } ?? [])
    }
    guard case .function(let function) = value, let description = FunctionDescription(function) else {
      return "\(name) is \(session.machine.summary(of: value))"
    }
    guard let text = description.text, let place = description.place else {
      return "\(description.signature) is built into maas, in Swift"
    }
    let documentation = description.documentation.map {
      lines($0).map { "## \($0)" }.joined(separator: "\n") + "\n"
    }
    return "# \(place)\n" + (documentation ?? "") + text
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  // MARK: Pages

  private static func page(_ code: ErrorCode) -> String {
    let example = lines(code.example).map { "    " + $0 }.joined(separator: "\n")
    return "\(code.rawValue) · \(code.title)\n\n\(wrapped(code.explanation, 90))\n\n\(example)"
  }

  private static func page(_ name: String, _ value: Value, _ session: Session, _ width: Int) -> String {
    guard case .function(let function) = value else {
      let summary = session.machine.summary(of: value)
      let fields = value.fieldNames.isEmpty ? "" : "\n\nfields: \(value.fieldNames.joined(separator: ", "))"
      return wrapped("\(name): \(value.kind) · \(summary)\(fields)", width)
    }
    guard let description = FunctionDescription(function) else {
      return "\(name) · a function made by a program"
    }
    let kind = [description.kind.rawValue, description.place].compactMap { $0 }.joined(separator: " · ")
    var text = [heading(description.signature, kind, width)]
    if let documentation = description.documentation { text.append(fitted(documentation, width)) }
    if description.kind == .optimizer, let source = description.text { text.append(rule(source)) }
    let also = LibrarySearch.related(to: name, description)
    if !also.isEmpty { text.append("See also: " + also.joined(separator: ", ")) }
    return text.joined(separator: "\n\n")
  }

  /// Prose in lines that fit; examples, from the first `> ` on, stay as they are.
  private static func fitted(_ documentation: String, _ width: Int) -> String {
    let all = lines(documentation)
    let prose = all.prefix { !$0.hasPrefix("> ") }
    let fitted = paragraphs(Array(prose)).flatMap { paragraph -> [String] in
      guard paragraph.contains(where: { DisplayWidth.of($0) >= width }) else { return paragraph }
      let isItem = paragraph[0].hasPrefix("- ")
      let text = paragraph.joined(separator: " ")
      return lines(wrapped(text, width - (isItem ? 3 : 1))).enumerated().map { index, line in
        isItem && index > 0 ? "  " + line : line
      }
    }
    return (fitted + all.dropFirst(prose.count)).joined(separator: "\n")
  }

  /// The lines of a source that were one text: a line goes on where the one before was full and ended no sentence.
  private static func paragraphs(_ lines: [String]) -> [[String]] {
    let fullWidth = 85
    return lines.reduce(into: []) { paragraphs, line in
      if let last = paragraphs.last?.last, DisplayWidth.of(last) > fullWidth, !last.hasSuffix("."),
        !line.isEmpty,
        !line.hasPrefix("- ")
      {
        paragraphs[paragraphs.count - 1].append(line)
      } else {
        paragraphs.append([line])
      }
    }
  }

  private static func heading(_ signature: String, _ kind: String, _ width: Int) -> String {
    let blanks = width - 1 - DisplayWidth.of(signature) - DisplayWidth.of(kind)
    return blanks < 3 ? signature + "\n" + kind : signature + String(repeating: " ", count: blanks) + kind
  }

  /// The body of an optimizer: it is the definition of the rule.
  private static func rule(_ source: String) -> String {
    lines(source).dropFirst().dropLast().map { "    " + $0.trimmingBlanks }.joined(separator: "\n")
  }

  private static func list(_ found: [LibrarySearch.Found], _ word: String, _ width: Int) -> String {
    let rows = found.prefix(30).map { [$0.name, $0.line] }
    let more = found.count > 30 ? "\n… \(found.count - 30) more" : ""
    return TextTable(["\(found.count) know `\(word)`", ""], Array(rows)).text(width: width) + more
  }

  /// Text in lines of at most so many characters.
  static func wrapped(_ text: String, _ width: Int) -> String {
    lines(text).map { line in
      var (rows, row) = ([String](), "")
      for word in line.split(separator: " ") {
        if !row.isEmpty, row.count + 1 + word.count > width {
          rows.append(row)
          row = ""
        }
        row += (row.isEmpty ? "" : " ") + word
      }
      return (rows + [row]).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}

/// The library's names by what is said of them, read from its text: nothing is loaded for a search.
enum LibrarySearch {
  struct Found {
    let name: String
    /// The first sentence said of it.
    let line: String
  }

  private struct Entry {
    /// `torch.` for what is reached through a dialect's name.
    let module: String
    let name: String
    let documentation: String
    /// The file; `nil` for builtins.
    let file: String?
    var path: String { module + name }
  }

  private static let entries: [Entry] = {
    var entries = builtinDocumentation.map {
      Entry(module: "", name: $0.name, documentation: $0.documentation, file: nil)
    }
    for source in librarySources {
      let module = moduleName(of: source).map { "\($0)." } ?? ""
      for (name, span) in TopLevelIndex.definitions(in: source) {
        let comments = source[span].split(separator: "\n").prefix { $0.hasPrefix("##") }
        let text = comments.map { String($0.drop { $0 == "#" || $0 == " " }) }.joined(separator: "\n")
        entries.append(Entry(module: module, name: name, documentation: text, file: source.name))
      }
    }
    return entries
  }()

  /// Names first, then descriptions that have the word.
  static func find(_ word: String) -> [Found] {
    let small = word.lowercased()
    var (byName, byText) = ([Found](), [Found]())
    for entry in entries {
      let line = entry.documentation.split(separator: "\n").first.map(String.init) ?? ""
      let found = Found(name: entry.path, line: line)
      if entry.path.lowercased().contains(small) {
        byName.append(found)
      } else if entry.documentation.lowercased().contains(small) {
        byText.append(found)
      }
    }
    return byName + byText
  }

  /// What else to look at: names that a description speaks of; of an optimizer, the others of its family and what
  /// other libraries call so.
  static func related(to path: String, _ description: FunctionDescription) -> [String] {
    let words = (description.documentation ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    let known = Set(entries.map(\.path))
    // Short small words are English.
    var found = words.map(String.init).filter {
      known.contains($0) && ($0.first?.isUppercase ?? false || $0.contains("_"))
    }
    if description.kind == .optimizer {
      let name = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
      let file = description.place?.split(separator: ":").first.map(String.init)
      let isBuilder = { (entry: Entry) in entry.name.first?.isUppercase ?? false }
      found += entries.filter { !$0.module.isEmpty && $0.name.lowercased() == name }.map(\.path)
      found += entries.filter { $0.module.isEmpty && $0.name.lowercased() == name }.map(\.path)
      found += entries.filter { $0.module.isEmpty && $0.file == file && isBuilder($0) }.map(\.path)
    }
    var seen: Set<String> = [path]
    return found.filter { seen.insert($0).inserted }.prefix(8).map { $0 }
  }
}
