/// `a..b` as an index: either end may be open, and ends count from the back when negative.
package final class Slice: Object {
  let lower: Int?
  let upper: Int?
  let closed: Bool

  init(_ lower: Value, _ upper: Value, closed: Bool) throws {
    self.lower = try Slice.end(lower)
    self.upper = try Slice.end(upper)
    self.closed = closed
  }

  private static func end(_ value: Value) throws -> Int? {
    switch value {
    case .none: return nil
    case .int(let number): return number
    case .object(let object):
      if case .int(let number)? = object.asNumber { return number }
    default: break
    }
    throw Failure(.wrongType, "the ends of a slice are whole numbers, this is \(Failure.article(value.kind))")
  }

  public override var kind: String { "slice" }

  /// The offsets it stands for on an axis; ends beyond it are an error, an empty slice is none.
  package func resolved(_ count: Int) throws -> Range<Int> {
    func offset(_ end: Int) throws -> Int {
      let position = end < 0 ? end + count : end
      guard position >= 0, position <= count else { throw Machine.outOfRange(end, count) }
      return position
    }
    let start = try lower.map(offset) ?? 0
    var end = try upper.map(offset) ?? count
    if closed, upper != nil {
      guard end < count else { throw Machine.outOfRange(upper ?? end, count) }
      end += 1
    }
    return start..<max(start, end)
  }
}
