import Engine

extension Op {
  static let sums = [einsum]

  package static let einsum: Op = Op(
    "einsum",
    "Products summed over the letters that the result does not name: \"ij,jk->ik\" is the matrix product.",
    formula: "Σ a[i,j] b[j,k]",
    example: "> einsum(\"i,i->\", [1, 2], [3, 4])\n11", [.text("letters"), .tensors("factors")],
    .composed { factors, attributes in
      try EinsteinSum(attributes.text(0) ?? "", factors.map(\.shape)).evaluated(factors)
    }, derivative: .ofParts,
    samples: [
      summed("ij,jk->ik", [2, 3], [3, 4]), summed("i,i->i", [3], [3]), summed("ij->ji", [2, 3]),
      summed("ii->i", [3, 3]), summed("ii", [3, 3]), summed("ij->", [2, 3]), summed("i,j->ij", [2], [3]),
      summed("bij,bjk->bik", [2, 2, 3], [2, 3, 2]), summed("ij,jk,kl->il", [2, 3], [3, 2], [2, 2]),
      summed("...ij,jk->...ik", [2, 2, 3], [3, 2]), summed("ij,ij", [2, 3], [2, 3]),
      summed("iij,jk->ki", [2, 2, 3], [3, 2]), summed("i,", [3], []), summed("ij,jk->ik", [2, 0], [0, 3]),
      summed("ij,k->i", [2, 3], [2]), summed("...,...->...", [2, 3], [3]),
    ])

  private static func summed(_ letters: String, _ shapes: [Int]...) -> Sample {
    Sample(inputs: shapes.map { .init($0) }, [.text(letters)])
  }
}

/// Einstein's summation: which axis of each factor every letter names, checked against the shapes.
private struct EinsteinSum {
  /// A named axis; those of an ellipsis are counted from the last, -1, so that they broadcast.
  private enum Axis: Hashable {
    case letter(Character)
    case ellipsis(Int)
  }

  private let factors: [[Axis]]
  private let result: [Axis]
  private let sizes: [Axis: Int]

  init(_ text: String, _ shapes: [[Int]]) throws {
    let sides = try Self.sides(text)
    let subscripts = Self.split(sides.factors)
    guard subscripts.count == shapes.count else {
      throw EngineError.badValue(
        "\"\(text)\" names \(Self.counted(subscripts.count)), here are \(shapes.count)")
    }
    factors = try zip(subscripts, shapes).map { try Self.axes($0, $1, text) }
    sizes = try Self.sizes(factors, shapes)
    let known = Set(sizes.keys)
    if let named = sides.result {
      let rank = known.reduce(0) { if case .ellipsis(let place) = $1 { Swift.max($0, -place) } else { $0 } }
      result = try Self.resultAxes(named, known, rank, text)
    } else {
      result = Self.impliedResult(factors)
    }
  }

  private static func counted(_ count: Int) -> String { count == 1 ? "1 factor" : "\(count) factors" }

  private static func sides(_ text: String) throws -> (factors: String, result: String?) {
    let plain = text.filter { $0 != " " }
    guard let arrow = plain.range(of: "->") else { return (plain, nil) }
    let result = String(plain[arrow.upperBound...])
    guard !result.contains("->"), !result.contains(",") else {
      throw EngineError.badValue(
        "\"\(text)\" has more than one result: it reads factors, one `->`, the result")
    }
    return (String(plain[..<arrow.lowerBound]), result)
  }

  private static func split(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  private static func axes(_ letters: String, _ shape: [Int], _ text: String) throws -> [Axis] {
    let parts = try parsed(letters, text)
    let named = parts.before.count + parts.after.count
    let hidden = parts.hasEllipsis ? shape.count - named : 0
    guard named + Swift.max(0, hidden) == shape.count else {
      throw EngineError.badShape(
        shape: shape, reason: "`\(letters)` in \"\(text)\" names \(named) axes, the tensor has \(shape.count)"
      )
    }
    return parts.before.map { .letter($0) } + (0..<hidden).map { .ellipsis($0 - hidden) }
      + parts.after.map { .letter($0) }
  }

  /// Letters before and after an ellipsis.
  private static func parsed(
    _ letters: String, _ text: String
  ) throws -> (before: [Character], after: [Character], hasEllipsis: Bool) {
    var before = Array(letters)
    var after: [Character] = []
    let dots = letters.range(of: "...")
    if let dots {
      before = Array(letters[..<dots.lowerBound])
      after = Array(letters[dots.upperBound...])
    }
    for letter in before + after where !letter.isLetter {
      throw EngineError.badValue("\"\(text)\" names axes by letters and `...`, not by `\(letter)`")
    }
    return (before, after, dots != nil)
  }

  private static func sizes(_ factors: [[Axis]], _ shapes: [[Int]]) throws -> [Axis: Int] {
    var sizes: [Axis: Int] = [:]
    for (position, (axes, shape)) in zip(factors, shapes).enumerated() {
      for (axis, size) in zip(axes, shape) {
        guard let before = sizes[axis], before != size else {
          sizes[axis] = size
          continue
        }
        if case .ellipsis = axis, before == 1 || size == 1 {
          sizes[axis] = before == 1 ? size : before
          continue
        }
        let name = if case .letter(let letter) = axis { "`\(letter)`" } else { "an axis of `...`" }
        throw EngineError.shapeMismatch(
          ShapeMismatch(
            operation: "einsum", lhs: shapes[0], rhs: shape,
            reason: "\(name) is \(before) at first and \(size) in factor \(position): they must be equal"))
      }
    }
    return sizes
  }

  private static func resultAxes(
    _ letters: String, _ known: Set<Axis>, _ hidden: Int, _ text: String
  ) throws -> [Axis] {
    let parts = try parsed(letters, text)
    let all = parts.before + parts.after
    for letter in all where !known.contains(.letter(letter)) {
      throw EngineError.badValue("the result of \"\(text)\" names `\(letter)`, which no factor has")
    }
    for letter in all where all.count(where: { $0 == letter }) > 1 {
      throw EngineError.badValue("the result of \"\(text)\" names `\(letter)` twice")
    }
    let middle: [Axis] = parts.hasEllipsis ? (0..<hidden).map { .ellipsis($0 - hidden) } : []
    return parts.before.map { .letter($0) } + middle + parts.after.map { .letter($0) }
  }

  /// Without an arrow: the axes of the ellipsis, then the letters that stand once, in order.
  private static func impliedResult(_ factors: [[Axis]]) -> [Axis] {
    var counts: [Character: Int] = [:]
    var hidden = 0
    for axis in factors.joined() {
      switch axis {
      case .letter(let letter): counts[letter, default: 0] += 1
      case .ellipsis(let place): hidden = Swift.max(hidden, -place)
      }
    }
    return (0..<hidden).map { .ellipsis($0 - hidden) }
      + counts.filter { $0.value == 1 }.keys.sorted().map { .letter($0) }
  }

  /// A tensor whose axes are named, each once.
  private struct Named {
    var axes: [Axis]
    var term: Term
  }

  /// From left to right, two at a time, each letter summed as soon as nobody needs it.
  func evaluated(_ terms: [Term]) throws -> Term {
    var parts = try zip(factors, terms).map { try withoutRepeats(Named(axes: $0, term: $1)) }
    var left = parts.removeFirst()
    while !parts.isEmpty {
      let right = parts.removeFirst()
      let needed = Set(result).union(parts.flatMap(\.axes))
      left = try product(
        summed(left, keeping: needed.union(right.axes)), summed(right, keeping: needed.union(left.axes)),
        keeping: needed)
    }
    left = try summed(left, keeping: Set(result))
    return try arranged(left, result)
  }

  /// The diagonal of axes that have one letter.
  private func withoutRepeats(_ part: Named) throws -> Named {
    var part = part
    while let (first, second) = repeated(part.axes) {
      let rest = part.axes.indices.filter { $0 != first && $0 != second }
      let moved = try part.term.transposed(rest + [first, second])
      let size = part.term.shape[first]
      let flat = try moved.reshaped(moved.shape.dropLast(2) + [size &* size])
      let step = AxisRange(0, size == 0 ? 0 : (size &- 1) &* (size &+ 1) &+ 1, step: size &+ 1)
      let diagonal = try flat.sliced(flat.shape.dropLast().map { AxisRange(0, $0) } + [step])
      part = Named(axes: rest.map { part.axes[$0] } + [part.axes[first]], term: diagonal)
    }
    return part
  }

  private func repeated(_ axes: [Axis]) -> (Int, Int)? {
    for (second, axis) in axes.enumerated() {
      if let first = axes.firstIndex(of: axis), first < second { return (first, second) }
    }
    return nil
  }

  private func summed(_ part: Named, keeping needed: Set<Axis>) throws -> Named {
    let gone = part.axes.indices.filter { !needed.contains(part.axes[$0]) }
    if gone.isEmpty { return part }
    return Named(axes: part.axes.filter { needed.contains($0) }, term: try part.term.sum(axes: gone))
  }

  private func product(_ a: Named, _ b: Named, keeping needed: Set<Axis>) throws -> Named {
    let shared = a.axes.filter { b.axes.contains($0) }
    let contracted = shared.filter { !needed.contains($0) }
    let ownA = a.axes.filter { !shared.contains($0) }
    let ownB = b.axes.filter { !shared.contains($0) }
    let kept = shared.filter { needed.contains($0) }
    if contracted.isEmpty {
      let axes = kept + ownA + ownB
      return Named(axes: axes, term: try spread(a, axes) * spread(b, axes))
    }
    let (rows, columns) = (kept.map { size($0) }, contracted.map { size($0) })
    let left = try widened(a, kept + ownA + contracted).reshaped(rows + [count(ownA), count(contracted)])
    let right = try widened(b, kept + contracted + ownB).reshaped(
      rows + [columns.reduce(1, &*), count(ownB)])
    let term = try Term.product(left, right)
    return Named(
      axes: kept + ownA + ownB, term: try term.reshaped(rows + (ownA + ownB).map { size($0) }))
  }

  private func size(_ axis: Axis) -> Int { sizes[axis] ?? 1 }
  private func count(_ axes: [Axis]) -> Int { axes.reduce(1) { $0 &* size($1) } }

  /// The axes in an order.
  private func arranged(_ part: Named, _ axes: [Axis]) throws -> Term {
    try part.term.transposed(axes.compactMap { part.axes.firstIndex(of: $0) })
  }

  /// In an order, the axes of an ellipsis at their full size.
  private func widened(_ part: Named, _ axes: [Axis]) throws -> Term {
    try arranged(part, axes).broadcast(to: axes.map { size($0) })
  }

  /// In an order, with axes of size 1 for those it does not have.
  private func spread(_ part: Named, _ axes: [Axis]) throws -> Term {
    let own = axes.filter { part.axes.contains($0) }
    let term = try arranged(part, own)
    var sizes = term.shape[...]
    return try term.reshaped(axes.map { part.axes.contains($0) ? sizes.popFirst() ?? 1 : 1 })
  }
}

extension String {
  /// The first place of a piece of text.
  fileprivate func range(of piece: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(piece) { return start..<index(start, offsetBy: piece.count) }
      start = index(after: start)
    }
    return nil
  }
}
