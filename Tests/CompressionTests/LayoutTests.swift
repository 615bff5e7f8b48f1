import Engine
import SeededRandom
import Testing

@testable import Compression

/// Which layout products take, and that it changes nothing but their speed.
@Suite(.serialized) struct LayoutTests {
  /// Codes of 4 bits, of which so large a share of the blocks is not zero.
  private static func coded(
    _ k: Int, _ n: Int, share: Double, group: Int? = nil, _ random: inout SeededNumbers
  ) throws -> Form.Held {
    var codes = [Int8](repeating: 0, count: k * n)
    for row in 0..<k {
      for start in stride(from: 0, to: n, by: 16) where Double.random(in: 0..<1, using: &random) < share {
        for column in start..<min(start + 16, n) {
          codes[row * n + column] = Int8.random(in: -8...7, using: &random)
        }
      }
    }
    let groups = group.map { (k - 1) / $0 + 1 } ?? 1
    let scales = (0..<groups * n).map { _ in Float.random(in: 0.1...1, using: &random) }
    let affine = try Affine(
      codes: Tensor(codes, shape: [k, n]), scale: Tensor(scales, shape: [groups, n]), zero: nil,
      group: group ?? 1, bits: 4)
    return try Form.coded(.affine(affine), mask: nil)
  }

  @Test func everyLayoutHasTheSameBits() throws {
    var random = SeededNumbers(state: 31)
    let before = ProcessorPath.current
    defer { _ = before.select() }
    for (k, n, group) in [(64, 48, nil), (300, 100, nil), (300, 100, 25), (5, 33, nil)] {
      let held = try Self.coded(k, n, share: 0.4, group: group, &random)
      for path in ProcessorPath.allCases where path.select() {
        for layout in Layout.allCases {
          let chosen = try Form.choosing(LayoutChoice(path, [(4, layout)]), for: held)
          for rows in [1, 5, 40] {
            let x = try Tensor(
              (0..<rows * k).map { _ in Float.random(in: -1...1, using: &random) }, shape: [rows, k])
            let wanted = try Tensor.product(x, held.values)
            let factor = chosen.form.factor(chosen.values)
            for _ in 0..<3 { #expect(try factor.product(x).bitEqual(wanted), "\(layout) on \(path)") }
          }
        }
      }
    }
  }

  @Test func thePossibleLayoutsFollowFromTheForm() throws {
    var random = SeededNumbers(state: 32)
    let held = try Self.coded(64, 48, share: 0.4, &random)
    #expect(try held.form.layouts(held.values) == [.floats, .blocks, .codes])
    let full = try Self.coded(64, 48, share: 2, &random)
    #expect(try full.form.layouts(full.values) == [.floats, .codes])
    let fine = try Self.coded(64, 48, share: 2, group: 4, &random)
    #expect(try fine.form.layouts(fine.values) == [.floats])
    let column = try Self.coded(64, 1, share: 0.4, &random)
    #expect(try column.form.layouts(column.values) == [])
    let floats = try Form.masked(
      held.values, Tensor.binary(.notEqual, held.values, Tensor(scalar: 0, dtype: .f32)))
    #expect(try floats.form.layouts(floats.values) == [.floats, .blocks])
    let choice = try LayoutChoice(.base, [(1, .codes)])
    #expect(throws: EngineError.self) { try Form.choosing(choice, for: floats) }
    #expect(throws: EngineError.self) { try Form.choosing(choice, for: column) }
  }

  /// A measurement speaks for its neighbourhood, on its path.
  @Test func aChoiceHoldsNearWhatWasMeasured() throws {
    let choice = try LayoutChoice(.avx2, [(1, .codes), (64, .blocks)])
    func layouts(_ rows: [Int]) -> [Layout?] { rows.map { choice.layout(rows: $0, on: .avx2) } }
    #expect(layouts([0, 1, 7]) == [.codes, .codes, .codes])
    #expect(layouts([8, 64, 512]) == [.blocks, .blocks, .blocks])
    #expect(layouts([513, 1 << 40]) == [nil, nil])
    #expect(choice.layout(rows: 1, on: .base) == nil && choice.layout(rows: 1, on: .avx512) == nil)
    #expect(throws: EngineError.self) { try LayoutChoice(.base, []) }
    for rows in [[0], [-1], [1 << 31], [2, 2], [3, 2], Array(1...17)] {
      #expect(throws: EngineError.self) { try LayoutChoice(.base, rows.map { ($0, .floats) }) }
    }
  }

  /// Every path has a row for each use and size, each row a gain for each class of rows, the sizes ascending to all.
  @Test func theTableIsWhole() {
    let uses = LayoutTable.blockClasses.map { LayoutTable.Use.blocks($0) } + [.codes, .groupedCodes]
    for path in ProcessorPath.allCases {
      for use in uses {
        let rows = LayoutTable.table.filter { $0.path == path && $0.use == use }
        #expect(rows.count == 6 && rows.last?.bytes == .max)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.bytes < $1.bytes })
        #expect(rows.allSatisfy { $0.gains.count == LayoutTable.rowClasses.count })
        #expect(rows.allSatisfy { $0.gains.allSatisfy { $0 > 0 } })
      }
    }
    #expect(LayoutTable.table.count == ProcessorPath.allCases.count * uses.count * 6)
  }

  /// On any machine few blocks of a large matrix are faster than the floats, and its codes slower for many rows.
  @Test func theTableChooses() throws {
    var random = SeededNumbers(state: 33)
    let sparse = try Self.coded(512, 512, share: 0.08, &random)
    let dense = try Self.coded(512, 512, share: 2, &random)
    let free = try Form.masked(
      dense.values, Tensor([Bool](repeating: true, count: 512 * 512), shape: [512, 512]))
    for path in ProcessorPath.allCases {
      for rows in [0, 1, 16, 1000] {
        let traits = try #require(try LayoutTraits(sparse.values, sparse.form.coding))
        #expect(LayoutTable.fastest(traits, rows: rows, on: path) == .blocks)
        let others = try #require(try LayoutTraits(free.values, free.form.coding))
        #expect(LayoutTable.fastest(others, rows: rows, on: path) == .floats)
      }
      let traits = try #require(try LayoutTraits(dense.values, dense.form.coding))
      #expect(LayoutTable.fastest(traits, rows: 256, on: path) == .floats)
    }
  }
}
