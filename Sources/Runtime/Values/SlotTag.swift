import CRuntime

/// What a slot's bits are, as the header that the machine's C shares says it.
enum SlotTag {
  static var undefined: UInt64 { @inline(__always) get { slot_undefined } }
  static var none: UInt64 { @inline(__always) get { slot_none } }
  static var bool: UInt64 { @inline(__always) get { slot_bool } }
  static var int: UInt64 { @inline(__always) get { slot_int } }
  static var float: UInt64 { @inline(__always) get { slot_float } }
  static var heap: UInt64 { @inline(__always) get { slot_heap } }
  static var text: UInt64 { @inline(__always) get { slot_text } }
  static var list: UInt64 { @inline(__always) get { slot_list } }
  static var tuple: UInt64 { @inline(__always) get { slot_tuple } }
  static var record: UInt64 { @inline(__always) get { slot_record } }
  static var range: UInt64 { @inline(__always) get { slot_range } }
  static var function: UInt64 { @inline(__always) get { slot_function } }
  static var object: UInt64 { @inline(__always) get { slot_object } }
  static var cell: UInt64 { @inline(__always) get { slot_cell } }
  static var iterator: UInt64 { @inline(__always) get { slot_iterator } }
  static var closure: UInt64 { @inline(__always) get { slot_closure } }
}
