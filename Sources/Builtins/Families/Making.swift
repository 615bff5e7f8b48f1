import Engine
import Graph
import Runtime

/// Tensors from nothing: filled, counted, drawn; and dtypes.
enum Making {
  static var all: [Builtin] {
    DType.allCases.map(conversion) + [
      Builtin(
        "zeros(...shape)",
        """
        Zeros of a shape.
        > zeros(2, 3)
        [[0.0, 0.0, 0.0],
         [0.0, 0.0, 0.0]]
        """, onlyCalculates: true
      ) { call in try filled(0, call[0]) },
      Builtin(
        "ones(...shape)",
        """
        Ones of a shape.
        > ones(3)
        [1.0, 1.0, 1.0]
        """, onlyCalculates: true
      ) { call in try filled(1, call[0]) },
      Builtin(
        "full(shape, value)",
        """
        One number in a shape.
        > full((2, 2), 7)
        [[7, 7],
         [7, 7]]
        """, onlyCalculates: true
      ) { call in
        let term = try Conversion.term(call[1], "`value`", argument: 1)
        return try settled(term).broadcast(to: try shape(call[0])).value
      },
      Builtin(
        "eye(n)",
        """
        The unit matrix with n rows.
        > eye(2)
        [[1.0, 0.0],
         [0.0, 1.0]]
        """, onlyCalculates: true
      ) { call in
        let n = try size(call[0], "n", 0)
        return try Op.oneHot.apply(Term(try Tensor.counted(from: 0, by: 1, count: n)), [.integer(n)]).value
      },
      Builtin(
        "range(start, stop = none, step = 1)",

        """
        Numbers from start up to, without, stop; `range(n)` counts the n numbers from 0.
        > range(4)
        [0, 1, 2, 3]
        > range(0, 1, 0.25)
        [0.0, 0.25, 0.5, 0.75]
        """, onlyCalculates: true
      ) { call in
        try stepped(call)
      },
      Builtin(
        "linspace(start, stop, count)",
        """
        So many numbers at equal distances, both ends among them.
        > linspace(0, 1, 5)
        [0.0, 0.25, 0.5, 0.75, 1.0]
        """, onlyCalculates: true
      ) {
        call in
        try spaced(call)
      },
      Builtin(
        "tensor(x)",
        """
        A list of numbers as a tensor, in the default float dtype.
        > tensor(["a", "b"] |> map(len))
        [1, 1]
        """
      ) { call in
        let term = try Conversion.term(call[0], "`x`", argument: 0)
        if case .object = call[0] { return term.value }
        return try settled(term).value
      },
      Builtin(
        "precision(dtype)",
        """
        Makes f32 or f64 the float dtype of what follows.
        > precision(f64)
        > zeros(2).dtype
        f64
        """
      ) { call in
        guard case .function(let function) = call[0],
          let dtype = DType.allCases.first(where: { $0.name == function.name }), dtype.isFloat
        else {
          throw Failure(.badValue, "the precision is f32 or f64", argument: 0)
        }
        Graph.defaultFloat = dtype
        return .none
      },
      Builtin(
        "seed(n)",
        """
        Starts the session's random stream anew.
        > seed(7)
        > rand(2)
        [0.692367, 0.505725]
        """
      ) { call in
        Workspace.of(call.machine).reseed(try whole(call[0], "n", 0))
        return .none
      },
      Builtin(
        "rand(...shape, seed = none)",
        """
        Numbers drawn evenly from [0, 1).
        > rand(3, seed: 1)
        [0.413223, 0.558097, 0.394359]
        """
      ) { call in
        try drawn(call) { try Tensor.uniform(shape: $0, key: $1, dtype: Graph.defaultFloat) }
      },
      Builtin(
        "randn(...shape, seed = none)",
        """
        Numbers drawn from the standard normal distribution.
        > randn(3, seed: 1)
        [-0.813344, 0.636154, -0.240117]
        """
      ) {
        call in
        try drawn(call) { try Tensor.normal(shape: $0, key: $1, dtype: Graph.defaultFloat) }
      },
      Builtin(
        "randint(low, high, shape, seed = none)",
        """
        Whole numbers drawn evenly from low up to, without, high.
        > randint(1, 7, (5,), seed: 1)
        [3, 3, 1, 4, 6]
        """
      ) { call in
        let (low, high) = (try whole(call[0], "low", 0), try whole(call[1], "high", 1))
        guard low < high else { throw Failure(.badValue, "`low` is below `high`", argument: 0) }
        let key = Workspace.of(call.machine).key(seed: try seed(call.values[3]))
        return Term(try Tensor.randomIntegers(low: low, high: high, shape: try shape(call[2]), key: key))
          .value
      },
      Builtin(
        "permutation(n, seed = none)",
        """
        The numbers 0 to n - 1 in a random order.
        > permutation(5, seed: 1)
        [2, 0, 3, 1, 4]
        """
      ) { call in
        let key = Workspace.of(call.machine).key(seed: try seed(call.values[1]))
        return Term(try Tensor.permutation(try size(call[0], "n", 0), key: key)).value
      },
    ]
  }

  private static func conversion(_ dtype: DType) -> Builtin {
    let shown = dtype == .bool ? "[false, true]" : dtype.isFloat ? "[0.0, 2.0]" : "[0, 2]"
    return Builtin(
      "\(dtype.name)(x)", "The same numbers as \(dtype.name).\n> \(dtype.name)([0, 2])\n\(shown)"
    ) { call in
      if call[0].isStructure, Conversion.isStructureOfTensors(call[0]) {
        return try Structure.map(call[0]) { try $0.hold(converted($0, dtype)) }
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
      let given = value.isNumber ? ValuePrinter().text(value) : Failure.article(value.kind)
      throw Failure(.wrongType, "`\(name)` is a whole number, not \(given)", argument: index)
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
    return try settled(Term(try Tensor.spaced(from: start, by: step, over: 1, count: Int(count)))).value
  }

  private static func counted(_ start: Int, _ stop: Int, _ step: Int) throws -> Value {
    guard step != 0 else { throw noStep }
    let count = length(start, stop, step)
    guard count <= MemoryLimit.bytes / 8 else { throw EngineError.outOfMemory(bytes: Int.max) }
    return Term(try Tensor.counted(from: start, by: step, count: count)).value
  }

  /// How many numbers lie from start toward stop, stop excluded.
  private static func length(_ start: Int, _ stop: Int, _ step: Int) -> Int {
    guard step > 0 ? start < stop : stop < start else { return 0 }
    let (low, high) = (min(start, stop), max(start, stop))
    let span = UInt(bitPattern: high) &- UInt(bitPattern: low)
    return Int(clamping: (span - 1) / step.magnitude + 1)
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
    var numbers = try Tensor.spaced(from: start, by: stop - start, over: last, count: count)
    // The sum may miss the end by a rounding.
    if count > 1 { _ = numbers.write(stop, at: count - 1) }
    return try settled(Term(numbers)).value
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
