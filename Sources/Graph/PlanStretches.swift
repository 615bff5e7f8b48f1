import Engine

/// Puts works that follow each other together into programs.
struct StretchWriter {
  private let places: [Computation.Place]
  private let outputs: Set<Int>
  private var joined: [Plan.Work] = []
  /// The works of the stretch that is being written, the program, and where it has what.
  private var works: [Plan.Work] = []
  private var program = ProgramWriter(small: false)
  private var homes: [ProgramWriter.Place?]
  private var inputs: [Int] = []

  /// - Parameters:
  ///   - works: in the order in which they run.
  ///   - outputs: places that are read when all has run.
  static func joined(_ works: [Plan.Work], outputs: [Int], places: [Computation.Place]) -> [Plan.Work] {
    var writer = StretchWriter(outputs, places)
    for (index, work) in works.enumerated() where !writer.add(work) {
      writer.close(before: works[index...])
      if !writer.add(work) { writer.joined.append(work) }
    }
    writer.close(before: [])
    return writer.joined
  }

  private init(_ outputs: [Int], _ places: [Computation.Place]) {
    (self.outputs, self.places) = (Set(outputs), places)
    homes = Array(repeating: nil, count: places.count)
  }

  /// Takes a work into the stretch. Returns false, and leaves everything as it was, where it is no part of a program.
  private mutating func add(_ work: Plan.Work) -> Bool {
    var next = self
    guard next.write(work) else { return false }
    next.works.append(work)
    self = next
    return true
  }

  private mutating func write(_ work: Plan.Work) -> Bool {
    guard work.reads.allSatisfy({ enter($0) }) else { return false }
    switch work {
    case .op(let step): return write(step)
    case .product(let product): return write(product.step)
    case .pass(let pass):
      guard !pass.isLast else { return false }
      let results = program.pass(pass.chain, pass.inputs.compactMap { homes[$0] })
      guard let results, results.count == pass.results.count else { return false }
      for (place, home) in zip(pass.results, results) { homes[place] = home }
      return true
    case .stretch: return false
    }
  }

  private mutating func write(_ step: Computation.Step) -> Bool {
    homes[step.result] = program.write(step, places, homes)
    return homes[step.result] != nil
  }

  /// What comes from outside of the stretch is an input of its program.
  private mutating func enter(_ place: Int) -> Bool {
    if homes[place] != nil { return true }
    homes[place] = program.input(places[place].dtype, places[place].shape)
    inputs.append(place)
    return homes[place] != nil
  }

  /// Ends the stretch, and begins another.
  private mutating func close(before later: ArraySlice<Plan.Work>) {
    joined += stretch(before: later).map { [.stretch($0)] } ?? works
    works = []
    program = ProgramWriter(small: false)
    homes = Array(repeating: nil, count: places.count)
    inputs = []
  }

  /// Nil where a program would do no more than the works by themselves: for a product it also looks for zeros.
  private mutating func stretch(before later: ArraySlice<Plan.Work>) -> Plan.Stretch? {
    guard works.count > 1 || works.contains(where: \.isLed) else { return nil }
    let wanted = outputs.union(later.flatMap(\.reads))
    let results = works.flatMap(\.results).filter(wanted.contains)
    guard let program = try? program.program(results.compactMap { homes[$0] }) else { return nil }
    return Plan.Stretch(program: program, inputs: inputs, results: results, works: works)
  }
}
