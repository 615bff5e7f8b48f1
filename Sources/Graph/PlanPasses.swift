import Engine

/// Puts the elementwise operations of a plan together into passes over memory, and works its products out beforehand.
///
/// An operation waits in a group of its dtype and shape until something outside of the group asks for a result of it; then
/// the whole group becomes one pass. The order of works that need each other stays what it was.
struct PassWriter {
  /// Elements of a row below which going through the operations row by row costs more than it saves.
  private static let shortestRow = 64

  private let places: [Computation.Place]
  /// Of each place, how many operands and outputs it is.
  private var uses: [Int]
  private var works: [Plan.Work] = []
  private var groups: [Group] = []
  /// The group in which a place waits, by the group's number.
  private var waiting: [Int: Int] = [:]
  private var groupCount = 0

  /// Operations of one dtype and shape.
  private struct Group {
    let number: Int
    let dtype: DType
    let shape: [Int]
    /// Elements of a row, where an operand is a row or a column.
    var rowLength: Int?
    var steps: [Computation.Step] = []
    var members: [Member] = []
  }

  /// An operation, and how it takes its operands.
  private struct Member {
    let operation: PlannedPass.Operation
    let layouts: [Layout]
    /// Elements of a row, where the layouts say something about rows.
    let rowLength: Int?
  }

  private enum Layout {
    case whole, row, column, number

    func operand(_ input: Int) -> PlannedPass.Operand {
      switch self {
      case .whole: .whole(input)
      case .row: .row(input)
      case .column: .column(input)
      case .number: .number(input)
      }
    }
  }

  static func works(of steps: [Computation.Step], outputs: [Int], places: [Computation.Place]) -> [Plan.Work]
  {
    var writer = PassWriter(steps, outputs, places)
    for step in steps { writer.add(step) }
    while let group = writer.groups.first { writer.close(group.number) }
    return writer.works
  }

  private init(_ steps: [Computation.Step], _ outputs: [Int], _ places: [Computation.Place]) {
    self.places = places
    uses = [Int](repeating: 0, count: places.count)
    for output in outputs { uses[output] += 1 }
    for step in steps { for place in step.operands { uses[place] += 1 } }
  }

  private mutating func add(_ step: Computation.Step) {
    guard let member = member(for: step) else {
      for place in step.operands { closeGroup(of: place) }
      works.append(product(step) ?? .op(step))
      return
    }
    let group = groupNumber(for: member, of: places[step.result])
    for (place, layout) in zip(step.operands, member.layouts) {
      if case .whole = layout, waiting[place] == group { continue }
      closeGroup(of: place)
    }
    // A row or a number may have come out of the very group.
    let index = groups.firstIndex { $0.number == group } ?? newGroup(for: member, of: places[step.result])
    groups[index].steps.append(step)
    groups[index].members.append(member)
    if groups[index].rowLength == nil { groups[index].rowLength = member.rowLength }
    waiting[step.result] = groups[index].number
    if groups[index].steps.count == PlannedPass.mostSteps { close(groups[index].number) }
  }

  /// The open group that takes a member.
  private mutating func groupNumber(for member: Member, of place: Computation.Place) -> Int {
    let found = groups.first {
      $0.dtype == place.dtype && $0.shape == place.shape
        && (member.rowLength == nil || $0.rowLength == nil || $0.rowLength == member.rowLength)
    }
    return found?.number ?? groups[newGroup(for: member, of: place)].number
  }

  private mutating func newGroup(for member: Member, of place: Computation.Place) -> Int {
    groups.append(
      Group(number: groupCount, dtype: place.dtype, shape: place.shape, rowLength: member.rowLength))
    groupCount += 1
    return groups.count - 1
  }

  private mutating func closeGroup(of place: Int) {
    if let group = waiting[place] { close(group) }
  }

  /// Makes a work of a group: a pass, or the op itself where it is alone.
  private mutating func close(_ number: Int) {
    guard let index = groups.firstIndex(where: { $0.number == number }) else { return }
    let group = groups.remove(at: index)
    for step in group.steps { waiting[step.result] = nil }
    if group.steps.isEmpty { return }
    if group.steps.count > 1 || followsProduct(group), let pass = pass(of: group) {
      works.append(.pass(pass))
    } else {
      works += group.steps.map(Plan.Work.op)
    }
  }

  /// Whether what a group reads is a product that nothing else does: see `Plan.Pass.leading`.
  private func followsProduct(_ group: Group) -> Bool {
    group.shape.count == 2
      && zip(group.steps, group.members).contains { step, member in
        zip(step.operands, member.layouts).contains { place, layout in
          if case .whole = layout { uses[place] == 1 && isProduct(place) } else { false }
        }
      }
  }

  private func isProduct(_ place: Int) -> Bool {
    works.contains { if case .product(let product) = $0 { product.step.result == place } else { false } }
  }

  private func pass(of group: Group) -> Plan.Pass? {
    var used: [Int: Int] = [:]
    for step in group.steps { for place in step.operands { used[place, default: 0] += 1 } }
    var results: [Int: Int] = [:]
    var inputs: [Int] = []
    var chain: [PlannedPass.Step] = []
    var kept: [Int] = []
    for (index, (step, member)) in zip(group.steps, group.members).enumerated() {
      var operands: [PlannedPass.Operand] = []
      for (place, layout) in zip(step.operands, member.layouts) {
        if let result = results[place] {
          operands.append(.result(result))
          continue
        }
        let input = inputs.firstIndex(of: place) ?? inputs.count
        if input == inputs.count { inputs.append(place) }
        operands.append(layout.operand(input))
      }
      var written = PlannedPass.Step(member.operation, operands)
      written.isKept = uses[step.result] > used[step.result, default: 0]
      if written.isKept { kept.append(step.result) }
      chain.append(written)
      results[step.result] = index
    }
    let pass = PlannedPass(chain, shape: group.shape, dtype: group.dtype, rowLength: group.rowLength)
    return pass.map { Plan.Pass(steps: group.steps, chain: $0, inputs: inputs, results: kept) }
  }

  private func product(_ step: Computation.Step) -> Plan.Work? {
    guard step.op === Op.matmul, step.operands.count == 2 else { return nil }
    let (a, b) = (places[step.operands[0]], places[step.operands[1]])
    guard a.dtype == b.dtype, a.dtype == places[step.result].dtype, a.dtype.isFloat else { return nil }
    let product = try? PlannedProduct(
      a.dtype, a.shape, b.shape, transposeA: step.attributes.flag(0), transposeB: step.attributes.flag(1))
    return product.map { .product(Plan.Product(step: step, product: $0)) }
  }

  /// Nil for what is not computed element by element, or not by a kernel alone.
  private func member(for step: Computation.Step) -> Member? {
    let result = places[step.result]
    guard result.dtype.isFloat, !result.shape.isEmpty, let operation = step.op.passOperation else {
      return nil
    }
    var layouts: [Layout] = []
    var rowLength: Int?
    for place in step.operands {
      guard let layout = layout(of: places[place], in: result) else { return nil }
      if let length = layout.rowLength {
        guard length >= PassWriter.shortestRow, rowLength == nil || rowLength == length else { return nil }
        rowLength = length
      }
      layouts.append(layout.layout)
    }
    guard layouts.contains(where: { if case .whole = $0 { true } else { false } }) else { return nil }
    return Member(operation: operation, layouts: layouts, rowLength: rowLength)
  }

  /// What keeps a step that runs by itself out of a pass.
  static func obstacle(for step: Computation.Step, _ places: [Computation.Place]) -> PlannedOp.Alone {
    let result = places[step.result]
    if step.op === Op.matmul { return .product }
    guard step.op.isElementwise else { return .notElementwise }
    if result.shape.isEmpty { return .single }
    let dtypes = step.operands.filter { places[$0].shape == result.shape }.map { places[$0].dtype }
    guard result.dtype.isFloat, step.op.passOperation != nil, dtypes.allSatisfy({ $0 == result.dtype }) else {
      return .dtype
    }
    return PassWriter([step], [], places).member(for: step) == nil ? .layout : .neighbours
  }

  private func layout(
    of operand: Computation.Place, in result: Computation.Place
  ) -> (layout: Layout, rowLength: Int?)? {
    let (shape, whole) = (operand.shape, result.shape)
    guard shape.count <= whole.count else { return nil }
    if operand.dtype == result.dtype, shape == whole { return (.whole, nil) }
    let count = shape.reduce(1, &*)
    if count == 1 { return (.number, nil) }
    guard operand.dtype == result.dtype, let last = whole.last else { return nil }
    if shape == Array(whole.suffix(shape.count)) { return (.row, count) }
    if last > 1, shape.count == whole.count, shape.last == 1, shape.dropLast() == whole.dropLast() {
      return (.column, last)
    }
    return nil
  }
}

extension Op {
  fileprivate var isElementwise: Bool {
    switch evaluation {
    case .unaryKernel, .binaryKernel: true
    default: self === Op.power || self === Op.select
    }
  }

  /// What a pass over memory does for the op.
  fileprivate var passOperation: PlannedPass.Operation? {
    switch evaluation {
    case .unaryKernel(let kernel): .unary(kernel)
    case .binaryKernel(let kernel): .binary(kernel)
    default: self === Op.power ? .binary(.power) : nil
    }
  }
}
