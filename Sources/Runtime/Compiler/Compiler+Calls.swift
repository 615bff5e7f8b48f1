import Syntax

/// Calls, pipes, indices and fields.
extension Compiler {
  func pipe(_ value: Expression, _ callee: Expression, into target: Int, at span: Span) throws {
    if case .call(let inner, let arguments) = callee.form {
      try call(inner, [value], arguments, into: target, at: span)
    } else {
      try call(callee, [value], [], into: target, at: span)
    }
  }

  func call(
    _ callee: Expression, _ first: [Expression], _ arguments: [Argument], into target: Int, at span: Span
  ) throws {
    try function.temporarily {
      let start = try function.allocateStart(reusing: target, at: span)
      let labels = arguments.compactMap(\.label)
      let global = labels.isEmpty ? globalName(callee) : nil
      if global == nil { try expression(callee, into: start) }
      let exact: Bool
      if case .name(let name) = callee.form {
        calledNames.insert(name)
        noteFunctions(given: first + arguments.map(\.value), to: name)
        exact = Compiler.exactConstructors.contains(name)
      } else {
        exact = false
      }
      let values = first + arguments.map(\.value)
      for value in values {
        let register = try function.allocate(at: value.span)
        if exact, case .bracket(let elements) = value.form {
          try bracket(elements, exact: true, into: register, at: value.span)
        } else {
          try expression(value, into: register)
        }
      }
      let at: Int
      if let global {
        at = function.emit(.callGlobal, start, values.count, at: span)
        function.emit(.jump, 0, wide: function.global(global), at: span)
      } else if labels.isEmpty {
        at = function.emit(.call, start, values.count, at: span)
      } else {
        // From the first name on; what has none there has an empty one.
        let names = function.names(
          arguments.drop(while: { $0.label == nil }).map { $0.label?.text ?? "" })
        at = function.emit(.callNamed, start, values.count, names, at: span)
      }
      function.operands[at] =
        [operandNote(callee)] + first.map { operandNote($0) }
        + arguments.map { operandNote($0.value, label: $0.label?.span) }
      function.moveResult(from: start, to: target, at: span)
    }
  }

  /// Names that a builtin takes as its `f`: `jacobian(residuals)`.
  private func noteFunctions(given arguments: [Expression], to callee: String) {
    guard case .function(let builtin as Builtin)? = globalValue(callee) else { return }
    for (argument, parameter) in zip(arguments, builtin.parameters) where parameter.name == "f" {
      if case .name(let name) = argument.form { calledNames.insert(name) }
    }
  }

  /// What a top-level name holds already.
  func globalValue(_ name: String) -> Value? {
    guard case .global = function.resolve(name), let global = scope.existing(name), !global.slot.isUndefined
    else { return nil }
    return global.slot.value
  }

  /// The name, where a callee is a plain top-level one: the call then reads it without holding it.
  private func globalName(_ callee: Expression) -> String? {
    guard case .name(let name) = callee.form, case .global = function.resolve(name) else { return nil }
    return name
  }

  func index(_ base: Expression, _ indices: [Expression], into target: Int, at span: Span) throws {
    try function.temporarily {
      if indices.count == 1, !indices[0].isRange {
        let container = try leftOperand(base, before: indices[0])
        let key = try operand(indices[0])
        note([base, indices[0]], at: function.emit(.index, target, container, key, at: span))
      } else {
        let container = try function.allocate(at: span)
        try expression(base, into: container)
        for index in indices { try self.index(index, into: try function.allocate(at: span)) }
        note([base] + indices, at: function.emit(.indexMany, container, indices.count, at: span))
        function.emit(.take, target, container, at: span)
      }
    }
  }

  /// One index of a bracket: a value, or a slice whose ends may be open.
  func index(_ index: Expression, into target: Int) throws {
    guard case .range(let lower, let upper, let closed) = index.form else {
      return try expression(index, into: target)
    }
    try function.temporarily {
      let start = try function.allocate(at: index.span)
      if let lower { try expression(lower, into: start) } else { function.emit(.none, start, at: index.span) }
      let end = try function.allocate(at: index.span)
      if let upper { try expression(upper, into: end) } else { function.emit(.none, end, at: index.span) }
      function.emit(.makeSlice, start, 0, closed ? 1 : 0, at: index.span)
      function.emit(.take, target, start, at: index.span)
    }
  }

  func field(_ base: Expression, _ name: Name, into target: Int) throws {
    try function.temporarily {
      let register = try operand(base)
      note([base], at: function.emit(.field, target, register, function.names([name.text]), at: name.span))
    }
  }
}
