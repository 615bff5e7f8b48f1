import Syntax

/// Brackets and comprehensions.
extension Compiler {
  /// Brackets longer than this are built element by element, so that they do not need a register each.
  private static let longBracket = 64

  func bracket(_ elements: [Expression], exact: Bool, into target: Int, at span: Span) throws {
    let mask = elements.map(\.isBracket)
    let maskIndex = function.masks.count
    function.masks.append(mask)
    try function.temporarily {
      let start = function.nextRegister
      if elements.count <= Compiler.longBracket {
        _ = try function.allocate(at: span)
        for (offset, element) in elements.enumerated() {
          let register = offset == 0 ? start : try function.allocate(at: span)
          try bracketElement(element, exact: exact, into: register)
        }
        let at = function.emit(exact ? .bracketExact : .bracket, start, elements.count, maskIndex, at: span)
        function.operands[at] = elements.map { operandNote($0) }
      } else {
        let list = try function.allocate(at: span)
        function.emit(.makeList, list, at: span)
        for element in elements {
          try function.temporarily {
            let register = try function.allocate(at: span)
            try bracketElement(element, exact: exact, into: register)
            function.emit(.appendTo, list, register, at: span)
          }
        }
        let at = function.emit(.finishBracket, list, exact ? 1 : 0, maskIndex, at: span)
        function.operands[at] = elements.map { operandNote($0) }
      }
      function.emit(.take, target, start, at: span)
    }
  }

  private func bracketElement(_ element: Expression, exact: Bool, into register: Int) throws {
    if exact, case .bracket(let inner) = element.form {
      try bracket(inner, exact: true, into: register, at: element.span)
    } else {
      try expression(element, into: register)
    }
  }

  func comprehension(
    _ value: Expression, _ clauses: [ComprehensionClause], into target: Int, at span: Span
  ) throws {
    try function.scoped {
      let list = try function.allocate(at: span)
      function.emit(.makeList, list, at: span)
      try comprehensionClauses(clauses[...], at: span) {
        try function.temporarily {
          let register = try function.allocate(at: span)
          try expression(value, into: register)
          function.emit(.appendTo, list, register, at: value.span)
        }
      }
      let mask = function.masks.count
      function.masks.append([value.isBracket])
      function.emit(.finishBracket, list, 0, mask, at: span)
      function.emit(.take, target, list, at: span)
    }
  }

  private func comprehensionClauses(
    _ clauses: ArraySlice<ComprehensionClause>, at span: Span, body: () throws -> Void
  ) throws {
    guard let first = clauses.first else { return try body() }
    let rest = clauses.dropFirst()
    switch first {
    case .each(let pattern, let source):
      try forLoop(pattern, source, at: span) { try comprehensionClauses(rest, at: span, body: body) }
    case .when(let condition):
      let exits = try test(condition)
      try comprehensionClauses(rest, at: span, body: body)
      for exit in exits { function.patch(exit) }
    }
  }
}
