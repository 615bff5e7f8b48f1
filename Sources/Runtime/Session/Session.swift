import Syntax

#if canImport(Glibc)
  import Glibc
#endif

/// Names, a machine and the library: what cells and scripts run in.
package final class Session {
  package let machine: Machine
  package let scope: Scope
  package let library: Scope
  package var interrupt: Interrupt { machine.interrupt }

  /// Files that are being read by `use`, so that a circle is noticed.
  private var loading: [String] = []
  private var loaded: [String: Value] = [:]

  package init(domain: any Domain, output: @escaping (String) -> Void) {
    library = Scope(parent: nil, isLibrary: true)
    scope = Scope(parent: library)
    machine = Machine(domain: domain, interrupt: Interrupt(), output: output)
    machine.sessionScope = scope
    machine.loadFile = { [unowned self] path, source in try self.use(path, in: source) }
  }

  /// Runs a source and answers the value of its last expression, unless that was silenced.
  package func run(_ source: Source, arguments: [String]? = nil) throws(Diagnostic) -> Value? {
    if let arguments {
      library.define("args", .list(List(arguments.map { .string($0) })))
    }
    begin()
    let value: Value
    do {
      let program = try Parser.parse(source)
      let prototype = try Compiler.compile(program, scope: scope)
      value = try machine.run(main: prototype)
    } catch {
      throw diagnostic(of: error)
    }
    if case .none = value { return nil }
    return value
  }

  func begin() {
    interrupt.clear()
    machine.limits.restart()
    machine.domain.begin(interrupt)
  }

  /// Reads and compiles a source without running it; what is wrong with it is thrown.
  package func compile(_ source: Source) throws(Diagnostic) -> Program {
    do {
      let program = try Parser.parse(source)
      _ = try Compiler.compile(program, scope: Scope(parent: library))
      return program
    } catch {
      throw diagnostic(of: error)
    }
  }

  func diagnostic(of error: any Error) -> Diagnostic {
    let raised = machine.placed(error)
    machine.reset()
    return raised.diagnostic
  }

  /// The text the prompt shows.
  package func display(_ value: Value, width: Int = 100, height: Int? = nil, colour: Bool = false) -> String {
    var printer = ValuePrinter(width: width)
    (printer.colour, printer.height) = (colour, height)
    return machine.domain.display(value, printer) ?? printer.display(value)
  }

  // MARK: The library

  /// Makes a builtin reachable by its name.
  package func define(_ name: String, _ value: Value) {
    library.define(name, value)
    if name == "append" { machine.appendIdentity = library.global(name).slot }
  }

  /// Makes the definitions of a library source reachable. Each is compiled when it is first named, so that the start
  /// does not grow with the library.
  package func defineLazily(_ source: Source) {
    for (name, span) in TopLevelIndex.definitions(in: source) {
      let global = library.global(name)
      global.loader = { [unowned self] in try self.load(span, of: source) }
      global.isUndocumented = !source[span].hasPrefix("##")
    }
  }

  private func load(_ span: Span, of source: Source) throws {
    // Blanks before the definition keep lines and columns where they are in the file.
    let head = source.bytes[..<Int(span.start)].map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
    let body = source.bytes[Int(span.start)..<Int(span.end)]
    let part = Source(name: source.name, text: String(decoding: head + body, as: UTF8.self))
    let prototype = try Compiler.compile(try Parser.parse(part), scope: library)
    _ = try machine.run(main: prototype)
  }

  /// Makes a library source reachable as one name: a record of its top-level names. It runs when it is first named, in
  /// a scope of its own, so that its names hide the library's only within it.
  package func defineModule(_ name: String, _ source: Source) {
    library.global(name).loader = { [unowned self] in
      self.library.define(name, .record(try self.bindings(of: source, name: name)))
    }
  }

  /// The top-level names of a source that runs in a scope of its own within the library's.
  private func bindings(of source: Source, name: String? = nil) throws -> Record {
    let fileScope = Scope(parent: library, name: name)
    _ = try machine.run(main: try Compiler.compile(try Parser.parse(source), scope: fileScope))
    let bindings = fileScope.bindings
    return Record(bindings.map(\.name), bindings.map(\.value))
  }

  /// A library or session name's value, its definition loaded where need be.
  package func value(of name: String) throws -> Value? {
    guard let global = scope.existing(name), let slot = try machine.resolved(global) else { return nil }
    return slot.ownedValue
  }

  /// The library's own value of a name.
  package func libraryValue(of name: String) throws -> Value? {
    guard let global = library.existing(name), let slot = try machine.resolved(global) else { return nil }
    return slot.ownedValue
  }

  package var libraryNames: [String] { library.names }

  // MARK: Files

  private func use(_ name: String, in source: Source) throws -> Value {
    let path = Session.path(name, from: source)
    if let value = loaded[path] { return value }
    guard !loading.contains(path) else {
      throw Failure(
        .badValue, "`\(path)` uses itself, by way of \(loading.joined(separator: ", "))")
    }
    guard let bytes = Session.read(path) else {
      throw Failure(
        .unreadableFile, "`\(path)` cannot be read",
        help: ["a path counts from the folder of the script that uses it"])
    }
    loading.append(path)
    defer { loading.removeLast() }
    let value = Value.record(try bindings(of: try Source.decoding(name: path, bytes: bytes)))
    loaded[path] = value
    return value
  }

  /// A path counts from the folder of the script it stands in; where there is no script, from the current folder.
  private static func path(_ name: String, from source: Source) -> String {
    guard !name.hasPrefix("/"), let slash = source.name.lastIndex(of: "/") else { return name }
    return source.name[...slash] + name
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return ferror(file) == 0 ? bytes : nil
  }
}
