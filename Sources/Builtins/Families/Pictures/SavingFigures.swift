import Engine
import Figures
import Runtime

/// Figures in files: rows of the table of `save`.
extension Saving {
  static var figures: [Saver] {
    [
      figure("svg") { Array($0.svg.utf8) }, figure("png") { $0.png() },
      figure("txt") { Array(($0.text() + "\n").utf8) },
    ]
  }

  private static func figure(_ ending: String, _ bytes: @escaping (Sheet) -> [UInt8]) -> Saver {
    Saver(ending, "a figure", accepts: { sheet($0) != nil }) { value, request in
      guard let sheet = sheet(value) else { return }
      try OutputFile.write(request.path) { try $0.write(bytes(sheet)) }
    }
  }

  private static func sheet(_ value: Value) -> Sheet? {
    guard case .object(let object as FigureObject) = value else { return nil }
    return object.sheet
  }
}
