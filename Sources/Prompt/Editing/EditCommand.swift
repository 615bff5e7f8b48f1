/// What a key does beyond libedit's own commands: one declaration a command.
enum EditCommand: Int32, CaseIterable {
  case enter, newLine, interrupt, deleteOrLeave, tab, tabBack, up, down, left, right, lineStart, lineEnd,
    nextWord
  case deleteBackward, deleteForward, search, searchForward, undo, redo, editElsewhere, clearScreen
  case oldest, newest, closingBrace, ignore

  /// In libedit's notation.
  var keys: [String] {
    switch self {
    case .enter: ["^M", "^J"]
    case .newLine: ["\u{1b}^M", "\u{1b}^J", "^O"]
    case .interrupt: ["^C"]
    case .deleteOrLeave: ["^D"]
    case .tab: ["^I"]
    case .tabBack: ["\u{1b}[Z"]
    case .up: ["\u{1b}[A", "\u{1b}OA", "^P"]
    case .down: ["\u{1b}[B", "\u{1b}OB", "^N"]
    case .left: ["\u{1b}[D", "\u{1b}OD", "^B"]
    case .right: ["\u{1b}[C", "\u{1b}OC", "^F"]
    case .lineStart: ["\u{1b}[H", "\u{1b}OH", "\u{1b}[1~", "^A"]
    case .lineEnd: ["\u{1b}[F", "\u{1b}OF", "\u{1b}[4~", "^E"]
    case .nextWord: ["\u{1b}[1;5C", "\u{1b}[1;3C", "\u{1b}f"]
    case .deleteBackward: ["^?", "^H"]
    case .deleteForward: ["\u{1b}[3~"]
    case .search: ["^R"]
    case .searchForward: ["^S"]
    case .undo: ["^_", "^X^U"]
    case .redo: ["\u{1b}_", "\u{1b}r"]
    case .editElsewhere: ["^X^E"]
    case .clearScreen: ["^L"]
    case .oldest: ["\u{1b}<"]
    case .newest: ["\u{1b}>"]
    case .closingBrace: ["}"]
    // Keys without a meaning here, whose sequences would otherwise be typed.
    case .ignore:
      ["[5~", "[6~", "[2~", "[1;5A", "[1;5B", "[1;2A", "[1;2B", "[I", "[O", "OP", "OQ", "OR", "OS"].map {
        "\u{1b}" + $0
      }
        + [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24].map { "\u{1b}[\($0)~" }
    }
  }

  /// Whether the keys mean this in vi's command mode too: single control keys do.
  var isForEveryMode: Bool { [.enter, .interrupt, .deleteOrLeave, .clearScreen, .search].contains(self) }

  /// Keys of terminals that mean a command of libedit's.
  static let standardKeys = [
    ("\u{1b}[1;5D", "ed-prev-word"), ("\u{1b}[1;3D", "ed-prev-word"),
  ]
}
