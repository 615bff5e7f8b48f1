import Foundation
import Testing

@testable import Engine

extension EngineTests {
  @Suite struct WorkerPoolTests {
    final class Tally: @unchecked Sendable {
      private let lock = NSLock()
      private(set) var ranges: [Range<Int>] = []
      func add(_ range: Range<Int>) { lock.withLock { ranges.append(range) } }
    }

    @Test func slicesCoverEverythingOnce() {
      for threads in [1, 2, 3, 5] {
        with(threads: threads) {
          for (count, grain) in [(0, 1), (1, 1), (10, 3), (10, 100), (1000, 1), (7, 1), (64, 0)] {
            let tally = Tally()
            WorkerPool.parallel(count: count, grain: grain) { tally.add($0) }
            let sorted = tally.ranges.sorted { $0.lowerBound < $1.lowerBound }
            #expect(sorted.flatMap { Array($0) } == Array(0..<count))
            #expect(sorted.count <= max(1, threads))
            if count >= 2 * max(1, grain) && threads > 1 { #expect(sorted.count > 1) }
          }
        }
      }
    }

    @Test func nestedAndConcurrentCallsFinish() async {
      WorkerPool.setThreadCount(3)
      await withTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let tally = Tally()
            for _ in 0..<200 {
              WorkerPool.parallel(count: 30, grain: 1) { outer in
                WorkerPool.parallel(count: outer.count, grain: 1) { tally.add($0) }
              }
            }
            return tally.ranges.map(\.count).reduce(0, +)
          }
        }
        for await total in group { #expect(total == 6000) }
      }
      WorkerPool.setThreadCount(2)
    }

    @Test func manyShortJobsWithSleepBetween() {
      with(threads: 3) {
        for round in 0..<2000 {
          let tally = Tally()
          WorkerPool.parallel(count: 3, grain: 1) { tally.add($0) }
          #expect(tally.ranges.count == 3)
          if round % 200 == 0 { usleep(1000) }
        }
      }
    }

    @Test func countsAreKeptInBounds() {
      let former = WorkerPool.threadCount
      defer { WorkerPool.setThreadCount(former) }
      for (asked, given) in [(0, 1), (-5, 1), (7, 7), (1000, 64), (Int.max, 64)] {
        WorkerPool.setThreadCount(asked)
        #expect(WorkerPool.threadCount == given)
      }
    }
  }
}
