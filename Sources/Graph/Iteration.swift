import Engine

/// A recording that is run again and again on what it gave: x ← f(x, data).
///
/// What one run gives of x waits where the next one finds it, and what only whoever asks for it waits for is not
/// even computed before the next run begins: by then whoever held the x before has mostly let go of it, and the new
/// one is written where that was. Who wants to know an x in between gets it as tensors, which stay as they are.
package final class Iteration {
  /// What of x a recording finds where: fixed for all iterations of it.
  struct Course {
    let plan: Plan
    /// Of each leaf of x the place where a run reads it, and the place where a run puts it.
    let inputs: [Int]
    let outputs: [Int]
    /// The places of the inputs besides, in order.
    let data: [Int]
    /// Of each work the places that only it and those before it need. The old x is kept until there is a new.
    let lastUses: [[Int]]
    /// Of each of the plan's last works, which inputs its results take the memory of; nil where they cannot.
    let heirs: [[Int]?]
    /// What the plan's last works read.
    let lastReads: [Int]
    /// Whether each leaf is put in a place of its own.
    let isExchange: Bool
    /// The places of what a run computes, x apart from where it is read.
    let passing: [Int]
  }

  private let course: Course
  private var values: Plan.Values
  /// How often it was run.
  package private(set) var version = 0
  /// Where x is: in the places where it is read, or in those where the last run put it.
  private var isAhead = false
  /// How many of the plan's last works wait: all but the first few.
  private var waiting = 0
  /// Those who have not asked for their leaves yet.
  private var holders: [Holder] = []

  private struct Holder {
    unowned(unsafe) let object: any CarriedLeaves
    let name: ObjectIdentifier
    let version: Int
    let leaves: Range<Int>
  }

  init(_ course: Course, from leaves: [Term]) {
    self.course = course
    values = course.plan.start
    for (place, leaf) in zip(course.inputs, leaves) { values[place] = leaf.tensor }
  }

  /// Computes the next x.
  ///
  /// - Parameter data: the inputs besides, in order.
  /// - Returns: what the recording gives before it gives x; nil, with everything as it was, where the data have not
  ///   the dtypes and shapes that were recorded.
  /// - Errors: those of the ops. What was x then still is.
  package func advance(with data: [Tensor]) throws -> Term? {
    guard course.accepts(data) else { return nil }
    handOut { $0.version < version }
    try runLast()
    carry()
    for (place, tensor) in zip(course.data, data) { values[place] = tensor }
    do {
      try runMain()
    } catch {
      Plan.letGo(course.passing, &values)
      throw error
    }
    isAhead = true
    waiting = course.heirs.count
    version += 1
    return course.first(of: values)
  }

  /// Runs what does not wait.
  private func runMain() throws {
    for work in 0..<course.plan.mainCount {
      try course.plan.run(course.plan.joined[work], &values, delays: false)
      Plan.letGo(course.lastUses[work], &values)
    }
    // What waits reads nothing that waits itself: whoever asks for x gets it without fail.
    for place in course.lastReads { try values[place].settle() }
  }

  /// Runs what waits, in the memory of the x before, where nobody holds that any more.
  private func runLast() throws {
    while let (pass, heirs) = nextWaiting {
      try pass.chain.run(&values, inputs: pass.inputs, results: pass.results, in: heirs)
      letGo()
    }
  }

  private var nextWaiting: (pass: Plan.Pass, heirs: [Int]?)? {
    guard waiting > 0, case .pass(let pass) = course.plan.joined[course.plan.joined.count - waiting] else {
      return nil
    }
    return (pass, course.heirs[course.heirs.count - waiting])
  }

  /// The first work that waited is computed, or somebody else's to compute.
  private func letGo() {
    Plan.letGo(course.lastUses[course.plan.joined.count - waiting], &values)
    waiting -= 1
  }

  /// Puts x where the next run reads it.
  private func carry() {
    guard isAhead else { return }
    isAhead = false
    if course.isExchange {
      for (input, output) in zip(course.inputs, course.outputs) { values.exchange(input, output) }
      return
    }
    // All at once: what one leaf becomes may be what another was.
    let leaves = course.outputs.map { values[$0] }
    for (input, leaf) in zip(course.inputs, leaves) { values[input] = leaf }
  }
}

/// Somebody who holds leaves of an iteration without having looked at them.
package protocol CarriedLeaves: AnyObject {
  /// The leaves, which the iteration will not know any more.
  func keep(_ leaves: [Term])
}

extension Iteration {
  /// Has an object hold some of the leaves of x until it asks for them, or calls `forget`.
  package func hold(_ leaves: Range<Int>, by object: any CarriedLeaves) {
    holders.append(
      Holder(object: object, name: ObjectIdentifier(object), version: version, leaves: leaves))
  }

  /// Gives an object what it holds.
  package func ask(for object: ObjectIdentifier) { end(object) { handOut { $0.name == object } } }

  /// An object that is gone did not want what it held.
  package func forget(_ object: ObjectIdentifier) { end(object) { holders.removeAll { $0.name == object } } }

  /// Without one of the holders of the newest x the others cannot go on here: they get their leaves too.
  private func end(_ object: ObjectIdentifier, _ body: () -> Void) {
    let holder = holders.first { $0.name == object }
    if let holder, holder.version < version { return body() }
    if holder == nil { return }
    body()
    handOut { $0.version == version }
  }

  /// Gives some of the holders what they hold.
  private func handOut(where isMeant: (Holder) -> Bool) {
    guard holders.contains(where: isMeant) else { return }
    let meant = holders.filter(isMeant)
    holders.removeAll(where: isMeant)
    if meant.contains(where: { $0.version == version }) { leaveLast() }
    for holder in meant { holder.object.keep(leaves(of: holder)) }
  }

  /// Leaves what waits to those who ask for its results.
  private func leaveLast() {
    while let (pass, _) = nextWaiting {
      pass.chain.delay(settled: &values, inputs: pass.inputs, results: pass.results)
      letGo()
    }
  }

  private func leaves(of holder: Holder) -> [Term] {
    let isRead = !isAhead || holder.version < version
    let places = isRead ? course.inputs : course.outputs
    return holder.leaves.map { Term(values[places[$0]], weak: course.plan.places[places[$0]].isWeak) }
  }
}

extension Iteration.Course {
  /// - Parameters:
  ///   - inputs: of each leaf which input it is.
  ///   - outputs: of each leaf which output it is.
  init(_ plan: Plan, inputs: [Int], outputs: [Int]) {
    self.plan = plan
    self.inputs = inputs
    self.outputs = outputs.map { plan.outputs[$0] }
    let carried = Set(inputs)
    data = (0..<plan.inputCount).filter { !carried.contains($0) }
    let own = zip(inputs, self.outputs).allSatisfy { $0 == $1 || plan.computes($1) }
    isExchange = own && Set(self.outputs).count == self.outputs.count
    lastUses = plan.joined.indices.map { plan.lastUses(of: $0).filter { !carried.contains($0) } }
    heirs = plan.heirs()
    let kept = carried.union(plan.constants)
    passing = plan.places.indices.filter { !kept.contains($0) }
    lastReads = Set(plan.joined[plan.mainCount...].flatMap(\.reads)).sorted()
  }

  /// Whether it is of these leaves.
  func takes(_ inputs: [Int], _ outputs: [Int]) -> Bool {
    self.inputs == inputs && zip(self.outputs, outputs).allSatisfy { $0 == plan.outputs[$1] }
  }

  func accepts(_ tensors: [Tensor]) -> Bool {
    guard tensors.count == data.count else { return false }
    for (place, tensor) in zip(data, tensors) {
      let known = plan.places[place]
      guard tensor.dtype == known.dtype, tensor.shape == known.shape else { return false }
    }
    return true
  }

  func first(of values: Plan.Values) -> Term? {
    plan.outputs.first.map { Term(values[$0], weak: plan.places[$0].isWeak) }
  }
}

extension Plan {
  /// Whether a place is what a work gives.
  fileprivate func computes(_ place: Int) -> Bool { joined.contains { $0.results.contains(place) } }

  /// Of each of the last works the places of the inputs whose memory its results may take, unless somebody else
  /// holds them: inputs that no other of these works reads, and that are not given as they are.
  fileprivate func heirs() -> [[Int]?] {
    let last = joined[mainCount...]
    var readers: [Int: Int] = [:]
    for work in last { for place in Set(work.reads) { readers[place, default: 0] += 1 } }
    for place in outputs + constants { readers[place, default: 0] += 1 }
    return last.map { work in
      guard case .pass(let pass) = work else { return nil }
      let heirs = pass.chain.heirs { readers[pass.inputs[$0]] == 1 }
      let places = heirs.compactMap { $0.map { pass.inputs[$0] } }
      return places.count == heirs.count ? places : nil
    }
  }
}
