import Graph
import Runtime

/// Factorizations of matrices that give several of them.
enum Decompositions {
  static var all: [Builtin] {
    [
      Builtin(
        "qr(x)",

        """
        `(q, r)` with q @ r = x: orthonormal columns, and an upper triangle, its diagonal not negative.
        > let (q, r) = qr([[3.0, 1.0], [4.0, 2.0]])
        > r
        [[5.0, 2.2],
         [0.0, 0.4]]
        """, onlyCalculates: true
      ) { call in
        let (q, r) = try Conversion.term(call[0], "`x`", argument: 0).qr()
        return .tuple(Tuple([q.value, r.value]))
      },
      Builtin(
        "eigh(x)",

        """
        `(values, vectors)` of a symmetric matrix: eigenvalues, ascending, and unit eigenvectors as columns.
        > eigh([[2.0, 0.0], [0.0, 1.0]])[0]
        [1.0, 2.0]
        """, onlyCalculates: true
      ) { call in
        let (values, vectors) = try Conversion.term(call[0], "`x`", argument: 0).eigh()
        return .tuple(Tuple([values.value, vectors.value]))
      },
      Builtin(
        "svd(x)",

        """
        `(u, s, v)` with (u * s) @ v.T = x: singular values in descending order, unit vectors as columns.
        > svd([[3.0, 0.0], [0.0, 4.0]])[1]
        [4.0, 3.0]
        """, onlyCalculates: true
      ) { call in
        let (u, s, v) = try Conversion.term(call[0], "`x`", argument: 0).svd()
        return .tuple(Tuple([u.value, s.value, v.value]))
      },
    ]
  }
}
