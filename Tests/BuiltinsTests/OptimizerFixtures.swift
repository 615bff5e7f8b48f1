import Foundation
import Syntax
import Testing

@testable import Builtins

/// Trajectories of other libraries' optimizers, from `shared/fixtures`.
enum OptimizerFixtures {
  /// The folder `shared`: named by `MAAS_SHARED`, or beside a folder that this file lies in.
  static let shared: URL? = {
    if let path = ProcessInfo.processInfo.environment["MAAS_SHARED"] { return existing(URL(filePath: path)) }
    var folder = URL(filePath: #filePath).deletingLastPathComponent()
    while folder.path() != "/" {
      if let found = existing(folder.appending(path: "shared")) { return found }
      folder = folder.deletingLastPathComponent().standardizedFileURL
    }
    return nil
  }()

  private static func existing(_ folder: URL) -> URL? {
    FileManager.default.fileExists(atPath: folder.appending(path: "fixtures").path()) ? folder : nil
  }

  static let absence: Comment =
    "skipped: no folder `shared/fixtures` beside the checkout, and MAAS_SHARED names none"

  static func cases(_ library: String) -> [OptimizerCase] {
    guard let file = shared?.appending(path: "fixtures/optimizers_\(library).json"),
      let data = try? Data(contentsOf: file),
      let list = try? JSONDecoder().decode(FixtureFile.self, from: data)
    else { return [] }
    return list.cases.map { OptimizerCase(library: library, fixture: $0) }
  }

  private struct FixtureFile: Decodable { let cases: [Fixture] }
}

struct Fixture: Decodable, Sendable {
  let optimizer: String
  let hyper: [String: Hyperparameter]
  let function: String
  let start: [Double]
  let path: [String: [Double]]
}

enum Hyperparameter: Decodable, Sendable {
  case flag(Bool)
  case number(Double)
  case numbers([Double])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .numbers(try container.decode([Double].self))
    }
  }
}

/// One trajectory, and how it is run in maas.
struct OptimizerCase: Sendable, CustomTestStringConvertible {
  let library: String
  let fixture: Fixture

  var testDescription: String { "\(rule) on \(fixture.function)" }

  /// The optimizer in the dialect: `torch.Adam(beta1: 0.8, beta2: 0.99, lr: 0.01)`.
  var rule: String {
    let list = fixture.hyper.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
      switch value {
      case .flag(let flag): return ["\(name): \(flag)"]
      case .number(let number): return ["\(name == "learning_rate" ? "lr" : name): \(number)"]
      case .numbers(let pair): return zip(["beta1", "beta2"], pair).map { "\($0): \($1)" }
      }
    }
    return "\(library).\(fixture.optimizer)(\(list.joined(separator: ", ")))"
  }

  var steps: [Int] { fixture.path.keys.compactMap(Int.init).sorted() }

  func expected(_ step: Int) -> [Double] { fixture.path[String(step)] ?? [] }

  /// The recorded steps' points when `rule` goes down from `start`.
  func points(_ rule: String, from start: [Double]) throws -> [Int: [Double]] {
    var lines = ""
    let session = makeSession { lines += $0 }
    let function = fixture.function == "rosenbrock" ? "rosenbrock" : "(p => 0.5 * (p[0]^2 + 100 * p[1]^2))"
    let text = """
      let run = descend(\(function), from: f64(\(start)), with: \(rule), steps: \(steps.last ?? 0))
      for k in \(steps) { print(k, run.path[k][0], run.path[k][1]) }
      """
    _ = try session.run(Source(name: "fixture.maas", text: text))
    var points: [Int: [Double]] = [:]
    for line in lines.split(separator: "\n") {
      let words = line.split(separator: " ")
      if let step = Int(words[0]) { points[step] = words.dropFirst().compactMap { Double($0) } }
    }
    return points
  }

  /// The starts one unit in the last place away.
  var neighbours: [[Double]] {
    fixture.start.indices.flatMap { index in
      [fixture.start[index].nextUp, fixture.start[index].nextDown].map { moved in
        var start = fixture.start
        start[index] = moved
        return start
      }
    }
  }
}

/// The largest relative difference of two points' coordinates.
func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count, !a.isEmpty else { return .infinity }
  return zip(a, b).map { $1 == 0 ? abs($0) : abs($0 - $1) / abs($1) }.max() ?? .infinity
}
