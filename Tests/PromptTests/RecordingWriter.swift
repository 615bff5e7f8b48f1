/// Takes what a reporter writes and turns a clock by hand.
final class RecordingWriter {
  private(set) var writes: [String] = []
  var now = 0.0
  var columns = 120

  func write(_ text: String) { writes.append(text) }
  func clock() -> Double { now }
  func width() -> Int { columns }
}
