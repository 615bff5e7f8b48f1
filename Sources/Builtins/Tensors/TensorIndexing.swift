import Engine
import Graph
import Runtime

/// `t[…]`: whole numbers take one place of an axis, slices a part, integer tensors gather, boolean tensors select.
struct TensorIndexing {
  private let term: Term
  private let machine: Machine

  init(_ term: Term, _ machine: Machine) { (self.term, self.machine) = (term, machine) }

  /// What one index does to its axis.
  private enum Choice {
    case place(Int)
    case part(Range<Int>)
    case gather(Term)
  }

  func read(_ indices: [Value]) throws -> Term {
    if indices.count == 1 {
      if case .int(let position) = indices[0] { return try row(position) }
      if let mask = boolean(indices[0]) { return try Op.mask.apply(term, mask) }
    }
    if let part = try part(at: indices) { return part }
    let choices = try choices(indices)
    let sliced = try sliced(choices)
    // Axes that one place was taken of go; gathers then count the axes that are left.
    var shape: [Int] = []
    var gathers: [(axis: Int, Term)] = []
    for (axis, choice) in choices.enumerated() {
      switch choice {
      case .place: break
      case .part: shape.append(sliced.shape[axis])
      case .gather(let positions):
        gathers.append((shape.count, positions))
        shape.append(sliced.shape[axis])
      }
    }
    shape += sliced.shape.dropFirst(choices.count)
    var result = try sliced.reshaped(shape)
    for (axis, positions) in gathers.reversed() { result = try result.taken(positions, axis: axis) }
    return result
  }

  /// The part that whole numbers name of a tensor on no tape; nil for other indices, and where one is out of range.
  private func part(at indices: [Value]) throws -> Term? {
    guard !term.isTraced, !term.isCut, !term.tensor.isHollow, indices.count <= term.rank else { return nil }
    var positions: [Int] = []
    positions.reserveCapacity(indices.count)
    for case .int(let position) in indices { positions.append(position) }
    guard positions.count == indices.count else { return nil }
    return try term.tensor.part(at: positions).map { Term($0) }
  }

  /// A copy with the places that the indices name set.
  func setting(_ indices: [Value], to value: Term) throws -> Term {
    if indices.count == 1, let mask = boolean(indices[0]) {
      return try Op.select(mask, value, term)
    }
    let choices = try choices(indices)
    let ranges = try ranges(choices)
    let part = zip(ranges, term.shape).map { $0.0.stop - $0.0.start }
    let visible = zip(
      part, choices.map(Optional.some) + Array(repeating: nil, count: term.rank - choices.count)
    )
    .compactMap { size, choice -> Int? in if case .place? = choice { nil } else { size } }
    let starts = ranges.map(\.start)
    let steps = ranges.map { _ in 1 }
    let attributes: [Attribute] = [.shape(term.shape), .integers(starts), .integers(steps)]
    let ones = Term(try Tensor.filled(1, shape: part, dtype: .bool))
    let chosen = try Op.place.apply(ones, attributes)
    // A single number stays one, so that it is as weak as in arithmetic.
    if value.rank == 0 { return try Op.select(chosen, value, term) }
    let placed = try Op.place.apply(spread(value, over: visible, indices.count).reshaped(part), attributes)
    return try Op.select(chosen, placed, term)
  }

  /// The new value in the shape of its place.
  private func spread(_ value: Term, over place: [Int], _ indexCount: Int) throws -> Term {
    do { return try value.broadcast(to: place) } catch is EngineError {
      throw Failure(
        .shapeMismatch,
        "a value of shape \(Words.shape(value.shape)) does not fit a place of shape \(Words.shape(place))",
        argument: indexCount + 1)
    }
  }

  private func row(_ position: Int) throws -> Term {
    guard let count = term.shape.first else { throw noAxis(1) }
    guard position >= -count, position < count else { throw Machine.outOfRange(position, count) }
    return try term.row(position)
  }

  private func noAxis(_ count: Int) -> Failure {
    if term.rank == 0 { return Failure(.indexOutOfRange, "a single number cannot be indexed") }
    return Failure(
      .indexOutOfRange,
      "\(Machine.counted(count, "index", "indices")) for \(Machine.counted(term.rank, "axis", "axes"))",
      notes: ["the shape is \(Words.shape(term.shape))"])
  }

  private func boolean(_ value: Value) -> Term? {
    guard case .object(let object as TensorObject) = value, object.tensor.dtype == .bool else { return nil }
    return object.term
  }

  private func choices(_ indices: [Value]) throws -> [Choice] {
    guard indices.count <= term.rank else { throw noAxis(indices.count) }
    return try indices.enumerated().map { axis, index in
      let count = term.shape[axis]
      if let range = try blaming(axis, { try machine.slice(index, count) }) { return .part(range) }
      if case .object(let object as TensorObject) = index, object.tensor.rank > 0 {
        guard !object.tensor.dtype.isFloat else {
          throw Failure(
            .wrongType, "an index is made of whole numbers, this is \(object.summary)", argument: axis + 1)
        }
        if object.tensor.dtype == .bool {
          let places = try object.tensor.array(Int.self).enumerated().filter { $0.element != 0 }.map(\.offset)
          guard object.tensor.shape == [count] else {
            throw Failure(
              .shapeMismatch, "a selection has one boolean for each place of its axis",
              notes: ["the axis has \(count), the selection \(Words.shape(object.tensor.shape))"])
          }
          return .gather(Term(try Tensor(places)))
        }
        return .gather(object.term)
      }
      if case .list = index, let positions = try Conversion.integers(index) {
        return .gather(Term(try Tensor(positions)))
      }
      guard let position = Conversion.integer(index) else {
        throw Failure(
          .wrongType,
          "an index is a whole number, a slice or an integer tensor, not \(machine.named(index))",
          argument: axis + 1)
      }
      return .place(try blaming(axis) { try machine.position(position, count) })
    }
  }

  /// Runs `body`; what it refuses is the index of an axis.
  private func blaming<T>(_ axis: Int, _ body: () throws -> T) throws -> T {
    do { return try body() } catch var failure as Failure {
      failure.argument = axis + 1
      throw failure
    }
  }

  private func ranges(_ choices: [Choice]) throws -> [AxisRange] {
    try term.shape.indices.map { axis in
      guard axis < choices.count else { return AxisRange(0, term.shape[axis]) }
      switch choices[axis] {
      case .place(let position): return AxisRange(position, position + 1)
      case .part(let range): return AxisRange(range)
      case .gather:
        throw Failure(
          .wrongType, "places gathered by a tensor cannot be assigned",
          help: ["where(condition, a, b) chooses element by element"])
      }
    }
  }

  private func sliced(_ choices: [Choice]) throws -> Term {
    let isWhole = choices.allSatisfy { if case .gather = $0 { true } else { false } }
    if isWhole { return term }
    return try term.sliced(
      term.shape.indices.map { axis in
        guard axis < choices.count else { return AxisRange(0, term.shape[axis]) }
        switch choices[axis] {
        case .place(let position): return AxisRange(position, position + 1)
        case .part(let range): return AxisRange(range)
        case .gather: return AxisRange(0, term.shape[axis])
        }
      })
  }
}
