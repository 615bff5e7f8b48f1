import Syntax

/// Something the prompt does beside running code: one declaration, from which `:help`, completion and the check of its
/// argument follow.
struct Command: Sendable {
  enum Argument: Sendable {
    case expression
    case file
    /// Anything, called so in help.
    case text(String)
    /// Words to choose from, called so in help.
    case one(of: @Sendable () -> [String], called: String)
  }

  /// `:time`; or a sign that its argument follows directly: `?`, `!`.
  let name: String
  let argument: Argument?
  /// Whether it does something without its argument too.
  let argumentIsOptional: Bool
  let summary: String
  let action: @Sendable (Conversation, String) throws(Diagnostic) -> Void

  init(
    _ name: String, _ argument: Argument? = nil, optional: Bool = false, does summary: String,
    action: @escaping @Sendable (Conversation, String) throws(Diagnostic) -> Void
  ) {
    (self.name, self.argument, argumentIsOptional) = (name, argument, optional)
    (self.summary, self.action) = (summary, action)
  }

  /// Every command, in the order help lists them.
  static let all: [Command] = help + values + files + conversation

  var isTyped: Bool { name.hasPrefix(":") }

  /// `:load FILE`
  var usage: String {
    guard let argument else { return name }
    let word =
      switch argument {
      case .expression: "EXPRESSION"
      case .file: "FILE"
      case .text(let called), .one(_, let called): called
      }
    return name + (isTyped || name == "|>" ? " " : "") + (argumentIsOptional ? "[\(word)]" : word)
  }

  func perform(_ conversation: Conversation, _ text: String) throws(Diagnostic) {
    if argument == nil, !text.isEmpty {
      throw Diagnostic(.tooManyArguments, "`\(name)` takes nothing after it", help: [name])
    }
    if argument != nil, text.isEmpty, !argumentIsOptional {
      throw Diagnostic(
        .missingArgument, "`\(name)` needs something after it", notes: [summary], help: [usage])
    }
    try action(conversation, text)
  }

  /// The command an input begins with, and what follows it; `nil` for code.
  static func parse(_ text: String) -> (command: Command, argument: String)? {
    let text = text.trimmingBlanks
    if text.hasPrefix(":") {
      let name = String(text.prefix { !$0.isWhitespace })
      let argument = String(text.dropFirst(name.count)).trimmingBlanks
      return (all.first { $0.name == name } ?? unknown(name), argument)
    }
    for command in all where !command.isTyped && text.hasPrefix(command.name) {
      return (command, String(text.dropFirst(command.name.count)).trimmingBlanks)
    }
    return nil
  }

  private static func unknown(_ name: String) -> Command {
    Command(name, .text("…"), optional: true, does: "") { _, _ throws(Diagnostic) in
      let near = Spelling.nearest(name, in: all.map(\.name))
      throw Diagnostic(
        .unknownName, "there is no command `\(name)`",
        help: near.map { ["did you mean `\($0)`?"] } ?? [":help lists the commands"])
    }
  }
}

extension String {
  var trimmingBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
