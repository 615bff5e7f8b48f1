import Engine
import Graph
import Runtime
import Syntax

/// The table of builtins: every family, and the ops of the op table.
enum Library {
  static var builtins: [Builtin] {
    OpBuiltins.all + Core.all + Collections.all + Strings.all + Sorting.all + Making.all + Trees.all
      + Gradients.all + Jacobians.all + Selections.all + Decompositions.all + Models.all + Plans.all
      + Data.all
      + DataSources.all + Files.all + Runs.all + Pictures.all + Racing.all + Holding.all + Layouts.all
  }

  /// The name under which a dialect is reached: `torch` for `dialects/torch.maas`. What other files define goes by its
  /// own name.
  static func module(_ path: String) -> String? {
    let parts = path.split(separator: "/")
    guard parts.first == "dialects", let file = parts.last?.split(separator: ".").first else { return nil }
    return String(file)
  }
}

/// A session with the standard library.
///
/// - Parameters:
///   - output: takes the text for standard output, line breaks included.
///   - progress: is told how long work goes on.
///   - input: hands out the next line of standard input, without its line break.
package func makeSession(
  output: @escaping (String) -> Void, progress: (any ProgressReporter)? = nil,
  input: (() -> String?)? = nil
) -> Session {
  // A program before may have asked for another precision.
  Graph.defaultFloat = .f32
  let session = Session(domain: TensorDomain(), output: output)
  let workspace = Workspace.of(session.machine)
  workspace.progress = progress
  workspace.input = input
  for builtin in Library.builtins {
    session.define(builtin.name, .function(builtin))
    workspace.register(builtin)
  }
  session.define("pi", .float(.pi))
  session.define("inf", .float(.infinity))
  session.define("nan", .float(.nan))
  session.define("std", .object(LibraryObject(session, OpBuiltins.builtin(Op.std))))
  for (name, text) in embeddedLibrary {
    let source = Source(name: "stdlib/\(name)", text: text)
    if let module = Library.module(name) {
      session.defineModule(module, source)
    } else {
      session.defineLazily(source)
    }
  }
  session.limit(memory: nil, steps: nil)
  return session
}

extension Session {
  /// Sets how much memory the process may hold (by default four fifths of what there is) and how many steps a program
  /// may take.
  package func limit(memory: Int?, steps: Int?) {
    if let memory { MemoryLimit.bytes = memory }
    guard memory != nil || MemoryWatch.limit == Int.max else {
      machine.limits.steps = steps
      return
    }
    MemoryWatch.setUp(limit: MemoryLimit.bytes, giveBack: MemoryLimit.giveBack)
    machine.limits.steps = steps
  }
}

extension Session {
  /// Runs `body` with tensors that have no elements, along one way through what is not known then.
  package func rehearse<R>(_ exploration: Exploration, _ body: () throws -> R) rethrows -> R {
    explore(exploration)
    return try MemoryWatch.rehearse(within: 512 << 20) { try Rehearsal.run(body) }
  }
}

/// The name under which what a library source defines is reached; `nil` for its own name.
package func moduleName(of source: Source) -> String? {
  source.name.hasPrefix("stdlib/") ? Library.module(String(source.name.dropFirst(7))) : nil
}

/// The standard library's own sources.
package var librarySources: [Source] {
  embeddedLibrary.map { Source(name: "stdlib/\($0.name)", text: $0.text) }
}

/// What each builtin says of itself.
package var builtinDocumentation: [(name: String, documentation: String)] {
  Library.builtins.map { ($0.name, $0.summary) }
}

/// `std`: the library's own names, whatever the user has called his; called, it is the standard deviation.
private final class LibraryObject: Object {
  private unowned let session: Session
  private let deviation: Builtin
  init(_ session: Session, _ deviation: Builtin) { (self.session, self.deviation) = (session, deviation) }
  override func call(_ arguments: CallArguments, _ machine: Machine) throws -> Value? {
    try deviation.call(arguments, machine)
  }
  override var kind: String { "library" }
  override var fieldNames: [String] { session.libraryNames }
  override func field(_ name: String, _ machine: Machine) throws -> Value? {
    try session.libraryValue(of: name)
  }
}
