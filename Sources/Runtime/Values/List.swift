import CRuntime

/// Values one after the other. Immutable for the language; the machine changes one in place only when nobody else holds it.
///
/// The elements lie as plain slots, so that a list of numbers grows and is read without counting references.
public final class List: Boxed {
  /// The elements, owned; `capacity` places of which `count` are in use.
  private(set) var slots: UnsafeMutablePointer<Slot>
  public private(set) var count: Int
  private var capacity: Int

  private init(capacity: Int) {
    (self.capacity, count) = (Swift.max(1, capacity), 0)
    slots = List.block(nil, self.capacity)
  }

  package convenience init(_ elements: some Collection<Value>) {
    self.init(capacity: elements.count)
    for element in elements { append(Slot(element)) }
  }

  /// A list of the same elements, which nobody else holds.
  func copy() -> List {
    let list = List(capacity: count)
    for index in 0..<count { list.append(slots[index].copy()) }
    return list
  }

  /// A longer list; this one stays.
  package func appending(_ value: Value) -> List {
    let list = copy()
    list.append(Slot(value))
    return list
  }

  /// The elements as an array, which is made anew each time: ask for `count`, `isEmpty` or an element itself.
  package var elements: [Value] { Array(self) }

  /// Takes over one more element. Only called when nobody else holds the list.
  @inline(__always)
  func append(_ slot: Slot) {
    if isFull { grow() }
    (slots + count).initialize(to: slot)
    count &+= 1
  }

  /// Whether the next element needs a larger block, of `roomToGrow` more bytes.
  @inline(__always)
  var isFull: Bool { count == capacity }
  var roomToGrow: Int { capacity * MemoryLayout<Slot>.stride }

  @inline(never)
  private func grow() {
    capacity *= 2
    slots = List.block(slots, capacity)
  }

  /// A block of so many slots, which keeps what an older one held.
  private static func block(_ old: UnsafeMutablePointer<Slot>?, _ capacity: Int) -> UnsafeMutablePointer<Slot>
  {
    let block: UnsafeMutableRawPointer = resized_block(old, capacity * MemoryLayout<Slot>.stride)
    return block.bindMemory(to: Slot.self, capacity: capacity)
  }

  /// Takes over a new value for an element that is there. Only called when nobody else holds the list.
  @inline(__always)
  func replace(at index: Int, with slot: Slot) { slots[index].replace(with: slot) }

  override var ownsValues: Bool { true }
  override func surrender(to children: inout [Value]) {
    for index in 0..<count {
      if slots[index].isHeap { children.append(slots[index].value) }
      slots[index].release()
    }
    count = 0
  }

  deinit {
    if (0..<count).contains(where: { slots[$0].isHeap }) {
      var children: [Value] = []
      surrender(to: &children)
      Boxed.release(&children)
    }
    free_block(slots)
  }
}

extension List: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public subscript(index: Int) -> Value {
    precondition(index >= 0 && index < count, "an index within the list")
    return slots[index].value
  }
}
