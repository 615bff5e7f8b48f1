import Runtime
import Syntax

/// The table of builtins: every family, and the ops of the op table.
enum Library {
  static var builtins: [Builtin] {
    OpBuiltins.all + Core.all + Collections.all + Making.all + Gradients.all + Data.all + Runs.all
  }
}

/// A session with the standard library.
///
/// - Parameters:
///   - output: takes the text for standard output, line breaks included.
///   - progress: is told how long work goes on.
package func makeSession(
  output: @escaping (String) -> Void, progress: (any ProgressReporter)? = nil
) -> Session {
  let session = Session(domain: TensorDomain(), output: output)
  let workspace = Workspace.of(session.machine)
  workspace.progress = progress
  for builtin in Library.builtins {
    session.define(builtin.name, .function(builtin))
    workspace.register(builtin)
  }
  session.define("pi", .float(.pi))
  session.define("inf", .float(.infinity))
  session.define("nan", .float(.nan))
  session.define("std", .object(LibraryObject(session)))
  for (name, text) in embeddedLibrary {
    session.defineLazily(Source(name: "stdlib/\(name)", text: text))
  }
  return session
}

/// `std`: the library's own names, whatever the user has called his.
private final class LibraryObject: Object {
  private unowned let session: Session
  init(_ session: Session) { self.session = session }
  override var kind: String { "library" }
  override var fieldNames: [String] { session.libraryNames }
  override func field(_ name: String, _ machine: Machine) throws -> Value? { try session.libraryValue(of: name) }
}
