import Runtime
import Syntax

/// The values that inputs gave, as `ans` and `_3`, within a budget: a prompt that is open for days must not keep every
/// tensor it has shown.
final class Outputs {
  private struct Kept {
    let number: Int
    let bytes: Int
    let input: String
  }

  private let session: Session
  private var kept: [Kept] = []
  /// Bytes that `_1`, `_2`, … may hold together; `ans` is kept whatever its size.
  var budget = 256_000_000 { didSet { shrink() } }

  init(_ session: Session) { self.session = session }

  /// - Returns: what is to be said of a value that is too large to keep.
  func keep(_ value: Value, number: Int, input: String) -> String? {
    session.bindAutomatic("ans", value)
    let output = Kept(number: number, bytes: value.heldBytes, input: input)
    guard output.bytes <= budget else {
      drop(output)
      return
        "(\(MemoryWatch.text(output.bytes)) is too much to keep as _\(number): it is `ans` until the next output)"
    }
    session.bindAutomatic("_\(number)", value)
    kept.append(output)
    shrink()
    return nil
  }

  /// Drops the oldest until the rest is within the budget.
  private func shrink() {
    var total = kept.reduce(0) { $0 &+ $1.bytes }
    while total > budget, let oldest = kept.first {
      kept.removeFirst()
      total -= oldest.bytes
      drop(oldest)
    }
  }

  /// The recipe stays: it says how to have the value again.
  private func drop(_ output: Kept) {
    let recipe = output.input.split(separator: "\n").first.map(String.init) ?? ""
    session.dropAutomatic(
      "_\(output.number)",
      Failure(
        .badValue, "the output _\(output.number) was dropped: it held \(MemoryWatch.text(output.bytes))",
        notes: ["outputs are kept within \(MemoryWatch.text(budget)): `:set outputs 1GB` keeps more"],
        help: ["type In [\(output.number)] again: \(recipe)"]))
  }

  func clear() { kept = [] }
}
