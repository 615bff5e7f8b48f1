import Engine

/// How many times as fast as with the values products x @ W are in each layout: the one place where layouts are chosen
/// by, unless `tune` measured a matrix itself.
///
/// `MAAS_CPU=avx512 maas-repl scripts/bench/layouts.maas 60` prints the rows of a path. These are from a Cascade Lake Xeon
/// with two processors that others used too: of two runs the smaller gain.
enum LayoutTable {
  /// A class holds up to so many rows of x, the last one more too. Each is measured at that many.
  static let rowClasses = [1, 4, 16, 64, 256]

  static func rowClass(_ rows: Int) -> Int {
    rowClasses.firstIndex { rows <= $0 } ?? rowClasses.count - 1
  }

  /// What the layout of a row makes use of.
  enum Use: Equatable {
    /// Up to so many of a hundred blocks are not zero.
    case blocks(Int)
    /// Codes with scales for whole columns.
    case codes
    /// Codes with scales for groups of rows.
    case groupedCodes
  }

  struct Row {
    let path: ProcessorPath
    let use: Use
    /// The most bytes of W as floats, at which the row is measured; the last of its kind at 24 MiB.
    let bytes: Int
    /// The time of the product with the values over that of this one, for each class of rows.
    let gains: [Double]

    init(_ path: ProcessorPath, _ use: Use, _ bytes: Int, _ gains: [Double]) {
      (self.path, self.use, self.bytes, self.gains) = (path, use, bytes, gains)
    }
  }

  /// Less is what another machine may well not see.
  static let leastGain = 1.1

  /// The layout of the largest gain; `floats` where there is none.
  static func fastest(_ traits: LayoutTraits, rows: Int, on path: ProcessorPath) -> Layout {
    let uses = [(Layout.blocks, blocks(traits.share)), (.codes, codes(traits.codes))]
    var best = (layout: Layout.floats, gain: leastGain)
    for (layout, use) in uses {
      guard let use, let gain = gain(use, traits.bytes, rows, path), gain >= best.gain else { continue }
      best = (layout, gain)
    }
    return best.layout
  }

  private static func gain(_ use: Use, _ bytes: Int, _ rows: Int, _ path: ProcessorPath) -> Double? {
    table.first { $0.path == path && $0.use == use && bytes <= $0.bytes }?.gains[rowClass(rows)]
  }

  private static func blocks(_ share: Double) -> Use? {
    blockClasses.first { share * 100 <= Double($0) }.map { .blocks($0) }
  }

  private static func codes(_ codes: LayoutTraits.Codes) -> Use? {
    switch codes {
    case .none: nil
    case .whole: .codes
    case .inGroups: .groupedCodes
    }
  }

  /// The hundredths of blocks that rows are measured at; with more the values are read.
  static let blockClasses = [10, 25, 50, 75]

  static let table: [Row] = [
    Row(.base, .blocks(10), 4 << 10, [1.44, 1.57, 2.22, 3.46, 3.98]),
    Row(.base, .blocks(25), 4 << 10, [1.42, 1.49, 1.87, 2.47, 2.61]),
    Row(.base, .blocks(50), 4 << 10, [1.39, 1.38, 1.52, 1.68, 1.68]),
    Row(.base, .blocks(75), 4 << 10, [1.36, 1.29, 1.26, 1.28, 1.23]),
    Row(.base, .codes, 4 << 10, [1.01, 0.90, 0.70, 0.59, 0.44]),
    Row(.base, .groupedCodes, 4 << 10, [1.02, 0.90, 0.71, 0.59, 0.53]),
    Row(.base, .blocks(10), 64 << 10, [2.52, 4.33, 6.74, 4.26, 7.08]),
    Row(.base, .blocks(25), 64 << 10, [2.10, 2.88, 3.53, 2.73, 3.58]),
    Row(.base, .blocks(50), 64 << 10, [1.55, 1.75, 1.88, 1.81, 1.84]),
    Row(.base, .blocks(75), 64 << 10, [1.24, 1.28, 1.29, 1.24, 1.23]),
    Row(.base, .codes, 64 << 10, [0.54, 0.63, 0.55, 0.57, 0.51]),
    Row(.base, .groupedCodes, 64 << 10, [0.55, 0.63, 0.59, 0.57, 0.57]),
    Row(.base, .blocks(10), 256 << 10, [4.68, 7.40, 8.61, 9.40, 6.85]),
    Row(.base, .blocks(25), 256 << 10, [2.90, 3.62, 4.37, 3.90, 2.84]),
    Row(.base, .blocks(50), 256 << 10, [1.77, 2.01, 2.36, 2.02, 1.88]),
    Row(.base, .blocks(75), 256 << 10, [1.28, 1.39, 1.65, 1.39, 1.25]),
    Row(.base, .codes, 256 << 10, [0.45, 0.68, 0.72, 0.61, 0.63]),
    Row(.base, .groupedCodes, 256 << 10, [0.45, 0.68, 0.58, 0.61, 0.60]),
    Row(.base, .blocks(10), 1 << 20, [13.41, 19.94, 21.87, 9.32, 8.68]),
    Row(.base, .blocks(25), 1 << 20, [6.30, 8.80, 9.41, 4.06, 3.61]),
    Row(.base, .blocks(50), 1 << 20, [3.45, 4.74, 4.73, 2.00, 1.87]),
    Row(.base, .blocks(75), 1 << 20, [2.17, 3.09, 3.07, 1.35, 1.24]),
    Row(.base, .codes, 1 << 20, [0.86, 1.37, 1.42, 0.61, 0.56]),
    Row(.base, .groupedCodes, 1 << 20, [0.88, 1.43, 1.39, 0.61, 0.55]),
    Row(.base, .blocks(10), 4 << 20, [25.81, 56.27, 36.84, 9.95, 8.79]),
    Row(.base, .blocks(25), 4 << 20, [13.68, 20.93, 14.10, 3.88, 3.58]),
    Row(.base, .blocks(50), 4 << 20, [6.02, 9.70, 6.21, 1.86, 1.78]),
    Row(.base, .blocks(75), 4 << 20, [4.29, 6.88, 4.07, 1.25, 1.20]),
    Row(.base, .codes, 4 << 20, [2.22, 4.03, 2.29, 0.64, 0.54]),
    Row(.base, .groupedCodes, 4 << 20, [2.28, 4.03, 2.27, 0.61, 0.53]),
    Row(.base, .blocks(10), .max, [53.19, 62.03, 78.24, 18.34, 8.46]),
    Row(.base, .blocks(25), .max, [14.32, 16.09, 33.94, 3.36, 2.89]),
    Row(.base, .blocks(50), .max, [5.41, 7.03, 7.72, 0.88, 0.88]),
    Row(.base, .blocks(75), .max, [3.58, 4.65, 4.94, 0.48, 0.59]),
    Row(.base, .codes, .max, [3.85, 4.71, 4.95, 0.45, 0.58]),
    Row(.base, .groupedCodes, .max, [3.72, 4.58, 4.74, 0.44, 0.55]),
    Row(.avx2, .blocks(10), 4 << 10, [1.45, 1.36, 1.43, 1.72, 1.90]),
    Row(.avx2, .blocks(25), 4 << 10, [1.53, 1.32, 1.36, 1.44, 1.44]),
    Row(.avx2, .blocks(50), 4 << 10, [1.32, 1.29, 1.24, 1.15, 1.05]),
    Row(.avx2, .blocks(75), 4 << 10, [1.31, 1.26, 1.14, 0.96, 0.82]),
    Row(.avx2, .codes, 4 << 10, [1.23, 1.20, 0.94, 0.68, 0.21]),
    Row(.avx2, .groupedCodes, 4 << 10, [1.23, 1.18, 0.96, 0.69, 0.52]),
    Row(.avx2, .blocks(10), 64 << 10, [1.98, 2.27, 3.41, 4.48, 4.66]),
    Row(.avx2, .blocks(25), 64 << 10, [1.78, 1.80, 2.18, 2.40, 2.43]),
    Row(.avx2, .blocks(50), 64 << 10, [1.37, 1.31, 1.28, 1.28, 1.23]),
    Row(.avx2, .blocks(75), 64 << 10, [1.15, 1.02, 0.89, 0.86, 0.80]),
    Row(.avx2, .codes, 64 << 10, [0.84, 0.80, 0.46, 0.57, 0.55]),
    Row(.avx2, .groupedCodes, 64 << 10, [0.82, 0.79, 0.62, 0.59, 0.54]),
    Row(.avx2, .blocks(10), 256 << 10, [3.03, 3.97, 5.00, 4.74, 4.40]),
    Row(.avx2, .blocks(25), 256 << 10, [2.04, 2.41, 2.05, 2.46, 2.12]),
    Row(.avx2, .blocks(50), 256 << 10, [1.33, 1.40, 1.31, 1.29, 1.16]),
    Row(.avx2, .blocks(75), 256 << 10, [1.00, 1.01, 0.91, 0.78, 0.78]),
    Row(.avx2, .codes, 256 << 10, [0.61, 0.30, 0.63, 0.64, 0.57]),
    Row(.avx2, .groupedCodes, 256 << 10, [0.55, 0.68, 0.60, 0.62, 0.54]),
    Row(.avx2, .blocks(10), 1 << 20, [4.30, 7.36, 16.70, 6.88, 5.45]),
    Row(.avx2, .blocks(25), 1 << 20, [2.21, 5.38, 7.26, 2.83, 2.38]),
    Row(.avx2, .blocks(50), 1 << 20, [1.22, 2.92, 3.37, 1.33, 1.13]),
    Row(.avx2, .blocks(75), 1 << 20, [0.76, 2.09, 2.32, 0.92, 0.74]),
    Row(.avx2, .codes, 1 << 20, [0.68, 1.62, 2.02, 0.76, 0.67]),
    Row(.avx2, .groupedCodes, 1 << 20, [0.70, 1.49, 1.95, 0.72, 0.66]),
    Row(.avx2, .blocks(10), 4 << 20, [13.09, 53.02, 38.72, 7.99, 6.08]),
    Row(.avx2, .blocks(25), 4 << 20, [6.88, 22.81, 18.27, 3.38, 2.49]),
    Row(.avx2, .blocks(50), 4 << 20, [2.64, 5.08, 8.83, 1.50, 1.23]),
    Row(.avx2, .blocks(75), 4 << 20, [1.56, 6.60, 4.34, 1.04, 0.83]),
    Row(.avx2, .codes, 4 << 20, [2.09, 6.06, 4.99, 0.89, 0.68]),
    Row(.avx2, .groupedCodes, 4 << 20, [1.77, 5.65, 4.64, 0.80, 0.64]),
    Row(.avx2, .blocks(10), .max, [28.86, 49.71, 44.40, 6.40, 5.48]),
    Row(.avx2, .blocks(25), .max, [8.95, 15.38, 16.67, 2.65, 2.00]),
    Row(.avx2, .blocks(50), .max, [3.52, 6.39, 6.32, 1.01, 0.71]),
    Row(.avx2, .blocks(75), .max, [2.29, 4.51, 4.16, 0.60, 0.42]),
    Row(.avx2, .codes, .max, [4.95, 6.45, 6.22, 0.86, 0.60]),
    Row(.avx2, .groupedCodes, .max, [3.99, 5.66, 5.71, 0.80, 0.54]),
    Row(.avx512, .blocks(10), 4 << 10, [1.33, 1.35, 1.34, 1.44, 1.48]),
    Row(.avx512, .blocks(25), 4 << 10, [1.31, 1.30, 1.28, 1.29, 1.21]),
    Row(.avx512, .blocks(50), 4 << 10, [1.31, 1.29, 1.22, 1.13, 0.96]),
    Row(.avx512, .blocks(75), 4 << 10, [1.30, 1.27, 1.17, 1.00, 0.79]),
    Row(.avx512, .codes, 4 << 10, [1.22, 1.20, 0.98, 0.70, 0.23]),
    Row(.avx512, .groupedCodes, 4 << 10, [1.24, 1.20, 0.99, 0.71, 0.48]),
    Row(.avx512, .blocks(10), 64 << 10, [1.65, 1.97, 2.60, 2.37, 2.84]),
    Row(.avx512, .blocks(25), 64 << 10, [1.46, 1.69, 1.84, 1.93, 1.78]),
    Row(.avx512, .blocks(50), 64 << 10, [1.34, 1.31, 1.24, 1.33, 1.13]),
    Row(.avx512, .blocks(75), 64 << 10, [1.08, 1.07, 0.94, 1.02, 0.81]),
    Row(.avx512, .codes, 64 << 10, [1.11, 0.98, 0.55, 0.74, 0.57]),
    Row(.avx512, .groupedCodes, 64 << 10, [1.10, 0.89, 0.57, 0.67, 0.51]),
    Row(.avx512, .blocks(10), 256 << 10, [2.65, 2.99, 2.76, 4.00, 4.37]),
    Row(.avx512, .blocks(25), 256 << 10, [2.08, 1.99, 2.16, 2.19, 2.39]),
    Row(.avx512, .blocks(50), 256 << 10, [1.43, 1.25, 1.18, 1.29, 1.39]),
    Row(.avx512, .blocks(75), 256 << 10, [1.11, 0.92, 0.85, 0.90, 0.60]),
    Row(.avx512, .codes, 256 << 10, [0.97, 1.13, 0.75, 0.65, 0.73]),
    Row(.avx512, .groupedCodes, 256 << 10, [0.96, 1.07, 0.63, 0.55, 0.58]),
    Row(.avx512, .blocks(10), 1 << 20, [4.79, 5.06, 9.76, 6.62, 5.56]),
    Row(.avx512, .blocks(25), 1 << 20, [2.72, 3.85, 4.59, 2.91, 2.66]),
    Row(.avx512, .blocks(50), 1 << 20, [1.36, 2.25, 2.44, 1.56, 1.34]),
    Row(.avx512, .blocks(75), 1 << 20, [0.98, 1.72, 1.70, 1.06, 0.91]),
    Row(.avx512, .codes, 1 << 20, [1.19, 1.50, 1.42, 0.85, 0.70]),
    Row(.avx512, .groupedCodes, 1 << 20, [1.51, 1.25, 1.15, 0.70, 0.58]),
    Row(.avx512, .blocks(10), 4 << 20, [14.56, 23.51, 21.60, 7.02, 4.19]),
    Row(.avx512, .blocks(25), 4 << 20, [7.68, 10.37, 10.01, 3.50, 2.25]),
    Row(.avx512, .blocks(50), 4 << 20, [3.14, 4.74, 5.72, 1.56, 1.16]),
    Row(.avx512, .blocks(75), 4 << 20, [1.54, 2.77, 3.75, 1.29, 0.76]),
    Row(.avx512, .codes, 4 << 20, [3.86, 3.63, 3.33, 1.12, 0.47]),
    Row(.avx512, .groupedCodes, 4 << 20, [3.92, 2.93, 2.58, 0.91, 0.26]),
    Row(.avx512, .blocks(10), .max, [30.98, 30.91, 51.41, 6.18, 4.22]),
    Row(.avx512, .blocks(25), .max, [6.67, 10.29, 17.39, 2.60, 1.95]),
    Row(.avx512, .blocks(50), .max, [3.42, 3.85, 9.83, 1.15, 0.72]),
    Row(.avx512, .blocks(75), .max, [2.26, 2.57, 6.23, 0.80, 0.47]),
    Row(.avx512, .codes, .max, [10.67, 5.75, 9.05, 1.18, 0.73]),
    Row(.avx512, .groupedCodes, .max, [8.83, 4.74, 7.16, 0.93, 0.57]),
  ]
}
