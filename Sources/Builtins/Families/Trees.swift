import Graph
import Runtime

/// Functions over the leaves of a structure: its numbers and tensors, of a model its parameters.
enum Trees {
  static var all: [Builtin] {
    [
      Builtin(
        "leaves(tree)",
        """
        The numbers and tensors of a structure, of a model its parameters, as a list.
        > leaves({w: [1.0, 2.0], b: 0.5})
        [[1.0, 2.0], 0.5]
        """, onlyCalculates: true
      ) { call in
        .list(List(try Structure.leaves(call[0])))
      },
      Builtin(
        "paths(tree)",
        """
        Where each of a structure's numbers and tensors stands, in the order of `leaves`.
        > paths({a: 1.0, b: ([2.0, 3.0], 4.0)})
        [".a", ".b[0]", ".b[1]"]
        """
      ) { call in
        .list(List(try Structure.paths(call[0]).map { .string($0) }))
      },
      Builtin(
        "length(tree)",

        """
        The length of a number, a tensor or a structure, all its numbers as one vector: a number.
        > length({w: [3.0], b: 4.0})
        5.0
        """
      ) { call in
        let norms = try Structure.leaves(call[0]).map { leaf in
          try Op.norm.apply(Conversion.term(leaf, "a leaf").constant, []).tensor.scalarDouble
        }
        if norms.count == 1 { return .float(norms[0]) }
        return .float(norms.reduce(0) { $0 + $1 * $1 }.squareRoot())
      },
      Builtin(
        "map_leaves(tree, f)",
        """
        The structure with `f` of each of its numbers and tensors.
        > map_leaves({w: [1.0, 2.0], b: 0.5}, x => 10 * x)
        {w: [10.0, 20.0], b: 5.0}
        """, onlyCalculates: true
      ) { call in
        let (f, machine) = (call[1], call.machine)
        return try Structure.map(call[0]) { try machine.call(f, [$0]) }
      },
      Builtin(
        "zip_leaves(a, b, f)",

        """
        The structure of `a` with `f(x, y)` of each of its leaves and that of `b` at the same place.
        > zip_leaves({w: 1, b: 2}, {w: 10, b: 20}, (x, y) => x + y)
        {w: 11, b: 22}
        """, onlyCalculates: true
      ) { call in
        let (f, machine) = (call[2], call.machine)
        return try Structure.zip(call[0], call[1]) { try machine.call(f, [$0, $1]) }
      },
      Builtin(
        "arity(f)",

        """
        How many arguments a function may be given by position, `none` where there is no end to it.
        > arity((x, y) => x)
        2
        """
      ) { call in
        guard case .function(let function) = call[0] else {
          throw Failure(
            .wrongType, "`arity` is about a function, not \(Failure.article(call[0].kind))", argument: 0)
        }
        return function.arity.map { .int($0) } ?? .none
      },
    ]
  }
}
