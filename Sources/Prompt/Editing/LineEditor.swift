import Syntax

/// What the keys do: the text, the way back, the search, the menu. It knows no terminal; libedit's own commands change
/// the text beside it and are noticed at the next key.
final class LineEditor {
  /// What a key asks for.
  enum Answer { case goOn, refuse, handOver, leave, giveUp, editElsewhere, clearScreen }

  private(set) var line = LineText()
  private var undoing = UndoStack()
  private(set) var search: HistorySearch?
  private(set) var menu: CompletionMenu?
  var recall = Recall()
  /// What Tab puts into an empty line: an input with its mistake mended.
  var mended: String?
  var suggests = true

  let completer: (any Completer)?
  let isIncomplete: (String) -> Bool

  init(completer: (any Completer)?, isIncomplete: @escaping (String) -> Bool) {
    (self.completer, self.isIncomplete) = (completer, isIncomplete)
  }

  /// A new input begins.
  func restart(_ text: LineText = LineText()) {
    line = text
    undoing.clear()
    (search, menu) = (nil, nil)
    recall.restart()
  }

  /// libedit has made this of the text.
  func note(_ new: LineText) {
    guard new != line else { return }
    menu = nil
    set(new)
  }

  private func set(_ new: LineText) {
    undoing.note(from: line, to: new)
    line = new
  }

  private func change(_ body: (inout LineText) -> Bool) -> Answer {
    var new = line
    guard body(&new) else { return .refuse }
    set(new)
    return .goOn
  }

  private func move(to text: LineText?) -> Answer {
    guard let text else { return .refuse }
    set(text)
    return .goOn
  }

  /// What would complete the line as an earlier input went on.
  var suggestion: String {
    guard suggests, search == nil, menu == nil, line.cursorIsAtEnd else { return "" }
    return recall.suggestion(after: line.string) ?? ""
  }

  func paste(_ text: String) {
    var text = text
    while text.last?.isNewline == true { text.removeLast() }
    menu = nil
    _ = change {
      $0.insert(text)
      return true
    }
  }

  /// The whole text replaced, as one change.
  func replace(with text: String) {
    menu = nil
    set(LineText(text))
  }

  // MARK: Commands

  func run(_ command: EditCommand) -> Answer {
    let hadMenu = menu?.selected != nil
    if command != .tab && command != .tabBack { menu = nil }
    switch command {
    case .enter: return hadMenu ? .goOn : enter()
    case .newLine:
      return change {
        $0.insert("\n")
        return true
      }
    case .interrupt: return .giveUp
    case .deleteOrLeave: return line.isEmpty ? .leave : change { $0.deleteForward() }
    case .tab: return complete(back: false)
    case .tabBack: return complete(back: true)
    case .up:
      return change { $0.moveUp() } == .goOn ? .goOn : move(to: recall.older(than: line))
    case .down:
      return change { $0.moveDown() } == .goOn ? .goOn : move(to: recall.newer())
    case .left:
      return change {
        $0.cursor = $0.previousCharacter
        return true
      }
    case .right: return accept(whole: true) ?? forward()
    case .lineStart:
      return change {
        let start = $0.rowStart($0.cursor)
        $0.cursor = $0.cursor == start ? 0 : start
        return true
      }
    case .lineEnd:
      return accept(whole: true)
        ?? change {
          $0.cursor = $0.rowEnd($0.cursor)
          return true
        }
    case .nextWord:
      return accept(whole: false)
        ?? change {
          $0.cursor = $0.nextWord
          return true
        }
    case .deleteBackward: return change { $0.deleteBackward() }
    case .deleteForward: return change { $0.deleteForward() }
    case .search, .searchForward:
      search = HistorySearch(before: line)
      return .goOn
    case .undo: return restore(undoing.undo(line))
    case .redo: return restore(undoing.redo(line))
    case .editElsewhere: return .editElsewhere
    case .clearScreen: return .clearScreen
    case .oldest:
      return change {
        $0.cursor = 0
        return true
      }
    case .newest:
      return change {
        $0.cursor = $0.scalars.count
        return true
      }
    case .closingBrace: return closeBrace()
    case .ignore: return .goOn
    }
  }

  private func enter() -> Answer {
    // In the middle of a text of several lines Enter makes another; at its end it hands over what is complete.
    guard isIncomplete(line.string) else { return .handOver }
    return change {
      $0.insert("\n" + $0.indentation)
      return true
    }
  }

  /// A brace that closes a block stands two blanks further left than what is in it.
  private func closeBrace() -> Answer {
    change {
      let start = $0.rowStart($0.cursor)
      let isIndented =
        start > 0 && $0.cursor >= start + 2 && $0.scalars[start..<$0.cursor].allSatisfy { $0 == " " }
      $0.replace($0.cursor - (isIndented ? 2 : 0)..<$0.cursor, with: "}")
      return true
    }
  }

  private func forward() -> Answer {
    change {
      $0.cursor = $0.nextCharacter
      return true
    }
  }

  private func accept(whole: Bool) -> Answer? {
    let rest = suggestion
    guard !rest.isEmpty else { return nil }
    return change {
      let place = $0.cursor
      $0.insert(rest)
      if !whole {
        var word = $0
        word.cursor = place
        $0.replace(word.nextWord..<$0.scalars.count, with: "")
      }
      return true
    }
  }

  private func restore(_ text: LineText?) -> Answer {
    guard let text else { return .refuse }
    line = text
    return .goOn
  }

  // MARK: Completion

  private func complete(back: Bool) -> Answer {
    if line.isEmpty, let mended, !back { return move(to: LineText(mended)) }
    if let menu, !menu.completion.candidates.isEmpty { return move(to: self.menu?.next(back: back)) }
    if line.isEmpty { return .refuse }
    let isBlank = line.scalars[line.rowStart(line.cursor)..<line.cursor].allSatisfy { $0 == " " }
    if isBlank {
      return change {
        $0.insert("  ")
        return true
      }
    }
    guard let completion = completer?.completion(of: line) else { return .refuse }
    guard !completion.candidates.isEmpty else {
      if completion.signature == nil { return .refuse }
      open(completion)
      return .goOn
    }
    let common = completion.commonStart
    let present = LineText(Array(line.scalars[completion.range])).string
    if completion.candidates.count == 1 || common.count > present.count {
      let answer = change {
        $0.replace(completion.range, with: common)
        return true
      }
      if completion.candidates.count > 1 || completion.signature != nil {
        let end = completion.range.lowerBound + common.unicodeScalars.count
        var rest = completion
        rest.range = completion.range.lowerBound..<end
        if rest.candidates.count == 1 { rest.candidates = [] }
        if !rest.candidates.isEmpty || rest.signature != nil { open(rest) }
      }
      return answer
    }
    open(completion)
    return .goOn
  }

  private func open(_ completion: Completion) { menu = CompletionMenu(completion, before: line) }

  // MARK: Keys before libedit

  /// Sees each key first; whether it was taken.
  func takes(_ key: Unicode.Scalar) -> Bool {
    guard search != nil else { return false }
    return takesInSearch(key)
  }

  private func takesInSearch(_ key: Unicode.Scalar) -> Bool {
    guard var search else { return false }
    switch key.value {
    case 0x12: search.search(recall.entries, next: true)
    case 0x13: search.searchForward(recall.entries)
    case 0x7f, 0x08: search.shorten(recall.entries)
    case 0x07, 0x03:
      // Back to what stood there before.
      line = search.before
      self.search = nil
      return true
    case 0..<0x20:
      self.search = nil
      return false
    default:
      search.pattern.unicodeScalars.append(key)
      search.search(recall.entries)
    }
    self.search = search
    if let place = search.place {
      let text = recall.entries[place].text
      let offset = search.match(in: text).map {
        text.unicodeScalars.distance(from: text.startIndex, to: $0.lowerBound)
      }
      set(LineText(text, cursor: offset))
    } else {
      set(search.before)
    }
    return true
  }
}
