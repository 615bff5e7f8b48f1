/// What a text was before each change. Letters typed one after the other are one change, a paste is one, and so is
/// whatever a command does.
struct UndoStack {
  private var past: [LineText] = []
  private var future: [LineText] = []
  /// The text after the last letter typed; another letter typed there belongs to the same change.
  private var typedTo: LineText?

  /// More than this is forgotten.
  private static let limit = 1_000

  /// Notes that `old` has become `new`.
  mutating func note(from old: LineText, to new: LineText) {
    guard old.scalars != new.scalars else { return }
    future = []
    let letter = UndoStack.letterTyped(from: old, to: new)
    defer { typedTo = letter == nil || letter == " " || letter == "\n" ? nil : new }
    if letter != nil, typedTo?.scalars == old.scalars, typedTo?.cursor == old.cursor { return }
    past.append(old)
    if past.count > UndoStack.limit { past.removeFirst() }
  }

  private static func letterTyped(from old: LineText, to new: LineText) -> Unicode.Scalar? {
    guard new.scalars.count == old.scalars.count + 1, new.cursor == old.cursor + 1 else { return nil }
    return new.scalars[old.cursor]
  }

  mutating func undo(_ text: LineText) -> LineText? {
    guard let earlier = past.popLast() else { return nil }
    future.append(text)
    typedTo = nil
    return earlier
  }

  mutating func redo(_ text: LineText) -> LineText? {
    guard let later = future.popLast() else { return nil }
    past.append(text)
    return later
  }

  mutating func clear() { self = UndoStack() }
}
