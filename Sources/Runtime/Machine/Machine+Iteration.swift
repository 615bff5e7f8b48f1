import CRuntime
import Syntax

/// Ranges, and what `for` runs over.
extension Machine {
  @inline(never)
  func makeRange(_ lower: Slot, _ upper: Slot, closed: Bool) throws -> Slot {
    let (a, b) = (try wholeEnd(lower.value, 0), try wholeEnd(upper.value, 1))
    return Slot(.range(RangeValue(a, closed ? try after(b) : b)))
  }

  private func after(_ end: Int) throws -> Int {
    guard end < Int.max else { throw Failure(.overflow, "the range's end is beyond the largest integer") }
    return end + 1
  }

  private func wholeEnd(_ value: Value, _ argument: Int) throws -> Int {
    if case .int(let number) = value { return number }
    if case .object(let object) = value, case .int(let number)? = object.asNumber { return number }
    throw Failure(
      .wrongType, "a range runs over whole numbers, this end is \(summary(of: value))",
      help: ["range(0, 1, 0.1) and linspace(0, 1, 11) give steps between"], argument: argument)
  }

  func forRange(_ a: Int, closed: Bool, _ r: UnsafeMutablePointer<Slot>) throws {
    let lower = try wholeEnd(r[a].value, 0)
    let upper = try wholeEnd(r[a + 1].value, 1)
    r[a].replace(with: Slot(lower))
    r[a + 1].replace(with: Slot(closed ? try after(upper) : upper))
  }

  func forPrepare(_ a: Int, _ r: UnsafeMutablePointer<Slot>) throws {
    let value = r[a].value
    if case .range(let range) = value {
      r[a].replace(with: Slot(range.lower))
      r[a + 1].replace(with: Slot(range.upper))
      return
    }
    r[a].replace(with: .owning(try iterator(over: value), tag: Slot.Tag.iterator))
  }

  @inline(never)
  func forNext(_ a: Int, _ r: UnsafeMutablePointer<Slot>) throws -> Bool {
    let iterator = r[a].object(ValueIterator.self)
    // The last element is let go first: the iterator may then reuse its memory.
    r[a + 2].replace(with: .none)
    guard let value = try iterator.next(self) else { return false }
    r[a + 2].replace(with: Slot(value))
    return true
  }

  /// Hands out what a `for` over the value sees.
  package func iterator(over value: Value) throws -> ValueIterator {
    switch value {
    case .list(let list): return ElementIterator(list)
    case .tuple(let tuple): return ElementIterator(tuple.elements)
    case .range(let range): return RangeIterator(range)
    case .text(let text): return ElementIterator(text.string.map { .string(String($0)) })
    case .object(let object):
      if let iterator = try object.makeIterator(self) { return iterator }
    default: break
    }
    var failure = Failure(.notIterable, "`for` cannot run over \(Failure.article(value.kind))")
    switch value {
    case .int(let number): failure.help.append("0..\(number) counts from 0 to \(number), without \(number)")
    case .record: failure.help.append("keys(r) and values(r) are lists")
    default: break
    }
    throw failure
  }
}

private final class ElementIterator<Elements: RandomAccessCollection>: ValueIterator
where Elements.Element == Value, Elements.Index == Int {
  private let elements: Elements
  private var index = 0
  init(_ elements: Elements) { self.elements = elements }
  override func next(_ machine: Machine) -> Value? {
    guard index < elements.count else { return nil }
    index += 1
    return elements[index - 1]
  }
}

private final class RangeIterator: ValueIterator {
  private var next: Int
  private let end: Int
  init(_ range: RangeValue) { (next, end) = (range.lower, range.upper) }
  override func next(_ machine: Machine) -> Value? {
    guard next < end else { return nil }
    defer { next += 1 }
    return .int(next)
  }
}
