/// Lines of equal height by marching squares.
package enum Contours {
  /// The lines at one level as polylines in the field's coordinates; a closed one ends where it starts.
  ///
  /// A cell with a corner that is no finite number is left out. Where the height at a cell's corners does not
  /// say which of them belong together (a saddle), the mean of the four decides.
  package static func lines(of field: Field, at level: Double) -> [[Point]] {
    guard level.isFinite, field.columns > 1, field.rows > 1, field.values.count < 1 << 28 else { return [] }
    var tracer = ContourTracer(field, level)
    tracer.march()
    return tracer.trace()
  }
}

/// A place, in whatever units.
package struct Point: Sendable, Equatable {
  package var x: Double
  package var y: Double
  package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// The crossings of one level with the grid's edges, linked to lines.
private struct ContourTracer {
  private let field: Field
  private let level: Double
  /// For each edge of the grid the edges its crossing is joined to, at most two; -1 where there is none.
  private var links: [Int32]
  private var used: [Int32] = []
  private let horizontal: Int

  init(_ field: Field, _ level: Double) {
    (self.field, self.level) = (field, level)
    horizontal = field.columns * field.rows
    // Horizontal edges first, each numbered by its left end, then vertical ones by their lower end.
    links = [Int32](repeating: -1, count: 4 * horizontal)
  }

  private mutating func link(_ a: Int, _ b: Int) {
    add(b, to: a)
    add(a, to: b)
  }

  private mutating func add(_ other: Int, to edge: Int) {
    if links[2 * edge] < 0 {
      links[2 * edge] = Int32(truncatingIfNeeded: other)
      used.append(Int32(truncatingIfNeeded: edge))
    } else {
      links[2 * edge + 1] = Int32(truncatingIfNeeded: other)
    }
  }

  mutating func march() {
    for row in 0..<(field.rows - 1) {
      for column in 0..<(field.columns - 1) { cell(row * field.columns + column) }
    }
  }

  private mutating func cell(_ index: Int) {
    let values = field.values
    let (a, b) = (values[index], values[index + 1])
    let (d, c) = (values[index + field.columns], values[index + field.columns + 1])
    guard (a - a) + (b - b) + (c - c) + (d - d) == 0 else { return }
    let bottom = index
    let top = index + field.columns
    let left = horizontal + index
    let right = horizontal + index + 1
    switch (a >= level ? 1 : 0) | (b >= level ? 2 : 0) | (c >= level ? 4 : 0) | (d >= level ? 8 : 0) {
    case 1, 14: link(left, bottom)
    case 2, 13: link(bottom, right)
    case 3, 12: link(left, right)
    case 4, 11: link(right, top)
    case 6, 9: link(bottom, top)
    case 7, 8: link(left, top)
    case 5: joinSaddle(highMiddle: middle(a, b, c, d), (left, top, bottom, right))
    case 10: joinSaddle(highMiddle: !middle(a, b, c, d), (left, top, bottom, right))
    default: break
    }
  }

  private func middle(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Bool {
    a / 4 + b / 4 + c / 4 + d / 4 >= level
  }

  private mutating func joinSaddle(highMiddle: Bool, _ edges: (left: Int, top: Int, bottom: Int, right: Int))
  {
    if highMiddle {
      link(edges.left, edges.top)
      link(edges.bottom, edges.right)
    } else {
      link(edges.left, edges.bottom)
      link(edges.top, edges.right)
    }
  }

  /// Walks along the links: open lines from their ends first, then rings.
  mutating func trace() -> [[Point]] {
    var lines: [[Point]] = []
    let edges = used
    for edge in edges where links[2 * Int(edge) + 1] < 0 && links[2 * Int(edge)] >= 0 {
      lines.append(walk(Int(edge)))
    }
    for edge in edges where links[2 * Int(edge)] >= 0 {
      var ring = walk(Int(edge))
      if let first = ring.first, ring.count > 2 { ring.append(first) }
      lines.append(ring)
    }
    return lines.filter { $0.count > 1 }
  }

  private mutating func walk(_ start: Int) -> [Point] {
    var (points, edge) = ([crossing(start)], start)
    while let next = takeLink(from: edge) {
      // A ring comes back to its start, whose links are spent by then.
      if next == start { break }
      points.append(crossing(next))
      edge = next
    }
    return points
  }

  /// Follows one link and removes it from both its ends.
  private mutating func takeLink(from edge: Int) -> Int? {
    let next = Int(links[2 * edge])
    guard next >= 0 else { return nil }
    links[2 * edge] = links[2 * edge + 1]
    links[2 * edge + 1] = -1
    if links[2 * next] == Int32(edge) { links[2 * next] = links[2 * next + 1] }
    links[2 * next + 1] = -1
    return next
  }

  private func crossing(_ edge: Int) -> Point {
    let isVertical = edge >= horizontal
    let index = isVertical ? edge - horizontal : edge
    let (row, column) = (index / field.columns, index % field.columns)
    let (a, b) = (field.values[index], field.values[isVertical ? index + field.columns : index + 1])
    let share = AxisFraction.of(level, between: a, and: b)
    let x = (Double(column) + (isVertical ? 0 : share)) / Double(max(1, field.columns - 1))
    let y = (Double(row) + (isVertical ? share : 0)) / Double(max(1, field.rows - 1))
    return Point(field.x.value(at: x), field.y.value(at: y))
  }
}

/// How far along an edge a level lies.
private enum AxisFraction {
  static func of(_ level: Double, between a: Double, and b: Double) -> Double {
    let share = (level / 2 - a / 2) / (b / 2 - a / 2)
    return share.isFinite ? min(1, max(0, share)) : 0.5
  }
}
