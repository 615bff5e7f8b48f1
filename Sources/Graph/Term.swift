import Engine

/// A tensor as expressions see it: a value and, while a gradient is recorded, its place on the tape.
package struct Term {
  package private(set) var tensor: Tensor
  let tape: Tape?
  /// Where on the tape; of a value that was cut off from it, where that was.
  let index: Int32
  /// The op that cut the value off, by its number in the table, counted from 1; 0 when nothing did.
  let cut: UInt16
  /// A plain number of the language (rank 0, `f64` or `i64`): it takes the dtype of what it meets.
  package let isWeak: Bool

  /// A constant.
  @inline(__always)
  package init(_ tensor: Tensor, weak: Bool = false) {
    self.tensor = tensor
    self.tape = nil
    self.index = 0
    self.cut = 0
    self.isWeak = weak
  }

  @inline(__always)
  init(_ tensor: Tensor, tape: Tape?, index: Int32, cut: UInt16 = 0, weak: Bool) {
    self.tensor = tensor
    self.tape = tape
    self.index = index
    self.cut = cut
    self.isWeak = weak
  }

  /// Whether the term lies on a tape that is still open.
  package var isTraced: Bool {
    guard let tape else { return false }
    return cut == 0 && tape.isOpen
  }

  /// Whether the value follows from a variable of an open tape, but by way of something discrete: an integer or a
  /// boolean, through which nothing can be differentiated.
  package var isCut: Bool {
    guard let tape else { return false }
    return cut != 0 && tape.isOpen
  }

  package var shape: [Int] { tensor.shape }
  package var rank: Int { tensor.rank }
  package var dtype: DType { tensor.dtype }

  /// Writes a number to one element in place, where the tensor is a constant whose elements nobody else holds.
  /// - Returns: whether it was written.
  package mutating func write(_ number: Double, at offset: Int) -> Bool {
    tape == nil && tensor.write(number, at: offset)
  }

  package mutating func write(_ number: Int, at offset: Int) -> Bool {
    tape == nil && tensor.write(number, at: offset)
  }

  /// The same value, cut off from the tape.
  package var constant: Term {
    guard let tape, tape.isOpen, tape.keepsEverything else { return Term(tensor, weak: isWeak) }
    return Term(tensor, tape: tape, index: index, cut: Term.stopped, weak: isWeak)
  }

  /// The `cut` of a value that follows from the variables and counts as a constant all the same.
  static let stopped = UInt16.max

  /// Whether an op cut the value off that the program should hear of.
  var isCutByOp: Bool { isCut && cut != Term.stopped }
}

extension Term: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A weak `f64`, so that formulas may hold plain numbers.
  package init(floatLiteral value: Double) { self.init(Tensor(scalar: value), weak: true) }
  /// A weak `f64` as well: formulas are about reals.
  package init(integerLiteral value: Int) { self.init(Tensor(scalar: Double(value)), weak: true) }
  /// A plain number of the language.
  package init(number: Double) { self.init(Tensor(scalar: number), weak: true) }
}
