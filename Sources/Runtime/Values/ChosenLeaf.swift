import Syntax

/// Which parameter of a tree, and which entry of it, `at:` asks for.
package enum Leaf {
  /// The leaf's number and the entry's indices (none for a number or a whole tensor).
  package static func chosen(by place: Value, in tree: Value, _ machine: Machine) throws -> (Int, Value) {
    guard tree.isStructure else { return (0, place) }
    let paths = try Structure.paths(tree).map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }
    guard case .text(let text) = place else {
      if case .none = place { return (0, .none) }
      throw Failure(
        .wrongType, "`at:` names a parameter by its path, a string",
        help: paths.first.map { ["at: \"\($0)\""] } ?? [])
    }
    let wanted = text.string
    for (index, path) in paths.enumerated() {
      if wanted == path { return (index, .none) }
      guard wanted.hasPrefix(path + "["), wanted.hasSuffix("]") else { continue }
      let parts = wanted.dropFirst(path.count + 1).dropLast().split(separator: ",")
      let numbers = parts.compactMap { Int($0.trimmed) }
      guard numbers.count == parts.count, !numbers.isEmpty else { continue }
      return (index, .list(List(numbers.map { .int($0) })))
    }
    throw Failure(
      .badValue, "there is no parameter `\(wanted)`",
      notes: ["there are \(paths.prefix(8).joined(separator: ", "))"])
  }

  static func leaf(_ index: Int, of tree: Value) throws -> Value {
    let leaves = try Structure.leaves(tree)
    return index < leaves.count ? leaves[index] : tree
  }
}
