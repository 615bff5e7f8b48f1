import Engine

/// How a matrix that stands on the right of products can be laid out. Every layout gives the same bits.
///
/// The raw values are those of the packed format.
package enum Layout: UInt8, CaseIterable, Sendable {
  /// The values as they are.
  case floats = 0
  /// Without the blocks of 16 neighbours that are zero: `PackedBlocks`.
  case blocks = 1
  /// Codes of 4 bits, which become floats in registers: `PackedCodedWeights`.
  case codes = 2

  package var name: String {
    switch self {
    case .floats: "floats"
    case .blocks: "blocks"
    case .codes: "codes"
    }
  }
}

/// What the choice of a layout depends on besides the processor and the rows of x.
package struct LayoutTraits: Sendable {
  /// Of the values as floats.
  let bytes: Int
  /// The share of blocks of 16 that are not zero.
  let share: Double
  let codes: Codes

  enum Codes { case none, whole, inGroups }

  /// `nil` where products with the matrix have one layout alone: it is no matrix of f32, or has a single column.
  package init?(_ values: Tensor, _ coding: Coding) throws {
    guard let share = try PackedBlocks.share(of: values) else { return nil }
    (self.bytes, self.share) = (values.byteCount, share)
    if case .affine(let affine) = coding, let rows = affine.rowsOfGroup {
      codes = rows < values.shape[0] ? .inGroups : .whole
    } else {
      codes = .none
    }
  }

  /// The layouts that leave something out: memory, or multiplications.
  package var possible: [Layout] {
    [.floats] + (share < 1 ? [.blocks] : []) + (codes == .none ? [] : [.codes])
  }
}

/// Which layout was fastest when products with a matrix were measured, on one processor path.
package struct LayoutChoice: Sendable {
  package let path: ProcessorPath
  /// By how many rows x had, ascending.
  package let choices: [(rows: Int, layout: Layout)]

  static let mostChoices = 16
  static let mostRows = 1 << 30
  /// A measurement speaks for products of up to so many times more rows, or fewer.
  private static let reach = 8.0

  /// - Throws: `badValue` where there are no choices, more than 16, or rows that do not ascend from 1 to 2^30.
  package init(_ path: ProcessorPath, _ choices: [(rows: Int, layout: Layout)]) throws {
    guard (1...LayoutChoice.mostChoices).contains(choices.count) else {
      throw EngineError.badValue(
        "layouts are chosen for 1 to \(LayoutChoice.mostChoices) batches, not \(choices.count)")
    }
    var least = 1
    for (rows, _) in choices {
      guard (least...LayoutChoice.mostRows).contains(rows) else {
        throw EngineError.badValue(
          "batches for which layouts are chosen ascend, from 1 to \(LayoutChoice.mostRows): \(rows) does not fit"
        )
      }
      least = rows + 1
    }
    (self.path, self.choices) = (path, choices)
  }

  /// What was chosen for the batch that is nearest as a ratio, of two as near the larger one; `nil` on another path, and
  /// where none is near.
  func layout(rows: Int, on path: ProcessorPath) -> Layout? {
    guard path == self.path else { return nil }
    func distance(_ other: Int) -> Double {
      let (a, b) = (Double(max(rows, 1)), Double(other))
      return max(a / b, b / a)
    }
    let nearest = choices.min { (distance($0.rows), -$0.rows) < (distance($1.rows), -$1.rows) }
    return nearest.flatMap { distance($0.rows) <= LayoutChoice.reach ? $0.layout : nil }
  }
}
