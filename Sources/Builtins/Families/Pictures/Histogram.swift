import Engine
import Figures
import Runtime

#if canImport(Glibc)
  import Glibc
#endif

/// Counting numbers between edges.
enum Histogram {
  private static let limit = 10_000

  /// - Parameter bins: how many bars; `nil` chooses by the spread of the middle half (Freedman and Diaconis,
  ///   1981), and one   for each number where there are few whole numbers.
  static func bars(_ numbers: [Double], bins: Int?) throws -> Bars {
    if let bins, bins < 1 || bins > limit {
      throw Failure(.badValue, "`bins` is a number from 1 to \(limit)", argument: 1)
    }
    let finite = try Tensor(numbers.filter(\.isFinite)).sorted().array(Double.self)
    guard let low = finite.first, let high = finite.last else { return Bars(edges: [], heights: []) }
    let edges = edges(finite, low, high, bins)
    guard edges.count > 1 else { return Bars(edges: [], heights: []) }
    var counts = [Double](repeating: 0, count: edges.count - 1)
    var bin = 0
    for number in finite {
      while bin < counts.count - 1, number >= edges[bin + 1] { bin += 1 }
      counts[bin] += 1
    }
    return Bars(edges: edges, heights: counts)
  }

  private static func edges(_ sorted: [Double], _ low: Double, _ high: Double, _ bins: Int?) -> [Double] {
    if bins == nil, high - low <= 40, sorted.allSatisfy({ $0 == $0.rounded() }) {
      return (0...Int(high - low) + 1).map { low - 0.5 + Double($0) }
    }
    // Equal numbers get a bar around them; halves keep the widest range finite.
    let room = low == high ? max(0.5, abs(low) * 1e-6) : 0
    let (start, end) = (low - room, high + room)
    let count = Double(bins ?? suggested(sorted, low, high))
    let edges = (0...Int(count)).map { start * (1 - Double($0) / count) + end * (Double($0) / count) }
    return edges.allSatisfy(\.isFinite) ? edges : [low, high]
  }

  private static func suggested(_ sorted: [Double], _ low: Double, _ high: Double) -> Int {
    let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
    let width = 2 * spread / cbrt(Double(sorted.count))
    let count = width > 0 ? (high - low) / width : 10
    return count.isFinite ? Int(min(80, max(5, count.rounded(.up)))) : 10
  }
}
