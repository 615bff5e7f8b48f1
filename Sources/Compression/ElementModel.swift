/// What comes next in a tensor, going by what came before: first whether an element is zero, then, if it is not, its
/// symbol, bit by bit. A writer and a reader run the same one.
///
/// The tensor is looked at as a matrix, the first axis down. Whether an element is zero is foretold from its
/// neighbours in the row, from the rows above, from how full its row and the rows before it are, and from its column;
/// in the first layer of a network for pictures a row is a pixel, and the row `stride` before it the pixel above.
struct ElementModel {
  private let columns: Int
  private let stride: Int
  private var row = 0
  private var column = 0
  /// How many rows back are remembered.
  private let depth: Int
  /// Whether an element was other than zero, of the last rows in turn.
  private var flags: [UInt8]
  /// How many such each of the last rows has.
  private var filled: [Int]

  private var counters: [BitCounters]
  private var contexts = [Int](repeating: 0, count: 6)
  private var mixer = BitMixer(inputs: 6, sets: 16)

  /// For each byte of a symbol a tree of its bits.
  private var trees: [BitCounters]

  init(columns: Int, stride: Int, bytesOfSymbol: Int) {
    self.columns = max(1, columns)
    self.stride = max(1, stride)
    depth = max(3, self.stride + 2)
    flags = [UInt8](repeating: 0, count: depth * self.columns)
    filled = [Int](repeating: 0, count: depth)
    counters = [
      BitCounters(64), BitCounters(self.columns * 2), BitCounters(16 * 16), BitCounters(64),
      BitCounters(16 * 16),
      BitCounters(16 * 4),
    ]
    trees = [BitCounters](repeating: BitCounters(256), count: bytesOfSymbol)
  }

  /// How full a row is, in steps that grow with it: 0 to 15.
  @inline(__always)
  private func level(_ count: Int) -> Int {
    if count < 4 { return count }
    let power = Int.bitWidth - 1 - count.leadingZeroBitCount
    return min(15, power * 2 + (count >> (power - 1) & 1))
  }

  @inline(__always)
  private func flag(_ rowsBack: Int, _ columnsBack: Int) -> Int {
    let place = column - columnsBack
    guard place >= 0, place < columns, rowsBack <= row else { return 0 }
    return Int(flags[(row - rowsBack) % depth * columns + place])
  }

  @inline(__always)
  private func fullness(_ rowsBack: Int) -> Int { rowsBack <= row ? filled[(row - rowsBack) % depth] : 0 }

  @inline(__always)
  private func slot(_ rowsBack: Int) -> Int { (row - rowsBack) % depth }

  /// The probability that the next element is other than zero, in 1/4096.
  mutating func probabilityOfSymbol() -> Int {
    let left = flag(0, 1) + 2 * flag(0, 2) + 4 * flag(0, 3)
    let above = flag(1, 0) + 2 * flag(2, 0)
    let over = flag(stride, 0)
    let now = level(filled[slot(0)])
    contexts[0] = left + 8 * above + 32 * over
    contexts[1] = column * 2 + over
    contexts[2] = level(fullness(1)) * 16 + now
    contexts[3] = above + 4 * over + 8 * flag(stride - 1, 0) + 16 * flag(stride + 1, 0) + 32 * flag(0, 1)
    contexts[4] =
      level((fullness(1) + fullness(stride) + fullness(stride + 1) + fullness(stride - 1)) / 2) * 16 + now
    contexts[5] = level(fullness(stride)) * 4 + above
    for index in 0..<6 { mixer.put(counters[index].probability(contexts[index]), at: index) }
    return mixer.mix(set: now)
  }

  mutating func learn(isSymbol: Bool) {
    for index in 0..<6 { counters[index].update(contexts[index], isSymbol) }
    mixer.update(isSymbol)
    flags[slot(0) * columns + column] = isSymbol ? 1 : 0
    if isSymbol { filled[slot(0)] += 1 }
    column += 1
    guard column == columns else { return }
    column = 0
    row += 1
    filled[slot(0)] = 0
  }

  /// Passes each bit of a byte, the highest first, with its probability.
  @inline(__always)
  mutating func walk(byte: Int, width: Int, _ bit: (Int, Int) -> Bool) -> UInt8 {
    var node = 1
    for place in (0..<width).reversed() {
      let one = bit(place, trees[byte].probability(node))
      trees[byte].update(node, one)
      node = node * 2 + (one ? 1 : 0)
    }
    return UInt8(truncatingIfNeeded: node - 1 << width)
  }
}
