import CRuntime
import Syntax

/// Assignments: to names, elements, fields and several places at once; in place where nobody else holds what changes.
extension Compiler {
  func assignment(
    to target: Target, combining: BinaryOperator?, _ value: Expression, at span: Span
  ) throws {
    switch target {
    case .ignore:
      try function.temporarily { try expression(value, into: try function.allocate(at: span)) }
    case .name(let name): try assign(name, combining: combining, value, at: span)
    case .tuple(let parts, let tupleSpan):
      try function.temporarily {
        let register = try function.allocate(at: span)
        try expression(value, into: register)
        try assignParts(parts, from: register, at: tupleSpan, value: value)
      }
    case .index(.name(let name), let indices, _):
      if let (place, index) = variable(name) {
        try assignElement(of: name, place, index, indices, combining: combining, value, at: span)
      } else {
        try assignPlace(target, combining: combining, value, at: span)
      }
    case .index, .field: try assignPlace(target, combining: combining, value, at: span)
    }
  }

  /// `x[i] = v` on a variable itself: in place where nobody else holds its value.
  private func assignElement(
    of name: Name, _ place: VariablePlace, _ variable: Int, _ indices: [Expression],
    combining: BinaryOperator?, _ value: Expression, at span: Span
  ) throws {
    try function.temporarily {
      let first = function.nextRegister
      for index in indices { try self.index(index, into: try function.allocate(at: span)) }
      let slot = try function.allocate(at: span)
      if let combining, let opcode = Compiler.opcode(of: combining) {
        try function.temporarily {
          let old = try function.allocate(at: span)
          load(name.text, into: old, at: name.span)
          for offset in indices.indices {
            function.emit(.move, try function.allocate(at: span), first + offset, at: span)
          }
          noteIndices(indices, of: name.span, at: function.emit(.indexMany, old, indices.count, at: span))
          let new = try operand(value)
          note([value, value], at: function.emit(opcode, slot, old, new, at: span))
        }
      } else {
        try expression(value, into: slot)
      }
      let at = function.emit(.setIndexIn, slot, first, indices.count, at: span)
      noteIndices(indices, of: name.span, value: value, at: at)
      function.emit(.jump, place.rawValue, wide: variable, at: span)
    }
  }

  /// What an instruction that reads or sets elements has for a message: the container, its indices, the new value.
  private func noteIndices(
    _ indices: [Expression], of container: Span, value: Expression? = nil, at instruction: Int
  ) {
    function.operands[instruction] =
      [Operand(span: container, name: nil, origin: .unknown)] + indices.map { operandNote($0) }
      + (value.map { [operandNote($0)] } ?? [])
  }

  private func assign(
    _ name: Name, combining: BinaryOperator?, _ value: Expression, at span: Span
  ) throws {
    if combining == nil, try appendInPlace(to: name, value, at: span) { return }
    let full =
      combining.map {
        Expression(.binary($0, name.span, Expression(.name(name.text), name.span), value), span)
      } ?? value
    if case .local(let local) = function.resolve(name.text), local.isMutable, !local.isCell {
      // Straight into the variable: nothing is written before the value is whole.
      return try expression(full, into: local.register)
    }
    try function.temporarily {
      let register = try function.allocate(at: span)
      let start = function.code.count
      try expression(full, into: register)
      if combining != nil { noteAssigned(name, from: start) }
      try store(register, in: name)
      if combining == nil, function.code.last?.op == .setGlobal {
        note([value], at: function.code.count - 1)
      }
    }
  }

  /// `x += 1` reads `x` first: where nothing is called so, the message speaks of the assignment.
  private func noteAssigned(_ name: Name, from start: Int) {
    let load = function.code[start...].indices.first {
      function.code[$0].op == .global && function.spans[$0] == name.span
    }
    if let load { function.operands[load] = [] }
  }

  /// `xs = append(xs, v)`: the list grows in place where the variable alone holds it.
  /// - Returns: whether the assignment had that form.
  private func appendInPlace(to name: Name, _ value: Expression, at span: Span) throws -> Bool {
    guard case .call(let callee, let arguments) = value.form, case .name("append") = callee.form,
      arguments.count == 2, arguments.allSatisfy({ $0.label == nil }), !arguments[1].value.mayAssign,
      case .name(name.text) = arguments[0].value.form, let (place, index) = variable(name),
      case .global = function.resolve("append")
    else { return false }
    try function.temporarily {
      let start = try function.allocate(at: span)
      let list = try function.allocate(at: span)
      let element = try function.allocate(at: span)
      // What is called may assign the variable: it is the list from before that grows.
      let keepsList = place != .register && arguments[1].value.mayCall
      if keepsList { load(name.text, into: list, at: arguments[0].value.span) }
      try expression(arguments[1].value, into: element)
      function.emit(.appendIn, element, list, keepsList ? 1 : 0, at: value.span)
      function.emit(.jump, place.rawValue, wide: index, at: span)
      function.emit(.jump, 0, wide: function.global("append"), at: span)
      let done = function.emitJump(at: span)
      // Some other `append`, or no list: an ordinary call.
      try expression(callee, into: start)
      if !keepsList { try expression(arguments[0].value, into: list) }
      note([callee] + arguments.map(\.value), at: function.emit(.call, start, 2, at: value.span))
      try store(start, in: name)
      function.patch(done)
    }
    return true
  }

  /// Where a variable that may be assigned lives.
  private func variable(_ name: Name) -> (VariablePlace, Int)? {
    switch function.resolve(name.text) {
    case .local(let local):
      guard local.isMutable else { return nil }
      return (local.isCell ? .cell : .register, local.register)
    case .capture(let index, let capture): return capture.isCell ? (.captureCell, index) : nil
    case .global(let text): return (.global, function.global(text))
    case .field, .capturedField, .ownClosure: return nil
    }
  }

  /// Writes a register to a variable.
  private func store(_ register: Int, in name: Name) throws {
    switch function.resolve(name.text) {
    case .local(let local):
      guard local.isMutable else { throw constantAssigned(name, local.span) }
      if local.isCell {
        function.emit(.setCell, local.register, register, at: name.span)
      } else {
        function.emit(.move, local.register, register, at: name.span)
      }
    case .capture(let index, let capture):
      guard capture.isMutable else { throw constantAssigned(name, capture.span) }
      function.emit(.setCaptureCell, register, index, at: name.span)
    case .field, .capturedField, .ownClosure: throw constantAssigned(name, nil)
    case .global(let text):
      function.emit(.setGlobal, register, wide: function.global(text), at: name.span)
    }
  }

  private func constantAssigned(_ name: Name, _ origin: Span?) -> Diagnostic {
    let failure = Failure.constantAssigned(name.text, bound: origin.map { ($0, source) })
    var labels = [Label(name.span)]
    if let origin, !origin.isEmpty { labels.append(Label(origin, "bound here")) }
    return Diagnostic(failure.code, failure.message, source: source, labels: labels, help: failure.help)
  }

  private func assignParts(
    _ parts: [Target], from register: Int, at span: Span, value: Expression? = nil
  ) throws {
    let start = try parts.map { _ in try function.allocate(at: span) }.first ?? function.allocate(at: span)
    let at = function.emit(.unpack, start, register, parts.count, at: span)
    if let value { note([value], at: at) }
    for (offset, part) in parts.enumerated() {
      switch part {
      case .ignore: break
      case .name(let name): try store(start + offset, in: name)
      case .tuple(let inner, let innerSpan): try assignParts(inner, from: start + offset, at: innerSpan)
      case .index, .field:
        try place(part, at: part.span) { _, slot in
          function.emit(.move, slot, start + offset, at: part.span)
        }
      }
    }
  }

  private func assignPlace(
    _ target: Target, combining: BinaryOperator?, _ value: Expression, at span: Span
  ) throws {
    try place(target, at: span) { read, slot in
      if let combining {
        try function.temporarily {
          let old = try function.allocate(at: span)
          try read(old)
          let new = try operand(value)
          if let opcode = Compiler.opcode(of: combining) {
            let at = function.emit(opcode, slot, old, new, at: span)
            function.operands[at] = [
              Operand(span: target.span, name: nil, origin: .unknown),
              Operand(span: value.span, name: nil, origin: .unknown),
            ]
          }
        }
      } else {
        try expression(value, into: slot)
      }
    }
  }

  /// One step of a place like `x.a[i, j]`, its indices evaluated once.
  private enum Step {
    case index(first: Int, [Expression], Span)
    case field(Name, Span)
  }

  /// Rebinds the variable at a place's root to a copy in which the place holds what `fill` leaves in the slot.
  private func place(
    _ target: Target, at span: Span, fill: (_ read: (Int) throws -> Void, _ slot: Int) throws -> Void
  ) throws {
    try function.temporarily {
      guard let (root, steps) = try flattened(target) else {
        throw Diagnostic(
          .misplaced, "only a variable's elements and fields can be assigned", source: source,
          labels: [Label(target.span)])
      }
      // values[k] holds the container that step k reaches into.
      var containers: [Int] = []
      let rootRegister = try rootContainer(root)
      containers.append(rootRegister)
      for step in steps.dropLast() {
        let next = try function.allocate(at: span)
        try read(step, of: containers[containers.count - 1], into: next)
        containers.append(next)
      }
      guard let last = steps.last, let innermost = containers.last else { return }
      let slot = try function.allocate(at: span)
      try fill({ try self.read(last, of: innermost, into: $0) }, slot)
      var value = slot
      for (step, container) in zip(steps, containers).reversed() {
        switch step {
        case .index(let first, let indices, let span):
          let at = function.emit(.setIndex, container, first, value, at: span)
          noteIndices(indices, of: span, at: at)
          function.emit(.jump, indices.count, at: span)
        case .field(let name, let span):
          function.emit(.setField, container, value, function.names([name.text]), at: span)
        }
        value = container
      }
      if case .local(let local) = function.resolve(root.text), local.register == rootRegister { return }
      try store(value, in: root)
    }
  }

  /// The register of the place's variable: its own where it is a plain local, so that it can change in place.
  private func rootContainer(_ root: Name) throws -> Int {
    if case .local(let local) = function.resolve(root.text), local.isMutable, !local.isCell {
      return local.register
    }
    if case .local(let local) = function.resolve(root.text), !local.isMutable {
      throw constantAssigned(root, local.span)
    }
    let register = try function.allocate(at: root.span)
    load(root.text, into: register, at: root.span)
    return register
  }

  private func read(_ step: Step, of container: Int, into target: Int) throws {
    switch step {
    case .field(let name, _):
      function.emit(.field, target, container, function.names([name.text]), at: name.span)
    case .index(let first, let indices, let span):
      try function.temporarily {
        let start = try function.allocate(at: span)
        function.emit(.move, start, container, at: span)
        for offset in indices.indices {
          function.emit(.move, try function.allocate(at: span), first + offset, at: span)
        }
        noteIndices(indices, of: span, at: function.emit(.indexMany, start, indices.count, at: span))
        function.emit(.take, target, start, at: span)
      }
    }
  }

  private func flattened(_ target: Target) throws -> (Name, [Step])? {
    switch target {
    case .name(let name): return (name, [])
    case .tuple, .ignore: return nil
    case .field(let base, let name, let span):
      guard let (root, steps) = try flattened(base) else { return nil }
      return (root, steps + [.field(name, span)])
    case .index(let base, let indices, let span):
      guard let (root, steps) = try flattened(base) else { return nil }
      let first = function.nextRegister
      for index in indices { try self.index(index, into: try function.allocate(at: span)) }
      return (root, steps + [.index(first: first, indices, span)])
    }
  }
}
