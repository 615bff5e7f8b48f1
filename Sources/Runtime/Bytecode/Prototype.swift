import CRuntime
import Syntax

extension CodeHeader {
  /// The function whose code this is, which keeps the header.
  var function: Unmanaged<Prototype> { Unmanaged.fromOpaque(prototype) }
}

extension GlobalPlace {
  /// Not retained; undefined where the name has to be looked up the long way.
  var slot: Slot {
    @inline(__always) get {
      let slot = own.pointee
      return slot.isUndefined ? fallback.pointee : slot
    }
  }
}

/// A function's code, compiled: shared by all closures made from it.
final class Prototype {
  let name: String?
  let parameters: [PrototypeParameter]
  /// Parameters that must be given.
  let requiredCount: Int
  let hasRest: Bool
  /// 1 for a model's method, whose register 0 holds the model.
  let hiddenCount: Int
  let source: Source
  let span: Span
  let documentation: String?
  let isLibrary: Bool

  let code: UnsafeMutablePointer<Instruction>
  let codeCount: Int
  let constants: UnsafeMutablePointer<Slot>
  private let constantCount: Int
  let names: [[String]]
  let masks: [[Bool]]
  let globals: [Global]
  let header: UnsafeMutablePointer<CodeHeader>
  let prototypes: [Prototype]
  let declarations: [Declaration]
  let lines: [ExplainedLine]
  let captures: [CaptureSource]
  /// The names of what is captured.
  let captureNames: [String]
  let registerCount: Int
  /// The span of each instruction.
  let spans: [Span]
  /// What stood where an instruction's operands are, for messages.
  let operands: [Int: [Operand]]

  init(_ builder: FunctionBuilder, name: String?, function: FunctionText) {
    self.name = name
    parameters = function.parameters
    hasRest = function.parameters.last?.isRest ?? false
    requiredCount = function.parameters.filter { !$0.isOptional && !$0.isRest }.count
    hiddenCount = function.hiddenCount
    source = builder.source
    span = function.span
    documentation = function.documentation
    isLibrary = builder.scope.isLibrary
    builder.returnEarly()
    codeCount = builder.code.count
    code = .allocate(capacity: max(1, codeCount))
    code.initialize(from: builder.code, count: codeCount)
    constantCount = builder.constants.count
    constants = .allocate(capacity: max(1, constantCount))
    constants.initialize(from: builder.constants.map { Slot($0) }, count: constantCount)
    names = builder.nameLists
    masks = builder.masks
    globals = builder.globals
    header = .allocate(capacity: 1)
    prototypes = builder.prototypes
    declarations = builder.declarations
    lines = builder.lines
    captures = builder.captures.map(\.origin)
    captureNames = builder.captures.map(\.name)
    registerCount = builder.highestRegister + 1
    spans = builder.spans
    operands = builder.operands
    let table = UnsafeMutablePointer<GlobalPlace>.allocate(capacity: max(1, globals.count))
    table.initialize(
      from: globals.map { GlobalPlace(own: $0.storage, fallback: $0.fallback?.storage ?? $0.storage) },
      count: globals.count)
    header.initialize(
      to: CodeHeader(
        code: code, constants: constants, globals: table, registerCount: registerCount,
        plainCount: hasRest ? -1 : parameters.count, resultOffset: hiddenCount - 1,
        prototype: Unmanaged.passUnretained(self).toOpaque()))
  }

  deinit {
    for index in 0..<constantCount { constants[index].release() }
    constants.deallocate()
    header.pointee.globals.deallocate()
    header.deallocate()
    code.deallocate()
  }

  /// The instruction that ran last before a program counter; a word of data belongs to the one before it.
  func instruction(before pc: UnsafeMutablePointer<Instruction>) -> Int {
    let last = max(0, pc - code - 1)
    return last > 0 && code[last - 1].op == .callGlobal ? last - 1 : last
  }

  /// `f(x, lr = 0.1)`
  var signature: String {
    let list = parameters.map { parameter in
      if parameter.isRest { return "...\(parameter.name)" }
      return parameter.fallback.map { "\(parameter.name) = \($0)" } ?? parameter.name
    }
    return "\(name ?? "function")(\(list.joined(separator: ", ")))"
  }
}

struct PrototypeParameter {
  let name: String
  /// The default as written.
  let fallback: String?
  let isRest: Bool
  var isOptional: Bool { fallback != nil }
}

/// What the compiler knows of a function before its body is compiled.
struct FunctionText {
  var parameters: [PrototypeParameter]
  var hiddenCount = 0
  var span: Span
  var documentation: String?
}

/// Where a closure finds what it captures, when it is made.
enum CaptureSource: Equatable {
  case register(Int)
  case capture(Int)
}

/// What stood at an operand's place: how a message names it.
struct Operand {
  let span: Span
  /// The name, where the operand is a plain name.
  let name: String?
  let origin: Origin
  /// Where the name of a named argument stands.
  var label: Span?

  enum Origin {
    case unknown
    case local(Span)
    case global(Global)
  }
}

/// What a `model` or `optimizer` statement declares, apart from its code.
final class Declaration {
  let name: String
  let parameters: [PrototypeParameter]
  /// A model's fields: its parameters, then its `let`s.
  let fields: [String]
  let methods: [String]
  let isWhole: Bool
  let documentation: String?
  let source: Source
  let span: Span
  let stateNames: [String]
  /// A model's parameters that only give a `let` its value, `let layers = parts`: of the two fields one is enough.
  let aliases: [FieldAlias]
  /// An optimizer's parameters that its rule calls: they are functions, where any other that is given one is scheduled.
  let calledParameters: Set<String>

  init(
    name: String, parameters: [PrototypeParameter], fields: [String] = [], methods: [String] = [],
    stateNames: [String] = [], aliases: [FieldAlias] = [], calledParameters: Set<String> = [],
    isWhole: Bool = false, documentation: String?, source: Source, span: Span
  ) {
    self.name = name
    self.parameters = parameters
    self.fields = fields
    self.methods = methods
    self.stateNames = stateNames
    self.aliases = aliases
    self.calledParameters = calledParameters
    self.isWhole = isWhole
    self.documentation = documentation
    self.source = source
    self.span = span
  }

  var signature: String {
    let list = parameters.map { parameter in
      if parameter.isRest { return "...\(parameter.name)" }
      return parameter.fallback.map { "\(parameter.name) = \($0)" } ?? parameter.name
    }
    return "\(name)(\(list.joined(separator: ", ")))"
  }
}

/// A setting of a model that is its field `field` under another name.
struct FieldAlias {
  let setting: Int
  let field: Int
}
