import Engine
import Graph
import Runtime

/// Tensors from nothing: filled, counted, drawn; and dtypes.
enum Making {
  static var all: [Builtin] {
    DType.allCases.map(conversion) + [
      Builtin("zeros(...shape)", "Zeros of a shape.") { call in try filled(0, call[0]) },
      Builtin("ones(...shape)", "Ones of a shape.") { call in try filled(1, call[0]) },
      Builtin("full(shape, value)", "One number in a shape.") { call in
        let term = try Conversion.term(call[1], "`value`", argument: 1)
        return try settled(term).broadcast(to: try shape(call[0])).value
      },
      Builtin("eye(n)", "The unit matrix with n rows.") { call in
        let n = try size(call[0], "n", 0)
        return try Op.oneHot.apply(Term(try Tensor(Array(0..<n))), [.integer(n)]).value
      },
      Builtin(
        "range(start, stop = none, step = 1)",
        "Numbers from start up to, without, stop; `range(n)` counts the n numbers from 0."
      ) { call in
        try stepped(call)
      },
      Builtin("linspace(start, stop, count)", "So many numbers at equal distances, both ends among them.") {
        call in
        try spaced(call)
      },
      Builtin("tensor(x)", "A list of numbers as a tensor, in the default float dtype.") { call in
        let term = try Conversion.term(call[0], "`x`", argument: 0)
        if case .object = call[0] { return term.value }
        return try settled(term).value
      },
      Builtin("precision(dtype)", "Makes f32 or f64 the float dtype of what follows.") { call in
        guard case .function(let function) = call[0],
          let dtype = DType.allCases.first(where: { $0.name == function.name }), dtype.isFloat
        else {
          throw Failure(.badValue, "the precision is f32 or f64", argument: 0)
        }
        Graph.defaultFloat = dtype
        return .none
      },
      Builtin("seed(n)", "Starts the session's random stream anew.") { call in
        Workspace.of(call.machine).reseed(try whole(call[0], "n", 0))
        return .none
      },
      Builtin("rand(...shape, seed = none)", "Numbers drawn evenly from [0, 1).") { call in
        try drawn(call) { try Tensor.uniform(shape: $0, key: $1, dtype: Graph.defaultFloat) }
      },
      Builtin("randn(...shape, seed = none)", "Numbers drawn from the standard normal distribution.") {
        call in
        try drawn(call) { try Tensor.normal(shape: $0, key: $1, dtype: Graph.defaultFloat) }
      },
      Builtin(
        "randint(low, high, shape, seed = none)", "Whole numbers drawn evenly from low up to, without, high."
      ) { call in
        let (low, high) = (try whole(call[0], "low", 0), try whole(call[1], "high", 1))
        guard low < high else { throw Failure(.badValue, "`low` is below `high`", argument: 0) }
        let key = Workspace.of(call.machine).key(seed: try seed(call.values[3]))
        return Term(try Tensor.randomIntegers(low: low, high: high, shape: try shape(call[2]), key: key))
          .value
      },
      Builtin("permutation(n, seed = none)", "The numbers 0 to n - 1 in a random order.") { call in
        let key = Workspace.of(call.machine).key(seed: try seed(call.values[1]))
        return Term(try Tensor.permutation(try size(call[0], "n", 0), key: key)).value
      },
    ]
  }

  private static func conversion(_ dtype: DType) -> Builtin {
    Builtin("\(dtype.name)(x)", "The same numbers as \(dtype.name).") { call in
      if call[0].isStructure, Conversion.isStructureOfTensors(call[0]) {
        return try Structure.map(call[0]) { try converted($0, dtype) }
      }
      return try converted(call[0], dtype)
    }
  }

  private static func converted(_ value: Value, _ dtype: DType) throws -> Value {
    try Conversion.term(value, "`x`", argument: 0).converted(to: dtype, weak: false).value
  }

  /// A plain number or a vector of them in the default float dtype; integers stay.
  private static func settled(_ term: Term) throws -> Term {
    guard term.dtype == .f64 else { return Term(term.tensor) }
    return try term.converted(to: Graph.defaultFloat)
  }

  private static func filled(_ number: Double, _ sizes: Value) throws -> Value {
    Term(try Tensor.filled(number, shape: try shape(sizes), dtype: Graph.defaultFloat)).value
  }

  static func shape(_ value: Value) throws -> [Int] {
    if case .list(let list) = value, list.isEmpty { return [] }
    guard let sizes = try OpBuiltins.sizes(value) else {
      throw Failure(
        .wrongType, "a shape is made of whole numbers, not of \(Failure.article(offender(value).kind))",
        argument: 0)
    }
    return sizes
  }

  /// What is no whole number among sizes given one by one or as a list.
  private static func offender(_ value: Value) -> Value {
    guard case .list(let list) = value, let found = list.first(where: { Conversion.integer($0) == nil })
    else {
      return value
    }
    return list.count == 1 ? offender(found) : found
  }

  static func whole(_ value: Value, _ name: String, _ index: Int) throws -> Int {
    guard let number = Conversion.integer(value) else {
      throw Failure(
        .wrongType, "`\(name)` is a whole number, not \(Failure.article(value.kind))", argument: index)
    }
    return number
  }

  private static func size(_ value: Value, _ name: String, _ index: Int) throws -> Int {
    let number = try whole(value, name, index)
    guard number >= 0 else { throw Failure(.badValue, "`\(name)` is not negative", argument: index) }
    guard number <= MemoryLimit.bytes / 8 else {
      throw EngineError.outOfMemory(
        bytes: number.multipliedReportingOverflow(by: 8).overflow ? Int.max : number * 8)
    }
    return number
  }

  static func seed(_ value: Value?) throws -> Int? {
    guard let value else { return nil }
    if case .none = value { return nil }
    return try whole(value, "seed", 1)
  }

  private static func drawn(_ call: BuiltinCall, _ draw: ([Int], RandomKey) throws -> Tensor) throws -> Value
  {
    let key = Workspace.of(call.machine).key(seed: try seed(call.values[1]))
    return Term(try draw(try shape(call[0]), key)).value
  }

  private static func stepped(_ call: BuiltinCall) throws -> Value {
    // One number alone is where to stop.
    let (first, last) = call.values[1].map { (call[0], $0) } ?? (.int(0), call[0])
    let each = call.values[2] ?? .int(1)
    if case .int(let start) = first, case .int(let stop) = last, case .int(let step) = each {
      return try counted(start, stop, step)
    }
    guard let start = Conversion.number(first), let stop = Conversion.number(last),
      let step = Conversion.number(each)
    else { throw Failure(.wrongType, "`range` takes numbers") }
    guard step != 0, step.isFinite, start.isFinite, stop.isFinite else { throw noStep }
    let count = max(0, ((stop - start) / step).rounded(.up))
    guard count <= Double(MemoryLimit.bytes / 8) else { throw EngineError.outOfMemory(bytes: Int.max) }
    return try settled(Term(try Tensor((0..<Int(count)).map { start + Double($0) * step }))).value
  }

  private static func counted(_ start: Int, _ stop: Int, _ step: Int) throws -> Value {
    guard step != 0 else { throw noStep }
    let count = max(0, ((Double(stop) - Double(start)) / Double(step)).rounded(.up))
    guard count <= Double(MemoryLimit.bytes / 8) else { throw EngineError.outOfMemory(bytes: Int.max) }
    return Term(try Tensor(Array(stride(from: start, to: stop, by: step)))).value
  }

  private static var noStep: Failure {
    Failure(.badValue, "the step of a range is a finite number that is not 0", argument: 2)
  }

  private static func spaced(_ call: BuiltinCall) throws -> Value {
    guard let start = Conversion.number(call[0]), let stop = Conversion.number(call[1]) else {
      throw Failure(.wrongType, "`linspace` takes numbers")
    }
    let count = try size(call[2], "count", 2)
    let last = Double(max(1, count - 1))
    let numbers = (0..<count).map {
      $0 == count - 1 && count > 1 ? stop : start + (stop - start) * (Double($0) / last)
    }
    return try settled(Term(try Tensor(numbers))).value
  }
}

extension Conversion {
  /// Whether a structure holds more than plain numbers: those are converted leaf by leaf, a list of numbers as a whole.
  static func isStructureOfTensors(_ value: Value) -> Bool {
    switch value {
    case .list(let list): !list.allSatisfy(\.isNumber)
    case .tuple(let tuple): !tuple.elements.allSatisfy(\.isNumber)
    default: true
    }
  }
}
