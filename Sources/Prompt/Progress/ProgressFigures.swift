import Glibc

/// How numbers are written in progress: short, of even width, in no one's locale.
enum ProgressFigures {
  /// A loss: four places, or three significant ones where those would say nothing.
  static func loss(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let size = abs(value)
    return size != 0 && (size < 0.001 || size >= 100_000) ? format("%.3e", value) : format("%.4f", value)
  }

  /// A duration: `0.11 s`, `12.3 s`, `2 min 05 s`, `3 h 07 min`.
  static func seconds(_ value: Double) -> String {
    guard value.isFinite, value < 1e9 else { return "–" }
    if value < 9.995 { return format("%.2f s", max(0, value)) }
    if value < 99.95 { return format("%.1f s", value) }
    let whole = Int(value.rounded())
    return whole < 3600
      ? "\(whole / 60) min \(padded(whole % 60)) s" : "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
  }

  /// One bar a value, the largest at the top; a value that is no number is `×`.
  static func sparkline(_ values: [Double]) -> String {
    let bars = Array("▁▂▃▄▅▆▇")
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else {
      return String(repeating: "×", count: values.count)
    }
    let range = high / 2 - low / 2  // halved, so that it cannot overflow
    return String(
      values.map { value in
        guard value.isFinite else { return "×" }
        guard range > 0 else { return bars[3] }
        let share = (value / 2 - low / 2) / range
        return bars[min(bars.count - 1, max(0, Int((share * Double(bars.count - 1)).rounded())))]
      })
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func format(_ pattern: String, _ value: Double) -> String {
    withVaList([value]) { arguments in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
        guard let start = buffer.baseAddress else { return "" }
        vsnprintf(start, buffer.count, pattern, arguments)
        return String(cString: start)
      }
    }
  }
}
