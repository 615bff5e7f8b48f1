import Syntax

extension Compiler {
  /// `explain E, at: …`: E's value, the place asked for, and the values of the names in E.
  func explanation(_ value: Expression, _ arguments: [Argument], into target: Int, at span: Span) throws {
    for argument in arguments where argument.label?.text != "at" {
      throw Diagnostic(
        .unknownArgument, "`explain` takes `at:` and nothing else", source: source,
        labels: [Label(argument.span)], help: ["explain run[2], at: \"dense1.weight[3, 17]\""])
    }
    let call = plannedCall(value) ?? Compiler.plainCall(value)
    try function.temporarily {
      let start = try function.allocate(at: span)
      try expression(call?.callee ?? value, into: start)
      let place = try function.allocate(at: span)
      if let at = arguments.last {
        try expression(at.value, into: place)
      } else {
        function.emit(.none, place, at: span)
      }
      for argument in call?.arguments ?? [] {
        try expression(argument, into: try function.allocate(at: argument.span))
      }
      let leaves = Compiler.leaves(of: value)
      for leaf in leaves { try expression(leaf, into: try function.allocate(at: leaf.span)) }
      let line = explainedLine(value, name: nil, leaves: leaves)
      line.argumentCount = call?.arguments.count
      function.lines.append(line)
      function.emit(.explain, start, leaves.count, function.lines.count - 1, at: span)
      function.emit(.take, target, start, at: span)
    }
  }

  /// `plan(f(x))`, which is taken as `plan(f)(x)`: a plan is of a call.
  private func plannedCall(_ value: Expression) -> (callee: Expression, arguments: [Expression])? {
    guard case .call(let plan, let arguments) = value.form, arguments.count == 1, arguments[0].label == nil,
      case .name(let name) = plan.form, case .function(let builtin as Builtin)? = globalValue(name),
      builtin.explainsCalls, let call = Compiler.plainCall(arguments[0].value),
      // A name that the program itself gives to something is not the library's.
      !TopLevelIndex.definitions(in: source).contains(where: { $0.name == name })
    else { return nil }
    let callee = Expression(.call(plan, [Argument(label: nil, value: call.callee)]), value.span)
    return (callee, call.arguments)
  }

  /// A call whose function may know more of its working than its value, `grad(f)(x)`: the machine then makes it.
  private static func plainCall(_ value: Expression) -> (callee: Expression, arguments: [Expression])? {
    switch value.form {
    case .group(let inner): return plainCall(inner)
    case .call(let callee, let arguments):
      guard isComputed(callee), arguments.allSatisfy({ $0.label == nil }) else { return nil }
      return (callee, arguments.map(\.value))
    case .pipe(let first, let callee):
      guard isComputed(callee) else { return nil }
      return (callee, [first])
    default: return nil
    }
  }

  /// Whether a callee may be what a call like `grad(f)` gave.
  private static func isComputed(_ callee: Expression) -> Bool {
    switch callee.form {
    case .name(let name): !exactConstructors.contains(name)
    case .group: true
    case .call: true
    default: false
    }
  }
}
