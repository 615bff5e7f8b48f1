import Testing

@testable import Figures

@Suite struct ContoursTests {
  private func field(_ size: Int, _ f: (Double, Double) -> Double) throws -> Field {
    let values = (0..<size * size).map { index in
      f(Double(index % size) / Double(size - 1) * 4 - 2, Double(index / size) / Double(size - 1) * 4 - 2)
    }
    return try #require(Field(columns: size, rows: size, values: values, x: -2...2, y: -2...2))
  }

  /// The circle x² + y² = 1: one closed line, all of whose points lie near it.
  @Test func circle() throws {
    let lines = Contours.lines(of: try field(81) { $0 * $0 + $1 * $1 }, at: 1)
    let line = try #require(lines.first)
    #expect(lines.count == 1 && line.first == line.last && line.count > 100)
    #expect(line.allSatisfy { abs(($0.x * $0.x + $0.y * $0.y).squareRoot() - 1) < 1e-3 })
  }

  /// A plane is cut along one straight line from edge to edge.
  @Test func plane() throws {
    let lines = Contours.lines(of: try field(11) { x, y in x + 2 * y }, at: 0.3)
    let line = try #require(lines.first)
    #expect(lines.count == 1)
    #expect(line.allSatisfy { abs($0.x + 2 * $0.y - 0.3) < 1e-12 })
    #expect(abs(line[0].x) == 2 && abs(line[line.count - 1].x) == 2)
  }

  @Test func saddleHasTwoBranches() throws {
    #expect(Contours.lines(of: try field(20) { $0 * $1 }, at: 0.5).count == 2)
    #expect(Contours.lines(of: try field(20) { $0 * $1 }, at: -0.5).count == 2)
  }

  @Test func cellsWithoutNumbersAreLeftOut() throws {
    let whole = try field(41) { $0 * $0 + $1 * $1 }
    let holed = try field(41) { $0 > 0.5 ? .nan : $0 * $0 + $1 * $1 }
    let lines = Contours.lines(of: holed, at: 1)
    #expect(lines.count == 1 && lines[0].first != lines[0].last)
    #expect(lines[0].count < Contours.lines(of: whole, at: 1)[0].count)
    #expect(Contours.lines(of: try field(5) { _, _ in .infinity }, at: 1).isEmpty)
  }

  @Test func levelsGrowWhereAFieldTowers() throws {
    let valley = try field(60) { 100 * ($1 - $0 * $0) * ($1 - $0 * $0) + (1 - $0) * (1 - $0) }
    let levels = ContourLevels.suggested(for: valley.values, count: 10)
    #expect(levels.count >= 6 && levels.count <= 15)
    #expect(levels[levels.count - 1] / levels[0] > 100)
    #expect(ContourLevels.suggested(for: [1, 2, 3, 4, 5, 6], count: 4) == [2, 3, 4, 5])
    #expect(ContourLevels.suggested(for: [7, 7, 7], count: 4).isEmpty)
    #expect(ContourLevels.suggested(for: [.nan, .infinity], count: 4).isEmpty)
  }
}
