import Prompt
import Runtime
import Testing

@Suite struct LineProgressTests {
  let recorder = RecordingWriter()

  @Test func writesALineAtEachEpochsEnd() {
    let progress = LineProgress(clock: recorder.clock, write: recorder.write)
    for epoch in 1...3 {
      for step in 1...100 {
        recorder.now += 0.01
        progress.update(
          Progress(
            title: "epoch  \(epoch)/3", done: step, total: 100, loss: 1 / Double(epoch),
            history: (1..<epoch).map { 1 / Double($0) }))
      }
    }
    progress.finish()
    #expect(
      recorder.writes == [
        "epoch  1/3  loss 1.0000  0.99 s\n", "epoch  2/3  loss 0.5000  0.99 s\n",
        "epoch  3/3  loss 0.3333  0.99 s\n",
      ])
  }

  @Test func writesEveryFewSecondsInBetween() {
    let progress = LineProgress(clock: recorder.clock, write: recorder.write)
    for step in 1...1200 {
      recorder.now = Double(step) / 100  // twelve seconds
      progress.update(Progress(title: "epoch 1/1", done: step, total: 1200, loss: 0.25, history: []))
    }
    #expect(
      recorder.writes == [
        "epoch 1/1  501/1200  loss 0.2500\n", "epoch 1/1  1001/1200  loss 0.2500\n",
        "epoch 1/1  loss 0.2500  12.0 s\n",
      ])
  }

  @Test func closesAnEpochWhoseLastStepWasNotReported() {
    let progress = LineProgress(clock: recorder.clock, write: recorder.write)
    progress.update(Progress(title: "epoch 1/2", done: 9, total: 10, loss: 0.9, history: []))
    recorder.now = 2
    progress.update(Progress(title: "epoch 2/2", done: 1, total: 10, loss: 0.4, history: [0.5]))
    #expect(recorder.writes == ["epoch 1/2  loss 0.5000  2.00 s\n"])
  }

  @Test func anUnfinishedRunEndsWithoutALine() {
    let progress = LineProgress(clock: recorder.clock, write: recorder.write)
    progress.update(Progress(title: "epoch 1/2", done: 3, total: 10, loss: 0.9, history: []))
    progress.finish()
    #expect(recorder.writes.isEmpty)
  }
}
