import Graph
import Runtime

/// What `explain plan(f(x))` says: a line for all that runs together, with its share of the time and why no more does.
struct PlanInWords {
  /// Operations that run as one, by their places in the plan.
  private let works: [[PlannedOp]]
  private let seconds: Double

  init(_ ops: [PlannedOp]) {
    var works: [[PlannedOp]] = []
    for op in ops {
      if let pass = op.pass, works.last?.last?.pass == pass {
        works[works.count - 1].append(op)
      } else {
        works.append([op])
      }
    }
    self.works = works
    seconds = ops.reduce(0) { $0 + $1.seconds }
  }

  var explanation: Explanation { Explanation(title, works.map(line)) }

  private var title: String {
    let count = works.reduce(0) { $0 + $1.count }
    let passes = works.filter { $0.count > 1 }
    let fused = passes.reduce(0) { $0 + $1.count }
    let together =
      passes.isEmpty
      ? "none of them together"
      : "\(fused) of them in \(Machine.counted(passes.count, "pass", "passes")) over memory"
    let time = PlanInWords.microseconds(seconds)
    return "a plan of \(Machine.counted(count, "operation"))\(programs), \(together): \(time)"
  }

  /// How many operations are steps of programs.
  private var programs: String {
    let inside = works.joined().compactMap(\.program)
    let count = Set(inside).count
    if count == 0 { return "" }
    if count == 1, inside.count == works.joined().count { return " in one program" }
    return ", \(inside.count) of them in \(Machine.counted(count, "program"))"
  }

  private func line(_ work: [PlannedOp]) -> Explanation.Line {
    let time = work.reduce(0) { $0 + $1.seconds }
    let share = seconds > 0 ? Int((100 * time / seconds).rounded()) : 0
    let names = work.map(\.op.name).joined(separator: ", ")
    let result = work.last.map { "\($0.dtype.name)[\(TensorText.dimensions($0.shape))]" } ?? ""
    let why = work.count > 1 ? PlanInWords.pass(of: work) : work.first?.alone?.words ?? "by itself"
    return Explanation.Line(
      symbols: "\(names) → \(result)", numbers: "\(PlanInWords.microseconds(time)), \(share) %", value: why)
  }

  private static func pass(of work: [PlannedOp]) -> String {
    if work.contains(where: \.isFollowed) { return "a matrix product, and one pass over each part of it" }
    let products = work.count { $0.op === Op.matmul }
    if products == 0 { return "one pass over memory" }
    return "one pass over memory, its \(products == 1 ? "product" : "products") computed a few rows at a time"
  }

  private static func microseconds(_ seconds: Double) -> String {
    "\((seconds * 1e7).rounded() / 10) µs"
  }
}

extension PlannedOp.Alone {
  fileprivate var words: String {
    switch self {
    case .product: "by itself: a matrix product"
    case .notElementwise: "by itself: not element by element"
    case .single: "by itself: a single number"
    case .dtype: "by itself: not of floats alone"
    case .layout: "by itself: rows too short to repeat what goes with each"
    case .neighbours: "by itself: nothing of its shape beside it"
    }
  }
}
