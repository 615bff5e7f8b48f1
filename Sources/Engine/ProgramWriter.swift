import CEngine

/// Writes a `Program`, one operation after the other; nil where an operation cannot be a step of one.
///
/// Small programs keep everything in memory of their own. Others read tensors where they lie, write results into new ones,
/// and use a block of memory again as soon as nothing reads what is in it.
package struct ProgramWriter {
  /// A value of the program: an input, a constant, or what a step computes.
  package struct Place: Sendable {
    package let dtype: DType
    package let shape: [Int]
    package let count: Int
    /// Which memory, and from which of its bytes on.
    let root: Int
    let offset: Int
    var byteCount: Int { count &* dtype.byteCount }
    var isWhole: Bool { offset == 0 }
  }

  /// What a step is made of before it is known where things lie.
  struct Draft {
    var step: maas_program_step
    var x: Place?
    var y: Place?
    var w: Place?
    var z: Place?
    var detail = Detail.none

    var operands: [Place] { [x, y, w].compactMap { $0 } + (detail.chain?.operands.map(\.place) ?? []) }
    var results: [Place] { [z].compactMap { $0 } + (detail.chain?.results.map(\.place) ?? []) }
  }

  enum Detail {
    case none
    /// With what follows on the product's elements.
    case product(maas_program_product, looksForZeros: Bool, then: Chain?)
    case extents(maas_program_extents)
    /// With the tensors that it points into.
    case codes(maas_program_codes, kept: [Tensor])
    case chain(Chain)

    /// The steps over memory that it has.
    var chain: Chain? {
      switch self {
      case .product(_, _, let chain): chain
      case .chain(let chain): chain
      default: nil
      }
    }
  }

  /// A pass over memory, and which of its steps' operands and results are which places.
  struct Chain {
    enum Field { case x, y, result }
    let steps: [maas_fused_step]
    let blocks: Int, rows: Int, n: Int
    var operands: [(step: Int, field: Field, place: Place)]
    var results: [(step: Int, field: Field, place: Place)]
  }

  /// Elements of the largest tensor of a small program.
  package static let smallCount = 4096
  private static let mostSteps = 1000

  let isSmall: Bool
  private(set) var inputs: [Place] = []
  private(set) var constants: [(place: Place, tensor: Tensor)] = []
  private(set) var drafts: [Draft] = []
  /// What has been converted already, and to what.
  private var conversions: [(from: Place, to: Place)] = []
  /// Bytes of each piece of memory.
  private(set) var roots: [Int] = []

  package init(small: Bool) { isSmall = small }

  /// The next input.
  package mutating func input(_ dtype: DType, _ shape: [Int]) -> Place? {
    let place = newPlace(dtype, shape)
    if let place { inputs.append(place) }
    return place
  }

  package mutating func constant(_ tensor: Tensor) -> Place? {
    guard !tensor.isHollow, isSmall || tensor.rank == 0, let place = newPlace(tensor.dtype, tensor.shape)
    else { return nil }
    constants.append((place, tensor))
    return place
  }

  private mutating func newPlace(_ dtype: DType, _ shape: [Int]) -> Place? {
    guard let count = try? Shape.count(shape, dtype), count > 0,
      !isSmall || count <= ProgramWriter.smallCount
    else { return nil }
    roots.append(count &* dtype.byteCount)
    return Place(dtype: dtype, shape: shape, count: count, root: roots.count - 1, offset: 0)
  }

  /// A step's result, the step written down with up to three operands: x, y, w.
  mutating func add(
    _ step: maas_program_step, _ operands: Place..., detail: Detail = .none, giving dtype: DType,
    _ shape: [Int]
  ) -> Place? {
    guard drafts.count < ProgramWriter.mostSteps, let result = newPlace(dtype, shape) else { return nil }
    var draft = Draft(step: step, z: result, detail: detail)
    draft.x = operands.first
    draft.y = operands.dropFirst().first
    draft.w = operands.dropFirst(2).first
    drafts.append(draft)
    return result
  }

  /// Where a place's elements are in another dtype, if they are anywhere.
  func conversion(of x: Place, to dtype: DType) -> Place? {
    conversions.first { from, to in
      from.root == x.root && from.offset == x.offset && from.dtype == x.dtype && from.shape == x.shape
        && to.dtype == dtype
    }?.to
  }

  mutating func note(_ place: Place, asConversionOf x: Place) { conversions.append((x, place)) }

  /// The same elements in another shape.
  package func reshaped(_ x: Place, _ shape: [Int]) -> Place? {
    guard (try? Shape.count(shape, x.dtype)) == x.count else { return nil }
    return Place(dtype: x.dtype, shape: shape, count: x.count, root: x.root, offset: x.offset)
  }

  /// One part of the first axis.
  package func row(_ x: Place, _ position: Int) -> Place? {
    guard let extent = x.shape.first, position >= 0, position < extent else { return nil }
    let count = x.count / extent
    return Place(
      dtype: x.dtype, shape: Array(x.shape.dropFirst()), count: count, root: x.root,
      offset: x.offset + position * count * x.dtype.byteCount)
  }

  /// A place that nothing else is, with the same elements.
  mutating func copied(_ x: Place) -> Place? {
    var step = maas_program_step()
    (step.kind, step.n) = (MAAS_PROGRAM_COPY, x.byteCount)
    return add(step, x, giving: x.dtype, x.shape)
  }

  /// A pass over memory, and the product that it follows.
  /// - Parameter inputs: the places of the pass's inputs.
  /// - Returns: those of its results.
  package mutating func pass(_ pass: PlannedPass, _ inputs: [Place]) -> [Place]? {
    guard drafts.count < ProgramWriter.mostSteps else { return nil }
    var draft = Draft(step: maas_program_step())
    draft.step.type = pass.dtype.code
    var results: [Place] = []
    for _ in 0..<pass.resultCount {
      guard let place = newPlace(pass.dtype, pass.shape) else { return nil }
      results.append(place)
    }
    let numbers = pass.numberInputs
    var places = inputs
    for index in places.indices where numbers.contains(index) {
      guard let number = converted(places[index], to: pass.dtype) else { return nil }
      places[index] = number
    }
    if let leading = pass.leading {
      draft.z = newPlace(pass.dtype, pass.shape)
      (draft.x, draft.y) = (inputs[leading.product.a], inputs[leading.product.b])
      guard let product = draft.z else { return nil }
      places[leading.input] = product
    }
    guard let chain = pass.chain(places, results) else { return nil }
    draft.step.kind = pass.leading == nil ? MAAS_PROGRAM_CHAIN : MAAS_PROGRAM_PRODUCT
    draft.detail = pass.leading.map { detail(of: $0.product.plan, pass.dtype, then: chain) } ?? .chain(chain)
    drafts.append(draft)
    return results
  }

  /// The program that answers these places.
  /// - Errors: `outOfMemory`; those of reading a constant.
  package mutating func program(_ outputs: [Place]) throws -> Program? {
    guard let answered = answered(outputs) else { return nil }
    var layout = ProgramLayout(self)
    return try layout.program(answered)
  }

  /// Outputs of a program that is not small lie in tensors of their own: what is a part of something else, an input or
  /// answered twice is copied.
  private mutating func answered(_ outputs: [Place]) -> [Place]? {
    if isSmall { return outputs }
    var taken = Set(inputs.map(\.root) + constants.map(\.place.root))
    var answered: [Place] = []
    for output in outputs {
      let isFree = output.isWhole && output.byteCount == roots[output.root] && !taken.contains(output.root)
      guard let place = isFree ? output : copied(output) else { return nil }
      taken.insert(place.root)
      answered.append(place)
    }
    return answered
  }
}
