import CRuntime

/// Registers, constants: a row of slots that the machine reads and writes in place.
typealias Registers = UnsafeMutablePointer<Slot>

/// A value as the machine's registers hold it: 16 plain bytes, owned by hand.
///
/// A register owns what it holds: writing one releases the old value. `Value` is the safe form; the two convert at the
/// machine's edge. Plain slots instead of enum payloads keep reference counting out of arithmetic on numbers, which
/// makes loops over scalars twice as fast.
extension Slot {
  typealias Tag = SlotTag

  @inline(__always) init(_ value: Int) { self.init(tag: Tag.int, bits: UInt64(bitPattern: Int64(value))) }
  @inline(__always) init(_ value: Double) { self.init(tag: Tag.float, bits: value.bitPattern) }
  @inline(__always) init(_ value: Bool) { self.init(tag: Tag.bool, bits: value ? 1 : 0) }

  static var undefined: Slot { @inline(__always) get { Slot(tag: Tag.undefined, bits: 0) } }
  static var none: Slot { @inline(__always) get { Slot(tag: Tag.none, bits: 0) } }

  /// An integer or a float.
  var isNumber: Bool { @inline(__always) get { tag == Tag.float || tag == Tag.int } }
  /// The number as a float.
  var double: Double { @inline(__always) get { tag == Tag.int ? Double(int) : float } }
  var isHeap: Bool { @inline(__always) get { tag >= Tag.heap } }
  var isUndefined: Bool { @inline(__always) get { tag == Tag.undefined } }
  var int: Int { @inline(__always) get { Int(truncatingIfNeeded: bits) } }
  var float: Double { @inline(__always) get { Double(bitPattern: bits) } }
  var bool: Bool { @inline(__always) get { bits != 0 } }

  /// Takes a reference to a heap object of the given tag.
  static func owning(_ box: Boxed, tag: UInt64) -> Slot {
    Slot(tag: tag, bits: UInt64(UInt(bitPattern: Unmanaged.passRetained(box).toOpaque())))
  }

  /// The slot that owns a value.
  init(_ value: consuming Value) {
    switch value {
    case .none: self = .none
    case .bool(let value): self.init(value)
    case .int(let value): self.init(value)
    case .float(let value): self.init(value)
    case .text(let box): self = .owning(box, tag: Tag.text)
    case .list(let box): self = .owning(box, tag: Tag.list)
    case .tuple(let box): self = .owning(box, tag: Tag.tuple)
    case .record(let box): self = .owning(box, tag: Tag.record)
    case .range(let box): self = .owning(box, tag: Tag.range)
    case .function(let box): self = .owning(box, tag: box is Closure ? Tag.closure : Tag.function)
    case .object(let box): self = .owning(box, tag: Tag.object)
    }
  }

  @inline(__always) private var pointer: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: UInt(bits)) }

  /// The heap object, seen as the class its tag stands for. The slot must be of that tag.
  @inline(__always) func object<T: AnyObject>(_ type: T.Type) -> T {
    Unmanaged<T>.fromOpaque(pointer.unsafelyUnwrapped).takeUnretainedValue()
  }

  @inline(__always) func unmanaged<T: AnyObject>(_ type: T.Type) -> Unmanaged<T> {
    Unmanaged<T>.fromOpaque(pointer.unsafelyUnwrapped)
  }

  /// The value, which then is held by both.
  var value: Value {
    switch tag {
    case Tag.bool: .bool(bool)
    case Tag.int: .int(int)
    case Tag.float: .float(float)
    case Tag.text: .text(held(Text.self))
    case Tag.list: .list(held(List.self))
    case Tag.tuple: .tuple(held(Tuple.self))
    case Tag.record: .record(held(Record.self))
    case Tag.range: .range(held(RangeValue.self))
    case Tag.function, Tag.closure: .function(held(FunctionValue.self))
    case Tag.object: .object(held(Object.self))
    default: .none
    }
  }

  /// The heap object with one more owner, counted as one thread may.
  @inline(__always) private func held<T: AnyObject>(_ type: T.Type) -> T {
    retain_unshared(pointer.unsafelyUnwrapped)
    return unmanaged(type).takeRetainedValue()
  }

  @inline(__always) func retain() {
    if isHeap { retain_unshared(pointer.unsafelyUnwrapped) }
  }

  @inline(__always) func release() {
    if isHeap { release_unshared(pointer.unsafelyUnwrapped) }
  }

  /// A second owner of the same value.
  @inline(__always) func copy() -> Slot {
    retain()
    return self
  }

  /// Takes the value out, leaving nothing.
  @inline(__always) mutating func take() -> Slot {
    let taken = self
    self = .none
    return taken
  }

  /// Replaces the value, releasing the old one.
  @inline(__always) mutating func replace(with slot: Slot) {
    let old = self
    self = slot
    old.release()
  }
}
