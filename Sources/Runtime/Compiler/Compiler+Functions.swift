import CRuntime
import Syntax

/// Functions, models and optimizers.
extension Compiler {
  static func opcode(of op: BinaryOperator) -> Opcode? { opcodes[op] }

  func functionDeclaration(_ declaration: Function) throws {
    guard let name = declaration.name else { return }
    let isGlobal = isTopLevelFunction
    if isGlobal {
      try function.temporarily {
        let register = try function.allocate(at: name.span)
        try closure(declaration, named: nil, displayName: name.text, into: register)
        function.emit(.bindGlobal, register, wide: function.global(name.text), at: name.span)
      }
    } else {
      let register = try function.allocate(at: name.span)
      try closure(declaration, named: name.text, displayName: name.text, into: register)
      function.declare(name, register: register, mutable: false)
    }
  }

  private var isTopLevelFunction: Bool {
    if case .main = function.kind { return function.blockDepth == 0 }
    return false
  }

  /// Makes a closure in a register. `named` is the name by which the body can call itself.
  func closure(
    _ text: Function, named ownName: String?, displayName: String? = nil, into target: Int
  ) throws {
    let prototype = try prototype(
      of: text.parameters, body: text.body, kind: .function, ownName: ownName,
      displayName: displayName ?? ownName, sharedNames: NestedNames.of(text), span: text.span,
      documentation: text.documentation)
    emitClosure(prototype, into: target, at: text.span)
  }

  private func emitClosure(_ prototype: Prototype, into target: Int, at span: Span) {
    function.prototypes.append(prototype)
    function.emit(.closure, target, wide: function.prototypes.count - 1, at: span)
  }

  /// Compiles a function's body in a builder of its own.
  private func prototype(
    of parameters: [Parameter], body: Expression, kind: FunctionBuilder.Kind, ownName: String?,
    displayName: String?, sharedNames: Set<String>, span: Span, documentation: String?
  ) throws -> Prototype {
    try inner(
      parameters: parameters, kind: kind, ownName: ownName, displayName: displayName,
      sharedNames: sharedNames, span: span, documentation: documentation
    ) {
      let result = try function.allocate(at: body.span)
      if case .block(let block) = body.form {
        try self.block(block, into: result)
      } else {
        try expression(body, into: result)
      }
      function.emit(.return, result, at: body.span)
    }
  }

  /// Compiles into a new builder: parameters in their registers, defaults filled in, then what `emitBody` emits.
  private func inner(
    parameters: [Parameter], hidden: [String] = [], trailing: [Name] = [], kind: FunctionBuilder.Kind,
    ownName: String?, displayName: String?, sharedNames: Set<String>, span: Span, documentation: String?,
    emitBody: () throws -> Void
  ) throws -> Prototype {
    try checkParameters(parameters)
    let outer = function
    function = FunctionBuilder(
      parent: outer, scope: scope, source: source, kind: kind, ownName: ownName, sharedNames: sharedNames)
    defer { function = outer }
    for name in hidden {
      let register = try function.allocate(at: span)
      function.declare(Name(name, span), register: register, mutable: false)
    }
    // All registers first: a default may use the parameters before it.
    let registers = try parameters.map { try function.allocate(at: $0.name.span) }
    for name in trailing {
      let register = try function.allocate(at: name.span)
      function.locals.append(
        .init(name: name.text, register: register, isMutable: true, isCell: false, span: name.span))
    }
    for (parameter, register) in zip(parameters, registers) {
      if let fallback = parameter.fallback {
        function.emit(.testUnset, register, at: fallback.span)
        let given = function.emitJump(at: fallback.span)
        try expression(fallback, into: register)
        function.patch(given)
      }
      function.declare(parameter.name, register: register, mutable: false)
    }
    if let ownName, sharedNames.contains(ownName) {
      let register = try function.allocate(at: span)
      function.emit(.currentClosure, register, at: span)
      function.declare(Name(ownName, span), register: register, mutable: false)
    }
    try emitBody()
    return Prototype(
      function, name: displayName,
      function: FunctionText(
        parameters: parameters.map(described), hiddenCount: hidden.count, span: span,
        documentation: documentation))
  }

  private func described(_ parameter: Parameter) -> PrototypeParameter {
    PrototypeParameter(
      name: parameter.name.text, fallback: parameter.fallback.map { source[$0.span] },
      isRest: parameter.isRest)
  }

  private func checkParameters(_ parameters: [Parameter]) throws {
    var seen: [String: Span] = [:]
    for parameter in parameters {
      if let first = seen[parameter.name.text] {
        throw Diagnostic(
          .duplicateName, "`\(parameter.name.text)` is a parameter twice", source: source,
          labels: [Label(parameter.name.span), Label(first, "first here")])
      }
      seen[parameter.name.text] = parameter.name.span
    }
  }

  func returnStatement(_ value: Expression?, at span: Span) throws {
    if case .main = function.kind {
      throw Diagnostic(
        .misplaced, "`return` stands only inside a function", source: source, labels: [Label(span)])
    }
    try function.temporarily {
      let register = try function.allocate(at: span)
      if let value {
        try expression(value, into: register)
      } else {
        function.emit(.none, register, at: span)
      }
      try finishFunction(register, at: span)
    }
  }

  /// Returns a register; an optimizer's rule answers its states with it.
  private func finishFunction(_ register: Int, at span: Span) throws {
    guard case .rule(let states, _) = function.kind else {
      function.emit(.return, register, at: span)
      return
    }
    try function.temporarily {
      let start = try function.allocate(at: span)
      function.emit(.move, start, register, at: span)
      for state in states { load(state, into: try function.allocate(at: span), at: span) }
      var count = states.count + 1
      if let trace = function.traceRegister {
        function.emit(.move, try function.allocate(at: span), trace, at: span)
        count += 1
      }
      function.emit(.makeTuple, start, count, at: span)
      function.emit(.return, start, at: span)
    }
  }

  // MARK: Models

  func modelDeclaration(_ model: ModelDeclaration) throws {
    var lets: [Name] = []
    var methods: [Function] = []
    for statement in model.body.statements {
      switch statement.form {
      case .bind(let pattern, _, false, _): lets += pattern.names
      case .function(let method): methods.append(method)
      default:
        throw Diagnostic(
          .misplaced, "the body of a model holds `let`s and `fn`s only", source: source,
          labels: [Label(statement.span)])
      }
    }
    // A `let` may take a parameter's name: the layer `Dense(…, bias: false)` has a field `bias`.
    let fields = model.parameters.map(\.name) + lets
    try checkFields(lets)
    let fieldNames = fields.map(\.text)
    try declare(model.name) { target in
      let start = try function.allocate(at: model.span)
      emitClosure(try constructor(of: model, fields: fieldNames), into: start, at: model.span)
      for method in methods {
        let register = try function.allocate(at: method.span)
        emitClosure(try self.method(method, fields: fieldNames), into: register, at: method.span)
      }
      function.declarations.append(
        Declaration(
          name: model.name.text, parameters: model.parameters.map(described), fields: fieldNames,
          methods: methods.map { $0.name?.text ?? "" }, aliases: aliases(of: model, fields: fieldNames),
          documentation: model.documentation, source: source, span: model.span))
      function.emit(
        .makeModel, start, methods.count + 1, function.declarations.count - 1, at: model.span)
      function.emit(.take, target, start, at: model.span)
    }
  }

  /// The parameters that are bound to a `let` as they are, and that no method looks at.
  private func aliases(of model: ModelDeclaration, fields: [String]) -> [FieldAlias] {
    let methods = model.body.statements.filter { if case .function = $0.form { true } else { false } }
    let mentioned = NestedNames.of(methods)
    var taken: Set<String> = []
    return model.body.statements.compactMap { statement in
      guard case .bind(.name(let name), let value, false, _) = statement.form,
        case .name(let parameter) = value.form, parameter != name.text, !mentioned.contains(parameter),
        let setting = model.parameters.firstIndex(where: { $0.name.text == parameter }),
        let field = fields.lastIndex(of: name.text), taken.insert(parameter).inserted
      else { return nil }
      return FieldAlias(setting: setting, field: field)
    }
  }

  private func checkFields(_ fields: [Name]) throws {
    var seen: [String: Span] = [:]
    for field in fields {
      if let first = seen[field.text] {
        throw Diagnostic(
          .duplicateName, "the model has `\(field.text)` twice", source: source,
          labels: [Label(field.span), Label(first, "first here")])
      }
      seen[field.text] = field.span
    }
  }

  /// The function that evaluates a model's parameters and `let`s and answers them all as a tuple.
  private func constructor(of model: ModelDeclaration, fields: [String]) throws -> Prototype {
    let lets = model.body.statements.filter { if case .bind = $0.form { true } else { false } }
    return try inner(
      parameters: model.parameters, kind: .function, ownName: nil, displayName: model.name.text,
      sharedNames: NestedNames.of(lets), span: model.span, documentation: model.documentation
    ) {
      try statements(lets, into: nil, at: model.span)
      let start = function.nextRegister
      if fields.isEmpty { _ = try function.allocate(at: model.span) }
      for register in model.parameters.indices {
        function.emit(.move, try function.allocate(at: model.span), register, at: model.span)
      }
      for field in fields.dropFirst(model.parameters.count) {
        load(field, into: try function.allocate(at: model.span), at: model.span)
      }
      function.emit(.makeTuple, start, fields.count, at: model.span)
      function.emit(.return, start, at: model.span)
    }
  }

  private func method(_ method: Function, fields: [String]) throws -> Prototype {
    try inner(
      parameters: method.parameters, hidden: [FunctionBuilder.model], kind: .method(fields: fields),
      ownName: nil, displayName: method.name?.text, sharedNames: NestedNames.of(method), span: method.span,
      documentation: method.documentation
    ) {
      let result = try function.allocate(at: method.span)
      try expression(method.body, into: result)
      function.emit(.return, result, at: method.span)
    }
  }

  /// Binds a declared name: globally at top level, locally elsewhere.
  private func declare(_ name: Name, make: (Int) throws -> Void) throws {
    if isTopLevelFunction {
      try function.temporarily {
        let register = try function.allocate(at: name.span)
        try make(register)
        function.emit(.bindGlobal, register, wide: function.global(name.text), at: name.span)
      }
    } else {
      let register = try function.allocate(at: name.span)
      try function.temporarily { try make(register) }
      function.declare(name, register: register, mutable: false)
    }
  }

  // MARK: Optimizers

  /// The names every rule sees besides its own: the parameter, its gradient, the step, and the loss and gradient of the
  /// same batch elsewhere.
  static let ruleNames = ["x", "g", "t", "loss_at", "grad_at"]

  func optimizerDeclaration(_ optimizer: OptimizerDeclaration) throws {
    let states = optimizer.body.statements.compactMap { statement in
      if case .state(let name, _) = statement.form { name } else { nil as Name? }
    }
    for parameter in optimizer.parameters + states.map({ Parameter($0) }) {
      if Compiler.ruleNames.contains(parameter.name.text) {
        throw Diagnostic(
          .duplicateName, "in an optimizer `\(parameter.name.text)` has a meaning already", source: source,
          labels: [Label(parameter.name.span)],
          notes: [
            "x is the parameter, g its gradient, t the step, counted from 1; loss_at(y) and grad_at(y) evaluate again"
          ])
      }
    }
    try checkFields(optimizer.parameters.map(\.name) + states)
    let given = Compiler.ruleNames.map { Parameter(Name($0, optimizer.name.span)) }
    try declare(optimizer.name) { target in
      // The defaults are a function of their own: they are evaluated once, when the optimizer is made.
      let defaults = try inner(
        parameters: optimizer.parameters, kind: .function, ownName: nil, displayName: optimizer.name.text,
        sharedNames: [], span: optimizer.span, documentation: optimizer.documentation
      ) {
        let start = function.nextRegister
        _ = try function.allocate(at: optimizer.span)
        for (offset, parameter) in optimizer.parameters.enumerated() {
          let register = offset == 0 ? start : try function.allocate(at: optimizer.span)
          load(parameter.name.text, into: register, at: optimizer.span)
        }
        function.emit(.makeTuple, start, optimizer.parameters.count, at: optimizer.span)
        function.emit(.return, start, at: optimizer.span)
      }
      let calledBefore = calledNames
      calledNames = []
      let rule = try self.rule(of: optimizer, states: states, given: given, keepsAccount: false)
      let functions = calledNames.intersection(optimizer.parameters.map(\.name.text))
      calledNames.formUnion(calledBefore)
      let account = try self.rule(of: optimizer, states: states, given: given, keepsAccount: true)
      let start = try function.allocate(at: optimizer.span)
      emitClosure(defaults, into: start, at: optimizer.span)
      emitClosure(rule, into: try function.allocate(at: optimizer.span), at: optimizer.span)
      emitClosure(account, into: try function.allocate(at: optimizer.span), at: optimizer.span)
      function.declarations.append(
        Declaration(
          name: optimizer.name.text, parameters: optimizer.parameters.map(described),
          stateNames: states.map(\.text), calledParameters: functions, isWhole: optimizer.isWhole,
          documentation: optimizer.documentation, source: source, span: optimizer.span))
      function.emit(.makeOptimizer, start, 3, function.declarations.count - 1, at: optimizer.span)
      function.emit(.take, target, start, at: optimizer.span)
    }
  }

  /// The update of one parameter: (hyperparameters…, x, g, t, …, states…) → (new x, states…).
  private func rule(
    of optimizer: OptimizerDeclaration, states: [Name], given: [Parameter], keepsAccount: Bool
  ) throws -> Prototype {
    try inner(
      parameters: optimizer.parameters.map { Parameter($0.name) } + given, trailing: states,
      kind: .rule(states: states.map(\.text), isWhole: optimizer.isWhole), ownName: nil,
      displayName: optimizer.name.text, sharedNames: NestedNames.of(optimizer.body.statements),
      span: optimizer.span, documentation: optimizer.documentation
    ) {
      if keepsAccount {
        let trace = try function.allocate(at: optimizer.span)
        function.emit(.makeList, trace, at: optimizer.span)
        function.traceRegister = trace
      }
      let result = try function.allocate(at: optimizer.span)
      try statements(optimizer.body.statements, into: result, at: optimizer.body.span)
      try finishFunction(result, at: optimizer.body.span)
    }
  }

  /// `state v = E`: E is evaluated on the first step only.
  func state(_ name: Name, _ value: Expression, at span: Span) throws {
    guard case .rule(_, let isWhole) = function.kind, function.blockDepth == 0,
      case .local(let local) = function.resolve(name.text)
    else {
      throw Diagnostic(
        .misplaced, "`state` stands only at the start of an optimizer's body", source: source,
        labels: [Label(span)])
    }
    function.emit(.testUnset, local.register, at: span)
    let kept = function.emitJump(at: span)
    try expression(value, into: local.register)
    // A whole tree has no one shape to take.
    if !isWhole, case .local(let parameter) = function.resolve("x") {
      function.emit(.likeParameter, local.register, parameter.register, at: span)
    }
    function.patch(kept)
  }
}
