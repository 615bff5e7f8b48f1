import CEngine

/// The threads that large operations are split over.
package enum WorkerPool {
  /// `$MAAS_THREADS`, or the processors available to the process, at most 64.
  package static var threadCount: Int { Int(maas_thread_count()) }

  package static func setThreadCount(_ count: Int) {
    maas_set_thread_count(Int32(clamping: max(1, min(64, count))))
  }

  /// Runs `body` over contiguous slices of 0..<count, each of at least `grain`, and returns when all are
  /// done. Nested calls run inline.
  package static func parallel(count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let grain = max(1, grain)
    let parts = max(1, min(threadCount, count / grain))
    if parts == 1 { return body(0..<count) }
    withoutActuallyEscaping(body) { body in
      var slices = Slices(count: count, parts: parts, body: body)
      withUnsafeMutablePointer(to: &slices) {
        maas_parallel(
          parts,
          { context, part in
            guard let slices = context?.assumingMemoryBound(to: Slices.self).pointee else { return }
            slices.run(part)
          }, $0)
      }
    }
  }

  private struct Slices {
    let count: Int
    let parts: Int
    let body: @Sendable (Range<Int>) -> Void

    func run(_ part: Int) {
      let (each, rest) = count.quotientAndRemainder(dividingBy: parts)
      let start = part * each + min(part, rest)
      body(start..<start + each + (part < rest ? 1 : 0))
    }
  }
}

/// The instruction set the loops are compiled for.
package enum ProcessorPath: Int32, CaseIterable, Sendable {
  case base, avx2, avx512

  /// The best there is, or what `$MAAS_CPU` names (base, avx2, avx512).
  package static var current: ProcessorPath { ProcessorPath(rawValue: maas_cpu_path()) ?? .base }

  /// Uses this path from now on; false when the processor lacks it.
  package func select() -> Bool { maas_select_cpu_path(rawValue) == 0 }
}
