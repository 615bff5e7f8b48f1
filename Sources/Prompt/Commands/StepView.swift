import Runtime
import Syntax

/// `:step`: a run of `descend`, one key a step. It asks the library for what a step shows and what a changed setting
/// leads to; it knows nothing of optimizers itself.
final class StepView {
  private var run: Value
  private let talk: Conversation
  private var step = 0
  /// Whether the next point is asked for before it is shown.
  private var predicts = false
  private var remark = ""
  private var screen = FrameScreen()
  /// A line being typed, with the question before it.
  private var question: (text: String, answer: String)?

  private static let keys = "→ next  ← back  e edit a setting  p predict  Home, End  q done"

  init(_ run: Value, _ talk: Conversation) throws(Diagnostic) {
    (self.run, self.talk) = (run, talk)
    _ = try talk.session.call(library: "step_count", [run])
  }

  private func count() throws(Diagnostic) -> Int {
    if case .int(let count) = try talk.session.call(library: "step_count", [run]) { return count }
    return 0
  }

  /// Until the user has seen enough; the run as he has left it, `nil` where he has only looked.
  func show() throws(Diagnostic) -> Value? {
    guard talk.console.outputTerminal.isCapable, let keys = KeyReader() else { return try list() }
    talk.console.output.flush()
    var isChanged = false
    loop: while true {
      try draw()
      let key = keys.next()
      remark = key == .resized ? remark : ""
      switch key {
      case .right, .enter, .character(" "), .character("n"), .down: try advance(keys)
      case .left, .character("b"), .backspace, .up: step = max(0, step - 1)
      case .home: step = 0
      case .end: step = try count()
      case .character("p"): predicts.toggle()
      case .character("e"): if try edit(keys) { isChanged = true }
      case .character("q"), .escape, .interrupt, .closed: break loop
      case .resized:
        let columns = talk.console.outputTerminal.columns
        talk.console.write(screen.resize(reflows: Terminal.reflows(), columns: columns))
      case .character: remark = StepView.keys
      }
    }
    talk.console.write(screen.leave())
    return isChanged ? run : nil
  }

  /// Where keys cannot be read one by one: every step, one after the other.
  private func list() throws(Diagnostic) -> Value? {
    for step in 0...(try count()) { talk.say(try page(step, picture: false).joined(separator: "\n")) }
    return nil
  }

  // MARK: Keys

  private func advance(_ keys: KeyReader) throws(Diagnostic) {
    guard step < (try count()) else {
      remark = "this is the last step"
      return
    }
    if predicts {
      guard let answer = try ask("your prediction of x after step \(step + 1): ", keys) else { return }
      if !answer.isEmpty { remark = try judge(answer) }
    }
    step += 1
  }

  private func judge(_ answer: String) throws(Diagnostic) -> String {
    do throws(Diagnostic) {
      let guess = try talk.value(of: answer, name: "prediction") ?? .none
      let verdict = try talk.session.call(library: "step_verdict", [run, .int(step + 1), guess])
      return ValuePrinter().text(verdict)
    } catch  where error.code != .interrupted {
      return "\(error.message) — the step itself:"
    }
  }

  /// `lr: 0.2`, or several; the steps from here on are taken anew.
  private func edit(_ keys: KeyReader) throws(Diagnostic) -> Bool {
    let now = ValuePrinter().text(try talk.session.call(library: "step_settings", [run, .int(step)]))
    guard let answer = try ask("\(now) →  (lr: 0.2) ", keys), !answer.isEmpty else { return false }
    do throws(Diagnostic) {
      let settings = try talk.value(of: "{\(answer.replacing("=", with: ":"))}", name: "settings") ?? .none
      run = try talk.session.call(library: "step_edited", [run, .int(step), settings])
      remark =
        "from step \(step + 1) on: "
        + ValuePrinter().text(try talk.session.call(library: "step_settings", [run, .int(step)]))
      return true
    } catch  where error.code != .interrupted {
      remark = error.message
      return false
    }
  }

  /// A line typed under the page; `nil` for Escape and Ctrl-C.
  private func ask(_ text: String, _ keys: KeyReader) throws(Diagnostic) -> String? {
    question = (text, "")
    defer { question = nil }
    while true {
      try draw()
      switch keys.next() {
      case .enter: return question?.answer
      case .escape, .interrupt, .closed: return nil
      case .backspace: _ = question?.answer.popLast()
      case .character(let character): question?.answer.append(character)
      default: break
      }
    }
  }

  // MARK: The page

  private func page(_ step: Int, picture: Bool) throws(Diagnostic) -> [String] {
    let window = talk.console.outputTerminal.window
    let shown = try talk.session.call(library: "step_page", [run, .int(step)])
    var text = StepView.text(shown, talk.session, width: max(20, window.columns - 1))
    if picture {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
      let room = window.rows - lines - 5
      if room >= 6 {
        let drawn = try talk.session.call(library: "step_picture", [run, .int(step)])
        text +=
          "\n" + talk.session.display(drawn, width: max(20, min(90, window.columns - 1)), height: room + 6)
      }
    }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// A string as it is, anything else as it is shown.
  private static func text(_ value: Value, _ session: Session, width: Int) -> String {
    if case .text(let text) = value { return text.string }
    return session.display(value, width: width)
  }

  private func draw() throws(Diagnostic) {
    let (columns, rows) = talk.console.outputTerminal.window
    var lines = Array(try page(step, picture: true).prefix(max(1, rows - 3)))
    if !remark.isEmpty { lines.append(remark) }
    var frame = Frame()
    frame.rows = lines.map { FrameLayout.row([InkedText($0)], columns: columns, colour: false) }
    let hint = StepView.keys.replacing("p predict", with: predicts ? "p no predicting" : "p predict")
    let bottom =
      question.map { [InkedText($0.text, .hint), InkedText($0.answer)] } ?? [InkedText(hint, .hint)]
    frame.rows.append(FrameLayout.row(bottom, columns: columns, colour: false))
    frame.cursorRow = frame.rows.count - 1
    frame.cursorColumn = question == nil ? 0 : min(columns - 1, frame.rows[frame.rows.count - 1].width)
    talk.console.write(screen.draw(frame, columns: columns))
  }
}
