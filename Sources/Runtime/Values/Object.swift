import Syntax

/// A value that the bridge brings into the language: a tensor, a data set, a run. The language asks it for fields,
/// elements and operators, and knows nothing else of it.
open class Object: Boxed {
  /// The word `type(v)` answers.
  open var kind: String { "object" }

  /// The fields that `.` reaches, for completion and for the nearest spelling.
  open var fieldNames: [String] { [] }

  /// A field's value; `nil` where there is no such field.
  open func field(_ name: String, _ machine: Machine) throws -> Value? { nil }

  /// `self[…]`
  open func index(_ indices: [Value], _ machine: Machine) throws -> Value {
    throw Failure(.wrongType, "\(Failure.article(kind)) has no elements to index")
  }

  /// A copy with `self[…]` set.
  open func settingIndex(_ indices: [Value], to value: Value, _ machine: Machine) throws -> Value {
    throw Failure(.wrongType, "the elements of \(Failure.article(kind)) cannot be assigned")
  }

  /// Sets `self[…]` itself, which nobody else holds.
  /// - Returns: false, with nothing changed, where only a copy can be set.
  open func setIndexInPlace(_ indices: [Value], to value: Value) -> Bool { false }

  /// `self(…)`; `nil` where the object cannot be called.
  open func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value? { nil }

  /// `lhs op rhs`, one of which is this object.
  open func binary(_ op: BinaryOperator, _ lhs: Value, _ rhs: Value, _ machine: Machine) throws -> Value {
    throw Failure.unsupportedOperands(op, lhs, rhs)
  }

  open func unary(_ op: UnaryOperator, _ machine: Machine) throws -> Value {
    throw Failure(.wrongType, "`\(op.rawValue)` does not take \(Failure.article(kind))")
  }

  /// Elements for `for` and comprehensions; `nil` where there are none to run over.
  open func makeIterator(_ machine: Machine) throws -> ValueIterator? { nil }

  /// `len(self)`
  open var count: Int? { nil }

  /// Contents compared, for `==` and `equal`.
  open func isEqual(_ other: Object) -> Bool { self === other }

  /// Whether the object is a leaf of numeric structures: a tensor.
  open var isNumeric: Bool { false }

  /// Whether nothing that the object answers is ever another thing, so that what follows from it may be kept.
  open var isConstant: Bool { isNumeric }

  /// Whether two leaves have one shape, where both know theirs.
  open func hasShape(of other: Object) -> Bool { false }

  /// Whether the object is a parameter where it stands in a model: a float tensor.
  open var isParameter: Bool { false }

  /// Whether it is a leaf whose elements are bound: a pruned or coded parameter.
  open var isHeld: Bool { false }

  /// A value that takes this leaf's place in a structure, as this leaf is held: pruned elements stay zero.
  open func hold(_ value: Value) throws -> Value { value }

  /// What belongs to this leaf (a gradient, a state of an optimizer), zero where the leaf is held at zero.
  open func clear(_ value: Value) throws -> Value { value }

  /// The value of a rank-0 number in the language's terms, so that it can stand where a number is wanted.
  open var asNumber: Value? { nil }

  /// Whether the object is one number, be its value known or not.
  open var isNumber: Bool { asNumber != nil }

  /// Whether the object is one number or one boolean.
  open var isSingle: Bool { isNumber }

  /// Whether a rehearsal knows at most the object's kind: an unknown value, or a tensor without elements.
  open var isUnknown: Bool { false }

  /// What a condition makes of it: `nil` where it is no boolean.
  open var asBool: Bool? { nil }

  /// What `print` writes.
  open func description(_ printer: ValuePrinter) -> String { summary }

  /// What the prompt shows.
  open func display(_ printer: ValuePrinter) -> String { description(printer) }

  /// What a line of `explain` shows of it, and whether that reads back as the same.
  open var working: String { summary }
  open var isShownWhole: Bool { false }

  /// Whether there is a picture of it.
  open var hasPicture: Bool { false }

  /// A picture of it for a terminal that shows pictures; `nil` where it has none.
  open func picture(_ wish: PictureWish) -> Picture? { nil }

  /// About how many bytes it keeps beyond its fields.
  open var heldBytes: Int { 0 }

  /// Its fields where they are only read, never computed.
  open var knownFields: Record? { nil }

  /// One line: what a label in a message or a list of variables says (`f32[3×4]`).
  open var summary: String { kind }
}

/// How large a picture may be, and of what kind.
public struct PictureWish: Sendable {
  package enum Form: Sendable { case png, pixels }
  package var form: Form
  /// In pixels.
  package var width: Int
  package var height: Int
  package init(_ form: Form, width: Int, height: Int) {
    (self.form, self.width, self.height) = (form, width, height)
  }
}

/// A picture: a PNG file, or red, green and blue of each pixel, row by row.
public struct Picture: Sendable {
  package let width: Int
  package let height: Int
  package let bytes: [UInt8]
  package init(width: Int, height: Int, bytes: [UInt8]) {
    (self.width, self.height, self.bytes) = (width, height, bytes)
  }
}

/// Hands out elements one by one.
open class ValueIterator: Boxed {
  open func next(_ machine: Machine) throws -> Value? { nil }
}

/// A function of the language: a closure, a builtin, or what a builtin like `grad` returns.
open class FunctionValue: Boxed {
  open var name: String { "function" }
  /// As shown by errors and help: `descend(f, from:, steps = 100)`.
  open var signature: String { name }
  open var documentation: String? { nil }
  /// What it takes, where that is known before it is called.
  package var knownParameters: [BuiltinParameter]? { nil }
  /// How many arguments it takes by position at most; `nil` where it takes any number, or does not say.
  open var arity: Int? { nil }

  /// The working of a call, where the function knows more of it than its value: `grad(f)` tells the chain rule.
  open func explained(
    _ arguments: CallArguments, at place: Value, _ machine: Machine
  ) throws -> Explanation? { nil }

  /// Calls it with arguments already in order.
  open func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value {
    throw Failure(.notCallable, "`\(name)` cannot be called")
  }
}

/// The arguments of a call as written: `f(a, k: 1, b)`.
public struct CallArguments {
  /// Those before the first name: they go to the first parameters.
  package var positional: [Value]
  /// Those from the first name on. One without a name goes to the first parameter that nothing before it was given to.
  package var named: [(name: String?, value: Value)]
  package init(_ positional: [Value], named: [(name: String?, value: Value)] = []) {
    self.positional = positional
    self.named = named
  }
}
