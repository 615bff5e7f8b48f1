import Prompt
import Runtime
import Testing

@Suite struct TerminalProgressTests {
  let recorder = RecordingWriter()

  func reporter(colour: Bool = false) -> TerminalProgress {
    TerminalProgress(
      clock: recorder.clock, columns: recorder.width, colour: colour, write: recorder.write)
  }

  /// Three finished epochs of 0.1 s and the fourth as far as SCREENS shows it.
  func fourthEpoch(_ progress: TerminalProgress, steps: Int = 1875) {
    let losses = [0.5, 0.41, 0.36]
    for epoch in 1...3 {
      recorder.now = Double(epoch - 1) * 0.1
      progress.update(Progress(title: "epoch  \(epoch)/10", done: 1, total: steps, loss: 0.6, history: []))
    }
    recorder.now = 0.3
    progress.update(
      Progress(title: "epoch  4/10", done: 0, total: steps, loss: nil, history: losses))
    recorder.now = 0.36
    progress.update(Progress(title: "epoch  4/10", done: 1215, total: steps, loss: 0.312, history: losses))
  }

  @Test func showsTheWholeLineWhereThereIsRoom() {
    let progress = reporter()
    let losses = [0.5, 0.41, 0.36]
    for epoch in 1...3 {
      for done in [1, 1875] {
        recorder.now += 0.05
        progress.update(
          Progress(
            title: "epoch  \(epoch)/10", done: done, total: 1875, loss: 0.6,
            history: Array(losses.prefix(epoch - 1))))
      }
    }
    recorder.now += 0.05
    progress.update(Progress(title: "epoch  4/10", done: 1, total: 1875, loss: 0.3, history: losses))
    recorder.now += 0.06
    progress.update(Progress(title: "epoch  4/10", done: 1250, total: 1875, loss: 0.312, history: losses))
    // 50 half cells, two thirds of them: 33. Three epochs of 0.1 s; 6 + 1/3 of them are left.
    let bar = String(repeating: "━", count: 16) + "╸" + String(repeating: "─", count: 8)
    #expect(
      recorder.writes.last
        == "\repoch  4/10  \(bar)  1250/1875  loss 0.3120  ▇▃▁  0.10 s an epoch, 0.63 s left\u{1b}[K")
  }

  @Test(arguments: [1, 2, 5, 11, 12, 18, 30, 40, 50, 60, 70, 80, 81, 100, 200])
  func fitsTheWindow(columns: Int) throws {
    let progress = reporter()
    recorder.columns = columns
    fourthEpoch(progress)
    let line = try #require(recorder.writes.last).dropFirst().dropLast(3)
    #expect(line.count < columns || line.count == 1)
    #expect("epoch  4/10".hasPrefix(line.prefix(11)))
  }

  @Test func coloursTakeNoRoom() throws {
    let progress = reporter(colour: true)
    recorder.columns = 60
    fourthEpoch(progress)
    let line = try #require(recorder.writes.last)
    let plain = line.replacing(#/\u{1b}\[[0-9;]*[mK]/#, with: "").dropFirst()
    #expect(line.contains("\u{1b}[36m"))
    #expect(plain.count < 60)
  }

  @Test func redrawsAtMostTwentyTimesASecond() {
    let progress = reporter()
    for step in 1...100_000 {
      recorder.now = Double(step) / 100_000  // one second
      progress.update(Progress(title: "epoch  1/1", done: step, total: 100_000, loss: 1, history: []))
    }
    #expect(recorder.writes.count <= 20)
    #expect(recorder.writes.count >= 18)
  }

  @Test func saysNothingOfAPaceItCannotKnow() {
    let progress = reporter()
    progress.update(Progress(title: "epoch  1/10", done: 1, total: 1875, loss: 2.3, history: []))
    #expect(recorder.writes.last?.hasSuffix("─     1/1875  loss 2.3000\u{1b}[K") == true)
    recorder.now = 0.1
    progress.update(Progress(title: "epoch  1/10", done: 375, total: 1875, loss: 2.3, history: []))
    #expect(
      recorder.writes.last?.hasSuffix("   375/1875  loss 2.3000  0.50 s an epoch, 4.90 s left\u{1b}[K")
        == true)
  }

  @Test func isGoneWhenDone() {
    let progress = reporter()
    fourthEpoch(progress)
    progress.finish()
    #expect(recorder.writes.last == "\r\u{1b}[K")
    let count = recorder.writes.count
    progress.finish()
    #expect(recorder.writes.count == count, "nothing is erased twice")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, 0, .leastNonzeroMagnitude, -1e-9])
  func survivesAnyLoss(loss: Double) {
    let progress = reporter()
    progress.update(
      Progress(title: "epoch 1/2", done: 1, total: 2, loss: loss, history: [loss, 1, -loss, .nan]))
    #expect(recorder.writes.count == 1)
  }

  @Test(arguments: [(0, 0), (5, 0), (-3, 10), (20, 10), (Int.max, Int.max), (1, Int.max), (Int.min, Int.min)])
  func survivesAnyCount(done: Int, total: Int) {
    let progress = reporter()
    progress.update(Progress(title: "", done: done, total: total, loss: nil, history: []))
    recorder.now = 1
    progress.update(Progress(title: "9/0", done: done, total: total, loss: nil, history: []))
    #expect(recorder.writes.count == 2)
  }
}
