import Builtins
import Runtime
import Syntax

/// What can be said of a script without running it: its syntax, names that nothing has, calls of known functions with
/// arguments they do not take; and, where there is none of that, shapes that do not fit.
package enum ScriptCheck {
  /// Everything that is wrong, in the order of the text; only the first where the text cannot be read.
  package static func problems(in source: Source) -> [Diagnostic] {
    let session = makeSession(output: { _ in })
    do throws(Diagnostic) {
      let program = try session.compile(source)
      var check = NameCheck(session, program)
      check.run()
      let problems = check.problems.sorted { $0.labels[0].span.start < $1.labels[0].span.start }
      return problems.isEmpty ? ScriptRehearsal(source).problems() : problems
    } catch {
      return [error]
    }
  }
}

/// Walks a tree with the names that are bound at each place.
struct NameCheck: TreeVisitor {
  private let session: Session
  private let program: Program
  private(set) var problems: [Diagnostic] = []
  /// Names bound at top level anywhere in the script: functions may use later ones.
  private var globals: Set<String> = []
  /// Functions declared at top level, where nothing else has the name.
  private var functions: [String: [Parameter]] = [:]
  /// Names of the blocks and functions around the place.
  private var scopes: [Set<String>] = []

  init(_ session: Session, _ program: Program) {
    self.session = session
    self.program = program
    libraryNames = Set(session.libraryNames + ["args"])
    for statement in program.statements { collect(statement) }
  }

  private mutating func collect(_ statement: Statement) {
    switch statement.form {
    case .bind(let pattern, let value, let mutable, _):
      for name in pattern.names { add(name.text, nil) }
      if case .lambda(let function) = value.form, case .name(let name) = pattern, !mutable {
        functions[name.text] = function.parameters
      }
    case .function(let function): if let name = function.name { add(name.text, function.parameters) }
    case .model(let model): add(model.name.text, model.parameters)
    case .optimizer(let optimizer): add(optimizer.name.text, optimizer.parameters)
    default: break
    }
  }

  /// A name bound twice may be either, so that nothing is known of its parameters.
  private mutating func add(_ name: String, _ parameters: [Parameter]?) {
    functions[name] = globals.insert(name).inserted ? parameters : nil
  }

  mutating func run() { program.statements.forEach { visit($0) } }

  // MARK: Names

  private func isKnown(_ name: String) -> Bool {
    isLocal(name) || globals.contains(name) || isInLibrary(name)
  }

  private func isLocal(_ name: String) -> Bool { scopes.contains { $0.contains(name) } }
  private func isInLibrary(_ name: String) -> Bool { libraryNames.contains(name) }
  private let libraryNames: Set<String>

  private mutating func bind(_ names: [Name]) {
    guard !scopes.isEmpty else { return }
    scopes[scopes.count - 1].formUnion(names.map(\.text))
  }

  private mutating func scoped(_ names: [Name] = [], _ body: (inout NameCheck) -> Void) {
    scopes.append(Set(names.map(\.text)))
    body(&self)
    scopes.removeLast()
  }

  private mutating func use(_ name: String, _ span: Span) {
    guard !isKnown(name) else { return }
    var problem = Diagnostic(
      .unknownName, "nothing is called `\(name)`", source: program.source, labels: [Label(span)])
    if let idiom = ForeignIdioms.replacement(forName: name) {
      problem.help.append(idiom)
    } else if let near = Spelling.nearest(name, in: scopes.flatMap { $0 } + globals + session.offeredNames) {
      problem.help.append("did you mean `\(near)`?")
    }
    problems.append(problem)
  }

  // MARK: Calls

  /// How many `try` the place stands in.
  private var triesAround = 0

  private mutating func checkCall(_ callee: Expression, _ first: Int, _ arguments: [Argument], _ span: Span) {
    guard triesAround == 0, case .name(let name) = callee.form, !isLocal(name),
      let parameters = parameters(of: name)
    else { return }
    let signature = "\(name)(\(parameters.map(\.text).joined(separator: ", ")))"
    let fixed = parameters.firstIndex(where: \.isRest) ?? parameters.count
    let leading = first + arguments.prefix { $0.label == nil }.count
    var given = Set(parameters.prefix(min(fixed, leading)).map(\.name))
    func report(_ code: ErrorCode, _ message: String, _ span: Span, help: [String] = []) {
      problems.append(
        Diagnostic(
          code, message, source: program.source, labels: [Label(span)], notes: [signature], help: help))
    }
    func reportExtra(_ extra: Span) {
      report(
        .tooManyArguments,
        "`\(name)` takes \(Machine.counted(fixed, "argument")), here are \(first + arguments.count)", extra)
    }
    let hasRest = parameters.contains(where: \.isRest)
    if leading > fixed, !hasRest {
      return reportExtra(arguments.dropFirst(max(0, fixed - first)).first?.span ?? span)
    }
    for argument in arguments.drop(while: { $0.label == nil }) {
      guard let label = argument.label else {
        if let next = parameters.prefix(fixed).first(where: { !given.contains($0.name) }) {
          given.insert(next.name)
        } else if !hasRest {
          return reportExtra(argument.span)
        }
        continue
      }
      guard parameters.contains(where: { $0.name == label.text && !$0.isRest }) else {
        let near = ForeignIdioms.nearestArgument(label.text, in: parameters.map(\.name))
        report(
          .unknownArgument, "`\(name)` has no argument `\(label.text)`", label.span,
          help: near.map { ["did you mean `\($0):`?"] } ?? [])
        continue
      }
      if !given.insert(label.text).inserted {
        report(.repeatedArgument, "`\(label.text)` is given twice", label.span)
      }
    }
    for parameter in parameters
    where !parameter.isRest && parameter.fallback == nil && !given.contains(parameter.name) {
      return report(.missingArgument, "`\(name)` needs an argument `\(parameter.name)`", span)
    }
  }

  private func parameters(of name: String) -> [BuiltinParameter]? {
    if globals.contains(name) {
      return functions[name]?.map { parameter in
        BuiltinParameter(
          parameter.name.text, fallback: parameter.fallback.map { program.source[$0.span] },
          isRest: parameter.isRest)
      }
    }
    guard case .function(let function)? = try? session.libraryValue(of: name) else { return nil }
    return function.knownParameters
  }

  // MARK: The tree

  mutating func visit(_ block: Block) {
    scoped { walk in block.statements.forEach { walk.visit($0) } }
  }

  private mutating func visit(
    _ parameters: [Parameter], _ extra: [Name] = [], _ body: (inout NameCheck) -> Void
  ) {
    scoped(extra) { walk in
      for parameter in parameters {
        if let fallback = parameter.fallback { walk.visit(fallback) }
        walk.bind([parameter.name])
      }
      body(&walk)
    }
  }

  mutating func visit(_ function: Function) {
    visit(function.parameters, function.name.map { [$0] } ?? []) { $0.visit(function.body) }
  }

  mutating func visit(_ statement: Statement) {
    switch statement.form {
    case .bind(let pattern, let value, _, _):
      // A local function may call itself by the name it is being given.
      if case .lambda = value.form { bind(pattern.names) }
      visit(value)
      bind(pattern.names)
    case .function(let function):
      function.name.map { bind([$0]) }
      visit(function)
    case .state(let name, let value):
      visit(value)
      bind([name])
    default: visitParts(of: statement)
    }
  }

  mutating func visit(_ model: ModelDeclaration) {
    bind([model.name])
    visit(model.parameters) { walk in
      for statement in model.body.statements { walk.visit(statement) }
    }
  }

  mutating func visit(_ optimizer: OptimizerDeclaration) {
    bind([optimizer.name])
    let given = ["x", "g", "t", "grad_at", "loss_at"].map { Name($0, optimizer.name.span) }
    visit(optimizer.parameters, given) { walk in
      for statement in optimizer.body.statements { walk.visit(statement) }
    }
  }

  mutating func visit(_ target: Target) {
    guard case .name(let name) = target else { return visitParts(of: target) }
    guard !isLocal(name.text), !globals.contains(name.text) else { return }
    let failure = Failure.unknownAssigned(
      name.text, isLibrary: isInLibrary(name.text), known: scopes.flatMap { $0 } + globals)
    problems.append(
      Diagnostic(
        failure.code, failure.message, source: program.source, labels: [Label(name.span)],
        help: failure.help))
  }

  mutating func visit(_ clause: ComprehensionClause) {
    switch clause {
    case .each(let pattern, let items):
      visit(items)
      bind(pattern.names)
    case .when(let condition): visit(condition)
    }
  }

  mutating func visit(_ value: Expression) {
    switch value.form {
    case .name(let name): use(name, value.span)
    case .comprehension: scoped { $0.visitParts(of: value) }
    case .pipe(let left, let right): visitPipe(left, right, value.span)
    case .call(let callee, let arguments):
      visitParts(of: value)
      checkCall(callee, 0, arguments, value.span)
    case .for(let pattern, let items, let body):
      visit(items)
      scoped(pattern.names) { $0.visit(body) }
    case .try(let body, let name, let handler):
      // A call that fails may be meant to.
      triesAround += 1
      visit(body)
      triesAround -= 1
      scoped(name.map { [$0] } ?? []) { $0.visit(handler) }
    default: visitParts(of: value)
    }
  }

  private mutating func visitPipe(_ left: Expression, _ right: Expression, _ span: Span) {
    visit(left)
    guard case .call(let callee, let arguments) = right.form else {
      visit(right)
      return checkCall(right, 1, [], span)
    }
    visit(callee)
    arguments.forEach { visit($0.value) }
    checkCall(callee, 1, arguments, span)
  }
}

extension BuiltinParameter {
  /// As a signature shows it.
  fileprivate var text: String { isRest ? "...\(name)" : name + (fallback.map { " = \($0)" } ?? "") }
}
